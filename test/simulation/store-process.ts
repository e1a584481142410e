import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { StoreRequest } from './served-store.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The process of a store has ended, and with it what was asked of it. */
export class StoreGoneError extends Error {}

/** A store in a process of its own, which can be killed at any place. */
export class StoreProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  /** Resolves once it has ended: its exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>
  #no = 0
  #said = ''
  #gone = false

  constructor(environment: Readonly<Record<string, string>>) {
    this.#child = fork(join(import.meta.dirname, 'served-store.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/calltrail'),
        ...environment,
      },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said += chunk
      })
    this.#child.on('message', (reply) => this.#hear(reply as { no: number; answer?: unknown; error?: string }))
    this.ended = once(this.#child, 'close').then(([code]) => {
      this.#gone = true
      for (const { reject } of this.#waiting.values()) reject(new StoreGoneError(this.#said))
      this.#waiting.clear()
      return code as number | null
    })
  }

  /** What it has written to its terminal. */
  get said(): string {
    return this.#said
  }

  /** Rejects with `StoreGoneError` when the process ends first, and with the store's own error in words. */
  ask<T>(request: StoreRequest): Promise<T> {
    if (this.#gone) return Promise.reject(new StoreGoneError(this.#said))
    const no = ++this.#no
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(no, { resolve: resolve as (answer: unknown) => void, reject })
      this.#child.send({ ...request, no }, () => {}) // Where it cannot be sent, the process has ended.
    })
  }

  async kill(): Promise<void> {
    if (!this.#gone) this.#child.kill('SIGKILL')
    await this.ended
  }

  #hear({ no, answer, error }: { no: number; answer?: unknown; error?: string }): void {
    const asked = this.#waiting.get(no)
    this.#waiting.delete(no)
    if (error === undefined) asked?.resolve(answer)
    else asked?.reject(new Error(error))
  }
}
