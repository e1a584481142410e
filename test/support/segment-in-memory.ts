import { DatabaseSync } from 'node:sqlite'
import { countAll } from '../../src/store/sqlite/counts/count-tables.ts'
import { CALLS_DDL, NUMBER_INDEXES_DDL } from '../../src/store/sqlite/folder/schema.ts'
import { QueriedFile } from '../../src/store/sqlite/reading/queried-file.ts'
import { FLAG, type Row, type SqlValue } from '../../src/store/sqlite/row/row-columns.ts'

/** How long each call lasts, microseconds. */
export const LASTS_US = 9

/** A call of account 1 that began then; inbound, unless it says otherwise. */
export interface HeldCall {
  startedAtUs: number
  direction?: number
  hangupCode?: number
  q850?: number
}

interface Asked {
  text: string
  values: readonly SqlValue[]
}

/** A segment in memory with primary calls, counts of them, and a span; `asked` is what has been read of it since. */
export function segmentInMemory(
  calls: readonly HeldCall[],
  given: { no?: number; fromUs?: number; beforeUs?: number; numbers?: boolean } = {},
): { db: DatabaseSync; file: QueriedFile; asked: Asked[] } {
  const { no = 1, fromUs = 0, beforeUs = Number.MAX_SAFE_INTEGER, numbers = false } = given
  const db = new DatabaseSync(':memory:')
  db.exec(`${CALLS_DDL} INSERT INTO span VALUES (1, ${LASTS_US}, ${LASTS_US}); ${numbers ? NUMBER_INDEXES_DDL : ''}`)
  const insert =
    db.prepare(`INSERT INTO calls (account, started_at, id, ended_at, direction, hangup_code, q850, flags, seq,
    uuid, leg, state, source, stated, received_after, updated_after, reports)
    VALUES (1, ?, ?, ?, ?, ?, ?, ${FLAG.primary}, 0, x'', 0, 0, 1, 0, 0, 0, x'')`)
  db.exec('BEGIN')
  for (const [n, { startedAtUs, direction = 0, hangupCode = null, q850 = null }] of calls.entries())
    insert.run(startedAtUs, no * 1_000_000 + n, startedAtUs + LASTS_US, direction, hangupCode, q850)
  countAll(db)
  db.exec('COMMIT')
  const asked: Asked[] = []
  const rows = (text: string, values: readonly SqlValue[]) => {
    asked.push({ text, values })
    const statement = db.prepare(text)
    statement.setReturnArrays(true)
    return statement.all(...values) as unknown as Row[]
  }
  const file = new QueriedFile({ no, fromUs, beforeUs, rows, span: { shortest: LASTS_US, longest: LASTS_US } })
  return { db, file, asked }
}
