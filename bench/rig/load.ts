import { type ChildProcess, fork } from 'node:child_process'
import type { LoadJobs } from './load-jobs.ts'

/** The process that makes the load, as those see it who want load made. */
export class Load {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>()
  #no = 0

  constructor() {
    this.#process = fork(new URL('./load-process.ts', import.meta.url), { serialization: 'advanced' })
    this.#process.on('message', ({ no, result, error }: { no: number; result?: never; error?: string }) => {
      const asked = this.#waiting.get(no)
      this.#waiting.delete(no)
      if (error === undefined) asked?.resolve(result as never)
      else asked?.reject(new Error(error))
    })
    this.#process.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process that makes the load ended'))
    })
  }

  /** Has a job done. Rejects with what went wrong in it. */
  run<Kind extends keyof LoadJobs>(kind: Kind, given: LoadJobs[Kind]['given']): Promise<LoadJobs[Kind]['result']> {
    const no = ++this.#no
    return new Promise((resolve, reject) => {
      this.#waiting.set(no, { resolve, reject })
      this.#process.send({ no, kind, given })
    })
  }

  stop(): void {
    this.#process.disconnect()
  }
}
