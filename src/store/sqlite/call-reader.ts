import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { uuidToBytes } from '../../record/identity.ts'
import { TooManyToSortError } from '../call-store.ts'
import { type CallQuery, compareScalars, MAX_SORTED, type Scalar } from '../query.ts'
import { compileExpr, compileOrder, type Sql } from './compile.ts'
import { folderPaths, openForReading, readRanges } from './folder.ts'
import type { Moves } from './moves.ts'
import { Refs } from './refs.ts'
import { ROW_COLUMNS, type Row, type SqlValue } from './row.ts'

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
const SORT = ROW_COLUMNS.length

/** Reads one folder; every thread has its own. */
export class CallReader {
  readonly #meta: DatabaseSync
  readonly #files: ReadFile[]
  readonly #accounts: Refs
  readonly #sources: Refs
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
    this.#moves = given.moves
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
    const sql = `SELECT ${COLUMNS}, seq FROM calls WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?`
    const rows = this.#consistently(() =>
      this.#files.flatMap((_, file) => this.#rows(file, sql, [account, after, limit])),
    )
    return rows.sort((a, b) => Number(a[SORT]) - Number(b[SORT])).slice(0, limit)
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
    const { by, descending } = query.order
    const order = compileOrder(by, this.#sources)
    const where: Sql = query.where === null ? { text: '1', values: [] } : compileExpr(query.where, this.#sources)
    const matching = `FROM calls WHERE account = ? AND ${order.present} AND ${where.text}`
    const values = [account, ...where.values]
    const indexed = by === 'startedAtUs' || by === 'endedAtUs'
    const counts = query.total || !indexed ? this.#counts(matching, values) : null
    const total = counts?.reduce((sum, count) => sum + count, 0) ?? null
    if (!indexed && (total as number) > MAX_SORTED) throw new TooManyToSortError(total as number)
    const beyond = query.after ? ` AND (${order.sql}, id) ${descending ? '<' : '>'} (?, ?)` : ''
    if (query.after) values.push(bound(query.after.value), query.after.id)
    const direction = descending ? 'DESC' : 'ASC'
    const tail = `${beyond} ORDER BY ${order.sql} ${direction}, id ${direction} LIMIT ? OFFSET ?`
    const select = `SELECT ${COLUMNS}, ${order.sql} ${matching}${tail}`
    const rows = this.#merged(select, values, query, counts)
    const more = rows.length > query.limit
    const page = more ? rows.slice(0, query.limit) : rows
    const last = page.at(-1)
    return {
      rows: page,
      total: query.total ? total : null,
      next: more && last ? { value: last[SORT] as Scalar, id: last[ID] as number } : null,
    }
  }

  #counts(matching: string, values: SqlValue[]): number[] {
    return this.#files.map((_, file) => Number(this.#rows(file, `SELECT count(*) ${matching}`, values)[0]?.[0]))
  }

  /** One row more than the limit, where there is one: the files' pages merged in the query's order. */
  #merged(select: string, values: SqlValue[], query: CallQuery, counts: number[] | null): Row[] {
    const wanted = query.limit + 1
    const offset = query.offset ?? 0
    const files = this.#files.map((_, file) => file).filter((file) => counts === null || (counts[file] ?? 0) > 0)
    const [only] = files
    if (only === undefined) return []
    if (files.length === 1) return this.#rows(only, select, [...values, wanted, offset])
    const { descending } = query.order
    const rows = files.flatMap((file) => this.#rows(file, select, [...values, wanted + offset, 0]))
    rows.sort((a, b) => {
      const order = compareScalars(a[SORT] as Scalar, b[SORT] as Scalar) || Number(a[ID]) - Number(b[ID])
      return descending ? -order : order
    })
    return rows.slice(offset, offset + wanted)
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

function bound(value: Scalar): SqlValue {
  return typeof value === 'boolean' ? Number(value) : value
}
