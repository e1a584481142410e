import { dirname } from 'node:path'
import { CallFile, type Placed } from './call-file.ts'
import { carry } from './carry.ts'
import { isFull } from './disk-error.ts'
import { addRow, filterFor } from './filter-rows.ts'
import type { SegmentRange } from './folder.ts'
import { fingerprint, IdentityFilter } from './identity-filter.ts'
import { dropFilter, isFilterCurrent, loadFilter, saveFilter } from './identity-filter-file.ts'
import type { FileNames } from './migrate.ts'
import type { Moves } from './moves.ts'
import { RangeMap } from './range-map.ts'
import type { Row } from './row.ts'
import { CALLS_DDL } from './schema.ts'
import { syncFolder } from './segment-files.ts'
import { LIFE, type Life, type SegmentSizes } from './segment-sizes.ts'
import type { SegmentTable } from './segment-table.ts'
import { type Touch, Touches } from './touches.ts'

/** Most segments that stay open between two groups; a group opens as many as it needs. */
const MOST_OPEN = 24
/** The cache of the segment that takes new calls, which holds it whole, and that of any other. */
const OPEN_CACHE_KIB = 65_536
const OTHER_CACHE_KIB = 4096
/** A roll cuts at most so far ahead of now: what comes until then would still fall before the cut. */
export const AHEAD_US = 10_000_000
/** A filter with so many times the keys it was made for denies too few, and is made anew. */
export const OVERFULL = 1.5
interface Segment {
  range: SegmentRange
  /** Holds every call of the segment where it is whole. */
  filter: IdentityFilter
  /** One that the maintenance thread is filling, to take the place of `filter`. */
  filling: IdentityFilter | null
  /** Whether `filter` is on the disk. */
  isSaved: boolean
  file: CallFile | null
  /** When a group used the file last, in groups. */
  usedAt: number
  /** What was changed since a rewrite of the segment began. */
  touches: Touches | null
  rolledAtUs: number
  /** With how many keys it is news. */
  noticeAt: number
}

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
  #segments: Segment[]
  #groups = 0
  #rewrite: { sources: Segment[]; touches: Touches } | null = null
  #hasNews = false

  constructor(given: {
    ranges: readonly SegmentRange[]
    table: SegmentTable
    names: FileNames
    moves: Moves
    sizes: SegmentSizes
    nowUs: () => number
    /** Called with each segment's filter, once it is whole. */
    share: (no: number, filter: SharedArrayBuffer) => void
    /** Named before each is done; throwing at one leaves what a crash there would. */
    step?: (step: string) => void
  }) {
    this.#table = given.table
    this.#names = given.names
    this.#moves = given.moves
    this.#sizes = given.sizes
    this.#nowUs = given.nowUs
    this.#share = given.share
    this.#step = given.step ?? (() => {})
    this.#segments = new RangeMap(given.ranges).ranges.map((range) => this.#segment(range))
    this.#beginEmpty(this.#segments.at(-1) as Segment)
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
    for (let at = this.#segments.length - 1; at >= 0; at -= 1) {
      const segment = this.#segments[at] as Segment
      if (!segment.filter.mayHold(print)) continue
      const file = this.#open(segment)
      const row = file.find(uuid, account)
      if (row !== null) return { file, row }
    }
    return null
  }

  /** Every place where the call lies: more than one only after a crash. */
  findAll(uuid: Uint8Array, account: number): { file: CallFile; row: Row }[] {
    const print = fingerprint(uuid)
    return this.#segments.flatMap((segment) => {
      if (!segment.filter.mayHold(print)) return []
      const file = this.#open(segment)
      const row = file.find(uuid, account)
      return row === null ? [] : [{ file, row }]
    })
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
      segment.noticeAt = this.#noticeAt(segment)
      const { range, filter } = segment
      const rolledForUs = this.#nowUs() - segment.rolledAtUs
      return { range, calls: filter.isWhole ? filter.keys : null, capacity: filter.capacity, rolledForUs }
    })
  }

  /** A filter for a segment with so many calls, to be filled with what is in its file; new calls go into it from now on. */
  beginFilling(no: number, calls: number): SharedArrayBuffer | null {
    const segment = this.#byNo(no)
    if (segment === null) return null
    segment.filling = filterFor(Math.max(calls, this.#sizes.openCalls))
    return segment.filling.shared
  }

  /** It is filled. */
  endFilling(no: number): void {
    const segment = this.#byNo(no)
    if (segment === null || segment.filling === null) return
    if (segment.isSaved) dropFilter(segment.range.path)
    segment.isSaved = false
    segment.filling.markWhole()
    segment.filter = segment.filling
    segment.filling = null
    segment.noticeAt = this.#noticeAt(segment)
    this.#share(no, segment.filter.shared)
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
    const fromUs = (sources[0] as Segment).range.fromUs
    const beforeUs = (sources.at(-1) as Segment).range.beforeUs
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
    const come = made.map(({ range, filter, isSaved }) =>
      this.#made({ range, filter: new IdentityFilter(filter), isSaved }),
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
      for (const { file } of come) file?.db.close()
      throw error
    }
    this.#segments.splice(this.#segments.indexOf(sources[0] as Segment), sources.length, ...come)
    for (const { file } of sources) file?.db.close()
    for (const { range, filter } of come) this.#share(range.no, filter.shared)
    this.#rewrite = null
    this.#hasNews = true
    return 'swapped'
  }

  /** What was being made is not wanted any more. */
  abandonRewrite(): void {
    for (const source of this.#rewrite?.sources ?? []) source.touches = null
    this.#rewrite = null
  }

  /**
   * Takes a segment with all its calls out of the map; the one before it covers its time from then on, or the one behind
   * it. False where it is the only one, or is being rewritten. Its file is not removed.
   */
  drop(no: number): boolean {
    const at = this.#segments.findIndex(({ range }) => range.no === no)
    const heir = this.#segments[at - 1] ?? this.#segments[at + 1]
    const gone = this.#segments[at]
    if (gone === undefined || heir === undefined || gone.touches !== null || heir.touches !== null) return false
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
    gone.file?.db.close()
    return true
  }

  /** Rolls the segment that takes new calls where it is due. */
  roll(): void {
    this.#roll()
  }

  /** Between two groups: rolls the segment that takes new calls where it is due, and closes what was not used for long. */
  settle(): void {
    this.#groups += 1
    this.#roll()
    this.#closeIdle()
  }

  close(): void {
    for (const { file, filter, range, isSaved } of this.#segments) {
      file?.db.close()
      if (filter.isWhole && !(isSaved && isFilterCurrent(range.path))) saveFilter(range.path, filter)
    }
  }

  #segment(range: SegmentRange): Segment {
    const saved = loadFilter(range.path)
    if (saved !== null) this.#share(range.no, saved.shared)
    const filter = saved ?? IdentityFilter.make(0)
    return this.#made({ range, filter, isSaved: saved !== null })
  }

  #made(given: Pick<Segment, 'range' | 'filter' | 'isSaved'>): Segment {
    const made = {
      ...given,
      filling: null,
      file: null,
      usedAt: this.#groups,
      touches: null,
      rolledAtUs: 0,
      noticeAt: 0,
    }
    made.noticeAt = this.#noticeAt(made)
    return made
  }

  /** A segment is told of to the maintenance thread when it has so many keys. */
  #noticeAt({ range, filter }: Pick<Segment, 'range' | 'filter'>): number {
    const most = range.beforeUs === Number.MAX_SAFE_INTEGER ? this.#sizes.openCalls : this.#sizes.fullCalls + 1
    return Math.max(Math.min(most, filter.capacity * OVERFULL), filter.keys * 1.1)
  }

  /** Where nothing is in the segment yet that takes new calls, an empty filter holds all of it. */
  #beginEmpty(last: Segment): void {
    if (last.filter.isWhole || this.#open(last).db.prepare('SELECT 1 FROM calls LIMIT 1').get() !== undefined) return
    last.filter = filterFor(this.#sizes.openCalls)
    last.filter.markWhole()
    this.#share(last.range.no, last.filter.shared)
  }

  #byNo(no: number): Segment | null {
    return this.#segments.find(({ range }) => range.no === no) ?? null
  }

  #at(startedAtUs: number): Segment {
    const last = this.#segments.at(-1) as Segment
    if (startedAtUs >= last.range.fromUs) return last
    const found = this.#segments.find(({ range }) => startedAtUs < range.beforeUs)
    return found as Segment
  }

  #open(segment: Segment): CallFile {
    segment.usedAt = this.#groups
    if (segment.file !== null) return segment.file
    const isLast = segment.range.beforeUs === Number.MAX_SAFE_INTEGER
    const cacheKib = isLast ? OPEN_CACHE_KIB : OTHER_CACHE_KIB
    const file = new CallFile(segment.range.path, { ddl: CALLS_DDL, names: this.#names, cacheKib })
    if (!isLast) file.shrink({ cacheKib })
    file.watcher = { added: (row) => this.#added(segment, row), touched: (placed) => this.#touched(segment, placed) }
    segment.file = file
    return file
  }

  #added(segment: Segment, row: Row): void {
    if (segment.isSaved) {
      dropFilter(segment.range.path)
      segment.isSaved = false
    }
    addRow(segment.filter, row)
    if (segment.filling !== null) addRow(segment.filling, row)
    if (segment.filter.keys < segment.noticeAt) return
    this.#hasNews = true
    segment.noticeAt = Number.POSITIVE_INFINITY
  }

  #touched(segment: Segment, placed: Placed): void {
    segment.touches?.note(placed)
  }

  /**
   * Puts a new segment behind the one that takes new calls, once that has enough. Nothing moves: the cut is behind its
   * last call. Where that is too far ahead of now, the maintenance thread splits it.
   */
  #roll(): void {
    const last = this.#segments.at(-1) as Segment
    if (!last.filter.isWhole || last.filter.keys < this.#sizes.openCalls || last.touches !== null) return
    const cutUs = last.filter.lastStartUs + 1
    if (cutUs <= last.range.fromUs || cutUs > this.#nowUs() + AHEAD_US) return
    try {
      this.#rollAt(last, cutUs)
    } catch (error) {
      if (!isFull(error)) throw error // it is tried again after the next group
    }
  }

  #rollAt(last: Segment, cutUs: number): void {
    const no = this.#table.nextNo()
    const range: SegmentRange = { ...last.range, no, fromUs: cutUs, path: this.#table.pathOf(no), life: LIFE.open }
    const shorter: SegmentRange = { ...last.range, beforeUs: cutUs }
    const filter = filterFor(this.#sizes.openCalls)
    filter.markWhole()
    const segment = this.#made({ range, filter, isSaved: false })
    this.#create(segment)
    this.#changeMap([last.range.no], [shorter, range])
    last.range = shorter
    last.rolledAtUs = this.#nowUs()
    last.file?.shrink({ cacheKib: OTHER_CACHE_KIB })
    this.#segments.push(segment)
    this.#share(no, filter.shared)
    this.#hasNews = true
  }

  #carryLast(touches: readonly Touch[], { sources, come }: { sources: Segment[]; come: Segment[] }): void {
    const at = (segments: readonly Segment[], startedAtUs: number) =>
      this.#open(segments.find(({ range }) => startedAtUs < range.beforeUs) as Segment)
    carry(touches, {
      names: this.#names,
      from: (startedAtUs) => at(sources, startedAtUs),
      to: (startedAtUs) => at(come, startedAtUs),
    })
    for (const { file } of come) if (file?.dirty) file.commit()
  }

  /** Makes the file, on disk before the map names it. */
  #create(segment: Segment): void {
    new CallFile(segment.range.path, { ddl: CALLS_DDL, names: this.#names }).db.close()
    syncFolder(dirname(segment.range.path))
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
    const open = this.#segments.filter(({ file }) => file !== null)
    if (open.length <= MOST_OPEN) return
    open.sort((a, b) => a.usedAt - b.usedAt)
    for (const segment of open.slice(0, open.length - MOST_OPEN)) {
      segment.file?.db.close()
      segment.file = null
    }
  }
}
