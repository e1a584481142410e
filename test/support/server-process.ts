import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { ACCOUNT, KEY } from './running-server.ts'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'src/main.ts')

/** The real server in a process of its own, as `calltrail serve` runs it, on a free port of the loopback. */
export class ServerProcess {
  readonly url: string
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #pid: number
  /** Its exit code once it has ended; null where a signal ended it. */
  readonly exited: Promise<number | null>
  #said: string

  private constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    { url, pid, said }: { url: string; pid: number; said: string },
  ) {
    this.#child = child
    this.exited = once(child, 'close').then(([code]) => code as number | null)
    this.#pid = pid
    this.#said = said
    this.url = url
    const hear = (chunk: Buffer) => {
      this.#said += chunk
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
  }

  /** What it has written to its terminal so far. */
  get said(): string {
    return this.#said
  }

  /**
   * Resolves once it listens; rejects with what it said where it ends before. `tracer` is a command that is to run it,
   * with its arguments, and that ends when it does.
   */
  static async start(
    folder: string,
    tracer: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const [command = '', ...args] = [...tracer, process.execPath, MAIN, 'serve']
    const env = {
      PATH: process.env.PATH,
      // Starting is most of what such a test takes; this halves it.
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/calltrail'),
      CALLTRAIL_DATA: folder,
      CALLTRAIL_LISTEN: '127.0.0.1:0',
      CALLTRAIL_LOG_LEVEL: 'error',
      CALLTRAIL_BOOTSTRAP_ACCOUNT: ACCOUNT,
      CALLTRAIL_BOOTSTRAP_KEY: KEY,
      ...environment,
    }
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    return new Promise((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        said += chunk
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
        if (url === undefined) return
        child.stdout.off('data', hear)
        child.stderr.off('data', hear)
        const pid = child.pid as number
        resolve(new ServerProcess(child, { url, said, pid: tracer.length === 0 ? pid : childOf(pid) }))
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`the server ended with ${code} before it listened: ${said}`)))
    })
  }

  /** A request with the first key. */
  ask(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${KEY}`, ...options.headers }
    return fetch(`${this.url}/calltrail/v1${path}`, { ...options, headers })
  }

  send(ndjson: string): Promise<Response> {
    return this.ask('/calls', { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: ndjson })
  }

  /** Ends it with a signal and resolves once it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(this.#pid, signal)
    await this.exited
  }
}

/** The only child of a process. Linux alone tells so, and tracers of system calls are of Linux. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}
