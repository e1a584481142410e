import { dirname } from 'node:path'
import { isFull } from '../folder/disk-error.ts'
import type { SegmentRange } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import { LIFE, type Life, type SegmentSizes } from '../folder/segment-sizes.ts'
import type { Row } from '../row/row-columns.ts'
import type { CallFile } from './call-file.ts'
import { carry } from './carry.ts'
import { type Fingerprint, fingerprint, IdentityFilter } from './identity-filter.ts'
import type { Moves } from './moves.ts'
import { OpenSegment } from './open-segment.ts'
import { OverallFilter, type OverallNews } from './overall-filter.ts'
import { RangeMap } from './range-map.ts'
import { syncFolder } from './segment-files.ts'
import type { SegmentTable } from './segment-table.ts'
import { type Touch, Touches } from './touches.ts'

/** Most segments that stay open between two groups; a group opens as many as it needs. */
const MOST_OPEN = 24
/** Most of which anything is open, be it a connection that only looks for calls. */
const MOST_LOOKED_INTO = 200
/** A roll cuts at most so far ahead of now: what comes until then would still fall before the cut. */
export const AHEAD_US = 10_000_000
/** A filter with so many times the keys it was made for denies too few, and is made anew. */
export const OVERFULL = 1.5

/** What the maintenance thread is told of a segment. */
export interface SegmentNews {
  range: SegmentRange
  /** No fewer than it has; null where nobody knows yet. */
  calls: number | null
  /** How many its filter is made for. */
  capacity: number
  /** For how long it has not grown at its end any more, microseconds; of one from before the start, since ever. */
  rolledForUs: number
}

/** What takes the place of a segment that was rewritten. */
export interface Rewritten {
  range: SegmentRange
  filter: SharedArrayBuffer
  isSaved: boolean
}

/** The segments as the one writer has them: which file a call goes to, which one it is in, and what is kept about them. */
export class OpenSegments {
  readonly #table: SegmentTable
  readonly #names: FileNames
  readonly #moves: Moves
  readonly #sizes: SegmentSizes
  readonly #nowUs: () => number
  readonly #share: (no: number, filter: SharedArrayBuffer) => void
  readonly #step: (step: string) => void
  readonly #overall: OverallFilter
  readonly #onOverall: (bytes: number) => void
  #segments: OpenSegment[]
  #groups = 0
  #rewrite: { sources: OpenSegment[]; touches: Touches } | null = null
  #hasNews = false
  readonly #retired: CallFile[] = []

  constructor(given: {
    ranges: readonly SegmentRange[]
    /** Where the filter over all segments is saved. */
    overallPath: string
    table: SegmentTable
    names: FileNames
    moves: Moves
    sizes: SegmentSizes
    nowUs: () => number
    /** Called with each segment's filter, once it is whole. */
    share: (no: number, filter: SharedArrayBuffer) => void
    /** Called with what the filter over all segments takes, bytes, when that changes. */
    onOverall: (bytes: number) => void
    /** Named before each is done; throwing at one leaves what a crash there would. */
    step?: (step: string) => void
  }) {
    this.#table = given.table
    this.#names = given.names
    this.#moves = given.moves
    this.#sizes = given.sizes
    this.#nowUs = given.nowUs
    this.#share = given.share
    this.#onOverall = given.onOverall
    this.#step = given.step ?? (() => {})
    const { ranges } = new RangeMap(given.ranges)
    const paths = ranges.map(({ path }) => path)
    this.#overall = new OverallFilter(given.overallPath, paths)
    this.#onOverall(this.#overall.bytes)
    this.#segments = ranges.map((range) => this.#watched(OpenSegment.load(range, given.names)))
    this.#beginEmpty()
    for (const segment of this.#segments) if (segment.filter.isWhole) this.#shareOf(segment)
  }

  get ranges(): readonly SegmentRange[] {
    return this.#segments.map(({ range }) => range)
  }

  /** The file that an ended call with this start belongs to, opened. */
  fileAt(startedAtUs: number): CallFile {
    return this.#open(this.#at(startedAtUs))
  }

  /** The call, wherever it lies; the latest segments are asked first, and those whose filter denies it not at all. */
  find(uuid: Uint8Array, account: number): { file: CallFile; row: Row } | null {
    const print = fingerprint(uuid)
    if (!this.#overall.mayHold(print)) return null
    const sought = { print, uuid, account }
    for (let at = this.#segments.length - 1; at >= 0; at -= 1) {
      const found = this.#findIn(this.#segments[at] as OpenSegment, sought)
      if (found !== null) return found
    }
    return null
  }

  /** Every place where the call lies: more than one only after a crash. */
  findAll(uuid: Uint8Array, account: number): { file: CallFile; row: Row }[] {
    const sought = { print: fingerprint(uuid), uuid, account }
    return this.#segments.flatMap((segment) => this.#findIn(segment, sought) ?? [])
  }

  /** Every file that is open, in order of time. */
  files(): CallFile[] {
    const files: CallFile[] = []
    for (const { file } of this.#segments) if (file !== null) files.push(file)
    return files
  }

  /** Whether there is something for the maintenance thread since this was asked last. */
  takeNews(): boolean {
    const had = this.#hasNews
    this.#hasNews = false
    return had
  }

  /** What the maintenance thread decides by. */
  look(): SegmentNews[] {
    return this.#segments.map((segment) => {
      const { range, filter } = this.#watched(segment)
      const rolledForUs = this.#nowUs() - segment.rolledAtUs
      return { range, calls: filter.isWhole ? filter.keys : null, capacity: filter.capacity, rolledForUs }
    })
  }

  /** A filter for a segment with so many calls, to be filled with what is in its file; new calls go into it from now on. */
  beginFilling(no: number, calls: number): SharedArrayBuffer | null {
    return this.#byNo(no)?.beginFilling(Math.max(calls, this.#sizes.openCalls)) ?? null
  }

  /** It is filled. */
  endFilling(no: number): void {
    const segment = this.#byNo(no)
    if (segment?.endFilling()) this.#shareOf(this.#watched(segment))
  }

  /** The filter over all segments, as maintenance decides by; null where there is none yet. */
  overall(): OverallNews | null {
    return this.#overall.look()
  }

  /** One for so many calls, to be filled with what is in every segment that `look` tells of from now on. */
  beginOverall(calls: number): SharedArrayBuffer {
    const shared = this.#overall.beginFilling(calls)
    this.#onOverall(this.#overall.bytes)
    return shared
  }

  /** It is filled. */
  endOverall(): void {
    this.#overall.endFilling()
    this.#onOverall(this.#overall.bytes)
  }

  setLife(no: number, life: Life): void {
    const segment = this.#byNo(no)
    if (segment === null) return
    this.#table.setLife(no, life)
    segment.range = { ...segment.range, life }
  }

  /**
   * From now on what is touched in these segments, which lie side by side, is noted. Gives the ranges of the files that
   * shall take their place, cut at these starts; null where that cannot be.
   */
  beginRewrite(given: { sources: readonly number[]; cutsUs: readonly number[]; life: Life }): SegmentRange[] | null {
    const first = this.#segments.findIndex(({ range }) => range.no === given.sources[0])
    const sources = this.#segments.slice(first, first + given.sources.length)
    if (first < 0 || this.#rewrite !== null || sources.some(({ range }, at) => range.no !== given.sources[at]))
      return null
    const fromUs = (sources[0] as OpenSegment).range.fromUs
    const beforeUs = (sources.at(-1) as OpenSegment).range.beforeUs
    const edges = [fromUs, ...given.cutsUs, beforeUs]
    if (edges.some((edge, at) => at > 0 && edge <= (edges[at - 1] as number))) return null
    const touches = new Touches()
    this.#rewrite = { sources, touches }
    for (const source of sources) source.touches = touches
    return edges.slice(1).map((edge, at) => {
      const no = this.#table.nextNo()
      const life = edge === Number.MAX_SAFE_INTEGER ? LIFE.open : given.life
      return { no, fromUs: edges[at] as number, beforeUs: edge, path: this.#table.pathOf(no), life }
    })
  }

  /** What was touched since this was asked last. */
  takeTouches(): Touch[] {
    return this.#rewrite?.touches.take() ?? []
  }

  /**
   * Puts what was made in the place of what it was made of, once what was touched last is carried over. `behind` where
   * that is more than `most` keys: nothing is done then. The files that are replaced are not removed.
   */
  swap(made: readonly Rewritten[], most: number): 'swapped' | 'behind' {
    if (this.#rewrite === null) throw new Error('nothing is being rewritten')
    const { sources, touches } = this.#rewrite
    if (touches.size > most) return 'behind'
    const come = made.map(({ filter, ...given }) =>
      this.#watched(new OpenSegment({ ...given, names: this.#names, filter: new IdentityFilter(filter) })),
    )
    try {
      this.#step('carry the last')
      this.#carryLast(touches.take(), { sources, come })
      this.#step('change the map')
      this.#changeMap(
        sources.map(({ range }) => range.no),
        come.map(({ range }) => range),
      )
    } catch (error) {
      for (const segment of come) segment.close()
      throw error
    }
    this.#segments.splice(this.#segments.indexOf(sources[0] as OpenSegment), sources.length, ...come)
    for (const source of sources) this.#retire(source)
    for (const segment of come) this.#shareOf(segment)
    this.#rewrite = null
    this.#hasNews = true
    return 'swapped'
  }

  /**
   * Closes one of the files of segments that `swap` and `drop` took out of the map; false where there is none left. To be
   * asked once they are removed: SQLite does not first write back the log of a file that is not there any more.
   */
  closeRetired(): boolean {
    const file = this.#retired.pop()
    file?.db.close()
    return file !== undefined
  }

  #retire(segment: OpenSegment): void {
    const file = segment.release()
    if (file !== null) this.#retired.push(file)
  }

  /** What was being made is not wanted any more. */
  abandonRewrite(): void {
    for (const source of this.#rewrite?.sources ?? []) source.touches = null
    this.#rewrite = null
  }

  /** From now on what is touched in a segment is noted, so that `drop` knows. False where something else is under way. */
  beginDrop(no: number): boolean {
    const gone = this.#byNo(no)
    if (gone === null || this.#rewrite !== null || this.#segments.length === 1) return false
    gone.touches = new Touches()
    this.#rewrite = { sources: [gone], touches: gone.touches }
    return true
  }

  /**
   * Takes a segment with all its calls out of the map; the one before it covers its time from then on, or the one behind
   * it. False where something in it was touched since `beginDrop`: everything stays as it is. Its file is not removed.
   */
  drop(no: number): boolean {
    const at = this.#segments.findIndex(({ range }) => range.no === no)
    const heir = this.#segments[at - 1] ?? this.#segments[at + 1]
    const gone = this.#segments[at]
    const isSame = gone !== undefined && this.#rewrite?.sources[0] === gone && this.#rewrite.touches.size === 0
    this.abandonRewrite()
    if (gone === undefined || heir === undefined || !isSame) return false
    const { range } = heir
    const wider = {
      ...range,
      fromUs: Math.min(range.fromUs, gone.range.fromUs),
      beforeUs: Math.max(range.beforeUs, gone.range.beforeUs),
      life: gone.range.beforeUs === Number.MAX_SAFE_INTEGER ? LIFE.open : range.life,
    }
    this.#changeMap([no, range.no], [wider])
    heir.range = wider
    this.#segments.splice(at, 1)
    this.#retire(gone)
    return true
  }

  /**
   * Puts a new segment behind the one that takes new calls, once that has enough. Nothing moves: the cut is behind its
   * last call. Where that is too far ahead of now, the maintenance thread splits it. Whether it did.
   */
  roll(): boolean {
    const last = this.#segments.at(-1) as OpenSegment
    if (!last.filter.isWhole || last.filter.keys < this.#sizes.openCalls || last.touches !== null) return false
    const cutUs = last.filter.lastStartUs + 1
    if (cutUs <= last.range.fromUs || cutUs > this.#nowUs() + AHEAD_US) return false
    try {
      this.#rollAt(last, cutUs)
      return true
    } catch (error) {
      if (!isFull(error)) throw error
      return false // it is tried again after the next group
    }
  }

  /** Between two groups: rolls the segment that takes new calls where it is due, and closes what was not used for long. */
  settle(): void {
    this.#groups += 1
    this.roll()
    this.#closeIdle()
  }

  close(): void {
    while (this.closeRetired());
    for (const segment of this.#segments) {
      segment.close()
      whereItCan(() => segment.save())
    }
    whereItCan(() => this.#overall.save(this.ranges.map(({ path }) => path)))
  }

  /** Where nothing is in the segment yet that takes new calls, an empty filter holds all of it. */
  #beginEmpty(): void {
    const last = this.#segments.at(-1) as OpenSegment
    if (last.filter.isWhole || last.open().db.prepare('SELECT 1 FROM calls LIMIT 1').get() !== undefined) return
    last.beginFilling(this.#sizes.openCalls)
    last.endFilling()
    this.#watched(last)
  }

  /** The maintenance thread is told when it has too many calls, or more than its filter is made for. */
  #watched(segment: OpenSegment): OpenSegment {
    const { filter, isLast } = segment
    segment.overall = this.#overall
    const most = isLast ? this.#sizes.openCalls : this.#sizes.fullCalls + 1
    segment.noticeAt = Math.max(Math.min(most, filter.capacity * OVERFULL), filter.keys * 1.1)
    segment.onMany = () => {
      this.#hasNews = true
    }
    return segment
  }

  #shareOf({ range, filter }: OpenSegment): void {
    this.#share(range.no, filter.shared)
  }

  #byNo(no: number): OpenSegment | null {
    return this.#segments.find(({ range }) => range.no === no) ?? null
  }

  #at(startedAtUs: number): OpenSegment {
    const last = this.#segments.at(-1) as OpenSegment
    if (startedAtUs >= last.range.fromUs) return last
    const found = this.#segments.find(({ range }) => startedAtUs < range.beforeUs)
    return found as OpenSegment
  }

  #findIn(
    segment: OpenSegment,
    { print, uuid, account }: { print: Fingerprint; uuid: Uint8Array; account: number },
  ): { file: CallFile; row: Row } | null {
    if (!segment.filter.mayHold(print)) return null
    segment.usedAt = this.#groups
    if (segment.file === null && !segment.holds(uuid, account)) return null
    const file = this.#open(segment)
    const row = file.find(uuid, account)
    return row === null ? null : { file, row }
  }

  #open(segment: OpenSegment): CallFile {
    segment.usedAt = this.#groups
    return segment.open()
  }

  #rollAt(last: OpenSegment, cutUs: number): void {
    const no = this.#table.nextNo()
    const range: SegmentRange = { ...last.range, no, fromUs: cutUs, path: this.#table.pathOf(no), life: LIFE.open }
    const shorter: SegmentRange = { ...last.range, beforeUs: cutUs }
    const segment = OpenSegment.empty(range, { names: this.#names, calls: this.#sizes.openCalls })
    this.#open(segment) // on disk before the map names it
    syncFolder(dirname(range.path))
    try {
      this.#changeMap([last.range.no], [shorter, range])
    } catch (error) {
      segment.close()
      throw error
    }
    last.roll(shorter, this.#nowUs())
    this.#segments.push(this.#watched(segment))
    this.#shareOf(segment)
    this.#hasNews = true
  }

  #carryLast(touches: readonly Touch[], { sources, come }: { sources: OpenSegment[]; come: OpenSegment[] }): void {
    const at = (segments: readonly OpenSegment[], startedAtUs: number) =>
      this.#open(segments.find(({ range }) => startedAtUs < range.beforeUs) as OpenSegment)
    carry(touches, {
      names: this.#names,
      from: (startedAtUs) => at(sources, startedAtUs),
      to: (startedAtUs) => at(come, startedAtUs),
    })
    for (const { file } of come) if (file?.dirty) file.commit()
  }

  #changeMap(gone: readonly number[], come: readonly SegmentRange[]): void {
    this.#moves.beginShift()
    try {
      this.#table.replace(gone, come)
      this.#moves.mapChanged()
    } finally {
      this.#moves.endShift()
    }
  }

  #closeIdle(): void {
    const used = this.#segments.filter(({ isOpen }) => isOpen).sort((a, b) => b.usedAt - a.usedAt)
    for (const segment of used.filter(({ file }) => file !== null).slice(MOST_OPEN)) segment.close()
    for (const segment of used.slice(MOST_LOOKED_INTO)) segment.close()
  }
}

/**
 * At the end what the next start can do as well is done where the disk lets it, such as saving filters: every call is on the
 * disk by then.
 */
export function whereItCan(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!('syscall' in (error as NodeJS.ErrnoException))) throw error
  }
}
