import { FairQueue } from './fair-queue.ts'

/** A question that a thread works on. */
export interface Task<Reader> {
  no: number
  /** Whose question it is; empty for one of the server itself. */
  account: string
  /** The answer, or a generator that yields each time it has worked for some 20 ms and returns the answer in the end. */
  work(reader: Reader): unknown
}

/** What became of a task: one that was cancelled has no outcome. */
export type TaskOutcome =
  | { answer: unknown }
  | { error: unknown }
  /** It has worked for `giveUpAfterMs` and is not done; nothing of it is left. */
  | { givenUp: true }

export interface SliceLoopGiven<Reader> {
  openReader(): Reader
  /** Readers that may be open: as many tasks, each of another account, are under way at once. */
  mostReaders: number
  /** Milliseconds of work after which a task is given up; null never does. */
  giveUpAfterMs: number | null
  onOutcome(no: number, outcome: TaskOutcome): void
  /** Told of each slice how many milliseconds it took. */
  onSlice(ms: number): void
  /** Milliseconds of a clock that only goes forward. */
  now(): number
}

/** What a task has a reader to itself for; `refresh` lets go of what is not there to be read any more. */
interface Refreshed {
  refresh(): void
  close(): void
}

interface Running<Reader> {
  task: Task<Reader>
  under: { steps: Generator<unknown, unknown>; reader: Reader } | null
  workedMs: number
}

/**
 * Works on many tasks by turns, a slice at a time: the next slice is that of the account that has had least. Of one
 * account one task is under way at a time and the others wait behind it; what is under way holds a reader of its own.
 */
export class SliceLoop<Reader extends Refreshed> {
  readonly #given: SliceLoopGiven<Reader>
  readonly #queue = new FairQueue<Running<Reader>>()
  readonly #tasks = new Map<number, Running<Reader>>()
  readonly #idle: Reader[] = []
  #readers = 0

  constructor(given: SliceLoopGiven<Reader>) {
    this.#given = given
  }

  /** Tasks that wait or are under way. */
  get size(): number {
    return this.#queue.size
  }

  add(task: Task<Reader>): void {
    const running: Running<Reader> = { task, under: null, workedMs: 0 }
    this.#tasks.set(task.no, running)
    this.#queue.push(task.account, running)
  }

  /** Ends a task between two of its slices; one that is done already is left alone. */
  cancel(no: number): void {
    const running = this.#tasks.get(no)
    if (running === undefined) return
    this.#abandon(running)
    this.#forget(running)
  }

  /** Works for one slice. False where nothing waits. */
  runSlice(): boolean {
    const mayBegin = this.#idle.length > 0 || this.#readers < this.#given.mostReaders
    const turn = this.#queue.next(({ under }) => under !== null || mayBegin)
    if (turn === null) return false
    const { item: running, account } = turn
    const began = this.#given.now()
    const outcome = this.#step(running)
    const ms = this.#given.now() - began
    running.workedMs += ms
    this.#queue.spend(account, ms)
    this.#given.onSlice(ms)
    if (outcome === null && running.workedMs < (this.#given.giveUpAfterMs ?? Number.POSITIVE_INFINITY)) return true
    if (outcome === null) this.#abandon(running)
    this.#forget(running)
    this.#given.onOutcome(running.task.no, outcome ?? { givenUp: true })
    return true
  }

  /** Refreshes the readers that have nothing to do; the others are when they are done. */
  refresh(): void {
    for (const reader of this.#idle.splice(0)) this.#rest(reader)
  }

  /** Ends what is under way, and closes every reader. */
  close(): void {
    for (const running of [...this.#tasks.values()]) this.cancel(running.task.no)
    for (const reader of this.#idle.splice(0)) reader.close()
    this.#readers = 0
  }

  /** The outcome; null where there is more to do. */
  #step(running: Running<Reader>): TaskOutcome | null {
    let reader = running.under?.reader ?? null
    try {
      if (running.under === null) {
        reader = this.#takeReader()
        const begun = running.task.work(reader)
        if (!isGenerator(begun)) {
          this.#rest(reader)
          return { answer: begun }
        }
        running.under = { steps: begun, reader }
      }
      const { done, value } = running.under.steps.next()
      if (done !== true) return null
      this.#rest(running.under.reader)
      return { answer: value }
    } catch (error) {
      if (reader !== null) this.#rest(reader)
      return { error }
    }
  }

  #takeReader(): Reader {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const reader = this.#given.openReader()
    this.#readers += 1
    return reader
  }

  /** Lets go of what a task holds. A reader that cannot be brought to an end is not used again. */
  #abandon({ under }: Running<Reader>): void {
    if (under === null) return
    try {
      under.steps.return(undefined)
    } catch {
      this.#discard(under.reader)
      return
    }
    this.#rest(under.reader)
  }

  /** A reader that is done waits for the next task with what there is now, not with what its task saw. */
  #rest(reader: Reader): void {
    try {
      reader.refresh()
      this.#idle.push(reader)
    } catch {
      this.#discard(reader)
    }
  }

  #discard(reader: Reader): void {
    this.#readers -= 1
    reader.close()
  }

  #forget(running: Running<Reader>): void {
    this.#tasks.delete(running.task.no)
    this.#queue.remove(running.task.account, running)
  }
}

/** The steps to an answer that may be there at once. */
export function* stepsOf<T>(begun: T | Generator<unknown, T>): Generator<unknown, T> {
  return isGenerator(begun) ? ((yield* begun) as T) : begun
}

function isGenerator(begun: unknown): begun is Generator<unknown, unknown> {
  return typeof begun === 'object' && begun !== null && Symbol.iterator in begun && 'next' in begun && 'return' in begun
}
