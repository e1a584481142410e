import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Facts } from '../../record/facts.ts'
import { bytesToUuid, uuidToBytes } from '../../record/identity.ts'
import { type CallState, foldHashed } from '../../record/merge.ts'
import { type Report, reportHash } from '../../record/report.ts'
import type { Derive, Outcome, SettingsOf } from '../call-store.ts'
import { folderPaths, openForWriting, prepareFolder, type SegmentRange } from './folder.ts'
import { KeptSpan } from './kept-span.ts'
import { RawLogWriter } from './raw-log.ts'
import { Refs } from './refs.ts'
import {
  encodeRow,
  ROW_COLUMNS,
  type Row,
  rawAddresses,
  rowHead,
  rowReports,
  rowSource,
  rowState,
  type StoredCall,
} from './row.ts'
import { CALLS_DDL, META_DDL } from './schema.ts'
import { Sequence } from './sequence.ts'

/** One file of calls, opened by the writer. */
interface CallFile {
  db: DatabaseSync
  byUuid: StatementSync
  insert: StatementSync
  remove: StatementSync
  span: KeptSpan
  /** In a transaction that this group of reports began. */
  dirty: boolean
}

/** A call touched by the group being written. */
interface Touched extends StoredCall {
  accountId: string
  /** Where its row was when the group began; null for a new call. */
  was: { file: CallFile; startedAtUs: number } | null
}

/** A group could not be written, and nothing of it was: the store goes on. Any other error of `append` is final. */
export class StagingError extends Error {
  /** Whether it was the reports, so that trying again is vain, and not the disk. */
  readonly reportsAtFault: boolean

  constructor(cause: unknown) {
    super(`cannot be stored: ${cause instanceof Error ? cause.message : cause}`, { cause })
    this.reportsAtFault = areReportsAtFault(cause)
  }
}

/** SQLite's codes (sqlite.org/rescode.html): the disk is full; a value that a table does not take. */
const FULL = 13
const TOO_BIG = 18
const CONSTRAINT = 19
const MISMATCH = 20

function areReportsAtFault(cause: unknown): boolean {
  const { errcode, syscall } = (cause ?? {}) as { errcode?: number; syscall?: string }
  if (syscall !== undefined) return false
  return errcode === undefined || [TOO_BIG, CONSTRAINT, MISMATCH].includes(errcode & 0xff)
}

/**
 * The one writer of a folder. A group of reports becomes durable together: raw log first, then segments, then
 * `live.db`, so that a crash in between loses nothing that was acknowledged and leaves at most a call in both
 * `live.db` and a segment, which `mend` settles on the next start.
 */
export class CallWriter {
  readonly #meta: DatabaseSync
  readonly #live: CallFile
  readonly #segments: { range: SegmentRange; file: CallFile }[]
  readonly #raw: RawLogWriter
  /** Account and UUID of every call in `live.db`, so that a call that is not there costs no look at the file. */
  #liveKeys = new Set<string>()
  readonly #accounts: Refs
  readonly #sources: Refs
  readonly #ids: Sequence
  readonly #seqs: Sequence
  readonly #derive: Derive
  readonly #settingsOf: SettingsOf

  constructor(given: { folder: string; derive: Derive; settingsOf: SettingsOf }) {
    const paths = folderPaths(given.folder)
    const ranges = prepareFolder(given.folder)
    this.#meta = openForWriting(paths.meta, META_DDL, 2000)
    this.#live = openCallFile(paths.live)
    this.#segments = ranges.map((range) => ({ range, file: openCallFile(range.path) }))
    this.#raw = new RawLogWriter(paths.raw)
    this.#accounts = new Refs(this.#meta, 'account_refs', { writable: true })
    this.#sources = new Refs(this.#meta, 'source_refs', { writable: true })
    this.#ids = new Sequence(this.#meta, 'call id')
    this.#seqs = new Sequence(this.#meta, 'change')
    this.#derive = given.derive
    this.#settingsOf = given.settingsOf
    this.#mend()
  }

  /**
   * Stores a group of reports and returns once they are on the disk. `moving` is called before the first and after the
   * last commit when more than one file changes, so that readers do not look in between.
   */
  append(reports: readonly Report[], moving: (phase: 'begin' | 'end') => void): Outcome[] {
    const outcomes = this.#stage(reports)
    this.#raw.sync()
    const dirty = this.#files().filter((file) => file.dirty)
    if (dirty.length > 1) moving('begin')
    const full = this.#commit(dirty)
    if (dirty.length > 1) moving('end')
    if (full !== null) throw new StagingError(full)
    return outcomes
  }

  /**
   * Commits file after file. Returns the error where the disk was full before the first commit: nothing happened. Any
   * other error is final: a part of the group may be on the disk, and only a new start can tell.
   */
  #commit(dirty: readonly CallFile[]): unknown {
    for (const [at, file] of dirty.entries()) {
      try {
        file.db.exec('COMMIT')
      } catch (error) {
        if (at > 0 || (error as { errcode?: number }).errcode !== FULL) throw error
        this.#undo()
        return error
      }
      file.dirty = false
    }
    return null
  }

  close(): void {
    this.#raw.close()
    for (const { db } of this.#files()) db.close()
    this.#meta.close()
  }

  /** Segments before `live.db`: the order of their commits. */
  #files(): CallFile[] {
    return [...this.#segments.map(({ file }) => file), this.#live]
  }

  /** Writes a group into open transactions; whatever goes wrong here leaves the files as they were. */
  #stage(reports: readonly Report[]): Outcome[] {
    try {
      const touched = new Map<string, Touched>()
      const outcomes = reports.map((report) => this.#foldIn(report, touched))
      for (const call of touched.values()) this.#write(call)
      this.#raw.flush()
      return outcomes
    } catch (error) {
      this.#raw.discard()
      this.#undo()
      throw new StagingError(error)
    }
  }

  #undo(): void {
    for (const file of this.#files()) {
      if (file.db.isTransaction) file.db.exec('ROLLBACK') // some errors have done so already
      file.dirty = false
      file.span.reload()
    }
    this.#liveKeys = this.#readLiveKeys()
  }

  #foldIn(report: Report, touched: Map<string, Touched>): Outcome {
    const key = `${report.accountId} ${report.callUuid}`
    let call = touched.get(key) ?? this.#load(report)
    const state = call === null ? null : call.state
    const hash = reportHash(report)
    const next = foldHashed(state, report, hash)
    if (next === state) return 'duplicate'
    call ??= this.#newCall(report, next)
    const fresh = state === null
    call.state = next
    call.raw.set(hash, this.#raw.add(report.raw))
    touched.set(key, call)
    return fresh ? 'stored' : 'updated'
  }

  #newCall(report: Report, state: CallState): Touched {
    return {
      accountId: report.accountId,
      head: {
        account: this.#accounts.refFor(report.accountId),
        source: 0,
        id: this.#ids.next(),
        seq: 0,
        callUuid: report.callUuid,
      },
      state,
      raw: new Map(),
      was: null,
    }
  }

  #load({ accountId, callUuid }: Report): Touched | null {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return null
    const uuid = uuidToBytes(callUuid)
    const segments = this.#segments.map((segment) => segment.file)
    for (const file of this.#liveKeys.has(`${account} ${callUuid}`) ? [this.#live, ...segments] : segments) {
      const row = file.byUuid.get(uuid, account) as unknown as Row | undefined
      if (row === undefined) continue
      const state = rowState(row, this.#sources.nameOf(rowSource(row)))
      return {
        accountId,
        head: { ...rowHead(row), source: rowSource(row) },
        state,
        raw: rawAddresses(rowReports(row)),
        was: { file, startedAtUs: state.facts.startedAtUs as number },
      }
    }
    return null
  }

  #write(call: Touched): void {
    const { state, was } = call
    const derived: Facts = this.#derive(state.facts, this.#settingsOf(call.accountId))
    call.head.source = this.#sources.refFor(state.facts.source as string)
    call.head.seq = this.#seqs.next()
    const startedAtUs = state.facts.startedAtUs as number
    const file = state.facts.endedAtUs === undefined ? this.#live : this.#segmentOf(startedAtUs)
    if (was !== null && (was.file !== file || was.startedAtUs !== startedAtUs)) {
      begin(was.file)
      was.file.remove.run(call.head.account, was.startedAtUs, call.head.id)
    }
    begin(file)
    file.insert.run(...encodeRow(call, derived))
    this.#keepLive(`${call.head.account} ${call.head.callUuid}`, file)
    if (state.facts.endedAtUs !== undefined) file.span.include((state.facts.endedAtUs as number) - startedAtUs)
  }

  #keepLive(key: string, file: CallFile): void {
    if (file === this.#live) this.#liveKeys.add(key)
    else this.#liveKeys.delete(key)
  }

  #segmentOf(startedAtUs: number): CallFile {
    const found = this.#segments.find(({ range }) => startedAtUs >= range.fromUs && startedAtUs < range.beforeUs)
    if (found === undefined) throw new Error(`no segment covers ${startedAtUs}`)
    return found.file
  }

  /** A call in both `live.db` and a segment is the segment's: its end was committed, its removal here was not. */
  #mend(): void {
    const live = this.#live.db.prepare('SELECT account, started_at, id, uuid FROM calls').all() as unknown as {
      account: number
      started_at: number
      id: number
      uuid: Uint8Array
    }[]
    const ended = live.filter(({ uuid, account }) =>
      this.#segments.some(({ file }) => file.byUuid.get(uuid, account) !== undefined),
    )
    for (const { account, started_at, id } of ended) this.#live.remove.run(account, started_at, id)
    this.#liveKeys = this.#readLiveKeys()
  }

  #readLiveKeys(): Set<string> {
    const rows = this.#live.db.prepare('SELECT account, uuid FROM calls').all() as unknown as {
      account: number
      uuid: Uint8Array
    }[]
    return new Set(rows.map(({ account, uuid }) => `${account} ${bytesToUuid(uuid)}`))
  }
}

function begin(file: CallFile): void {
  if (file.dirty) return
  file.db.exec('BEGIN IMMEDIATE')
  file.dirty = true
}

function openCallFile(path: string): CallFile {
  const db = openForWriting(path, CALLS_DDL, 65_536)
  const columns = ROW_COLUMNS.join(', ')
  const byUuid = db.prepare(`SELECT ${columns} FROM calls WHERE uuid = ? AND account = ?`)
  byUuid.setReturnArrays(true)
  const insert = db.prepare(
    `INSERT OR REPLACE INTO calls (${columns}) VALUES (${ROW_COLUMNS.map(() => '?').join(', ')})`,
  )
  const remove = db.prepare('DELETE FROM calls WHERE account = ? AND started_at = ? AND id = ?')
  return { db, byUuid, insert, remove, span: new KeptSpan(db), dirty: false }
}
