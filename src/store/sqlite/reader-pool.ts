import { Worker } from 'node:worker_threads'
import { TooManyToSortError } from '../call-store.ts'
import type { ReaderReply, ReaderRequest } from './reader-thread.ts'

type Ask = ReaderRequest extends infer Request ? (Request extends { no: number } ? Omit<Request, 'no'> : never) : never

interface Reader {
  worker: Worker
  waiting: Map<number, { resolve(answer: unknown): void; reject(error: unknown): void }>
}

/** Reader threads; a question goes to the one with the fewest waiting. */
export class ReaderPool {
  readonly #readers: Reader[]
  #no = 0

  constructor(given: { folder: string; moves: SharedArrayBuffer; threads: number; onFailure: (error: Error) => void }) {
    const { folder, moves } = given
    this.#readers = Array.from({ length: given.threads }, () => {
      const worker = new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData: { folder, moves } })
      const reader: Reader = { worker, waiting: new Map() }
      worker.on('message', (reply: ReaderReply) => settle(reader, reply))
      worker.on('error', (error) => given.onFailure(error as Error))
      worker.unref()
      return reader
    })
  }

  ask<T>(request: Ask): Promise<T> {
    const reader = this.#readers.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least))
    const no = ++this.#no
    return new Promise<T>((resolve, reject) => {
      reader.waiting.set(no, { resolve: resolve as (answer: unknown) => void, reject })
      reader.worker.ref()
      reader.worker.postMessage({ ...request, no })
    })
  }

  async close(): Promise<void> {
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
