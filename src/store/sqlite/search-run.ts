import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Found, SearchTask } from './search-thread.ts'

/** Searches the folder in a thread of its own, step by step; whoever stops asking ends it. */
export async function* search(task: SearchTask): AsyncGenerator<Found> {
  const worker = new Worker(new URL('./search-thread.ts', import.meta.url), { workerData: task })
  try {
    for (;;) {
      const answered = once(worker, 'message') as Promise<[Found | null]>
      worker.postMessage('next')
      const [found] = await answered
      if (found === null) return
      yield found
    }
  } finally {
    await worker.terminate()
  }
}
