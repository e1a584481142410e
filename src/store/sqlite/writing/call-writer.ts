import type { DatabaseSync } from 'node:sqlite'
import { bytesToUuid, uuidToBytes } from '../../../record/identity.ts'
import { type CallState, foldOnto, LoneState, plainState } from '../../../record/merge.ts'
import { holdsNumber, isErased, redactState, withoutLinks } from '../../../record/redact-state.ts'
import { type Report, reportHash } from '../../../record/report.ts'
import type { Derive, Outcome, SettingsOf } from '../../call-store.ts'
import { AccountSources } from '../folder/account-sources.ts'
import { isFull, isSyncError } from '../folder/disk-error.ts'
import { requireRoom } from '../folder/disk-room.ts'
import { folderPaths, openMeta, prepareFolder, readRanges } from '../folder/folder.ts'
import { Refs } from '../folder/refs.ts'
import { LIVE_DDL } from '../folder/schema.ts'
import { SEGMENT_SIZES, type SegmentSizes } from '../folder/segment-sizes.ts'
import { Sequence } from '../folder/sequence.ts'
import { ErasedNumbers } from '../forgetting/erased-numbers.ts'
import { changedCall, type Forgetting, type Forgotten, isOverBefore } from '../forgetting/forgetting-job.ts'
import { emptyLogs, type KeepingWork } from '../forgetting/keeping-work.ts'
import { writeRun } from '../forgetting/retention-runs.ts'
import { RawLogWriter } from '../raw/raw-log.ts'
import { rawAddresses } from '../row/raw-addresses.ts'
import { rowState } from '../row/row-facts.ts'
import { type RowHead, rowEnd, rowHead, rowReports, rowSource } from '../row/row-head.ts'
import { CallFile, placedOf } from '../segments/call-file.ts'
import { Moves } from '../segments/moves.ts'
import { OpenSegments, whereItCan } from '../segments/open-segments.ts'
import { SegmentTable } from '../segments/segment-table.ts'
import { ArrivedReport } from './arrived-report.ts'
import { mendLive, mendMoves, removeOrphans } from './mend.ts'
import { type Move, MoveJournal } from './move-journal.ts'
import { fromContents, intoTables, StagingError } from './staging-error.ts'
import { encoded, rederived, sourceOf, type Touched } from './touched-call.ts'

/** What a group is made of: reports to fold in, calls of which some paths are derived anew, or something is forgotten. */
export type Job = { reports: readonly Report[] } | Rederivation | Forgetting

export interface Rederivation {
  accountId: string
  callUuids: readonly string[]
  paths: readonly string[]
}

/** What became of a job: of each report, how many calls changed, or what was forgotten. */
export type JobOutcome = Outcome[] | number | Forgotten

export interface Written {
  outcomes: JobOutcome[]
  /** The last change of each account that has one. */
  changed: Map<string, number>
}

export interface CallWriterParts {
  folder: string
  derive: Derive
  settingsOf: SettingsOf
  /** What readers in other threads are told by; those of nobody by default. */
  moves?: Moves
  sizes?: SegmentSizes
  /** Epoch microseconds. */
  nowUs?: () => number
  /** Called with the identity filter of each segment, once it holds all calls of it. */
  share?: (no: number, filter: SharedArrayBuffer) => void
  /** Called with what the filter over all segments takes, bytes, when that changes. */
  onOverall?: (bytes: number) => void
  /** The folder has just been prepared, and readers may be in it. */
  isPrepared?: boolean
  /** Named before each step of a commit and of a change of the map; throwing at one leaves what a crash there would. */
  step?: (step: string) => void
}

interface Leaving extends Move {
  was: NonNullable<Touched['was']>
}

/**
 * The one writer of a folder. A group of reports becomes durable together: raw log first, then segments, then
 * `live.db`, so that a crash in between loses nothing that was acknowledged and leaves at most a call in both
 * `live.db` and a segment, or in two segments, which `mend.ts` settles on the next start.
 */
export class CallWriter {
  readonly #folder: string
  readonly #meta: DatabaseSync
  readonly #live: CallFile
  readonly #segments: OpenSegments
  readonly #table: SegmentTable
  readonly #moves: Moves
  readonly #raw: RawLogWriter
  /** Account and UUID of every call in `live.db`, so that a call that is not there costs no look at the file. */
  #liveKeys = new Set<string>()
  /** Calls of the group being written that go from one segment to another, and where they are still. */
  #leaving: Leaving[] = []
  readonly #journal: MoveJournal
  readonly #step: (step: string) => void
  readonly #accounts: Refs
  readonly #sources: Refs
  readonly #accountSources: AccountSources
  readonly #erased: ErasedNumbers
  readonly #ids: Sequence
  readonly #seqs: Sequence
  readonly #derive: Derive
  readonly #settingsOf: SettingsOf

  constructor(given: CallWriterParts) {
    const paths = folderPaths(given.folder)
    this.#folder = given.folder
    if (!given.isPrepared) prepareFolder(given.folder)
    this.#meta = openMeta(paths.meta)
    const ranges = readRanges(this.#meta, given.folder)
    this.#accounts = new Refs(this.#meta, 'account_refs', { writable: true })
    this.#sources = new Refs(this.#meta, 'source_refs', { writable: true })
    this.#accountSources = new AccountSources(this.#meta, this.#sources, { writable: true })
    const names = { accounts: this.#accounts, sources: this.#sources }
    this.#live = new CallFile(paths.live, { ddl: LIVE_DDL, names })
    this.#moves = given.moves ?? new Moves(Moves.share())
    this.#step = given.step ?? (() => {})
    this.#journal = new MoveJournal(this.#meta)
    const table = new SegmentTable(this.#meta, given.folder)
    this.#table = table
    removeOrphans(given.folder, { ranges, lastNo: table.lastNo })
    this.#segments = new OpenSegments({
      ranges,
      overallPath: paths.overall,
      table,
      names,
      moves: this.#moves,
      sizes: given.sizes ?? SEGMENT_SIZES,
      nowUs: given.nowUs ?? (() => Date.now() * 1000),
      share: given.share ?? (() => {}),
      onOverall: given.onOverall ?? (() => {}),
      step: this.#step,
    })
    this.#raw = new RawLogWriter(paths.raw)
    this.#erased = new ErasedNumbers(this.#meta)
    this.#ids = new Sequence(this.#meta, 'call id')
    this.#seqs = new Sequence(this.#meta, 'change')
    this.#derive = given.derive
    this.#settingsOf = given.settingsOf
    mendMoves({ segments: this.#segments, names }, this.#journal)
    mendLive({ live: this.#live, segments: this.#segments, names })
    this.#liveKeys = this.#readLiveKeys()
  }

  /**
   * Does the jobs of a group and returns once they are on the disk. Where more than one file changes, readers are kept
   * from looking in between.
   */
  write(jobs: readonly Job[]): Written {
    const written = this.#stage(jobs)
    this.#raw.sync()
    const dirty = this.#files().filter((file) => file.dirty)
    const leaving = this.#leaving.splice(0)
    if (leaving.length > 0) this.#note(leaving)
    if (leaving.length > 0) this.#moves.beginShift()
    else if (dirty.length > 1) this.#moves.begin()
    const full = this.#commit(dirty)
    if (full === null) this.#finishMoves(leaving)
    if (leaving.length > 0) this.#moves.endShift()
    else if (dirty.length > 1) this.#moves.end()
    if (full !== null) throw new StagingError(full)
    this.#segments.settle()
    return written
  }

  #note(leaving: readonly Leaving[]): void {
    this.#step('note moves')
    try {
      this.#journal.note(leaving)
    } catch (error) {
      if (!isFull(error)) throw error
      this.#undo()
      throw new StagingError(error)
    }
  }

  /** Every call has arrived where it belongs: takes those away that have left. Any error is final. */
  #finishMoves(leaving: readonly Leaving[]): void {
    for (const { was } of leaving) {
      was.file.begin()
      was.file.remove(was.placed)
    }
    for (const file of new Set(leaving.map(({ was }) => was.file))) {
      this.#step('commit a departure')
      file.commit()
    }
  }

  /**
   * Commits file after file. Returns the error where the disk was full before the first commit: nothing happened. Any
   * other error is final: a part of the group may be on the disk, and only a new start can tell.
   */
  #commit(dirty: readonly CallFile[]): unknown {
    const wider = dirty.filter(({ span }) => span.hasGrown)
    if (wider.length > 0) this.#moves.spansGrew()
    for (const [at, file] of dirty.entries()) {
      try {
        this.#step('commit')
        file.commit()
      } catch (error) {
        if (at > 0 || !isFull(error)) throw error
        this.#undo()
        return error
      }
    }
    if (wider.length > 0) this.#moves.spansGrew()
    for (const { span } of wider) span.told()
    return null
  }

  /** For maintenance, between two groups. */
  get segments(): OpenSegments {
    return this.#segments
  }

  /** Every change up to this one is on the disk, when no group is being written. */
  get lastChange(): number {
    return this.#seqs.last
  }

  /** Every file as it is now is in a backup. */
  backedUp(): void {
    for (const file of this.#files()) file.backedUp()
  }

  /** Work for whoever forgets; between two groups, and on the disk when it returns. */
  keep(work: KeepingWork): number | boolean {
    try {
      return this.#keep(work)
    } catch (error) {
      throw isFull(error) ? new StagingError(error) : error
    }
  }

  #keep(work: KeepingWork): number | boolean {
    switch (work.do) {
      case 'begin':
        return this.#erased.begin(work.erasure)
      case 'finish':
        this.#erased.finish(work.erasure)
        return true
      case 'blank':
        return this.#raw.forget(work.raw)
      case 'run':
        writeRun(this.#meta, work.run)
        return true
      case 'drop raw file':
        return this.#raw.dropFile(work.file)
      case 'compact':
        for (const db of [this.#live.db, this.#meta]) db.exec('VACUUM')
        return true
      case 'empty logs': {
        const { meta, live } = folderPaths(this.#folder)
        return emptyLogs([meta, live, ...this.#segments.ranges.map(({ path }) => path)])
      }
    }
  }

  /** Leaves nothing of what maintenance was at when it was stopped. */
  close(): void {
    this.#raw.close()
    this.#segments.close()
    whereItCan(() => removeOrphans(this.#folder, { ranges: this.#segments.ranges, lastNo: this.#table.lastNo }))
    this.#live.db.close()
    this.#meta.close()
  }

  /** Segments before `live.db`: the order of their commits. */
  #files(): CallFile[] {
    return [...this.#segments.files(), this.#live]
  }

  /** Writes a group into open transactions; whatever goes wrong here leaves the files as they were. */
  #stage(jobs: readonly Job[]): Written {
    try {
      requireRoom(this.#folder)
      const touched = new Map<string, Touched>()
      const outcomes: JobOutcome[] = jobs.map((job) => {
        if ('reports' in job) return job.reports.map((report) => this.#foldIn(report, touched))
        return 'forget' in job ? this.#forget(job, touched) : this.#rederive(job, touched)
      })
      const changed = new Map<string, number>()
      for (const call of touched.values()) {
        this.#write(call)
        changed.set(call.accountId, call.head.seq)
      }
      for (const [at, job] of jobs.entries())
        if ('forget' in job && job.forget === 'calls') outcomes[at] = this.#drop(job, touched)
      for (const file of this.#files()) file.count()
      this.#raw.flush()
      return { outcomes, changed }
    } catch (error) {
      this.#raw.discard()
      this.#undo()
      throw isSyncError(error) ? error : new StagingError(error)
    }
  }

  #undo(): void {
    this.#leaving = []
    for (const file of this.#files()) file.rollBack()
    this.#liveKeys = this.#readLiveKeys()
  }

  #foldIn(report: Report, touched: Map<string, Touched>): Outcome {
    const key = `${report.accountId} ${report.callUuid}`
    let call = touched.get(key) ?? this.#load(report)
    const state = call === null ? null : call.state
    const hash = report instanceof ArrivedReport ? report.hash : reportHash(report)
    const isPlain = state === null && !this.#erased.hasAny(report.accountId)
    if (state?.reports.includes(hash)) return 'duplicate'
    const folded = isPlain ? new LoneState(report, hash) : fromContents(() => foldOnto(state, report, hash))
    const search = isPlain ? null : this.#erasedFrom(report.accountId, folded)
    const next = search === null ? folded : fromContents(() => redactState(folded, search))
    const isKept = search === null || !(isErased(next) || holdsNumber({ raw: report.raw }, search))
    call ??= this.#newCall(report, next)
    const fresh = state === null
    call.state = next
    call.derived = null
    if (isKept)
      call.raw.set(hash, this.#raw.add(report.raw, { account: call.head.account, arrivedAtUs: report.arrivedAtUs }))
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

  /** Takes erased numbers or links out of calls; those that go as a whole go last, with `#drop`. */
  #forget({ accountId, callUuids, forget, beforeUs }: Forgetting, touched: Map<string, Touched>): Forgotten {
    const forgotten: Forgotten = { calls: 0, raw: [] }
    for (const callUuid of forget === 'calls' ? [] : callUuids) {
      const key = `${accountId} ${callUuid}`
      const known = touched.get(key)
      const call = known ?? this.#load({ accountId, callUuid })
      if (call === null) continue
      call.state = plainState(call.state)
      const change = (state: CallState) => {
        if (forget === 'links') return isOverBefore(state, beforeUs) ? withoutLinks(state) : state
        const search = this.#erasedFrom(accountId, state)
        return search === null ? state : redactState(state, search)
      }
      const changed = changedCall(call, { change, isFresh: known !== undefined && known.derived === null })
      if (forget === 'numbers') forgotten.raw.push(...call.raw.values())
      if (changed === null) continue
      touched.set(key, changed)
      forgotten.calls += 1
    }
    return forgotten
  }

  /** Drops calls that were over before a time. What a report of the group has changed stays: it is looked at again. */
  #drop({ accountId, callUuids, beforeUs }: Forgetting, touched: Map<string, Touched>): Forgotten {
    const forgotten: Forgotten = { calls: 0, raw: [] }
    for (const callUuid of callUuids) {
      if (touched.has(`${accountId} ${callUuid}`)) continue
      const call = this.#load({ accountId, callUuid })
      if (call === null || call.was === null || !isOverBefore(call.state, beforeUs)) continue
      call.was.file.begin()
      call.was.file.remove(call.was.placed)
      this.#liveKeys.delete(`${call.head.account} ${callUuid}`)
      forgotten.raw.push(...call.raw.values())
      forgotten.calls += 1
    }
    return forgotten
  }

  /** What is looked for in a call: nothing in most accounts, and in calls that began after the last erasure. */
  #erasedFrom(accountId: string, { facts }: CallState) {
    if (!this.#erased.hasAny(accountId)) return null
    return this.#erased.searchOf(accountId, {
      startedAtUs: facts.startedAtUs as number,
      plan: this.#settingsOf(accountId),
    })
  }

  #load({ accountId, callUuid }: { accountId: string; callUuid: string }): Touched | null {
    const account = this.#accounts.refOf(accountId)
    if (account === null) return null
    const uuid = uuidToBytes(callUuid)
    const found = this.#findLive(uuid, { account, callUuid }) ?? this.#segments.find(uuid, account)
    if (found === null) return null
    const { file, row } = found
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

  #findLive(uuid: Uint8Array, { account, callUuid }: { account: number; callUuid: string }) {
    if (!this.#liveKeys.has(`${account} ${callUuid}`)) return null
    const row = this.#live.find(uuid, account)
    return row === null ? null : { file: this.#live, row }
  }

  #write(call: Touched): void {
    const { accountId, head, was } = call
    head.source = this.#accountSources.refFor(call.head.account, sourceOf(call))
    head.seq = this.#seqs.next()
    const settings = this.#settingsOf(accountId)
    const { row, now, center } = fromContents(() =>
      encoded(call, (facts, lists) => this.#derive(facts, settings, lists)),
    )
    const endedAtUs = rowEnd(row)
    const file = endedAtUs === null ? this.#live : this.#segments.fileAt(now.startedAtUs)
    const stays = was !== null && was.file === file && was.placed.startedAtUs === now.startedAtUs
    if (was !== null && !stays) this.#leave(head, was, file)
    file.begin()
    intoTables(() => file.put(row, { center, now, was: stays ? was.placed : null }))
    this.#keepLive(`${head.account} ${head.callUuid}`, file)
    if (endedAtUs !== null) file.span.include(endedAtUs - now.startedAtUs)
  }

  /** From a segment to another a call leaves once it has arrived: a crash in between leaves it twice, and never not at all. */
  #leave({ account, callUuid }: RowHead, was: NonNullable<Touched['was']>, file: CallFile): void {
    if (was.file !== file && was.file !== this.#live && file !== this.#live) {
      this.#leaving.push({ account, uuid: uuidToBytes(callUuid), was })
      return
    }
    was.file.begin()
    was.file.remove(was.placed)
  }

  #keepLive(key: string, file: CallFile): void {
    if (file === this.#live) this.#liveKeys.add(key)
    else this.#liveKeys.delete(key)
  }

  #readLiveKeys(): Set<string> {
    const rows = this.#live.db.prepare('SELECT account, uuid FROM calls').all() as unknown as {
      account: number
      uuid: Uint8Array
    }[]
    return new Set(rows.map(({ account, uuid }) => `${account} ${bytesToUuid(uuid)}`))
  }
}
