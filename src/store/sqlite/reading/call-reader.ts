import type { DatabaseSync } from 'node:sqlite'
import { uuidToBytes } from '../../../record/identity.ts'
import type { CallQuery } from '../../query.ts'
import type { SummaryQuery, SummaryRow } from '../../summary.ts'
import { AccountSources } from '../folder/account-sources.ts'
import { folderPaths, openForReading } from '../folder/folder.ts'
import { Refs } from '../folder/refs.ts'
import { UPDATED_AT } from '../folder/schema.ts'
import { factSql } from '../row/fact-functions.ts'
import { ROW_COLUMNS, type Row, type SqlValue } from '../row/row-columns.ts'
import { type FoundBy, KIND_OF_TEXT, textRef, uuidsOf } from '../row/row-members.ts'
import type { Moves } from '../segments/moves.ts'
import { FileChoice } from './file-choice.ts'
import { QueriedFile } from './queried-file.ts'
import { type ReadFile, ReadFiles } from './read-files.ts'
import { isPagedByOffset, type RowsPage, readPage } from './read-page.ts'
import { readSummary } from './read-summary.ts'
import { Search } from './search.ts'
import { paced } from './slices.ts'

const COLUMNS = ROW_COLUMNS.join(', ')
const ID = ROW_COLUMNS.indexOf('id')
const STARTED_AT = ROW_COLUMNS.indexOf('started_at')
const SORT = ROW_COLUMNS.length
/** Most calls of one session, and of one id of their source. */
const MOST_FOUND = 1000
/** Milliseconds of work after which others may have a turn. */
const YIELD_EVERY_MS = 5
/** Entries of an index that are counted in some milliseconds. */
const COUNTED_AT_ONCE = 100_000

/** Reads one folder; every thread has its own. */
export class CallReader {
  readonly #meta: DatabaseSync
  readonly #read: ReadFiles
  readonly #accounts: Refs
  readonly #sources: Refs
  readonly #accountSources: AccountSources
  readonly #moves: Moves
  readonly #choice: FileChoice
  readonly #now: () => number

  /** `now` gives milliseconds of a clock that only goes forward. */
  constructor(given: { folder: string; moves: Moves; now?: () => number }) {
    this.#now = given.now ?? (() => performance.now())
    this.#meta = openForReading(folderPaths(given.folder).meta, 1000)
    this.#read = new ReadFiles({ ...given, meta: this.#meta })
    this.#accounts = new Refs(this.#meta, 'account_refs', { writable: false })
    this.#sources = new Refs(this.#meta, 'source_refs', { writable: false })
    this.#accountSources = new AccountSources(this.#meta, this.#sources, { writable: false })
    this.#moves = given.moves
    this.#choice = new FileChoice(this.#read, given.moves)
  }

  /** Takes the identity filters of segments by their numbers, as the writer shares them. */
  learn(filters: Iterable<readonly [no: number, shared: SharedArrayBuffer]>): void {
    this.#read.learn(filters)
  }

  /** Lets go of the files of segments that the map does not name any more. */
  refresh(): void {
    this.#read.refresh()
  }

  /** How many segments there are. */
  get segments(): number {
    return this.#read.segments
  }

  /** Of the memory that the identity filters take. */
  get filterBytes(): number {
    return this.#read.filterBytes
  }

  accountName(ref: number): string {
    return this.#accounts.nameOf(ref)
  }

  sourceName(ref: number): string {
    return this.#sources.nameOf(ref)
  }

  /** A call's row, of the columns given or whole. */
  find({ accountId, callUuid }: { accountId: string; callUuid: string }, columns = COLUMNS): Row | null {
    const uuid = uuidToBytes(callUuid)
    return this.#one(accountId, columns, { condition: 'uuid = ?', value: uuid, files: () => this.#read.holding(uuid) })
  }

  findById({ accountId, id }: { accountId: string; id: number }): Row | null {
    return this.#one(accountId, COLUMNS, { condition: 'id = ?', value: id, files: () => this.#read.holdingId(id) })
  }

  /** A page of a list, its rows of the columns given or whole. Yields each time it has worked for some milliseconds. */
  *list(query: CallQuery, columns?: string): Generator<void, RowsPage> {
    if (query.after && isPagedByOffset(query.order))
      throw new Error('a list with blanks or several fields is paged by offset')
    const account = this.#accounts.refOf(query.accountId)
    if (account === null) return { rows: [], total: query.total ? 0 : null, next: null }
    const search = new Search(query, account, this.#sources, columns)
    return yield* this.#inSlices(
      () => this.#choice.filesOf(query),
      (files) => {
        const queried = files.map((file) => new QueriedFile(file))
        for (const [at, file] of files.entries()) this.#choice.learn(file.no, (queried[at] as QueriedFile).span)
        return readPage(search, queried)
      },
    )
  }

  /** Calls added up by time. Yields as `list` does. */
  *summary(query: SummaryQuery): Generator<void, SummaryRow[]> {
    const account = this.#accounts.refOf(query.accountId)
    if (account === null) return []
    const { by, edgesUs } = query
    const [fromUs, beforeUs] = by === 'startedAtUs' ? [edgesUs[0], edgesUs.at(-1)] : [0, Number.MAX_SAFE_INTEGER]
    return yield* this.#inSlices(
      () => [this.#read.live(), ...this.#read.inRange(fromUs as number, beforeUs as number)],
      (files) => {
        const queried = files.map((file) => new QueriedFile(file))
        return readSummary(queried, { ...query, account })
      },
    )
  }

  changes({ accountId, after, limit }: { accountId: string; after: number; limit: number }): Row[] {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return []
    const committed = this.#moves.committed()
    const sql = `SELECT ${COLUMNS}, seq FROM calls WHERE account = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
    const rows = this.#everywhere((file) => file.rows(sql, [account, after, committed, limit]))
    return rows.sort((a, b) => Number(a[SORT]) - Number(b[SORT])).slice(0, limit)
  }

  lastChange(accountId: string): number {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return 0
    const committed = this.#moves.committed()
    const sql = 'SELECT max(seq) FROM calls WHERE account = ? AND seq <= ?'
    const rows = this.#everywhere((file) => file.rows(sql, [account, committed]))
    return Math.max(...rows.map((row) => Number(row[0] ?? 0)))
  }

  liveCalls(): number {
    return Number(this.#read.live().rows('SELECT count(*) FROM calls', [])[0]?.[0])
  }

  /** The calls of which a text is the session, or the source's id, by start and then by id, at most `MOST_FOUND`. */
  findByText({ accountId, by, text }: { accountId: string; by: FoundBy; text: string }): Row[] {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return []
    const uuids = uuidsOf(text, { accountId, sources: this.#accountSources.names(account) }).map(uuidToBytes)
    const held = `${factSql(by)} = ?`
    const byUuid = `SELECT ${COLUMNS} FROM calls WHERE uuid = ? AND account = ? AND ${held}`
    const byEntry = `SELECT ${COLUMNS} FROM (SELECT account AS m_account, started_at AS m_started, id AS m_id
      FROM member WHERE account = ? AND kind = ${KIND_OF_TEXT[by]} AND ref = ?)
      CROSS JOIN calls ON account = m_account AND started_at = m_started AND id = m_id
      WHERE ${held} ORDER BY m_started, m_id LIMIT ${MOST_FOUND}`
    const rows = this.#read.consistently(
      () => this.#read.all(),
      (all) => [
        ...uuids.flatMap((uuid) =>
          this.#read.holding(uuid).flatMap((file) => file.rows(byUuid, [uuid, account, text])),
        ),
        ...all.flatMap((file) => file.rows(byEntry, [account, textRef(text), text])),
      ],
    )
    const found = new Map(rows.map((row) => [row[ID], row]))
    const order = (a: Row, b: Row) => Number(a[STARTED_AT]) - Number(b[STARTED_AT]) || Number(a[ID]) - Number(b[ID])
    return [...found.values()].sort(order).slice(0, MOST_FOUND)
  }

  /** Calls of all accounts in `live.db` whose last report came before, the longest silent first. */
  silent({ updatedBeforeUs, limit }: { updatedBeforeUs: number; limit: number }): Row[] {
    const sql = `SELECT ${COLUMNS} FROM calls WHERE ${UPDATED_AT} < ? ORDER BY ${UPDATED_AT}, id LIMIT ?`
    return this.#read.live().rows(sql, [updatedBeforeUs, limit])
  }

  /** Every call of every account. Yields as `list` does. */
  *count(): Generator<void, { live: number; ended: number; segments: number }> {
    const [live = 0, ...ended] = yield* this.#inSlices(() => this.#read.all(), countEvery)
    return { live, ended: ended.reduce((sum, count) => sum + count, 0), segments: ended.length }
  }

  close(): void {
    this.#read.close()
    this.#meta.close()
  }

  #one(
    accountId: string,
    columns: string,
    { condition, value, files }: { condition: string; value: SqlValue; files: () => readonly ReadFile[] },
  ): Row | null {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return null
    const sql = `SELECT ${columns} FROM calls WHERE ${condition} AND account = ?`
    return this.#read.seek(files, (file) => file.rows(sql, [value, account])[0] ?? null)
  }

  /** Reads files in one snapshot of all, which is given back in any case, and yields as it works. */
  *#inSlices<T>(
    choose: () => readonly ReadFile[],
    read: (files: readonly ReadFile[]) => Generator<void, T>,
  ): Generator<void, T> {
    const files = this.#read.snapshot(choose)
    try {
      return yield* paced(read(files), { now: this.#now, everyMs: YIELD_EVERY_MS })
    } finally {
      this.#read.release(files)
    }
  }

  /** What every file says, of one snapshot of all, none of them taken while a call was moving between two. */
  #everywhere(ask: (file: ReadFile) => Row[]): Row[] {
    return this.#read.consistently(
      () => this.#read.all(),
      (all) => all.flatMap(ask),
    )
  }
}

/** How many calls each file has. */
function* countEvery(files: readonly ReadFile[]): Generator<void, number[]> {
  const counts: number[] = []
  for (const file of files) {
    let count = 0
    let id = 0
    for (;;) {
      const [row] = file.rows('SELECT id FROM calls WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?', [
        id,
        COUNTED_AT_ONCE - 1,
      ])
      if (row === undefined) break
      id = row[0] as number
      count += COUNTED_AT_ONCE
      yield
    }
    counts.push(count + Number(file.rows('SELECT count(*) FROM calls WHERE id > ?', [id])[0]?.[0]))
  }
  return counts
}
