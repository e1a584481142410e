import type { DatabaseSync } from 'node:sqlite'
import type { Facts } from '../../record/facts.ts'
import { bytesToUuid, uuidToBytes } from '../../record/identity.ts'
import { type CallState, foldHashed } from '../../record/merge.ts'
import { type Report, reportHash } from '../../record/report.ts'
import type { Derive, Outcome, SettingsOf } from '../call-store.ts'
import { AccountSources } from './account-sources.ts'
import { CallFile, placedOf } from './call-file.ts'
import { folderPaths, openForWriting, prepareFolder, type SegmentRange } from './folder.ts'
import { rawAddresses } from './raw-addresses.ts'
import { RawLogWriter } from './raw-log.ts'
import { Refs } from './refs.ts'
import { encodeRow, type Row, rowFacts, rowHead, rowIsCenter, rowReports, rowSource, rowState } from './row.ts'
import { centerColumns, PLAIN_CALL } from './row-members.ts'
import { CALLS_DDL, LIVE_DDL, META_DDL } from './schema.ts'
import { Sequence } from './sequence.ts'
import { FULL, StagingError } from './staging-error.ts'
import { rederived, type Touched } from './touched-call.ts'

/** What a group is made of: reports to fold in, or calls of which some paths are derived anew. */
export type Job = { reports: readonly Report[] } | Rederivation

export interface Rederivation {
  accountId: string
  callUuids: readonly string[]
  paths: readonly string[]
}

/** What became of a job: of each report, or how many calls changed. */
export type JobOutcome = Outcome[] | number

export interface Written {
  outcomes: JobOutcome[]
  /** The last change of each account that has one. */
  changed: Map<string, number>
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
  readonly #accountSources: AccountSources
  readonly #ids: Sequence
  readonly #seqs: Sequence
  readonly #derive: Derive
  readonly #settingsOf: SettingsOf

  constructor(given: { folder: string; derive: Derive; settingsOf: SettingsOf }) {
    const paths = folderPaths(given.folder)
    const ranges = prepareFolder(given.folder)
    this.#meta = openForWriting(paths.meta, { ddl: META_DDL, cacheKib: 2000 })
    this.#accounts = new Refs(this.#meta, 'account_refs', { writable: true })
    this.#sources = new Refs(this.#meta, 'source_refs', { writable: true })
    this.#accountSources = new AccountSources(this.#meta, this.#sources, { writable: true })
    const names = { accounts: this.#accounts, sources: this.#sources }
    this.#live = new CallFile(paths.live, { ddl: LIVE_DDL, names })
    this.#segments = ranges.map((range) => ({ range, file: new CallFile(range.path, { ddl: CALLS_DDL, names }) }))
    this.#raw = new RawLogWriter(paths.raw)
    this.#ids = new Sequence(this.#meta, 'call id')
    this.#seqs = new Sequence(this.#meta, 'change')
    this.#derive = given.derive
    this.#settingsOf = given.settingsOf
    this.#mend()
  }

  /**
   * Does the jobs of a group and returns once they are on the disk. `moving` is called before the first and after the
   * last commit when more than one file changes, so that readers do not look in between.
   */
  write(jobs: readonly Job[], moving: (phase: 'begin' | 'end') => void): Written {
    const written = this.#stage(jobs)
    this.#raw.sync()
    const dirty = this.#files().filter((file) => file.dirty)
    if (dirty.length > 1) moving('begin')
    const full = this.#commit(dirty)
    if (dirty.length > 1) moving('end')
    if (full !== null) throw new StagingError(full)
    return written
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

  /** Every change up to this one is on the disk, when no group is being written. */
  get lastChange(): number {
    return this.#seqs.last
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
  #stage(jobs: readonly Job[]): Written {
    try {
      const touched = new Map<string, Touched>()
      const outcomes = jobs.map((job) =>
        'reports' in job ? job.reports.map((report) => this.#foldIn(report, touched)) : this.#rederive(job, touched),
      )
      const changed = new Map<string, number>()
      for (const call of touched.values()) {
        this.#write(call)
        changed.set(call.accountId, call.head.seq)
      }
      this.#raw.flush()
      return { outcomes, changed }
    } catch (error) {
      this.#raw.discard()
      this.#undo()
      throw new StagingError(error)
    }
  }

  #undo(): void {
    for (const file of this.#files()) file.rollBack()
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
    call.derived = null
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
      derived: null,
      was: null,
    }
  }

  /** How many calls derive something else now. One that a report of the group has changed derives all anew as it is. */
  #rederive({ accountId, callUuids, paths }: Rederivation, touched: Map<string, Touched>): number {
    let changed = 0
    for (const callUuid of callUuids) {
      const key = `${accountId} ${callUuid}`
      const known = touched.get(key)
      if (known !== undefined && known.derived === null) continue
      const call = known ?? this.#load({ accountId, callUuid })
      if (call === null) continue
      const fresh = this.#derive(call.state.facts, this.#settingsOf(accountId))
      const derived = rederived(call, fresh, paths)
      if (derived === null) continue
      touched.set(key, { ...call, derived })
      changed += 1
    }
    return changed
  }

  #load({ accountId, callUuid }: { accountId: string; callUuid: string }): Touched | null {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return null
    const uuid = uuidToBytes(callUuid)
    const segments = this.#segments.map((segment) => segment.file)
    for (const file of this.#liveKeys.has(`${account} ${callUuid}`) ? [this.#live, ...segments] : segments) {
      const row = file.find(uuid, account)
      if (row === null) continue
      const state = rowState(row, this.#sources.nameOf(rowSource(row)))
      return {
        accountId,
        head: { ...rowHead(row), source: rowSource(row) },
        state,
        raw: rawAddresses(rowReports(row)),
        derived: null,
        was: { file, row, placed: placedOf(row, state.facts, { accountId, callUuid }) },
      }
    }
    return null
  }

  #write(call: Touched): void {
    const { accountId, head, state, was } = call
    const derived: Facts = call.derived ?? this.#derive(state.facts, this.#settingsOf(accountId))
    head.source = this.#accountSources.refFor(call.head.account, state.facts.source as string)
    head.seq = this.#seqs.next()
    const row = encodeRow(call, derived)
    const now = placedOf(row, state.facts, { accountId, callUuid: head.callUuid })
    const { endedAtUs } = state.facts
    const file = endedAtUs === undefined ? this.#live : this.#segmentOf(now.startedAtUs)
    const stays = was !== null && was.file === file && was.placed.startedAtUs === now.startedAtUs
    if (was !== null && !stays) {
      was.file.begin()
      was.file.remove(was.placed)
    }
    file.begin()
    const center = rowIsCenter(row) ? centerColumns(state.facts, derived) : PLAIN_CALL
    file.put(row, { center, now, was: stays ? was.placed : null })
    this.#keepLive(`${head.account} ${head.callUuid}`, file)
    if (endedAtUs !== undefined) file.span.include((endedAtUs as number) - now.startedAtUs)
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
    this.#liveKeys = this.#readLiveKeys()
    for (const key of this.#liveKeys) {
      const [account, callUuid] = key.split(' ') as [string, string]
      const uuid = uuidToBytes(callUuid)
      if (!this.#segments.some(({ file }) => file.find(uuid, Number(account)) !== null)) continue
      const row = this.#live.find(uuid, Number(account)) as Row
      const accountId = this.#accounts.nameOf(Number(account))
      const facts = rowFacts(row, this.#sources.nameOf(rowSource(row)))
      this.#live.begin()
      this.#live.remove(placedOf(row, facts, { accountId, callUuid }))
      this.#liveKeys.delete(key)
    }
    const full = this.#commit([this.#live].filter(({ dirty }) => dirty))
    if (full !== null) throw full
  }

  #readLiveKeys(): Set<string> {
    const rows = this.#live.db.prepare('SELECT account, uuid FROM calls').all() as unknown as {
      account: number
      uuid: Uint8Array
    }[]
    return new Set(rows.map(({ account, uuid }) => `${account} ${bytesToUuid(uuid)}`))
  }
}
