import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Facts } from '../../record/facts.ts'
import { openCalls } from './folder.ts'
import { KeptSpan } from './kept-span.ts'
import type { FileNames } from './migrate.ts'
import { ROW_COLUMNS, type Row, rowIsCenter, rowMemberFlags, type SqlValue } from './row.ts'
import { CENTER_COLUMNS, type Member, membersOf } from './row-members.ts'

/** A call as it lies in a file: the key of its row, and its entries in `member`. */
export interface Placed {
  account: number
  startedAtUs: number
  id: number
  /** As entries carry them. */
  flags: number
  members: readonly Member[]
}

const ACCOUNT = ROW_COLUMNS.indexOf('account')
const STARTED_AT = ROW_COLUMNS.indexOf('started_at')
const ID = ROW_COLUMNS.indexOf('id')

/** Where a row lies, and the entries that it has; `facts` are the row's. */
export function placedOf(row: Row, facts: Facts, call: { accountId: string; callUuid: string }): Placed {
  return {
    account: row[ACCOUNT] as number,
    startedAtUs: row[STARTED_AT] as number,
    id: row[ID] as number,
    flags: rowMemberFlags(row),
    members: membersOf(facts, { ...call, center: rowIsCenter(row) }),
  }
}

/** One file of calls, opened by the writer: a segment, or `live.db`. */
export class CallFile {
  readonly db: DatabaseSync
  readonly span: KeptSpan
  /** In a transaction that this group of reports began. */
  dirty = false
  readonly #byUuid: StatementSync
  readonly #insert: StatementSync
  readonly #remove: StatementSync
  readonly #enter: StatementSync
  readonly #leave: StatementSync

  constructor(path: string, given: { ddl: string; names: FileNames }) {
    const db = openCalls(path, { ...given, cacheKib: 65_536 })
    const columns = [...ROW_COLUMNS, ...CENTER_COLUMNS]
    const places = columns.map(() => '?').join(', ')
    this.db = db
    this.span = new KeptSpan(db)
    this.#byUuid = db.prepare(`SELECT ${ROW_COLUMNS.join(', ')} FROM calls WHERE uuid = ? AND account = ?`)
    this.#byUuid.setReturnArrays(true)
    this.#insert = db.prepare(`INSERT OR REPLACE INTO calls (${columns.join(', ')}) VALUES (${places})`)
    this.#remove = db.prepare('DELETE FROM calls WHERE account = ? AND started_at = ? AND id = ?')
    this.#enter = db.prepare(
      'INSERT OR REPLACE INTO member (account, kind, ref, started_at, id, flags) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#leave = db.prepare(
      'DELETE FROM member WHERE account = ? AND kind = ? AND ref = ? AND started_at = ? AND id = ?',
    )
  }

  find(uuid: Uint8Array, account: number): Row | null {
    return (this.#byUuid.get(uuid, account) as unknown as Row | undefined) ?? null
  }

  begin(): void {
    if (this.dirty) return
    this.db.exec('BEGIN IMMEDIATE')
    this.dirty = true
  }

  /** Undoes what the transaction has done; some errors have ended it already. */
  rollBack(): void {
    if (this.db.isTransaction) this.db.exec('ROLLBACK')
    this.dirty = false
    this.span.reload()
  }

  /** Writes a row, its `CENTER_COLUMNS` and its entries; `was` is the call as it lies there now, null where it does not. */
  put(row: Row, { center, now, was }: { center: readonly SqlValue[]; now: Placed; was: Placed | null }): void {
    this.#insert.run(...row, ...center)
    for (const member of was?.members ?? []) if (!has(now, member)) this.#drop(was as Placed, member)
    const { account, startedAtUs, id, flags } = now
    for (const [kind, ref] of now.members) {
      if (was !== null && was.flags === flags && has(was, [kind, ref])) continue
      this.#enter.run(account, kind, ref, startedAtUs, id, flags)
    }
  }

  remove(was: Placed): void {
    this.#remove.run(was.account, was.startedAtUs, was.id)
    for (const member of was.members) this.#drop(was, member)
  }

  #drop({ account, startedAtUs, id }: Placed, [kind, ref]: Member): void {
    this.#leave.run(account, kind, ref, startedAtUs, id)
  }
}

function has({ members }: Placed, [kind, ref]: Member): boolean {
  return members.some((one) => one[0] === kind && one[1] === ref)
}
