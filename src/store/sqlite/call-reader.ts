import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { uuidToBytes } from '../../record/identity.ts'
import { TooManyToSortError } from '../call-store.ts'
import { type CallQuery, compareScalars, MAX_SORTED, type Order, type Scalar } from '../query.ts'
import { AccountSources } from './account-sources.ts'
import { docKey } from './doc-keys.ts'
import { folderPaths, openForReading, readRanges } from './folder.ts'
import type { Moves } from './moves.ts'
import { Refs } from './refs.ts'
import { ROW_COLUMNS, type Row, type SqlValue } from './row.ts'
import { type FoundBy, KIND_OF_TEXT, textRef, uuidsOf } from './row-members.ts'
import { UPDATED_AT } from './schema.ts'
import { Search, type Span } from './search.ts'

/** What a reader answers with: rows as they lie, decoded where they are used, with the sort value at the end. */
export interface RowsPage {
  rows: Row[]
  total: number | null
  next: { value: Scalar; id: number } | null
}

interface ReadFile {
  db: DatabaseSync
  statements: Map<string, StatementSync>
}

const COLUMNS = ROW_COLUMNS.join(', ')
const ID = ROW_COLUMNS.indexOf('id')
const STARTED_AT = ROW_COLUMNS.indexOf('started_at')
const SORT = ROW_COLUMNS.length
/** The place of `live.db` among the files. */
const LIVE = 0
/** Most calls of one session, and of one id of their source. */
const MOST_FOUND = 1000
const FEW_MATCHES = 1000

/** Whether a list in this order gives no cursor, and takes none. */
export function isPagedByOffset({ blanks = false, thenBy = [] }: Order): boolean {
  return blanks || thenBy.length > 0
}

/** Reads one folder; every thread has its own. */
export class CallReader {
  readonly #meta: DatabaseSync
  readonly #files: ReadFile[]
  readonly #accounts: Refs
  readonly #sources: Refs
  readonly #accountSources: AccountSources
  readonly #moves: Moves

  constructor(given: { folder: string; moves: Moves }) {
    const paths = folderPaths(given.folder)
    this.#meta = openForReading(paths.meta, 1000)
    const ranges = readRanges(this.#meta, given.folder)
    // live.db first: a call that ends is written to its segment before it leaves live.db.
    this.#files = [paths.live, ...ranges.map((range) => range.path)].map((path) => ({
      db: openForReading(path, 16_384),
      statements: new Map(),
    }))
    this.#accounts = new Refs(this.#meta, 'account_refs', { writable: false })
    this.#sources = new Refs(this.#meta, 'source_refs', { writable: false })
    this.#accountSources = new AccountSources(this.#meta, this.#sources, { writable: false })
    this.#moves = given.moves
  }

  accountName(ref: number): string {
    return this.#accounts.nameOf(ref)
  }

  sourceName(ref: number): string {
    return this.#sources.nameOf(ref)
  }

  find({ accountId, callUuid }: { accountId: string; callUuid: string }): Row | null {
    return this.#one(accountId, 'uuid = ?', uuidToBytes(callUuid))
  }

  findById({ accountId, id }: { accountId: string; id: number }): Row | null {
    return this.#one(accountId, 'id = ?', id)
  }

  list(query: CallQuery): RowsPage {
    const account = this.#accounts.refOf(query.accountId)
    if (account === null) return { rows: [], total: query.total ? 0 : null, next: null }
    return this.#consistently(() => this.#page(query, account))
  }

  changes({ accountId, after, limit }: { accountId: string; after: number; limit: number }): Row[] {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return []
    const committed = this.#moves.committed()
    const sql = `SELECT ${COLUMNS}, seq FROM calls WHERE account = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
    const rows = this.#consistently(() =>
      this.#files.flatMap((_, file) => this.#rows(file, sql, [account, after, committed, limit])),
    )
    return rows.sort((a, b) => Number(a[SORT]) - Number(b[SORT])).slice(0, limit)
  }

  lastChange(accountId: string): number {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return 0
    const committed = this.#moves.committed()
    const sql = 'SELECT max(seq) FROM calls WHERE account = ? AND seq <= ?'
    return this.#consistently(() =>
      Math.max(...this.#files.map((_, file) => Number(this.#rows(file, sql, [account, committed])[0]?.[0] ?? 0))),
    )
  }

  liveCalls(): number {
    return Number(this.#rows(0, 'SELECT count(*) FROM calls', [])[0]?.[0])
  }

  /** The calls of which a text is the session, or the source's id, by start and then by id, at most `MOST_FOUND`. */
  findByText({ accountId, by, text }: { accountId: string; by: FoundBy; text: string }): Row[] {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return []
    const uuids = uuidsOf(text, { accountId, sources: this.#accountSources.names(account) }).map(uuidToBytes)
    const held = `json_extract(doc, '$.${docKey(by)}') = ?`
    const byUuid = `SELECT ${COLUMNS} FROM calls WHERE uuid = ? AND account = ? AND ${held}`
    const byEntry = `SELECT ${COLUMNS} FROM (SELECT account AS m_account, started_at AS m_started, id AS m_id
      FROM member WHERE account = ? AND kind = ${KIND_OF_TEXT[by]} AND ref = ?)
      CROSS JOIN calls ON account = m_account AND started_at = m_started AND id = m_id
      WHERE ${held} ORDER BY m_started, m_id LIMIT ${MOST_FOUND}`
    const rows = this.#consistently(() =>
      this.#files.flatMap((_, file) => [
        ...uuids.flatMap((uuid) => this.#rows(file, byUuid, [uuid, account, text])),
        ...this.#rows(file, byEntry, [account, textRef(text), text]),
      ]),
    )
    const found = new Map(rows.map((row) => [row[ID], row]))
    const order = (a: Row, b: Row) => Number(a[STARTED_AT]) - Number(b[STARTED_AT]) || Number(a[ID]) - Number(b[ID])
    return [...found.values()].sort(order).slice(0, MOST_FOUND)
  }

  /** Calls of all accounts in `live.db` whose last report came before, the longest silent first. */
  silent({ updatedBeforeUs, limit }: { updatedBeforeUs: number; limit: number }): Row[] {
    const sql = `SELECT ${COLUMNS} FROM calls WHERE ${UPDATED_AT} < ? ORDER BY ${UPDATED_AT}, id LIMIT ?`
    return this.#consistently(() => this.#rows(LIVE, sql, [updatedBeforeUs, limit]))
  }

  count(): { live: number; ended: number } {
    const [live = 0, ...ended] = this.#files.map((_, file) =>
      Number(this.#rows(file, 'SELECT count(*) FROM calls', [])[0]?.[0]),
    )
    return { live, ended: ended.reduce((sum, count) => sum + count, 0) }
  }

  close(): void {
    for (const { db } of this.#files) db.close()
    this.#meta.close()
  }

  #one(accountId: string, condition: string, value: SqlValue): Row | null {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return null
    const sql = `SELECT ${COLUMNS} FROM calls WHERE ${condition} AND account = ?`
    let found: Row | null = null
    for (let file = 0; file < this.#files.length; file += 1) found = this.#rows(file, sql, [value, account])[0] ?? found
    return found
  }

  #page(query: CallQuery, account: number): RowsPage {
    const { by } = query.order
    const isByOffset = isPagedByOffset(query.order)
    if (isByOffset && query.after) throw new Error('a list with blanks or several fields is paged by offset')
    const search = new Search(query, account, this.#sources)
    const indexed = by === 'startedAtUs' || by === 'endedAtUs'
    const mustCount = query.total || !indexed || (query.offset ?? 0) > 0
    const files = this.#files.map((_, file) => file).slice(0, query.live ? 1 : undefined)
    const counts = mustCount ? files.map((file) => this.#count(file, search)) : files.map(() => null)
    const total = mustCount ? sumOf(counts) : null
    if (!indexed && (total as number) > MAX_SORTED) throw new TooManyToSortError(total as number)
    const rows = this.#merged(search, query, counts)
    const more = rows.length > query.limit && !isByOffset
    const page = rows.slice(0, query.limit)
    const last = page.at(-1)
    return {
      rows: page,
      total: query.total ? total : null,
      next: more && last ? { value: last[SORT] as Scalar, id: last[ID] as number } : null,
    }
  }

  #count(file: number, search: Search): number {
    const span = search.ends === null ? null : this.#span(file)
    if (search.ends !== null && span === null) return 0 // no call has ended in this file
    const { text, values } = search.count(span)
    return Number(this.#rows(file, text, values)[0]?.[0])
  }

  #span(file: number): Span | null {
    const [row] = this.#rows(file, 'SELECT shortest, longest FROM span', [])
    return row === undefined ? null : { shortest: row[0] as number, longest: row[1] as number }
  }

  /**
   * One row more than the limit, where there is one: the files' pages merged in the query's order. What lies so far
   * ahead in a file that all rows of the others cannot push it into the page is skipped there. A few matches among
   * many ends are read by start: walking the index for them would visit nearly every call of the range.
   */
  #merged(search: Search, query: CallQuery, counts: readonly (number | null)[]): Row[] {
    const wanted = query.limit + 1
    const offset = query.offset ?? 0
    const total = counts.includes(null) ? null : sumOf(counts)
    if (total !== null && offset >= total) return []
    let before = offset
    const rows = counts.flatMap((own, file) => {
      if (own === 0) return []
      const skipped = total === null || own === null ? 0 : Math.max(0, offset - (total - own))
      before -= skipped
      const span = search.ends !== null && own !== null && own <= FEW_MATCHES ? this.#span(file) : null
      const { text, values } = search.page(span, { limit: wanted + offset - skipped, offset: skipped })
      return this.#rows(file, text, values)
    })
    rows.sort((a, b) => compareRows(a, b, query.order))
    return rows.slice(before, before + wanted)
  }

  #rows(file: number, sql: string, values: SqlValue[]): Row[] {
    const { db, statements } = this.#files[file] as ReadFile
    let statement = statements.get(sql)
    if (statement === undefined) {
      if (statements.size >= 200) statements.clear()
      statement = db.prepare(sql)
      statement.setReturnArrays(true)
      statements.set(sql, statement)
    }
    return statement.all(...values) as unknown as Row[]
  }

  /** Runs with one snapshot over all files, none of them taken while a call was moving between two. */
  #consistently<T>(read: () => T): T {
    for (const { db } of this.#files) if (db.isTransaction) db.exec('ROLLBACK')
    this.#moves.settled(() => {
      for (const { db } of this.#files) {
        if (db.isTransaction) db.exec('ROLLBACK')
        db.exec('BEGIN')
        db.prepare('SELECT 1 FROM calls LIMIT 1').get()
      }
    })
    try {
      return read()
    } finally {
      for (const { db } of this.#files) db.exec('ROLLBACK')
    }
  }
}

function sumOf(counts: readonly (number | null)[]): number {
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

/** The order of two rows by the values behind their columns, as the files' pages have it. */
function compareRows(a: Row, b: Row, { descending, thenBy = [] }: Order): number {
  for (const [at, by] of [{ descending }, ...thenBy].entries()) {
    const compared = compareOrNull(a[SORT + at] as Scalar | null, b[SORT + at] as Scalar | null)
    if (compared !== 0) return by.descending ? -compared : compared
  }
  return (Number(a[ID]) - Number(b[ID])) * (descending ? -1 : 1)
}

function compareOrNull(a: Scalar | null, b: Scalar | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compareScalars(a, b)
}
