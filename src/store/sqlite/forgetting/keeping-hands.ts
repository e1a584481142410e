import { setTimeout as delay } from 'node:timers/promises'
import type { NumberingPlan } from '../../../record/phone.ts'
import { readingMeta, readRanges, type SegmentRange } from '../folder/folder.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import type { Forgetting, Forgotten } from './forgetting-job.ts'
import type { KeepingWork } from './keeping-work.ts'
import { SearchThread } from './search-run.ts'
import type { Found, SearchTask } from './search-thread.ts'

/** Calls of one job, so that reports need not wait long. */
const CALLS_AT_ONCE = 200
/** Reports that are blanked at once; a block of them is rewritten in less than a millisecond. */
const REPORTS_AT_ONCE = 5000
/** A reader keeps a log for as long as a page takes, and the maintenance thread a segment while it writes it anew. */
const AGAIN_MS = 50
const TRIES = 600

/** What forgetting asks of the store: of its one writer, and of its maintenance thread. */
export interface StoreHands {
  folder: string
  planOf(accountId: string): NumberingPlan
  lastChange(accountId: string): Promise<number>
  /** A job of the writer. */
  write(job: Forgetting): Promise<Forgotten>
  keep(work: KeepingWork): Promise<number | boolean>
  /**
   * Write a segment anew, and take one away of which nothing has changed after a change. False where it cannot be done
   * now.
   */
  vacuum(segment: number): Promise<boolean>
  drop(segment: number, lastSeq: number): Promise<boolean>
}

/** The hands of the store, for work in pieces between which reports are stored. */
export class KeepingHands {
  readonly store: StoreHands
  readonly folder: string
  readonly #thread = new SearchThread()

  constructor(store: StoreHands) {
    this.store = store
    this.folder = store.folder
  }

  search(task: SearchTask): AsyncGenerator<Found> {
    return this.#thread.search(task)
  }

  /** Ends the thread that searches, until there is something to look for again. */
  rest(): Promise<void> {
    return this.#thread.close()
  }

  async forget(what: Omit<Forgetting, 'callUuids'>, callUuids: readonly string[] = []): Promise<Forgotten> {
    const all: Forgotten = { calls: 0, raw: [] }
    for (let at = 0; at < callUuids.length; at += CALLS_AT_ONCE) {
      const some = await this.store.write({ ...what, callUuids: callUuids.slice(at, at + CALLS_AT_ONCE) })
      all.calls += some.calls
      for (const address of some.raw) all.raw.push(address)
    }
    return all
  }

  /** Forgets reports as they came; how many of them were there. */
  async blank(raw: readonly RawAddress[] = []): Promise<number> {
    let reports = 0
    for (let at = 0; at < raw.length; at += REPORTS_AT_ONCE)
      reports += Number(await this.store.keep({ do: 'blank', raw: raw.slice(at, at + REPORTS_AT_ONCE) }))
    return reports
  }

  /** Where the segments lie now. */
  segments(): SegmentRange[] {
    return readingMeta(this.folder, (meta) => readRanges(meta, this.folder))
  }

  /** Writes a segment anew, unless it has gone into another meanwhile. Rejects where the maintenance thread never can. */
  async vacuum(segment: number): Promise<void> {
    await this.#again('the maintenance thread was busy with other segments', async () => {
      if (!this.segments().some(({ no }) => no === segment)) return true
      return this.store.vacuum(segment)
    })
  }

  /** Empties the logs of all databases: the pages as they were before are gone then. */
  async emptyLogs(): Promise<void> {
    await this.#again('a reader kept pages as they were', async () => this.store.keep({ do: 'empty logs' }))
  }

  async #again(what: string, attempt: () => Promise<number | boolean>): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      if ((await attempt()) === true) return
      await delay(AGAIN_MS)
    }
    throw new Error(`${what} for ${(AGAIN_MS * TRIES) / 1000} s: run it again`)
  }
}
