import { Worker } from 'node:worker_threads'
import type { DerivingSettings } from '../../record/account.ts'
import { assemble } from '../../record/assemble.ts'
import type { CallRecord } from '../../record/call-record.ts'
import type { Report } from '../../record/report.ts'
import {
  type CallPage,
  type CallStore,
  type ChangesPage,
  type Outcome,
  ReportsRefusedError,
  type SettingsOf,
  StoreBusyError,
  type StoreStats,
} from '../call-store.ts'
import type { CallQuery } from '../query.ts'
import { CallReader, isPagedByOffset, type RowsPage } from './call-reader.ts'
import { folderPaths, lockFolder, prepareFolder } from './folder.ts'
import { Moves } from './moves.ts'
import { rawAddresses } from './raw-addresses.ts'
import { readRaw } from './raw-log.ts'
import { ReaderPool } from './reader-pool.ts'
import { type Row, rowFacts, rowHead, rowReports, rowSource, rowStated } from './row.ts'
import type { FoundBy } from './row-members.ts'
import type { WriterReply, WriterRequest } from './writer-thread.ts'

const SCAN_ROWS = 500
/** Calls of one request to the writer, so that reports need not wait for more. */
const REDERIVED_AT_ONCE = 1000

export interface SqliteStoreOptions {
  folder: string
  settingsOf: SettingsOf
  /** URL of a module that exports `derive`; the writer thread loads it. */
  deriveModule: string
  readerThreads?: number
  /** Reports that may wait for the disk before `append` refuses more. */
  waitingReports?: number
  /** Called once when the writer fails: nothing can be stored any more, and the process should end. */
  onFailure?: (error: Error) => void
}

/** Opens a data folder, creating what is missing. Throws `FolderLockedError` when another process holds it. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<CallStore> {
  const lock = lockFolder(options.folder)
  let store: SqliteStore | null = null
  try {
    const ranges = prepareFolder(options.folder)
    store = new SqliteStore(options, { lock, segments: ranges.length })
    await store.ready
    return store
  } catch (error) {
    if (store === null) lock.release()
    else await store.close()
    throw error
  }
}

class SqliteStore implements CallStore {
  readonly ready: Promise<void>
  readonly #options: SqliteStoreOptions
  readonly #lock: { release(): void }
  readonly #segments: number
  readonly #writer: Worker
  readonly #points: CallReader
  readonly #pages: ReaderPool
  readonly #exports: ReaderPool
  readonly #waiting = new Map<number, { reports: number; resolve(value: never): void; reject(error: unknown): void }>()
  readonly #told = new Map<string, DerivingSettings>()
  readonly #ready = Promise.withResolvers<void>()
  readonly #listeners = new Set<(changed: ReadonlyMap<string, number>) => void>()
  #no = 0
  #waitingReports = 0
  #failure: Error | null = null
  #closed = false

  constructor(options: SqliteStoreOptions, held: { lock: { release(): void }; segments: number }) {
    this.#options = options
    this.#lock = held.lock
    this.#segments = held.segments
    this.ready = this.#ready.promise
    const { folder, deriveModule, readerThreads = 2 } = options
    const moves = Moves.share()
    this.#writer = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      workerData: { folder, deriveModule, moves },
    })
    this.#writer.on('message', (reply: WriterReply) => this.#hear(reply))
    this.#writer.on('error', (error) => this.#fail(error as Error))
    this.#points = new CallReader({ folder, moves: new Moves(moves) })
    const onFailure = (error: Error) => this.#fail(error)
    this.#pages = new ReaderPool({ folder, moves, threads: readerThreads, onFailure })
    this.#pages.start()
    this.#exports = new ReaderPool({ folder, moves, threads: 1, onFailure })
  }

  get waitingReports(): number {
    return this.#waitingReports
  }

  async append(reports: readonly Report[]): Promise<Outcome[]> {
    if (reports.length === 0) return []
    if (this.#failure) throw this.#failure
    if (this.#closed) throw new Error('the store is closed')
    if (this.#waitingReports + reports.length > (this.#options.waitingReports ?? 100_000) && this.#waitingReports > 0)
      throw new StoreBusyError()
    const settings = this.#news(reports)
    this.#waitingReports += reports.length
    return this.#ask<Outcome[]>({ kind: 'write', no: 0, job: { reports }, settings }, reports.length)
  }

  async rederive(given: {
    accountId: string
    callUuids: readonly string[]
    paths: readonly string[]
  }): Promise<number> {
    if (this.#failure) throw this.#failure
    if (this.#closed) throw new Error('the store is closed')
    let changed = 0
    for (let at = 0; at < given.callUuids.length; at += REDERIVED_AT_ONCE) {
      const job = { ...given, callUuids: given.callUuids.slice(at, at + REDERIVED_AT_ONCE) }
      changed += await this.#ask<number>({ kind: 'write', no: 0, job, settings: this.#news([given]) }, 0)
    }
    return changed
  }

  watch(listener: (changed: ReadonlyMap<string, number>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async find(key: { accountId: string; callUuid: string }): Promise<CallRecord | null> {
    const row = this.#points.find(key)
    return row === null ? null : this.#record(key.accountId, row)
  }

  async findById(key: { accountId: string; id: number }): Promise<CallRecord | null> {
    const row = this.#points.findById(key)
    return row === null ? null : this.#record(key.accountId, row)
  }

  async list(query: CallQuery): Promise<CallPage> {
    const { rows, total, next } = await this.#pages.ask<RowsPage>({ kind: 'list', query })
    return { calls: rows.map((row) => this.#record(query.accountId, row)), total, next }
  }

  async findBySession({ accountId, sessionId }: { accountId: string; sessionId: string }): Promise<CallRecord[]> {
    return this.#findByText({ accountId, by: 'sessionId', text: sessionId })
  }

  async findBySourceId({ accountId, sourceId }: { accountId: string; sourceId: string }): Promise<CallRecord[]> {
    return this.#findByText({ accountId, by: 'sourceId', text: sourceId })
  }

  async #findByText(key: { accountId: string; by: FoundBy; text: string }): Promise<CallRecord[]> {
    const rows = await this.#pages.ask<Row[]>({ kind: 'findByText', key })
    return rows.map((row) => this.#record(key.accountId, row))
  }

  async silent(query: { updatedBeforeUs: number; limit: number }): Promise<CallRecord[]> {
    const rows = await this.#pages.ask<Row[]>({ kind: 'silent', query })
    return rows.map((row) => this.#record(this.#points.accountName(rowHead(row).account), row))
  }

  async *scan(query: Omit<CallQuery, 'limit' | 'offset' | 'after' | 'total'>): AsyncIterable<CallRecord[]> {
    const ask = (place: Pick<CallQuery, 'after' | 'offset'>) =>
      this.#exports.ask<RowsPage>({ kind: 'list', query: { ...query, ...place, limit: SCAN_ROWS, total: false } })
    const records = (rows: readonly Row[]) => rows.map((row) => this.#record(query.accountId, row))
    if (isPagedByOffset(query.order)) {
      // Without a cursor: a call may come twice, or not at all, where others come or go between two pages.
      for (let offset = 0, rows = SCAN_ROWS; rows === SCAN_ROWS; offset += SCAN_ROWS) {
        const page = await ask({ offset })
        rows = page.rows.length
        if (rows > 0) yield records(page.rows)
      }
      return
    }
    let after: CallPage['next'] = null
    do {
      const page: RowsPage = await ask({ after })
      after = page.next
      if (page.rows.length > 0) yield records(page.rows)
    } while (after !== null)
  }

  async changes(query: { accountId: string; after: number; limit: number }): Promise<ChangesPage> {
    const rows = await this.#pages.ask<Row[]>({ kind: 'changes', query })
    const calls = rows.map((row) => this.#record(query.accountId, row))
    return { calls, next: calls.at(-1)?.changeSeq ?? query.after }
  }

  lastChange(accountId: string): Promise<number> {
    return this.#pages.ask<number>({ kind: 'lastChange', accountId })
  }

  liveCalls(): Promise<number> {
    return this.#pages.ask<number>({ kind: 'liveCalls' })
  }

  async rawReports(key: { accountId: string; callUuid: string }): Promise<string[]> {
    const row = this.#points.find(key)
    if (row === null) return []
    const addresses = [...rawAddresses(rowReports(row)).values()].filter(({ file }) => file > 0)
    addresses.sort((a, b) => a.file - b.file || a.offset - b.offset || a.index - b.index)
    const { raw } = folderPaths(this.#options.folder)
    return addresses.map((address) => readRaw(raw, address)).filter((report) => report !== null)
  }

  async stats(): Promise<StoreStats> {
    const { live, ended } = await this.#pages.ask<{ live: number; ended: number }>({ kind: 'count' })
    return { calls: live + ended, liveCalls: live, segments: this.#segments }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // Readers first: the last to close a file folds its WAL in, and only the writer can.
    await Promise.all([this.#pages.close(), this.#exports.close()])
    this.#points.close()
    try {
      if (this.#failure === null) await this.#ask<void>({ kind: 'close', no: 0 }, 0)
    } finally {
      await this.#writer.terminate()
      this.#lock.release()
    }
  }

  /** Settings of these accounts that the writer does not have yet. */
  #news(asked: readonly { accountId: string }[]): [string, DerivingSettings][] {
    const news: [string, DerivingSettings][] = []
    for (const { accountId } of asked) {
      const settings = this.#options.settingsOf(accountId)
      if (this.#told.get(accountId) === settings) continue
      this.#told.set(accountId, settings)
      news.push([accountId, settings])
    }
    return news
  }

  #ask<T>(request: WriterRequest, reports: number): Promise<T> {
    const no = ++this.#no
    const asked = Promise.withResolvers<T>()
    this.#waiting.set(no, { reports, resolve: asked.resolve as (value: never) => void, reject: asked.reject })
    this.#writer.postMessage({ ...request, no })
    return asked.promise
  }

  #hear(reply: WriterReply): void {
    if (reply.kind === 'ready') {
      this.#ready.resolve()
      return
    }
    if (reply.kind === 'committed') {
      for (const listener of this.#listeners) listener(reply.changed)
      return
    }
    const asked = this.#waiting.get(reply.no)
    this.#waiting.delete(reply.no)
    this.#waitingReports -= asked?.reports ?? 0
    if (reply.kind === 'refused')
      asked?.reject(reply.reportsAtFault ? new ReportsRefusedError(reply.reason) : new Error(reply.reason))
    else asked?.resolve((reply.kind === 'written' ? reply.outcome : undefined) as never)
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#ready.reject(error)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.#options.onFailure?.(error)
  }

  #record(accountId: string, row: Row): CallRecord {
    const { id, callUuid, seq, receivedAtUs, updatedAtUs } = rowHead(row)
    const facts = rowFacts(row, this.#points.sourceName(rowSource(row)))
    const head = { id, callUuid, accountId, receivedAtUs, updatedAtUs, changeSeq: seq }
    return assemble(head, facts, rowStated(row))
  }
}
