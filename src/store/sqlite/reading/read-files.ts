import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { folderPaths, openForReading, readRanges, type SegmentRange } from '../folder/folder.ts'
import type { Row, SqlValue } from '../row/row-columns.ts'
import { fingerprint, IdentityFilter } from '../segments/identity-filter.ts'
import type { Moves } from '../segments/moves.ts'
import { RangeMap } from '../segments/range-map.ts'
import type { Span } from './search.ts'

/** Most segments that one `ReadFiles` keeps open between two reads, and the cache of each: 80 MiB at most, and mostly far less. */
const MOST_OPEN = 80
const SEGMENT_CACHE_KIB = 1024
const LIVE_CACHE_KIB = 4096
const MOST_STATEMENTS = 200

/** A file of calls as a reader has it, opened at its first read. */
export class ReadFile {
  /** The segment's number, which is of one file for ever; 0 for `live.db`. */
  readonly no: number
  readonly path: string
  /** The starts that it can hold: from inclusive, before exclusive. `live.db` holds any. */
  readonly fromUs: number
  readonly beforeUs: number
  readonly #statements = new Map<string, StatementSync>()
  readonly #cacheKib: number
  #db: DatabaseSync | null = null
  #inSnapshot = false
  #span: Span | null = null
  /** The map does not name it any more: it goes when nobody reads it. */
  isGone = false

  constructor(given: { path: string; range: SegmentRange | null }) {
    const { path, range } = given
    this.path = path
    this.no = range?.no ?? 0
    this.fromUs = range?.fromUs ?? 0
    this.beforeUs = range?.beforeUs ?? Number.MAX_SAFE_INTEGER
    this.#cacheKib = range === null ? LIVE_CACHE_KIB : SEGMENT_CACHE_KIB
  }

  get isOpen(): boolean {
    return this.#db !== null
  }

  get inSnapshot(): boolean {
    return this.#inSnapshot
  }

  /** The `span` of the latest snapshot; null where no call of it has ended. */
  get span(): Span | null {
    return this.#span
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear()
      statement = this.#open().prepare(sql)
      statement.setReturnArrays(true)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  rows(sql: string, values: readonly SqlValue[]): Row[] {
    return this.statement(sql).all(...values) as unknown as Row[]
  }

  /** Takes a snapshot, which `end` gives back; one that it has already is given back first. */
  begin(): void {
    this.end()
    this.statement('BEGIN').run()
    this.#inSnapshot = true
    // SQLite takes the snapshot with the first read, and every query of it needs to know this.
    const [row] = this.rows('SELECT shortest, longest FROM span', [])
    this.#span = row === undefined ? null : { shortest: row[0] as number, longest: row[1] as number }
  }

  end(): void {
    if (this.#inSnapshot && this.#db?.isTransaction) this.statement('ROLLBACK').run()
    this.#inSnapshot = false
  }

  open(): void {
    this.#open()
  }

  close(): void {
    this.#statements.clear()
    this.#db?.close()
    this.#db = null
    this.#inSnapshot = false
  }

  #open(): DatabaseSync {
    this.#db ??= openForReading(this.path, this.#cacheKib)
    return this.#db
  }
}

/**
 * The files of a folder as one reader has them: `live.db` and the segments of the range map, which is read again when the
 * shared memory says that it changed. Not to be shared by reads that interleave: a snapshot is one read's.
 */
export class ReadFiles {
  readonly #folder: string
  readonly #meta: DatabaseSync
  readonly #moves: Moves
  readonly #live: ReadFile
  readonly #filters = new Map<number, IdentityFilter>()
  #segments: ReadFile[] = []
  #map: RangeMap
  #version: number
  /** Files in the order of their last use, the latest last. */
  readonly #used = new Set<ReadFile>()
  /** Files that a snapshot still reads though the map does not name them any more. */
  readonly #gone = new Set<ReadFile>()

  constructor(given: { folder: string; meta: DatabaseSync; moves: Moves }) {
    this.#folder = given.folder
    this.#meta = given.meta
    this.#moves = given.moves
    this.#live = new ReadFile({ path: folderPaths(given.folder).live, range: null })
    this.#version = given.moves.mapVersion()
    this.#map = new RangeMap(readRanges(given.meta, given.folder))
    this.#segments = this.#map.ranges.map((range) => new ReadFile({ path: range.path, range }))
  }

  live(): ReadFile {
    return this.#live
  }

  /** How many segments there are now. */
  get segments(): number {
    this.refresh()
    return this.#segments.length
  }

  /** Of the memory that the identity filters take. */
  get filterBytes(): number {
    return [...this.#filters.values()].reduce((sum, { shared }) => sum + shared.byteLength, 0)
  }

  /** The segments that can hold starts from `fromUs` on and before `beforeUs`, in order of time. */
  inRange(fromUs: number, beforeUs: number): readonly ReadFile[] {
    if (beforeUs <= fromUs) return []
    return this.#segments.filter((file) => file.fromUs < beforeUs && file.beforeUs > fromUs)
  }

  /** `live.db`, then every segment in order of time. A call that ends is in its segment before it leaves `live.db`. */
  all(): readonly ReadFile[] {
    return [this.#live, ...this.#segments]
  }

  /** `live.db` and the segments that may hold a call with this UUID: nearly always at most one of them. */
  holding(uuid: Uint8Array): readonly ReadFile[] {
    const print = fingerprint(uuid)
    return [this.#live, ...this.#segments.filter(({ no }) => this.#filters.get(no)?.mayHold(print) ?? true)]
  }

  /** `live.db` and the segments that may hold the call with this number. */
  holdingId(id: number): readonly ReadFile[] {
    return [this.#live, ...this.#segments.filter(({ no }) => this.#filters.get(no)?.mayHoldId(id) ?? true)]
  }

  /** Takes the filters of segments, by their numbers, as the writer shares them; those of unknown segments do no harm. */
  learn(filters: Iterable<readonly [no: number, shared: SharedArrayBuffer]>): void {
    for (const [no, shared] of filters) this.#filters.set(no, new IdentityFilter(shared))
  }

  /** Reads the map again where it has changed. Whether it had. */
  refresh(): boolean {
    const version = this.#moves.mapVersion()
    if (version === this.#version) return false
    const known = new Map(this.#segments.map((file) => [file.no, file]))
    this.#map = new RangeMap(readRanges(this.#meta, this.#folder))
    this.#segments = this.#map.ranges.map((range) => {
      const file = known.get(range.no)
      if (file === undefined || file.fromUs !== range.fromUs || file.beforeUs !== range.beforeUs)
        return new ReadFile({ path: range.path, range })
      known.delete(range.no)
      return file
    })
    for (const file of known.values()) this.#forget(file)
    const named = new Set(this.#segments.map(({ no }) => no))
    for (const no of this.#filters.keys()) if (!named.has(no)) this.#filters.delete(no)
    this.#version = version
    return true
  }

  /**
   * One snapshot over the files that `choose` names by the map as it is then, none of them taken while a call was between
   * two. Give them back with `release`.
   */
  snapshot(choose: () => readonly ReadFile[]): readonly ReadFile[] {
    let files: readonly ReadFile[] = []
    // Opening takes far longer than a snapshot, and is not to fall between two of the writer's commits.
    this.#withNewestMap(() => {
      for (const file of choose()) file.open()
    })
    try {
      this.#moves.settled(() => {
        this.release(files)
        files = this.#withNewestMap(() => {
          const chosen = choose()
          for (const file of chosen) file.begin()
          return chosen
        })
      })
    } catch (error) {
      this.release(files)
      throw error
    }
    return files
  }

  release(files: readonly ReadFile[]): void {
    for (const file of files) {
      file.end()
      if (file.isGone) this.#forget(file)
      else if (file.no > 0) {
        this.#used.delete(file)
        this.#used.add(file)
      }
    }
    this.#closeIdle()
  }

  /** Runs with a snapshot over the files that `choose` names. */
  consistently<T>(choose: () => readonly ReadFile[], read: (files: readonly ReadFile[]) => T): T {
    const files = this.snapshot(choose)
    try {
      return read(files)
    } finally {
      this.release(files)
    }
  }

  /**
   * The last thing other than null that `look` finds in the segments that `choose` names, else what it finds in `live.db`,
   * without snapshots. Nearly every call has ended, and is in a segment before it leaves `live.db`: so the segments come
   * first, and again behind `live.db` for a call that ended meanwhile. Only where nothing is found and calls went from
   * segment to segment meanwhile, it looks again, with snapshots.
   */
  seek<T>(choose: () => readonly ReadFile[], look: (file: ReadFile) => T | null): T | null {
    const lookAt = (files: readonly ReadFile[]) =>
      files.reduce<T | null>((found, file) => (file === this.#live ? found : look(file)) ?? found, null)
    const lookOnce = () => {
      const files = choose()
      const seen = lookAt(files)
      this.release(files)
      return seen
    }
    const shifts = this.#moves.shifts()
    const found = this.#withNewestMap(() => lookOnce() ?? look(this.#live) ?? lookOnce())
    if (found !== null || (shifts % 2 === 0 && shifts === this.#moves.shifts())) return found
    return this.consistently(choose, (files) => lookAt(files) ?? look(this.#live))
  }

  close(): void {
    for (const file of [this.#live, ...this.#segments, ...this.#gone]) file.close()
  }

  /** Tries again where a file could not be opened and the map has changed: it went with its segment. */
  #withNewestMap<T>(read: () => T): T {
    for (;;) {
      this.refresh()
      try {
        return read()
      } catch (error) {
        for (const file of this.all()) file.end()
        if (this.#moves.mapVersion() === this.#version) throw error
      }
    }
  }

  #forget(file: ReadFile): void {
    file.isGone = true
    this.#used.delete(file)
    if (file.inSnapshot) this.#gone.add(file)
    else {
      file.close()
      this.#gone.delete(file)
    }
  }

  #closeIdle(): void {
    for (const file of this.#used) {
      if (this.#used.size <= MOST_OPEN) return
      if (file.inSnapshot) continue
      file.close()
      this.#used.delete(file)
    }
  }
}
