import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Found, SearchRequest, SearchTask } from './search-thread.ts'

/** Searches in a thread of its own, one search at a time, each a step at a time. Made when it is first needed. */
export class SearchThread {
  #worker: Worker | null = null

  /** Whoever stops asking ends the search. */
  async *search(task: SearchTask): AsyncGenerator<Found> {
    this.#worker ??= new Worker(new URL('./search-thread.ts', import.meta.url))
    const worker = this.#worker
    const ask = async (request: SearchRequest): Promise<Found | null> => {
      const answered = once(worker, 'message') as Promise<[Found | null]>
      worker.postMessage(request)
      return (await answered)[0]
    }
    for (let found = await ask({ task }); found !== null; found = await ask('next')) yield found
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }
}
