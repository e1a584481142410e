import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const BIN = resolve(import.meta.dirname, '../../bin/calltrail.mjs')

export interface Ran {
  /** Null: ended by a signal. */
  code: number | null
  stdout: string
  stderr: string
}

export interface CliOptions {
  env?: Record<string, string>
  cwd?: string
  /** Standard input; empty unless given. */
  input?: string | Buffer
  /** Standard input stays open for more. */
  keepInput?: boolean
  /** Options of Node itself. */
  node?: readonly string[]
  /** The number of the user and of the group that runs it: for tests that root runs. */
  as?: number
}

/** The command line in a process of its own. */
export class Cli {
  readonly child: ChildProcess
  /** When it has ended. */
  readonly ended: Promise<Ran>
  readonly #said: Ran = { code: null, stdout: '', stderr: '' }
  readonly #listeners = new Set<() => void>()
  #isOver = false

  constructor(args: readonly string[], { env = {}, cwd = tmpdir(), input, keepInput, node = [], as }: CliOptions = {}) {
    const { PATH = '', HOME = '' } = process.env
    const user = as === undefined ? {} : { uid: as, gid: as }
    this.child = spawn(process.execPath, [...node, BIN, ...args], { cwd, env: { PATH, HOME, ...env }, ...user })
    for (const name of ['stdout', 'stderr'] as const)
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#said[name] += text
        for (const hear of this.#listeners) hear()
      })
    this.child.stdin?.on('error', () => {})
    if (input !== undefined) this.child.stdin?.write(input)
    if (keepInput !== true) this.child.stdin?.end()
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code) => {
        this.#isOver = true
        this.#said.code = code
        for (const hear of this.#listeners) hear()
        resolve(this.#said)
      }),
    )
  }

  /** What matches in its output, as soon as it is there; throws when the process ends without it. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const hear = () => {
        const { stdout, stderr } = this.#said
        const found = pattern.exec(stdout) ?? pattern.exec(stderr)
        if (found === null && !this.#isOver) return
        this.#listeners.delete(hear)
        if (found !== null) resolve(found)
        else reject(new Error(`it ended without ${pattern}:\n${stdout}\n${stderr}`))
      }
      this.#listeners.add(hear)
      hear()
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }
}

/** The account that is made first under `FIRST_ACCOUNT`'s settings. */
export const ALICE = 'MA2025RK4E639VJFZAGV'
export const FIRST_ACCOUNT = {
  CALLTRAIL_BOOTSTRAP_ACCOUNT: ALICE,
  CALLTRAIL_BOOTSTRAP_KEY: 'the-first-key-of-the-tests',
}

/** A folder for a test's files, with a data folder in it. */
export class CliFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'calltrail-cli-'))
  readonly data = join(this.path, 'data')
  readonly #env: Record<string, string>
  #server: Cli | null = null

  /** Settings of every command run in it, beside `CALLTRAIL_DATA`. */
  constructor(env: Record<string, string> = {}) {
    this.#env = env
  }

  file(name: string): string {
    return join(this.path, name)
  }

  start(args: readonly string[], options: CliOptions = {}): Cli {
    return new Cli(args, {
      cwd: this.path,
      ...options,
      env: { CALLTRAIL_DATA: this.data, ...this.#env, ...options.env },
    })
  }

  run(args: readonly string[], options: CliOptions = {}): Promise<Ran> {
    return this.start(args, options).ended
  }

  /** Runs with `--json` and reads the answer; throws for another exit code than the one expected. */
  async json<T = Record<string, unknown>>(
    args: readonly string[],
    options: CliOptions & { code?: number } = {},
  ): Promise<T> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], options)
    if (code !== (options.code ?? 0)) throw new Error(`${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** Serves the data folder on a free port, from when it listens on. */
  async serve(): Promise<{ server: Cli; url: string }> {
    const server = this.start(['serve', '--listen', '127.0.0.1:0'], { env: { CALLTRAIL_LOG_LEVEL: 'silent' } })
    this.#server = server
    const [, url = ''] = await server.said(/ at (http:\S+)\n[\s\S]*more keys/)
    return { server, url }
  }

  /** Ends the server with SIGTERM. */
  async stop(): Promise<Ran | null> {
    const server = this.#server
    this.#server = null
    server?.kill('SIGTERM')
    return server === null ? null : server.ended
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.path, { recursive: true, force: true })
  }
}
