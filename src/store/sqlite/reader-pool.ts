import { Worker } from 'node:worker_threads'
import { TooManyToSortError } from '../call-store.ts'
import type { ReaderReply, ReaderRequest } from './reader-thread.ts'

type Ask = ReaderRequest extends infer Request ? (Request extends { no: number } ? Omit<Request, 'no'> : never) : never

interface PoolOptions {
  folder: string
  moves: SharedArrayBuffer
  threads: number
  /** A thread ended by an error that it did not expect. */
  onFailure: (error: Error) => void
}

interface Reader {
  worker: Worker
  waiting: Map<number, { resolve(answer: unknown): void; reject(error: unknown): void }>
}

/** Reader threads, started at the first question; a question goes to the one with the fewest waiting. */
export class ReaderPool {
  readonly #given: PoolOptions
  readonly #asked = new Set<Promise<unknown>>()
  #readers: Reader[] = []
  #closed = false
  #no = 0

  constructor(given: PoolOptions) {
    this.#given = given
  }

  /** Starts the threads; the first question does so too, but waits for it. */
  start(): void {
    const { folder, moves, threads, onFailure } = this.#given
    this.#readers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData: { folder, moves } })
      const reader: Reader = { worker, waiting: new Map() }
      worker.on('message', (reply: ReaderReply) => settle(reader, reply))
      worker.on('error', (error) => {
        for (const { reject } of reader.waiting.values()) reject(error)
        reader.waiting.clear()
        onFailure(error as Error)
      })
      worker.unref()
      return reader
    })
  }

  ask<T>(request: Ask): Promise<T> {
    const asked = this.#ask<T>(request)
    this.#asked.add(asked)
    const forget = () => this.#asked.delete(asked)
    asked.then(forget, forget)
    return asked
  }

  #ask<T>(request: Ask): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'))
    if (this.#readers.length === 0) this.start()
    const reader = this.#readers.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least))
    const no = ++this.#no
    return new Promise<T>((resolve, reject) => {
      reader.waiting.set(no, { resolve: resolve as (answer: unknown) => void, reject })
      reader.worker.ref()
      reader.worker.postMessage({ ...request, no })
    })
  }

  /** Answers what was asked, then ends the threads. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#asked)
    await Promise.all(this.#readers.map(({ worker }) => worker.terminate()))
  }
}

function settle(reader: Reader, reply: ReaderReply): void {
  const asked = reader.waiting.get(reply.no)
  reader.waiting.delete(reply.no)
  if (reader.waiting.size === 0) reader.worker.unref()
  if ('answer' in reply) asked?.resolve(reply.answer)
  // An error loses its class on the way between threads.
  else asked?.reject(reply.matches === undefined ? reply.error : new TooManyToSortError(reply.matches))
}
