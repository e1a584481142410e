import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Facts } from '../../../record/facts.ts'
import type { Lists } from '../../../record/united-lists.ts'
import { raiseGeneration } from '../backup/backup-generation.ts'
import { KeptCounts } from '../counts/counts.ts'
import { namingFile, withFile } from '../folder/disk-error.ts'
import { openCalls } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import { ROW_COLUMNS, type Row, type SqlValue } from '../row/row-columns.ts'
import { rowIsCenter, rowMemberFlags } from '../row/row-head.ts'
import { CENTER_COLUMNS, type Member, membersOf } from '../row/row-members.ts'
import { KeptSpan } from './kept-span.ts'

/** A call as it lies in a file: its row, the key of it, and its entries in `member`. */
export interface Placed {
  row: Row
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
export function placedOf(row: Row, facts: Facts, call: { accountId: string; callUuid: string; lists?: Lists }): Placed {
  return placedAt(row, membersOf(facts, { ...call, center: rowIsCenter(row) }))
}

/** Where a row of these entries lies. */
export function placedAt(row: Row, members: readonly Member[]): Placed {
  return {
    row,
    account: row[ACCOUNT] as number,
    startedAtUs: row[STARTED_AT] as number,
    id: row[ID] as number,
    flags: rowMemberFlags(row),
    members,
  }
}

/** Told of every change in a file, so that what is known of its calls elsewhere follows. */
export interface CallWatcher {
  /** The call was not in the file before. */
  added(row: Row): void
  /** What lies under a call's key has changed, and these entries with it. */
  touched(placed: Placed): void
}

/** What lies under a key: the row, and its `CENTER_COLUMNS`. */
export interface Lying {
  row: Row
  center: readonly SqlValue[]
}

/** One file of calls, opened by the writer: a segment, or `live.db`. */
export class CallFile {
  watcher: CallWatcher | null = null
  readonly db: DatabaseSync
  readonly #path: string
  readonly span: KeptSpan
  readonly #counts: KeptCounts
  /** In a transaction that this group of reports began. */
  dirty = false
  /** Whether the file's generation tells that it has changed since it was opened or last backed up. */
  #raised = false
  readonly #byUuid: StatementSync
  readonly #byKey: StatementSync
  readonly #insert: StatementSync
  readonly #remove: StatementSync
  readonly #enter: StatementSync
  readonly #leave: StatementSync

  constructor(path: string, given: { ddl: string; names: FileNames; cacheKib?: number }) {
    const db = namingFile(path, () => openCalls(path, { cacheKib: 65_536, ...given }))
    const columns = [...ROW_COLUMNS, ...CENTER_COLUMNS]
    const places = columns.map(() => '?').join(', ')
    this.db = db
    this.#path = path
    this.span = new KeptSpan(db)
    this.#counts = new KeptCounts(db)
    this.#byUuid = db.prepare(`SELECT ${ROW_COLUMNS.join(', ')} FROM calls WHERE uuid = ? AND account = ?`)
    this.#byUuid.setReturnArrays(true)
    this.#byKey = db.prepare(`SELECT ${columns.join(', ')} FROM calls WHERE account = ? AND started_at = ? AND id = ?`)
    this.#byKey.setReturnArrays(true)
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
    const found = namingFile(this.#path, () => this.#byUuid.get(uuid, account))
    return (found as unknown as Row | undefined) ?? null
  }

  /** Gives memory back once it takes few calls: a smaller cache, and a shorter log from now on. */
  shrink({ cacheKib }: { cacheKib: number }): void {
    this.db.exec(`PRAGMA cache_size = -${cacheKib}; PRAGMA wal_autocheckpoint = 1000`)
    this.db.exec('PRAGMA journal_size_limit = 8388608; PRAGMA wal_checkpoint(PASSIVE)')
  }

  /** What lies under this key; null where nothing does. */
  at({ account, startedAtUs, id }: Pick<Placed, 'account' | 'startedAtUs' | 'id'>): Lying | null {
    const found = namingFile(this.#path, () => this.#byKey.get(account, startedAtUs, id))
    const all = found as unknown as Row | undefined
    if (all === undefined) return null
    return { row: all.slice(0, ROW_COLUMNS.length), center: all.slice(ROW_COLUMNS.length) }
  }

  begin(): void {
    if (this.dirty) return
    namingFile(this.#path, () => this.db.exec('BEGIN IMMEDIATE'))
    this.dirty = true
    if (this.#raised) return
    namingFile(this.#path, () => raiseGeneration(this.db))
    this.#raised = true
  }

  /** A backup has taken the file as it is: the next change is one that it does not have. */
  backedUp(): void {
    this.#raised = false
  }

  /** Undoes what the transaction has done; some errors have ended it already. */
  rollBack(): void {
    if (this.db.isTransaction) this.db.exec('ROLLBACK')
    this.dirty = false
    this.#raised = false
    this.span.reload()
    this.#counts.forget()
  }

  /** Writes what the transaction changes of the file's counts: after the last row, before the commit. */
  count(): void {
    namingFile(this.#path, () => this.#counts.write())
  }

  /** Commits what the transaction has done. Throws as SQLite does; `rollBack` undoes it then, where it can be undone. */
  commit(): void {
    this.count()
    namingFile(this.#path, () => this.db.exec('COMMIT'))
    this.dirty = false
  }

  /** Writes a row, its `CENTER_COLUMNS` and its entries; `was` is the call as it lies there now, null where it does not. */
  put(row: Row, given: { center: readonly SqlValue[]; now: Placed; was: Placed | null }): void {
    try {
      this.#put(row, given)
    } catch (error) {
      throw withFile(error, this.#path)
    }
  }

  #put(row: Row, { center, now, was }: { center: readonly SqlValue[]; now: Placed; was: Placed | null }): void {
    this.#insert.run(...row, ...center)
    if (this.watcher !== null) {
      if (was === null) this.watcher.added(row)
      else this.watcher.touched(was)
      this.watcher.touched(now)
    }
    if (was !== null) this.#counts.subtract(was.row)
    this.#counts.add(row)
    for (const member of was?.members ?? []) if (!has(now, member)) this.#drop(was as Placed, member)
    const { account, startedAtUs, id, flags } = now
    for (const [kind, ref] of now.members) {
      if (was !== null && was.flags === flags && has(was, [kind, ref])) continue
      this.#enter.run(account, kind, ref, startedAtUs, id, flags)
    }
  }

  remove(was: Placed): void {
    namingFile(this.#path, () => {
      this.#remove.run(was.account, was.startedAtUs, was.id)
      this.watcher?.touched(was)
      this.#counts.subtract(was.row)
      for (const member of was.members) this.#drop(was, member)
    })
  }

  /** Takes away entries that a call has there, whatever its row says. */
  leave(placed: Pick<Placed, 'account' | 'startedAtUs' | 'id'>, members: Iterable<Member>): void {
    for (const member of members) this.#drop(placed, member)
  }

  #drop({ account, startedAtUs, id }: Pick<Placed, 'account' | 'startedAtUs' | 'id'>, [kind, ref]: Member): void {
    this.#leave.run(account, kind, ref, startedAtUs, id)
  }
}

function has({ members }: Placed, [kind, ref]: Member): boolean {
  return members.some((one) => one[0] === kind && one[1] === ref)
}
