import { MessageChannel } from 'node:worker_threads'
import type { CallRecord } from '../../record/call-record.ts'
import type { Report } from '../../record/report.ts'
import type { FindTextKey, ListTextQuery, ScanTextQuery, TextPage, TextPart } from '../call-encoder.ts'
import {
  type CallPage,
  type CallStore,
  type ChangesPage,
  type CountCheck,
  type Derive,
  type LaneLoad,
  type Outcome,
  type RawReports,
  type Reading,
  type ScanQuery,
  type SettingsOf,
  StoreBusyError,
  type StoreStats,
  type Upkeep,
} from '../call-store.ts'
import type { Keeping } from '../keeping.ts'
import type { CallQuery } from '../query.ts'
import type { SummaryQuery, SummaryRow } from '../summary.ts'
import type { BackupMade } from './backup/backup.ts'
import { type BackupRequest, BackupRunningError, runBackup } from './backup/backup-run.ts'
import { folderPaths, lockFolder, prepareFolder } from './folder/folder.ts'
import { logBytes } from './folder/log-bytes.ts'
import type { Migration } from './folder/migration-progress.ts'
import { SEGMENT_SIZES, type SegmentSizes } from './folder/segment-sizes.ts'
import type { Forgetting, Forgotten } from './forgetting/forgetting-job.ts'
import type { StoreHands } from './forgetting/keeping-hands.ts'
import type { KeepingWork } from './forgetting/keeping-work.ts'
import { SqliteKeeping } from './forgetting/sqlite-keeping.ts'
import { ReaderPool } from './lanes/reader-pool.ts'
import { scanRows, scanText } from './lanes/scan.ts'
import { readRaws } from './raw/raw-log.ts'
import { CallReader } from './reading/call-reader.ts'
import type { RowsPage } from './reading/read-page.ts'
import { textOfRow } from './reading/text-page.ts'
import { rawAddresses } from './row/raw-addresses.ts'
import type { Row } from './row/row-columns.ts'
import { FIELD_COLUMNS, wholeRow } from './row/row-fields.ts'
import { rowHead, rowReports, rowSource } from './row/row-head.ts'
import type { FoundBy } from './row/row-members.ts'
import { recordOfRow } from './row/row-record.ts'
import { MaintenanceClient } from './segments/maintenance-client.ts'
import { taskName } from './segments/maintenance-task.ts'
import { Moves } from './segments/moves.ts'
import { packReports } from './writing/packed-reports.ts'
import { WriterClient } from './writing/writer-client.ts'
import type { WriterNotice } from './writing/writer-thread.ts'

/** Milliseconds of work after which a page is left to the thread for heavy questions. */
const PAGE_MS = 50
/** Calls of one request to the writer, so that reports need not wait for more. */
const REDERIVED_AT_ONCE = 1000

export interface SqliteStoreOptions {
  folder: string
  settingsOf: SettingsOf
  /** URL of a module that exports `derive`; the writer thread loads it too. */
  deriveModule: string
  readerThreads?: number
  /** When segments roll, merge and split; for tests that have few calls. */
  segmentSizes?: Partial<SegmentSizes>
  /** Reports that may wait for the disk before `append` refuses more. */
  waitingReports?: number
  /** Questions of clients of one account that may wait in a lane before more are refused. */
  waitingReads?: number
  /** Told how far files of an older version are, before the store is open. */
  onMigration?: ((migration: Migration) => void) | undefined
  /** Called once when the writer fails: nothing can be stored any more, and the process should end. */
  onFailure?: (error: Error) => void
}

/** The store of a data folder, which can be backed up while calls arrive. */
export interface SqliteCallStore extends CallStore {
  readonly keeping: Keeping
  /** The thread that keeps the segments: what it is at, and what it is asked. */
  readonly maintenance: Pick<MaintenanceClient, 'state' | 'vacuum' | 'drop'>
  /** Rejects with `BackupRunningError` while another backup is made. */
  backUp(request: BackupRequest): Promise<BackupMade>
}

/** Opens a data folder, creating what is missing. Throws `FolderLockedError` when another process holds it. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteCallStore> {
  const lock = lockFolder(options.folder)
  let store: SqliteStore | null = null
  try {
    prepareFolder(options.folder, { onMigration: options.onMigration })
    const { derive } = (await import(options.deriveModule)) as { derive: Derive }
    store = new SqliteStore(options, { lock, derive })
    await store.ready
    return store
  } catch (error) {
    if (store === null) lock.release()
    else await store.close()
    throw error
  }
}

class SqliteStore implements SqliteCallStore {
  readonly ready: Promise<void>
  readonly #options: SqliteStoreOptions
  readonly #lock: { release(): void }
  readonly #derive: Derive
  readonly #writer: WriterClient
  readonly #maintenance: MaintenanceClient
  readonly #points: CallReader
  #overallBytes = 0
  readonly #pages: ReaderPool
  readonly #heavy: ReaderPool
  readonly #exports: ReaderPool
  readonly #listeners = new Set<(changed: ReadonlyMap<string, number>) => void>()
  #failure: Error | null = null
  #closed = false
  #backup: Promise<BackupMade> | null = null
  readonly keeping: Keeping

  constructor(options: SqliteStoreOptions, held: { lock: { release(): void }; derive: Derive }) {
    this.#options = options
    this.#lock = held.lock
    this.#derive = held.derive
    const { folder, deriveModule, readerThreads = 2 } = options
    const moves = Moves.share()
    const sizes = { ...SEGMENT_SIZES, ...options.segmentSizes }
    const { port1, port2 } = new MessageChannel()
    const onFailure = (error: Error) => this.#fail(error)
    this.#writer = new WriterClient({
      thread: { folder, deriveModule, moves, sizes },
      maintenance: port1,
      settingsOf: options.settingsOf,
      onNotice: (notice) => this.#heed(notice),
      onFailure,
    })
    this.ready = this.#writer.ready
    this.#points = new CallReader({ folder, moves: new Moves(moves) })
    this.#maintenance = new MaintenanceClient({ folder, sizes, writer: port2, onFailure })
    const mostWaiting = options.waitingReads ?? 200
    const slow = { folder, moves, threads: 1, mostReaders: 4, giveUpAfterMs: null, mostWaiting, heavy: null, onFailure }
    this.#heavy = new ReaderPool({ ...slow, lane: 'heavy' })
    this.#exports = new ReaderPool({ ...slow, lane: 'exports' })
    const quick = { lane: 'pages', threads: readerThreads, giveUpAfterMs: PAGE_MS, heavy: this.#heavy }
    this.#pages = new ReaderPool({ ...slow, ...quick })
    this.#pages.start()
    const hands: StoreHands = {
      folder,
      planOf: options.settingsOf,
      lastChange: (accountId) => this.lastChange(accountId),
      write: (job) => this.#forget(job),
      keep: (work) => this.#keep(work),
      vacuum: (segment) => this.#maintenance.vacuum(segment),
      drop: (segment, lastSeq) => this.#maintenance.drop(segment, lastSeq),
    }
    this.keeping = new SqliteKeeping(hands, (accountId, overBeforeUs) => this.#countOver(accountId, overBeforeUs))
  }

  async #countOver(accountId: string, overBeforeUs: number): Promise<{ all: number; over: number }> {
    const order = { by: 'startedAtUs', descending: true } as const
    const count = async (field: 'startedAtUs' | 'endedAtUs', value: number, live = false) => {
      const where = { op: 'lt', field, value } as const
      return (await this.list({ accountId, where, order, limit: 1, total: true, ...(live ? { live } : {}) })).total ?? 0
    }
    const ended = await count('endedAtUs', overBeforeUs)
    const over = ended + (await count('startedAtUs', overBeforeUs, true))
    return { all: await count('startedAtUs', Number.MAX_SAFE_INTEGER), over }
  }

  async #forget(job: Forgetting): Promise<Forgotten> {
    this.#assertOpen()
    return this.#writer.write<Forgotten>(job, [job])
  }

  /** Not while a backup copies files as they are. */
  async #keep(work: KeepingWork): Promise<number | boolean> {
    while (this.#backup !== null) await this.#backup.catch(() => {})
    this.#assertOpen()
    return this.#writer.keep(work)
  }

  get maintenance(): MaintenanceClient {
    return this.#maintenance
  }

  get waitingReports(): number {
    return this.#writer.waitingReports
  }

  async append(reports: readonly Report[]): Promise<Outcome[]> {
    if (reports.length === 0) return []
    this.#assertOpen()
    const waiting = this.waitingReports
    if (waiting > 0 && waiting + reports.length > (this.#options.waitingReports ?? 100_000)) throw new StoreBusyError()
    const packed = packReports(reports, { derive: this.#derive, settingsOf: this.#options.settingsOf })
    return this.#writer.write<Outcome[]>({ packed }, reports)
  }

  async rederive(given: {
    accountId: string
    callUuids: readonly string[]
    paths: readonly string[]
  }): Promise<number> {
    this.#assertOpen()
    let changed = 0
    for (let at = 0; at < given.callUuids.length; at += REDERIVED_AT_ONCE) {
      const job = { ...given, callUuids: given.callUuids.slice(at, at + REDERIVED_AT_ONCE) }
      changed += await this.#writer.write<number>(job, [given])
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

  async findText({ encoder, accountId, callUuid }: FindTextKey): Promise<string | null> {
    const row = this.#points.find({ accountId, callUuid }, FIELD_COLUMNS)
    if (row === null) return null
    return textOfRow(row, { accountId, source: this.#points.sourceName(rowSource(row)) }, encoder)
  }

  async findById(key: { accountId: string; id: number }): Promise<CallRecord | null> {
    const row = this.#points.findById(key)
    return row === null ? null : this.#record(key.accountId, row)
  }

  async list(query: CallQuery, reading?: Reading): Promise<CallPage> {
    const { rows, total, next } = await this.#pages.ask<RowsPage>({ kind: 'list', query }, reading)
    return { calls: rows.map((row) => this.#record(query.accountId, wholeRow(row))), total, next }
  }

  listText({ encoder, ...query }: ListTextQuery, reading?: Reading): Promise<TextPage> {
    return this.#pages.ask<TextPage>({ kind: 'text', query, encoder }, reading)
  }

  async findBySession(
    { accountId, sessionId }: { accountId: string; sessionId: string },
    reading?: Reading,
  ): Promise<CallRecord[]> {
    return this.#findByText({ accountId, by: 'sessionId', text: sessionId }, reading)
  }

  async findBySourceId(
    { accountId, sourceId }: { accountId: string; sourceId: string },
    reading?: Reading,
  ): Promise<CallRecord[]> {
    return this.#findByText({ accountId, by: 'sourceId', text: sourceId }, reading)
  }

  async #findByText(
    key: { accountId: string; by: FoundBy; text: string },
    reading: Reading | undefined,
  ): Promise<CallRecord[]> {
    const rows = await this.#pages.ask<Row[]>({ kind: 'findByText', key }, reading)
    return rows.map((row) => this.#record(key.accountId, row))
  }

  async silent(query: { updatedBeforeUs: number; limit: number }): Promise<CallRecord[]> {
    const rows = await this.#pages.ask<Row[]>({ kind: 'silent', query })
    return rows.map((row) => this.#record(this.#points.accountName(rowHead(row).account), row))
  }

  async *scan(query: ScanQuery, reading: Reading = {}): AsyncIterable<CallRecord[]> {
    for await (const { rows } of scanRows(this.#exports, query, reading))
      yield rows.map((row) => this.#record(query.accountId, wholeRow(row)))
  }

  scanText(query: ScanTextQuery, reading: Reading = {}): AsyncIterable<TextPart> {
    return scanText(this.#exports, query, reading)
  }

  async changes(query: { accountId: string; after: number; limit: number }, reading?: Reading): Promise<ChangesPage> {
    const rows = await this.#pages.ask<Row[]>({ kind: 'changes', query }, reading)
    const calls = rows.map((row) => this.#record(query.accountId, row))
    return { calls, next: calls.at(-1)?.changeSeq ?? query.after }
  }

  lastChange(accountId: string): Promise<number> {
    return this.#pages.ask<number>({ kind: 'lastChange', accountId })
  }

  liveCalls(): Promise<number> {
    return this.#pages.ask<number>({ kind: 'liveCalls' })
  }

  async rawReports(key: { accountId: string; callUuid: string }): Promise<RawReports> {
    const row = this.#points.find(key)
    const addresses = row === null ? [] : rawAddresses(rowReports(row)).values()
    return readRaws(folderPaths(this.#options.folder).raw, addresses)
  }

  summary(query: SummaryQuery, reading?: Reading): Promise<SummaryRow[]> {
    return this.#heavy.ask<SummaryRow[]>({ kind: 'summary', query }, reading)
  }

  checkCounts(): Promise<CountCheck> {
    return this.#exports.ask<CountCheck>({ kind: 'checkCounts' })
  }

  lanes(): LaneLoad[] {
    return [this.#pages, this.#heavy, this.#exports].map((pool) => pool.load())
  }

  upkeep(): Upkeep {
    const { task, isDue, done, failed, failures } = this.#maintenance.state
    const segments = this.#closed ? 0 : this.#points.segments
    const lastFailure = failed === null ? null : `${taskName(failed.task)}: ${failed.message}`
    const filterBytes = this.#closed ? 0 : this.#points.filterBytes + this.#overallBytes
    return { segments, filterBytes, underWay: task?.kind ?? null, isDue, done, failed: failures, lastFailure }
  }

  logBytes(): Promise<number> {
    return logBytes(this.#options.folder)
  }

  async backUp(request: BackupRequest): Promise<BackupMade> {
    this.#assertOpen()
    if (this.#backup !== null) throw new BackupRunningError()
    this.#backup = runBackup(this.#options.folder, request, (gate) => this.#writer.hold(gate)).finally(() => {
      this.#backup = null
    })
    return this.#backup
  }

  async stats(): Promise<StoreStats> {
    const counted = await this.#heavy.ask<{ live: number; ended: number; segments: number }>({ kind: 'count' })
    return { calls: counted.live + counted.ended, liveCalls: counted.live, segments: counted.segments }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#backup?.catch(() => {}) // whoever asked for it hears
    await this.#maintenance.close()
    // Readers first: the last to close a file folds its WAL in, and only the writer can.
    await Promise.all([this.#pages.close(), this.#exports.close()])
    await this.#heavy.close()
    this.#points.close()
    try {
      if (this.#failure === null) await this.#writer.close()
    } finally {
      await this.#writer.terminate()
      this.#lock.release()
    }
  }

  #heed(notice: WriterNotice): void {
    switch (notice.kind) {
      case 'news':
        this.#maintenance.wake()
        return
      case 'filter':
        if (!this.#closed) this.#points.learn([[notice.no, notice.filter]])
        return
      case 'overall':
        this.#overallBytes = notice.bytes
        return
      case 'map':
        if (!this.#closed) this.#refresh()
        return
      case 'committed':
        for (const listener of this.#listeners) listener(notice.changed)
    }
  }

  /** Readers let go of the files that the map of segments does not name any more. */
  #refresh(): void {
    for (const lane of [this.#pages, this.#heavy, this.#exports]) lane.refresh()
    try {
      this.#points.refresh()
    } catch {} // the next question tries again, and tells whoever asks it
  }

  /** Throws where nothing can be written any more. */
  #assertOpen(): void {
    if (this.#failure) throw this.#failure
    if (this.#closed) throw new Error('the store is closed')
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#writer.rejectAll(error)
    this.#options.onFailure?.(error)
  }

  #record(accountId: string, row: Row): CallRecord {
    return recordOfRow(row, { accountId, source: this.#points.sourceName(rowSource(row)) })
  }
}
