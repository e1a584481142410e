import { Worker } from 'node:worker_threads'
import pg, { type Pool } from 'pg'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { Report } from '../../src/record/report.ts'
import type { CallPage, CallStore, ChangesPage, Outcome, SettingsOf, StoreStats } from '../../src/store/call-store.ts'
import { TooManyToSortError } from '../../src/store/call-store.ts'
import { type CallQuery, MAX_SORTED, type Scalar } from '../../src/store/query.ts'
import { ROW_COLUMNS } from '../../src/store/sqlite/row.ts'
import type { Reach } from './cluster.ts'
import { Names } from './names.ts'
import { COLUMNS, ROW_TYPES, recordOf, rowOf } from './rows.ts'
import { orderOf, Values, whereOf } from './where.ts'
import { answerOf, WriteQueue } from './write-queue.ts'

const SCAN_ROWS = 1000
const READERS = 4
const ID = ROW_COLUMNS.indexOf('id')
const SOURCE = ROW_COLUMNS.indexOf('source')
const SORT = ROW_COLUMNS.length

/**
 * A `CallStore` on PostgreSQL with the schema of `schema.ts`, for comparison only: prepared statements throughout, and
 * like our own store a thread that folds and writes, so that the HTTP thread only reads and checks.
 */
export async function openPostgresStore(given: {
  reach: Reach
  settingsOf: SettingsOf
  /** URL of a module that exports `derive`; the writer thread loads it. */
  deriveModule: string
}): Promise<CallStore> {
  const { reach, settingsOf, deriveModule } = given
  const pool = new pg.Pool({ ...reach, max: READERS, types: ROW_TYPES })
  const names = { accounts: new Names(pool, 'accounts'), sources: new Names(pool, 'sources') }
  await Promise.all([names.accounts.load(), names.sources.load()])
  const writer = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: { reach, deriveModule } })
  await answerOf(writer)
  return new PostgresStore({ pool, queue: new WriteQueue({ writer, settingsOf }), ...names })
}

class PostgresStore implements CallStore {
  readonly #pool: Pool
  readonly #queue: WriteQueue
  readonly #accounts: Names
  readonly #sources: Names
  readonly #statements = new Map<string, string>()

  constructor(given: { pool: Pool; queue: WriteQueue; accounts: Names; sources: Names }) {
    this.#pool = given.pool
    this.#queue = given.queue
    this.#accounts = given.accounts
    this.#sources = given.sources
  }

  append(reports: readonly Report[]): Promise<Outcome[]> {
    return this.#queue.append(reports)
  }

  get waitingReports(): number {
    return this.#queue.waitingReports
  }

  find({ accountId, callUuid }: { accountId: string; callUuid: string }): Promise<CallRecord | null> {
    return this.#one(accountId, `SELECT ${COLUMNS} FROM calls WHERE account = $1 AND uuid = $2`, callUuid)
  }

  findById({ accountId, id }: { accountId: string; id: number }): Promise<CallRecord | null> {
    return this.#one(accountId, `SELECT ${COLUMNS} FROM calls WHERE account = $1 AND id = $2`, id)
  }

  async #one(accountId: string, text: string, key: string | number): Promise<CallRecord | null> {
    const account = await this.#account(accountId)
    if (account === null) return null
    const [call = null] = await this.#records(accountId, await this.#rows(text, [account, key]))
    return call
  }

  async list(query: CallQuery): Promise<CallPage> {
    const account = await this.#account(query.accountId)
    if (account === null) return { calls: [], total: query.total ? 0 : null, next: null }
    const values = new Values()
    const sort = orderOf(query.order.by)
    const matching = this.#matching(query, account, { sort, values })
    const limits = query.order.by === 'startedAtUs' || query.order.by === 'endedAtUs' ? null : MAX_SORTED
    if (limits !== null) {
      const matches = await this.#count(matching, values)
      if (matches > limits) throw new TooManyToSortError(matches)
    }
    const counted = [...values.list]
    const page = pageOf(query, { sort, matching, values })
    // Both in one statement see the same calls.
    const total = query.total ? `(SELECT count(*) ${matching})` : 'NULL'
    const rows = await this.#rows(`SELECT page.*, ${total} FROM (${page}) AS page`, values.list)
    const calls = await this.#records(query.accountId, rows.slice(0, query.limit))
    const last = rows[query.limit - 1]
    return {
      calls,
      total: query.total ? Number(rows[0]?.[SORT + 1] ?? (await this.#count(matching, { list: counted }))) : null,
      next: rows.length > query.limit && last ? { value: last[SORT] as Scalar, id: last[ID] as number } : null,
    }
  }

  #matching(query: CallQuery, account: number, { sort, values }: { sort: string; values: Values }): string {
    const own = `FROM calls WHERE account = ${values.bind(account)} AND ${sort} IS NOT NULL`
    return query.where === null ? own : `${own} AND ${whereOf(query.where, values, this.#sources)}`
  }

  async #count(matching: string, { list }: { list: unknown[] }): Promise<number> {
    return Number((await this.#rows(`SELECT count(*) ${matching}`, list))[0]?.[0])
  }

  async *scan(query: Omit<CallQuery, 'limit' | 'offset' | 'after' | 'total'>): AsyncIterable<CallRecord[]> {
    let after: CallPage['next'] = null
    do {
      const page: CallPage = await this.list({ ...query, limit: SCAN_ROWS, after, total: false })
      after = page.next
      if (page.calls.length > 0) yield page.calls
    } while (after !== null)
  }

  async changes({
    accountId,
    after,
    limit,
  }: {
    accountId: string
    after: number
    limit: number
  }): Promise<ChangesPage> {
    const account = await this.#account(accountId)
    const text = `SELECT ${COLUMNS} FROM calls WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3`
    const rows = account === null ? [] : await this.#rows(text, [account, after, limit])
    const calls = await this.#records(accountId, rows)
    return { calls, next: calls.at(-1)?.changeSeq ?? after }
  }

  async rawReports(key: { accountId: string; callUuid: string }): Promise<string[]> {
    const call = await this.find(key)
    if (call === null) return []
    const rows = await this.#rows('SELECT raw FROM raw_reports WHERE call_id = $1 ORDER BY arrived_at', [call.id])
    return rows.map(([raw]) => raw as string)
  }

  async stats(): Promise<StoreStats> {
    const [row] = await this.#rows('SELECT count(*), count(*) FILTER (WHERE ended_at IS NULL) FROM calls', [])
    return { calls: Number(row?.[0]), liveCalls: Number(row?.[1]), segments: 1 }
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#pool.end()
  }

  /** The writer gives the numbers, so one that is not known here may be new. */
  async #account(accountId: string): Promise<number | null> {
    const known = this.#accounts.refOf(accountId)
    if (known !== null) return known
    await Promise.all([this.#accounts.load(), this.#sources.load()])
    return this.#accounts.refOf(accountId)
  }

  /** Runs a statement prepared under a name of its own; there are as many as there are forms of queries. */
  async #rows(text: string, values: unknown[]): Promise<unknown[][]> {
    const name = this.#statements.get(text) ?? `q${this.#statements.size}`
    this.#statements.set(text, name)
    const { rows } = await this.#pool.query<unknown[]>({ name, text, values, rowMode: 'array' })
    return rows
  }

  async #records(accountId: string, rows: unknown[][]): Promise<CallRecord[]> {
    const known = (row: unknown[]) => this.#sources.nameOf(row[SOURCE] as number) !== ''
    if (!rows.every(known)) await this.#sources.load()
    return rows.map((row) => recordOf(accountId, rowOf(row), (ref) => this.#sources.nameOf(ref)))
  }
}

function pageOf(query: CallQuery, given: { sort: string; matching: string; values: Values }): string {
  const { sort, matching, values } = given
  const direction = query.order.descending ? 'DESC' : 'ASC'
  const { after } = query
  const beyond = after
    ? ` AND (${sort}, id) ${query.order.descending ? '<' : '>'} (${values.bind(after.value)}, ${values.bind(after.id)})`
    : ''
  return (
    `SELECT ${COLUMNS}, ${sort} AS sort_value ${matching}${beyond} ORDER BY ${sort} ${direction}, id ${direction} ` +
    `LIMIT ${values.bind(query.limit + 1)} OFFSET ${values.bind(query.offset ?? 0)}`
  )
}
