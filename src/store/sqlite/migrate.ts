import type { DatabaseSync } from 'node:sqlite'
import type { Refs } from './refs.ts'
import { FLAG, MEMBER_FLAGS, ROW_COLUMNS, type Row, rowFacts, rowHead, rowSource, type SqlValue } from './row.ts'
import { CENTER_COLUMNS, centerColumns, hasCenter, membersOf } from './row-members.ts'
import { CALLS_DDL } from './schema.ts'

/** The names that the numbers in a file's rows stand for. */
export interface FileNames {
  accounts: Refs
  sources: Refs
}

const COLUMNS = ROW_COLUMNS.join(', ')
const FLAGS = ROW_COLUMNS.indexOf('flags')
const STARTED_AT = ROW_COLUMNS.indexOf('started_at')
const CHUNK = 1000

/**
 * Brings a file of calls of version 1 up to version 2, in the caller's transaction: the columns of `CENTER_COLUMNS`, the
 * flag of a contact centre's call, and the entries of `member`. Plain calls without a session or an id of their source,
 * most of an old file, are passed over.
 */
export function migrateCalls(db: DatabaseSync, names: FileNames): void {
  for (const column of CENTER_COLUMNS) db.exec(`ALTER TABLE calls ADD COLUMN ${column} INTEGER`)
  db.exec(`DROP INDEX calls_ended; ${CALLS_DDL}`)
  const next = db.prepare(
    `SELECT ${COLUMNS} FROM calls WHERE (account, started_at, id) > (?, ?, ?) AND doc IS NOT NULL
     ORDER BY account, started_at, id LIMIT ${CHUNK}`,
  )
  next.setReturnArrays(true)
  const center = db.prepare(
    `UPDATE calls SET flags = ?, ${CENTER_COLUMNS.map((column) => `${column} = ?`).join(', ')}
     WHERE account = ? AND started_at = ? AND id = ?`,
  )
  const enter = db.prepare('INSERT INTO member (account, kind, ref, started_at, id, flags) VALUES (?, ?, ?, ?, ?, ?)')
  for (let rows: Row[] = [], after: SqlValue[] = [0, -1, 0]; ; ) {
    rows = next.all(...after) as unknown as Row[]
    for (const row of rows) {
      const { account, id, callUuid } = rowHead(row)
      const facts = rowFacts(row, names.sources.nameOf(rowSource(row)))
      const isCenter = hasCenter(facts)
      const flags = (row[FLAGS] as number) | (isCenter ? FLAG.center : 0)
      const startedAtUs = row[STARTED_AT] as number
      if (isCenter) center.run(flags, ...centerColumns(facts), account, startedAtUs, id)
      const accountId = names.accounts.nameOf(account)
      for (const [kind, ref] of membersOf(facts, { accountId, callUuid, center: isCenter }))
        enter.run(account, kind, ref, startedAtUs, id, flags & MEMBER_FLAGS)
      after = [account, startedAtUs, id]
    }
    if (rows.length < CHUNK) return
  }
}
