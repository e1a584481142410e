import { Worker } from 'node:worker_threads'
import { type LaneLoad, type Reading, StoreBusyError, TooManyToSortError, TooSlowError } from '../../call-store.ts'
import { accountOf } from './question-account.ts'
import type { Question, ReaderReady, ReaderReply, ReaderRequest, ReaderThreadData } from './reader-thread.ts'
import { SliceMeter } from './slice-meter.ts'

/** What garbage a thread makes lives so briefly that more room for it saves no time; half of it costs an eighth more. */
const YOUNG_MB = 12

export interface PoolOptions extends Omit<ReaderThreadData, 'meter'> {
  /** As metrics name it. */
  lane: string
  threads: number
  /** Questions of one account that may wait for these threads before more of its clients' are refused. */
  mostWaiting: number
  /** Answers what these threads give up. */
  heavy: ReaderPool | null
  /** A thread ended by an error that it did not expect. */
  onFailure: (error: Error) => void
}

/**
 * A reading whose deadline is counted from a point on the clock of `performance.now`. What goes on with an answer that has
 * begun is never refused.
 */
export type ReadingSince = Reading & { sinceMs: number; isGoingOn?: boolean }

interface Asked {
  question: Question
  reading: ReadingSince
  resolve(answer: unknown): void
  reject(error: unknown): void
  /** Stops waiting for the deadline and for the signal. */
  settle(): void
}

interface Reader {
  worker: Worker
  /** It has loaded what it needs, and answers at once. */
  isReady: boolean
  meter: SliceMeter
  waiting: Map<number, Asked>
}

/**
 * The reader threads of one lane, each started when those there are have questions waiting; a question goes to the one
 * with the fewest. It ends with its answer, its signal or its deadline: with the latter two the thread lets go of it between two slices.
 */
export class ReaderPool {
  readonly #given: PoolOptions
  readonly #asked = new Set<Promise<unknown>>()
  readonly #counts = { cancelled: 0, tooSlow: 0, givenUp: 0, refused: 0 }
  /** How many questions of each account wait or are being answered. */
  readonly #waiting = new Map<string, number>()
  readonly #readers: Reader[] = []
  #closed = false
  #no = 0

  constructor(given: PoolOptions) {
    this.#given = given
  }

  /** What the lane has to do and has done. Tells the longest slice since the last call, and then forgets it. */
  load(): LaneLoad {
    const waiting = this.#readers.reduce((sum, reader) => sum + reader.waiting.size, 0)
    const longestSliceMs = Math.max(0, ...this.#readers.map(({ meter }) => meter.takeLongestMs()))
    return { lane: this.#given.lane, waiting, longestSliceMs, ...this.#counts }
  }

  /** Starts the first thread; the first question does so too, but waits for it. */
  start(): void {
    if (this.#readers.length === 0) this.#startReader()
  }

  /** The thread with the fewest waiting. Where all have some, one more is started for the questions to come. */
  #leastBusy(): Reader {
    this.start()
    const ready = this.#readers.filter(({ isReady }) => isReady)
    const among = ready.length === 0 ? this.#readers : ready
    const found = among.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least))
    if (found.waiting.size > 0 && ready.length === this.#readers.length && ready.length < this.#given.threads)
      this.#startReader()
    return found
  }

  #startReader(): void {
    const { folder, moves, mostReaders, giveUpAfterMs, onFailure } = this.#given
    const meter = SliceMeter.share()
    const workerData = { folder, moves, mostReaders, giveUpAfterMs, meter } satisfies ReaderThreadData
    const worker = new Worker(new URL('./reader-thread.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    const reader: Reader = { worker, isReady: false, meter: new SliceMeter(meter), waiting: new Map() }
    worker.on('message', (reply: ReaderReply | ReaderReady) => this.#hear(reader, reply))
    worker.on('error', (error) => {
      for (const no of [...reader.waiting.keys()]) this.#take(reader, no)?.reject(error)
      onFailure(error as Error)
    })
    worker.unref()
    this.#readers.push(reader)
  }

  /**
   * Rejects with the signal's reason, with `TooSlowError` at the deadline, and with what the reader threw. The former two
   * leave the thread free for others within a slice. A question of a client, which is one that has a signal, rejects with
   * `StoreBusyError` where too many of its account wait.
   */
  ask<T>(question: Question, reading: Reading | ReadingSince = {}): Promise<T> {
    return this.#kept(this.#ask(question, { sinceMs: performance.now(), ...reading })) as Promise<T>
  }

  #kept<T>(asked: Promise<T>): Promise<T> {
    this.#asked.add(asked)
    const forget = () => this.#asked.delete(asked)
    asked.then(forget, forget)
    return asked
  }

  #ask(question: Question, reading: ReadingSince): Promise<unknown> {
    const { signal, deadlineMs = null, sinceMs } = reading
    if (this.#closed) return Promise.reject(new Error('the store is closed'))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const account = accountOf(question)
    const waiting = this.#waiting.get(account) ?? 0
    if (waiting >= this.#given.mostWaiting && signal !== undefined && reading.isGoingOn !== true) {
      this.#counts.refused += 1
      return Promise.reject(new StoreBusyError())
    }
    this.#waiting.set(account, waiting + 1)
    const reader = this.#leastBusy()
    const no = ++this.#no
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const onAbort = () => {
      this.#counts.cancelled += 1
      this.#cancel(reader, no, signal?.reason)
    }
    const onDeadline = () => {
      this.#counts.tooSlow += 1
      this.#cancel(reader, no, new TooSlowError(deadlineMs ?? 0))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const leftMs = deadlineMs === null ? null : Math.max(0, sinceMs + deadlineMs - performance.now())
    const timer = leftMs === null ? null : setTimeout(onDeadline, leftMs)
    timer?.unref()
    const settle = () => {
      signal?.removeEventListener('abort', onAbort)
      if (timer !== null) clearTimeout(timer)
    }
    reader.waiting.set(no, { question, reading, resolve, reject, settle })
    reader.worker.ref()
    reader.worker.postMessage({ no, question } satisfies ReaderRequest)
    return promise
  }

  #cancel(reader: Reader, no: number, why: unknown): void {
    this.#take(reader, no)?.reject(why)
    reader.worker.postMessage({ no, cancel: true } satisfies ReaderRequest)
  }

  #hear(reader: Reader, reply: ReaderReply | ReaderReady): void {
    if ('isReady' in reply) {
      reader.isReady = true
      return
    }
    const asked = this.#take(reader, reply.no)
    if (asked === null) return // cancelled when the reply was on its way
    if ('answer' in reply) asked.resolve(reply.answer)
    else if ('error' in reply) asked.reject('matches' in reply ? new TooManyToSortError(reply.matches) : reply.error)
    else {
      this.#counts.givenUp += 1
      const { heavy } = this.#given
      if (heavy === null) asked.reject(new Error('the thread gave a question up, and there is no other to answer it'))
      else asked.resolve(heavy.#kept(heavy.#ask(asked.question, asked.reading)))
    }
  }

  /** The map of segments has changed: readers that have nothing to do let go of the files that it does not name any more. */
  refresh(): void {
    for (const { worker } of this.#readers) worker.postMessage({ refresh: true } satisfies ReaderRequest)
  }

  /** Answers what was asked, then ends the threads. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#asked)
    await Promise.all(this.#readers.map(({ worker }) => worker.terminate()))
  }

  /** Takes a question off those that wait for a reader; null for one that waits no more. */
  #take(reader: Reader, no: number): Asked | null {
    const asked = reader.waiting.get(no)
    if (asked === undefined) return null
    reader.waiting.delete(no)
    const account = accountOf(asked.question)
    const others = (this.#waiting.get(account) ?? 1) - 1
    if (others === 0) this.#waiting.delete(account)
    else this.#waiting.set(account, others)
    asked.settle()
    if (reader.waiting.size === 0) reader.worker.unref()
    return asked
  }
}
