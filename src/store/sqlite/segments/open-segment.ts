import type { SegmentRange } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import { CALLS_DDL } from '../folder/schema.ts'
import type { Row } from '../row/row-columns.ts'
import { CallFile } from './call-file.ts'
import { addRow, filterFor } from './filter-rows.ts'
import { IdentityFilter } from './identity-filter.ts'
import { dropFilter, isFilterCurrent, loadFilter, saveFilter } from './identity-filter-file.ts'
import type { OverallFilter } from './overall-filter.ts'
import type { Touches } from './touches.ts'
import { UuidLook } from './uuid-look.ts'

/** The cache of the segment that takes new calls, which holds it whole, and that of any other. */
const LAST_CACHE_KIB = 65_536
const OTHER_CACHE_KIB = 4096

/** One segment as the writer has it: its file while it is open, and its identity filter, which every new call goes into. */
export class OpenSegment {
  range: SegmentRange
  /** When a group used the file last, in groups. */
  usedAt = 0
  /** When it stopped to grow at its end, epoch microseconds; 0 where that was before the start. */
  rolledAtUs = 0
  /** What was changed since somebody began to copy it. */
  touches: Touches | null = null
  /** What holds the calls of every segment. */
  overall: OverallFilter | null = null
  /** With how many keys `onMany` is called, once. */
  noticeAt = Number.POSITIVE_INFINITY
  onMany: () => void = () => {}
  readonly #names: FileNames
  #filter: IdentityFilter
  /** One that the maintenance thread is filling, to take the place of the filter. */
  #filling: IdentityFilter | null = null
  #isSaved: boolean
  #file: CallFile | null = null
  #look: UuidLook | null = null

  /** With a filter that holds every call of it; `isSaved` where it is on the disk too. */
  constructor(given: { range: SegmentRange; names: FileNames; filter: IdentityFilter; isSaved: boolean }) {
    this.range = given.range
    this.#names = given.names
    this.#filter = given.filter
    this.#isSaved = given.isSaved
  }

  /** One that is on the disk; where no filter of it is saved, its filter is not whole and denies nothing. */
  static load(range: SegmentRange, names: FileNames): OpenSegment {
    const saved = loadFilter(range.path)
    return new OpenSegment({ range, names, filter: saved ?? IdentityFilter.make(0), isSaved: saved !== null })
  }

  /** An empty one that will hold so many calls; its file is made when it is opened. */
  static empty(range: SegmentRange, given: { names: FileNames; calls: number }): OpenSegment {
    const filter = filterFor(given.calls)
    filter.markWhole()
    return new OpenSegment({ range, names: given.names, filter, isSaved: false })
  }

  get filter(): IdentityFilter {
    return this.#filter
  }

  /** Its file where it is open. */
  get file(): CallFile | null {
    return this.#file
  }

  /** Whether it takes new calls. */
  get isLast(): boolean {
    return this.range.beforeUs === Number.MAX_SAFE_INTEGER
  }

  /** Whether something of it is held open. */
  get isOpen(): boolean {
    return this.#file !== null || this.#look !== null
  }

  /** Whether a call lies in one whose file is not open: by a look that does not open it to be written. */
  holds(uuid: Uint8Array, account: number): boolean {
    this.#look ??= new UuidLook(this.range.path)
    return this.#look.holds(uuid, account)
  }

  open(): CallFile {
    if (this.#file !== null) return this.#file
    this.#look?.close()
    this.#look = null
    const cacheKib = this.isLast ? LAST_CACHE_KIB : OTHER_CACHE_KIB
    const file = new CallFile(this.range.path, { ddl: CALLS_DDL, names: this.#names, cacheKib })
    if (!this.isLast) file.shrink({ cacheKib })
    file.watcher = { added: (row) => this.#added(row), touched: (placed) => this.touches?.note(placed) }
    this.#file = file
    return file
  }

  /** It takes new calls no more. */
  roll(range: SegmentRange, nowUs: number): void {
    this.range = range
    this.rolledAtUs = nowUs
    this.#file?.shrink({ cacheKib: OTHER_CACHE_KIB })
  }

  /** A filter for so many calls, to be filled with what is in the file; new calls go into it from now on. */
  beginFilling(calls: number): SharedArrayBuffer {
    this.#filling = filterFor(calls)
    return this.#filling.shared
  }

  /** It is filled, and takes the place of the filter. False where none was being filled. */
  endFilling(): boolean {
    if (this.#filling === null) return false
    this.#dropSaved()
    this.#filling.markWhole()
    this.#filter = this.#filling
    this.#filling = null
    return true
  }

  close(): void {
    this.release()?.db.close()
  }

  /** Lets go of the file, and leaves it open to who asked where it was. */
  release(): CallFile | null {
    const file = this.#file
    this.#file = null
    this.#look?.close()
    this.#look = null
    return file
  }

  /** Saves the filter where what is saved is not it; for a segment that is closed. */
  save(): void {
    if (!this.#filter.isWhole || (this.#isSaved && isFilterCurrent(this.range.path))) return
    saveFilter(this.range.path, this.#filter)
    this.#isSaved = true
  }

  /** What is saved never lacks a call of the segment: it goes before the first that it lacks is written. */
  #dropSaved(): void {
    if (this.#isSaved) dropFilter(this.range.path)
    this.#isSaved = false
  }

  #added(row: Row): void {
    this.#dropSaved()
    addRow(row, this.#filter, this.#filling, ...(this.overall?.filters ?? []))
    if (this.#filter.keys < this.noticeAt) return
    this.noticeAt = Number.POSITIVE_INFINITY
    this.onMany()
  }
}
