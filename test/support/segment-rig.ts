import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { derive } from '../../src/ingest/derive.ts'
import { bytesToUuid } from '../../src/record/identity.ts'
import type { Report } from '../../src/record/report.ts'
import type { Outcome } from '../../src/store/call-store.ts'
import { folderPaths, readRanges, type SegmentRange } from '../../src/store/sqlite/folder/folder.ts'
import type { SegmentSizes } from '../../src/store/sqlite/folder/segment-sizes.ts'
import { Maintenance, Stopped, type WriterSide } from '../../src/store/sqlite/segments/maintenance.ts'
import type { Task } from '../../src/store/sqlite/segments/maintenance-task.ts'
import { Moves } from '../../src/store/sqlite/segments/moves.ts'
import type { OpenSegments } from '../../src/store/sqlite/segments/open-segments.ts'
import { CallWriter } from '../../src/store/sqlite/writing/call-writer.ts'
import { anAccount } from './a-report.ts'

/** A call as it lies in a file of the folder. */
export interface Lies {
  file: string
  startedAtUs: number
  isEnded: boolean
}

/** The writer and the maintenance of one folder in this thread, so that a test decides what happens when, and breaks off. */
export class SegmentRig {
  folder = mkdtempSync(join(tmpdir(), 'calltrail-segments-'))
  shared = Moves.share()
  readonly filters = new Map<number, SharedArrayBuffer>()
  /** Tasks that maintenance did, and the errors of those that failed. */
  readonly done: Task[] = []
  readonly failed: string[] = []
  /** Called before each step of the writer and of maintenance; it may throw. */
  onStep: (step: string) => void = () => {}
  nowUs = Date.UTC(2030, 0, 1) * 1000
  readonly #sizes: SegmentSizes
  #writer: CallWriter | null = null
  #maintenance: Maintenance | null = null

  constructor(sizes: SegmentSizes) {
    this.#sizes = sizes
  }

  get writer(): CallWriter {
    this.#writer ??= new CallWriter({
      folder: this.folder,
      derive,
      settingsOf: () => anAccount().settings,
      moves: new Moves(this.shared),
      sizes: this.#sizes,
      nowUs: () => this.nowUs,
      share: (no, filter) => this.filters.set(no, filter),
      step: (step) => this.onStep(step),
    })
    return this.#writer
  }

  get maintenance(): Maintenance {
    this.#maintenance ??= new Maintenance({
      folder: this.folder,
      sizes: this.#sizes,
      writer: sideOf(this.writer.segments),
      nowUs: () => this.nowUs,
      step: (step) => this.onStep(step),
      report: ({ task, failed }) => {
        if (task !== null) this.done.push(task)
        if (failed !== null) this.failed.push(`${failed.task.kind}: ${failed.message}`)
      },
    })
    return this.#maintenance
  }

  write(reports: readonly Report[]): Outcome[] {
    return this.writer.write([{ reports }]).outcomes[0] as Outcome[]
  }

  /** The range map as the folder has it. */
  ranges(): SegmentRange[] {
    const meta = new DatabaseSync(folderPaths(this.folder).meta, { readOnly: true })
    const ranges = readRanges(meta, this.folder)
    meta.close()
    return ranges
  }

  /** Every place where a call lies, by its UUID, read past all that the store keeps about it. */
  calls(): Map<string, Lies[]> {
    const found = new Map<string, Lies[]>()
    for (const path of [folderPaths(this.folder).live, ...this.ranges().map((range) => range.path)]) {
      const db = new DatabaseSync(path, { readOnly: true })
      const rows = db.prepare('SELECT uuid, started_at, ended_at FROM calls').all()
      db.close()
      for (const { uuid, started_at, ended_at } of rows) {
        const callUuid = bytesToUuid(uuid as Uint8Array)
        const lies = { file: basename(path), startedAtUs: Number(started_at), isEnded: ended_at !== null }
        found.set(callUuid, [...(found.get(callUuid) ?? []), lies])
      }
    }
    return found
  }

  /** Goes on in a folder as a power failure at this moment would leave it. */
  crash(): void {
    const old = this.folder
    this.folder = mkdtempSync(join(tmpdir(), 'calltrail-segments-'))
    cpSync(old, this.folder, { recursive: true, filter: (source) => !source.endsWith('-shm') })
    this.onStep = () => {}
    this.close()
    this.filters.clear()
    this.shared = Moves.share()
    rmSync(old, { recursive: true })
  }

  /** Stops as a server does that is told to. */
  close(): void {
    this.#maintenance?.close()
    this.#maintenance = null
    this.#writer?.close()
    this.#writer = null
  }

  remove(): void {
    this.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Crashes at the n-th step from now on, wherever that is. */
  breakOffAt(step: number): void {
    let left = step
    this.onStep = (name) => {
      left -= 1
      if (left <= 0) throw new Stopped(name)
    }
  }
}

function sideOf(segments: OpenSegments): WriterSide {
  const ask =
    (name: keyof WriterSide) =>
    async (...args: unknown[]) => {
      const method = segments[name] as (...args: unknown[]) => unknown
      return method.apply(segments, args)
    }
  return new Proxy({}, { get: (_, name) => ask(name as keyof WriterSide) }) as WriterSide
}
