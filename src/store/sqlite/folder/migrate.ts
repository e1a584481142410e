import type { DatabaseSync } from 'node:sqlite'
import { countAll } from '../counts/count-tables.ts'
import { encodeRow } from '../row/encode-row.ts'
import { rawAddresses } from '../row/raw-addresses.ts'
import { ROW_COLUMNS, type Row, type SqlValue } from '../row/row-columns.ts'
import { rowFacts, rowState } from '../row/row-facts.ts'
import { rowHead, rowIsCenter, rowMemberFlags, rowReports, rowSource } from '../row/row-head.ts'
import { CENTER_COLUMNS, centerColumns, membersOf, PLAIN_CALL } from '../row/row-members.ts'
import type { MigrationProgress } from './migration-progress.ts'
import type { Refs } from './refs.ts'
import { CALLS_DDL } from './schema.ts'

/** The names that the numbers in a file's rows stand for. */
export interface FileNames {
  accounts: Refs
  sources: Refs
}

const CHUNK = 1000
const KEY = (['account', 'started_at', 'id'] as const).map((column) => ROW_COLUMNS.indexOf(column))

/**
 * Brings a file of calls of version 1 or 2 up to this one, in the caller's transaction: every row is read as it was and
 * written as it is now, which takes some 60 us each, and the calls that have ended are counted. Version 1 has no entries
 * in `member`: they are made too. Meanwhile, and until it is rewritten, the file takes twice its room.
 */
export function migrateCalls(
  db: DatabaseSync,
  { names, version, progress }: { names: FileNames; version: number; progress: MigrationProgress | null },
): void {
  const indexes = ['calls_uuid', 'calls_id', 'calls_ended', 'calls_seq', 'calls_updated']
  const dropIndexes = indexes.map((name) => `DROP INDEX IF EXISTS ${name};`).join(' ')
  db.exec(`ALTER TABLE calls RENAME TO calls_before; ${dropIndexes} ${CALLS_DDL} ${dropIndexes}`)
  const insert = inserter(db, 'calls', [...ROW_COLUMNS, ...CENTER_COLUMNS])
  const enter = inserter(db, 'member', ['account', 'kind', 'ref', 'started_at', 'id', 'flags'])
  for (const before of rowsOf(db, 'calls_before')) {
    const { accountId, callUuid, row, facts, center } = rewritten(before, names)
    insert(...row, ...center)
    progress?.add(1)
    if (version > 1) continue
    const [account, startedAtUs, id] = KEY.map((place) => row[place] as SqlValue) as [SqlValue, SqlValue, SqlValue]
    for (const [kind, ref] of membersOf(facts, { accountId, callUuid, center: rowIsCenter(row) }))
      enter(account, kind, ref, startedAtUs, id, rowMemberFlags(row))
  }
  db.exec(`DROP TABLE calls_before; ${CALLS_DDL}`)
  countAll(db)
}

function inserter(db: DatabaseSync, table: string, columns: readonly string[]): (...values: SqlValue[]) => void {
  const places = columns.map(() => '?').join(', ')
  const statement = db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`)
  return (...values) => {
    statement.run(...values)
  }
}

/** Every row of an older table in the order of its key; a column that there was not is null. */
function* rowsOf(db: DatabaseSync, table: string): Generator<Row> {
  const had = new Set(
    db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => name),
  )
  const columns = ROW_COLUMNS.map((column) => (had.has(column) ? column : `NULL AS ${column}`))
  const next = db.prepare(
    `SELECT ${columns.join(', ')} FROM ${table} WHERE (account, started_at, id) > (?, ?, ?)
     ORDER BY account, started_at, id LIMIT ${CHUNK}`,
  )
  next.setReturnArrays(true)
  for (let rows: Row[] = [], after: SqlValue[] = [0, -1, 0]; ; ) {
    rows = next.all(...after) as unknown as Row[]
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < CHUNK) return
    after = KEY.map((place) => last[place] as SqlValue)
  }
}

/** A row of an older version as it is written now: what it derived then it derives still. */
function rewritten(before: Row, names: FileNames) {
  const { callUuid, ...head } = rowHead(before)
  const source = rowSource(before)
  const facts = rowFacts(before, names.sources.nameOf(source))
  const state = rowState(before, names.sources.nameOf(source))
  const derived = Object.fromEntries(Object.entries(facts).filter(([path]) => state.facts[path] === undefined))
  const raw = rawAddresses(rowReports(before))
  const row = encodeRow({ head: { ...head, callUuid, source }, state, raw }, derived)
  const center = rowIsCenter(row) ? centerColumns(facts) : PLAIN_CALL
  return { accountId: names.accounts.nameOf(head.account), callUuid, row, facts, center }
}
