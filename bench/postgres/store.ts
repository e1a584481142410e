import { Worker } from 'node:worker_threads'
import pg, { type Pool } from 'pg'
import { type CallRecord, DIRECTIONS } from '../../src/record/call-record.ts'
import type { Report } from '../../src/record/report.ts'
import {
  type FindTextKey,
  type ListTextQuery,
  loadEncoder,
  recordsText,
  recordsWriter,
  type ScanTextQuery,
  type TextPage,
  type TextPart,
} from '../../src/store/call-encoder.ts'
import type {
  CallPage,
  CallStore,
  ChangesPage,
  CountCheck,
  Outcome,
  RawReports,
  SettingsOf,
  StoreStats,
} from '../../src/store/call-store.ts'
import { TooManyToSortError } from '../../src/store/call-store.ts'
import type { CallQuery, Scalar } from '../../src/store/query.ts'
import { currencyOf } from '../../src/store/sqlite/row/currency-code.ts'
import { docKey } from '../../src/store/sqlite/row/doc-keys.ts'
import { FLAG, ROW_COLUMNS } from '../../src/store/sqlite/row/row-columns.ts'
import { type SummaryQuery, type SummaryRow, SummaryRows } from '../../src/store/summary.ts'
import type { Reach } from './cluster.ts'
import { Names } from './names.ts'
import { COLUMNS, ROW_TYPES, recordOf, rowOf } from './rows.ts'
import { Search } from './search.ts'
import { columnOf } from './where.ts'
import { answerOf, WriteQueue } from './write-queue.ts'

const SCAN_ROWS = 1000
const READERS = 4
/** Most legs of a session, and calls of one source id. */
const MOST_FOUND = 1000
const ACCOUNT = ROW_COLUMNS.indexOf('account')
const ID = ROW_COLUMNS.indexOf('id')
const SOURCE = ROW_COLUMNS.indexOf('source')
const SORT = ROW_COLUMNS.length

const SUMMARY = {
  startedAtUs: { primary: summarySql('started_at', 'primary'), all: summarySql('started_at', 'all') },
  endedAtUs: { primary: summarySql('ended_at', 'primary'), all: summarySql('ended_at', 'all') },
} as const

function summarySql(time: string, legs: SummaryQuery['legs']): string {
  return `SELECT width_bucket(${time}, $2::bigint[]), direction, currency, doc->>'${docKey('cost.currency')}', count(*),
      count(answered_after), coalesce(sum(duration), 0)::bigint, coalesce(sum(billed_s), 0)::bigint,
      coalesce(sum(amount), 0)::text
    FROM calls WHERE account = $1 AND ${time} >= $3 AND ${time} < $4
      ${legs === 'primary' ? `AND flags & ${FLAG.primary} <> 0` : ''}
    GROUP BY 1, 2, 3, 4`
}

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

  async findText({ encoder, ...key }: FindTextKey): Promise<string | null> {
    const call = await this.find(key)
    return call === null ? null : recordsText([call], encoder)
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

  async findBySession({ accountId, sessionId }: { accountId: string; sessionId: string }): Promise<CallRecord[]> {
    return this.#withText(accountId, 'sessionId', sessionId)
  }

  async findBySourceId({ accountId, sourceId }: { accountId: string; sourceId: string }): Promise<CallRecord[]> {
    return this.#withText(accountId, 'sourceId', sourceId)
  }

  async #withText(accountId: string, field: 'sessionId' | 'sourceId', text: string): Promise<CallRecord[]> {
    const account = await this.#account(accountId)
    if (account === null) return []
    const where = `account = $1 AND ${columnOf(field)} = $2 ORDER BY started_at, id LIMIT ${MOST_FOUND}`
    return this.#records(accountId, await this.#rows(`SELECT ${COLUMNS} FROM calls WHERE ${where}`, [account, text]))
  }

  async list(query: CallQuery): Promise<CallPage> {
    const account = await this.#account(query.accountId)
    if (account === null) return { calls: [], total: query.total ? 0 : null, next: null }
    const search = new Search(query, { account, sources: this.#sources })
    if (search.mostSorted !== null) {
      const matches = await this.#count(search)
      if (matches > search.mostSorted) throw new TooManyToSortError(matches)
    }
    const page = search.page()
    const rows = await this.#rows(page.text, page.values)
    const calls = await this.#records(query.accountId, rows.slice(0, query.limit))
    const last = rows[query.limit - 1]
    const { blanks = false, thenBy = [] } = query.order
    const more = rows.length > query.limit && last !== undefined && !blanks && thenBy.length === 0
    return {
      calls,
      total: query.total ? Number(rows[0]?.[SORT + 1] ?? (await this.#count(search))) : null,
      next: more ? { value: last[SORT] as Scalar, id: last[ID] as number } : null,
    }
  }

  async #count(search: Search): Promise<number> {
    const { text, values } = search.count()
    return Number((await this.#rows(text, values))[0]?.[0])
  }

  async *scan(query: Omit<CallQuery, 'limit' | 'offset' | 'after' | 'total'>): AsyncIterable<CallRecord[]> {
    let after: CallPage['next'] = null
    do {
      const page: CallPage = await this.list({ ...query, limit: SCAN_ROWS, after, total: false })
      after = page.next
      if (page.calls.length > 0) yield page.calls
    } while (after !== null)
  }

  async listText({ encoder, ...query }: ListTextQuery): Promise<TextPage> {
    const { calls, ...page } = await this.list(query)
    return { ...page, calls: calls.length, text: recordsText(calls, await loadEncoder(encoder)) }
  }

  async *scanText({ encoder, ...query }: ScanTextQuery): AsyncIterable<TextPart> {
    const write = recordsWriter(await loadEncoder(encoder))
    for await (const page of this.scan(query)) yield { bytes: write(page), calls: page.length }
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

  async lastChange(accountId: string): Promise<number> {
    const account = await this.#account(accountId)
    if (account === null) return 0
    return Number((await this.#rows('SELECT coalesce(max(seq), 0) FROM calls WHERE account = $1', [account]))[0]?.[0])
  }

  async silent({ updatedBeforeUs, limit }: { updatedBeforeUs: number; limit: number }): Promise<CallRecord[]> {
    const updated = columnOf('updatedAtUs')
    const where = `ended_at IS NULL AND ${updated} < $1 ORDER BY ${updated}, id LIMIT $2`
    const rows = await this.#rows(`SELECT ${COLUMNS} FROM calls WHERE ${where}`, [updatedBeforeUs, limit])
    if (rows.some((row) => this.#accounts.nameOf(row[ACCOUNT] as number) === '')) await this.#accounts.load()
    const calls: CallRecord[] = []
    for (const row of rows) calls.push(...(await this.#records(this.#accounts.nameOf(row[ACCOUNT] as number), [row])))
    return calls
  }

  rederive(given: { accountId: string; callUuids: readonly string[]; paths: readonly string[] }): Promise<number> {
    return this.#queue.rederive(given)
  }

  watch(listener: (changed: ReadonlyMap<string, number>) => void): () => void {
    return this.#queue.watch(listener)
  }

  async rawReports(key: { accountId: string; callUuid: string }): Promise<RawReports> {
    const call = await this.find(key)
    if (call === null) return { reports: [], unreadable: 0 }
    const rows = await this.#rows('SELECT raw FROM raw_reports WHERE call_id = $1 ORDER BY arrived_at', [call.id])
    return { reports: rows.map(([raw]) => raw as string), unreadable: 0 }
  }

  async liveCalls(): Promise<number> {
    return Number((await this.#rows('SELECT count(*) FROM calls WHERE ended_at IS NULL', []))[0]?.[0])
  }

  async summary({ accountId, by, edgesUs, legs }: SummaryQuery): Promise<SummaryRow[]> {
    const account = await this.#account(accountId)
    if (account === null) return []
    const sums = new SummaryRows()
    const rows = await this.#rows(SUMMARY[by][legs], [account, edgesUs, edgesUs[0], edgesUs.at(-1)])
    for (const [bucket, side, code, other, calls, answered, durationS, billedS, amount] of rows) {
      const direction = DIRECTIONS[side as number] as SummaryRow['direction']
      const currency = code === null ? null : ((other as string | null) ?? currencyOf(code as number))
      const counted = { calls, answered, durationS, billedS } as Pick<
        SummaryRow,
        'calls' | 'answered' | 'durationS' | 'billedS'
      >
      sums.add({ bucket: (bucket as number) - 1, direction, ...counted, currency, micros: BigInt(amount as string) })
    }
    return sums.rows()
  }

  async checkCounts(): Promise<CountCheck> {
    return { counts: 0, wrong: [] }
  }

  lanes(): [] {
    return []
  }

  async logBytes(): Promise<null> {
    return null
  }

  upkeep(): null {
    return null
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
