import { type ChildProcess, spawn } from 'node:child_process'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Command {
  file: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  user?: { uid: number; gid: number } | null
  /** What ends the program at once, SIGKILL unless it has children to end first. */
  lastSignal?: 'SIGKILL' | 'SIGQUIT'
}

/** Processes of this run that still live; ended, by their ids, when the run is, however it ends. */
const living = new Map<ChildProcess, NodeJS.Signals>()
process.on('exit', () => {
  for (const [child, signal] of living) child.kill(signal)
})

/** Starts a program whose errors are kept for `whyEnded`; what it prints is dropped. */
export class Program {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  #errors = ''

  constructor({ file, args, env, user = null, lastSignal = 'SIGKILL' }: Command) {
    this.#child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'], ...(user ?? {}) })
    living.set(this.#child, lastSignal)
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#errors = (this.#errors + bytes).slice(-4000)
    })
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null) => {
        living.delete(this.#child)
        resolve(code)
      }
      this.#child.once('exit', end)
      this.#child.once('error', (error) => {
        this.#errors += error.message
        end(null)
      })
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get hasEnded(): boolean {
    return !living.has(this.#child)
  }

  whyEnded(): string {
    return `${this.#child.spawnargs.join(' ')} ended by itself: ${this.#errors.trim() || 'it said nothing'}`
  }

  /** Waits until it ends by itself; throws what it said unless it says that all went well. */
  async done(): Promise<void> {
    if ((await this.#ended) !== 0) throw new Error(this.whyEnded())
  }

  /** Sends the signal and waits for the end. */
  async end(signal: 'SIGTERM' | 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    if (!this.hasEnded) this.#child.kill(signal)
    await this.#ended
  }
}

/** A loopback port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Asks until the server answers with 200. Throws when the program ends or a minute has passed. */
export async function answering(program: Program, url: string, headers: Record<string, string>): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    if ((await statusOf(url, headers)) === 200) return
    if (program.hasEnded) throw new Error(program.whyEnded())
    if (performance.now() > deadline) throw new Error(`${url} did not answer within a minute`)
    await pause(3)
  }
}

function statusOf(url: string, headers: Record<string, string>): Promise<number | null> {
  return new Promise((resolve) => {
    const request = get(url, { headers, agent: false, timeout: 5000 }, (response) => {
      response.resume()
      resolve(response.statusCode ?? null)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
  })
}
