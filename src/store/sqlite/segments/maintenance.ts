import { closeSync, existsSync, openSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { isSyncError } from '../folder/disk-error.ts'
import { bytesLeftFree } from '../folder/disk-room.ts'
import { folderPaths, namesOf, openForReading, reading, type SegmentRange } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import { LIFE, type Life, type SegmentSizes } from '../folder/segment-sizes.ts'
import { countOf, fill, lastSeqOf } from './filter-rows.ts'
import { ADDER, IdentityFilter } from './identity-filter.ts'
import { INDEX_AFTER_US, type Task, tasks, unindexed } from './maintenance-task.ts'
import { AHEAD_US, type OpenSegments, type SegmentNews } from './open-segments.ts'
import { Rewrite } from './rewrite.ts'
import { removeSegment } from './segment-files.ts'

/** What the writer does for the maintenance thread, between two groups. */
export type Served =
  | 'look'
  | 'beginFilling'
  | 'endFilling'
  | 'overall'
  | 'beginOverall'
  | 'endOverall'
  | 'setLife'
  | 'beginRewrite'
  | 'takeTouches'
  | 'swap'
  | 'closeRetired'
  | 'abandonRewrite'
  | 'beginDrop'
  | 'drop'
  | 'roll'

/** The writer as the maintenance thread has it. */
export type WriterSide = {
  [Name in Served]: (...args: Parameters<OpenSegments[Name]>) => Promise<ReturnType<OpenSegments[Name]>>
}

/** The writer is asked to carry over so many keys at most, some milliseconds; where it never comes to that, this many. */
const FEW_TOUCHES = 100
const MANY_TOUCHES = 2000
/** Rounds of catching up until many touches will do, and until it is given up for now. */
const PATIENT_ROUNDS = 12
const MOST_ROUNDS = 20
/** Memory of a connection that looks into a segment. */
const CACHE_KIB = 8192
/** A failed task is tried again so much later, and twice as much after each failure more, up to an hour. */
const RETRY_MS = 60_000
const MOST_RETRY_MS = 3_600_000

/** The store is closing, or was killed: everything stays as it is, and the next start clears up. */
export class Stopped extends Error {}

export interface Failure {
  task: Task
  message: string
  failures: number
}

/**
 * What is done with segments beside writing: filters, number indexes, merging, splitting, vacuuming; one thing at a time.
 * None of it changes what the store answers, and each is done whole or not at all.
 */
export class Maintenance {
  readonly #meta: DatabaseSync
  readonly #names: FileNames
  readonly #sizes: SegmentSizes
  readonly #writer: WriterSide
  readonly #nowUs: () => number
  readonly #step: (step: string) => void
  readonly #report: (state: { task: Task | null; failed: Failure | null }) => void
  readonly #failed = new Map<string, { failures: number; againAtUs: number }>()

  constructor(given: {
    folder: string
    sizes: SegmentSizes
    writer: WriterSide
    nowUs: () => number
    /** Named before each is done; it may throw `Stopped`. */
    step?: (step: string) => void
    /** Told of the task under way, and of one that failed. */
    report?: (state: { task: Task | null; failed: Failure | null }) => void
  }) {
    this.#meta = openForReading(folderPaths(given.folder).meta, 1000)
    this.#names = namesOf(this.#meta)
    this.#sizes = given.sizes
    this.#writer = given.writer
    this.#nowUs = given.nowUs
    this.#step = given.step ?? (() => {})
    this.#report = given.report ?? (() => {})
  }

  /** Does what there is to do. Returns after how many milliseconds to come again; null where nothing waits. */
  async run(): Promise<number | null> {
    for (;;) {
      const task = await this.#next()
      if (task === null) break
      await this.#tried(task)
    }
    this.#report({ task: null, failed: null })
    const waiting = [...this.#failed.values()].map(({ againAtUs }) => againAtUs)
    if (unindexed(await this.#writer.look()).length > 0) waiting.push(this.#nowUs() + INDEX_AFTER_US)
    return waiting.length === 0 ? null : Math.max(0, (Math.min(...waiting) - this.#nowUs()) / 1000)
  }

  /** Writes a segment anew, so that what is gone from it takes no room on the disk. False where there is none. */
  async vacuum(no: number): Promise<boolean> {
    const range = await this.#range(no)
    if (range === null) return false
    this.#report({ task: { kind: 'vacuum', no }, failed: null })
    return await this.#rewrite({ sources: [range], cutsUs: [], life: range.life })
  }

  /**
   * Takes a segment with all its calls out of the map, and its file from the disk. False where there is none, it is the
   * only one, or a call in it has changed after the change `lastSeq`.
   */
  async drop(no: number, lastSeq: number): Promise<boolean> {
    const range = await this.#range(no)
    if (range === null || !(await this.#writer.beginDrop(no))) return false
    this.#step('drop')
    if (reading(range.path, CACHE_KIB, lastSeqOf) > lastSeq) {
      await this.#writer.abandonRewrite()
      return false
    }
    if (!(await this.#writer.drop(no))) return false
    await this.#remove([range])
    return true
  }

  /** Takes files away that are not in the map any more. Their room is given back here, by who closes them last. */
  async #remove(gone: readonly SegmentRange[]): Promise<void> {
    this.#step('remove')
    const held = gone.flatMap(({ path }) => [path, `${path}-wal`].filter((file) => existsSync(file)))
    const files = held.map((file) => openSync(file, 'r'))
    for (const { path } of gone) removeSegment(path)
    while (await this.#writer.closeRetired());
    for (const file of files) closeSync(file)
  }

  close(): void {
    this.#meta.close()
  }

  async #next(): Promise<Task | null> {
    const segments = await this.#writer.look()
    for (const task of tasks(segments, this.#sizes, await this.#writer.overall())) {
      const failed = this.#failed.get(keyOf(task))
      if (failed === undefined || failed.againAtUs <= this.#nowUs()) return task
    }
    return null
  }

  async #tried(task: Task): Promise<void> {
    this.#report({ task, failed: null })
    try {
      this.#step(task.kind)
      if (await this.#do(task)) this.#failed.delete(keyOf(task))
      else this.#postpone(task)
    } catch (error) {
      if (error instanceof Stopped || isSyncError(error)) throw error
      const failures = this.#postpone(task)
      this.#report({ task: null, failed: { task, message: (error as Error).message, failures } })
    }
  }

  /** How often it was postponed by now. */
  #postpone(task: Task): number {
    const failures = (this.#failed.get(keyOf(task))?.failures ?? 0) + 1
    const afterMs = Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** (failures - 1))
    this.#failed.set(keyOf(task), { failures, againAtUs: this.#nowUs() + afterMs * 1000 })
    return failures
  }

  /** False where it cannot be done now. */
  async #do(task: Task): Promise<boolean> {
    if (task.kind === 'fill overall') return this.#fillOverall()
    const range = await this.#range(task.no)
    if (range === null) return true
    switch (task.kind) {
      case 'fill':
        return this.#fill(range)
      case 'split':
        return this.#split(range)
      case 'split ahead':
        return this.#splitAhead(range)
      case 'index':
        return this.#rewrite({ sources: [range], cutsUs: [], life: LIFE.young })
      case 'grown':
        await this.#writer.setLife(range.no, LIFE.full)
        return true
      case 'vacuum':
        return this.vacuum(range.no)
      case 'merge': {
        const ranges = await Promise.all(task.nos.map((no) => this.#range(no)))
        const sources = ranges.filter((one) => one !== null)
        return this.#rewrite({ sources, cutsUs: [], life: LIFE.full })
      }
    }
  }

  async #range(no: number): Promise<SegmentRange | null> {
    const segments = await this.#writer.look()
    return segments.find(({ range }) => range.no === no)?.range ?? null
  }

  async #fill({ no, path }: SegmentRange): Promise<boolean> {
    const calls = reading(path, CACHE_KIB, countOf)
    const shared = await this.#writer.beginFilling(no, calls)
    if (shared === null) return true
    reading(path, CACHE_KIB, (db) => fill(new IdentityFilter(shared, ADDER.maintenance), db, () => this.#step('fill')))
    await this.#writer.endFilling(no)
    return true
  }

  async #fillOverall(): Promise<boolean> {
    const callsOf = (segments: readonly SegmentNews[]) => segments.reduce((sum, { calls }) => sum + (calls ?? 0), 0)
    const shared = await this.#writer.beginOverall(callsOf(await this.#writer.look()))
    const filter = new IdentityFilter(shared, ADDER.maintenance)
    // Those that roll from now on have no call that the writer did not add.
    for (const { range } of await this.#writer.look())
      reading(range.path, CACHE_KIB, (db) => fill(filter, db, () => this.#step('fill overall')))
    await this.#writer.endOverall()
    return true
  }

  async #split(range: SegmentRange): Promise<boolean> {
    const { calls, cutsUs } = reading(range.path, CACHE_KIB, (db) => cutsOf(db, this.#sizes.fullCalls))
    if (calls <= this.#sizes.fullCalls) return this.#fill(range) // it had been counted too high
    return cutsUs.length > 0 && this.#rewrite({ sources: [range], cutsUs, life: LIFE.full })
  }

  async #splitAhead(range: SegmentRange): Promise<boolean> {
    const aheadUs = this.#nowUs() + AHEAD_US
    const [last, cutUs] = reading(range.path, CACHE_KIB, (db) => {
      const find = db.prepare(
        'SELECT max(started_at) AS last, max(iif(started_at < ?, started_at, NULL)) + 1 AS cut FROM calls',
      )
      const found = find.get(aheadUs) as { last: number | null; cut: number | null }
      return [found.last ?? 0, found.cut ?? 0]
    })
    if (cutUs > last) {
      if (await this.#writer.roll()) return true
      await this.#fill(range) // its filter remembers a later start, of a call that has gone
      return await this.#writer.roll()
    }
    if (cutUs <= range.fromUs) return false // all of it is ahead
    return this.#rewrite({ sources: [range], cutsUs: [cutUs], life: LIFE.young })
  }

  async #rewrite(given: { sources: readonly SegmentRange[]; cutsUs: readonly number[]; life: Life }): Promise<boolean> {
    requireRoomFor(given.sources)
    const sources = given.sources.map(({ no }) => no)
    const targets = await this.#writer.beginRewrite({ ...given, sources })
    if (targets === null) return false
    if (!(await this.#replaced(given.sources, targets))) return false
    // The map names the targets from here on: whatever happens to the sources' files, these stay.
    await this.#remove(given.sources)
    return true
  }

  /** Builds the targets and puts them in the place of the sources. Where that cannot be done, nothing is left of them. */
  async #replaced(sources: readonly SegmentRange[], targets: readonly SegmentRange[]): Promise<boolean> {
    const rewrite = new Rewrite({ sources, names: this.#names, step: this.#step })
    try {
      rewrite.build(targets)
      if (await this.#swapped(rewrite)) return true
    } catch (error) {
      if (error instanceof Stopped) rewrite.close()
      else await this.#giveUp(rewrite, targets)
      throw error
    }
    await this.#giveUp(rewrite, targets)
    return false
  }

  async #giveUp(rewrite: Rewrite, targets: readonly SegmentRange[]): Promise<void> {
    rewrite.close()
    await this.#writer.abandonRewrite()
    for (const { path } of targets) removeSegment(path)
  }

  /** Catches up with the writer round by round, until little enough is left that the writer carries it over itself. */
  async #swapped(rewrite: Rewrite): Promise<boolean> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const touches = await this.#writer.takeTouches()
      rewrite.catchUp(touches)
      if (touches.length > FEW_TOUCHES && round < PATIENT_ROUNDS) continue
      const made = rewrite.finish()
      this.#step('swap')
      const most = round < PATIENT_ROUNDS ? FEW_TOUCHES : MANY_TOUCHES
      if ((await this.#writer.swap(made, most)) === 'swapped') return true
    }
    return false
  }
}

function keyOf(task: Task): string {
  return `${task.kind} ${task.no}`
}

/** Starts at which a file of too many calls is cut, so that each part has about half of what it may have. */
function cutsOf(db: DatabaseSync, fullCalls: number): { calls: number; cutsUs: number[] } {
  const calls = countOf(db)
  const parts = Math.ceil((2 * calls) / fullCalls) - 1
  const nth = db.prepare('SELECT started_at AS us FROM calls ORDER BY started_at LIMIT 1 OFFSET ?')
  const first = (nth.get(0) as { us: number } | undefined)?.us
  const cuts = new Set<number>()
  for (let part = 1; part < parts; part += 1)
    cuts.add((nth.get(Math.floor((calls * part) / parts)) as { us: number }).us)
  cuts.delete(first ?? 0) // nothing would lie before it
  if (cuts.size === 0 && first !== undefined) {
    const later = db.prepare('SELECT min(started_at) AS us FROM calls WHERE started_at > ?').get(first)
    if (later?.us !== null && later?.us !== undefined) cuts.add(Number(later.us))
  }
  return { calls, cutsUs: [...cuts] }
}

/** Throws where the disk has no room for the sources once more. */
function requireRoomFor(sources: readonly SegmentRange[]): void {
  const { bavail, blocks, bsize } = statfsSync(dirname((sources[0] as SegmentRange).path))
  const bytes = sources.reduce((sum, { path }) => sum + statSync(path).size, 0)
  if (bavail * bsize < bytes * 1.8 + 2 * bytesLeftFree(blocks * bsize))
    throw new Error(`the disk has no room to write ${Math.ceil(bytes / 2 ** 20)} MiB of segments anew`)
}
