import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Served, serve } from '../../src/cli/serve.ts'
import { type Config, readConfig } from '../../src/config/config.ts'

export const ACCOUNT = 'MA2025RK4E639VJFZAGV'
export const KEY = 'ct_first_key_of_the_tests'

/** The whole server in this process, on a free port and a folder of its own. */
export class RunningServer {
  readonly folder: string
  readonly #settings: Partial<Config>
  #served: Served

  private constructor(folder: string, settings: Partial<Config>, served: Served) {
    this.folder = folder
    this.#settings = settings
    this.#served = served
  }

  static async start(settings: Partial<Config> = {}): Promise<RunningServer> {
    const folder = mkdtempSync(join(tmpdir(), 'calltrail-'))
    return new RunningServer(folder, settings, await RunningServer.#serve(folder, settings))
  }

  static #serve(folder: string, settings: Partial<Config>): Promise<Served> {
    const config = {
      ...readConfig({}),
      data: folder,
      listen: '127.0.0.1:0',
      logLevel: 'silent' as const,
      bootstrapAccount: ACCOUNT,
      bootstrapKey: KEY,
      ...settings,
    }
    return serve(config, (error) => {
      throw error
    })
  }

  get url(): string {
    return this.#served.url
  }

  get calltrail(): Served['calltrail'] {
    return this.#served.calltrail
  }

  get app(): Served['app'] {
    return this.#served.app
  }

  async restart(): Promise<void> {
    await this.#served.stop()
    this.#served = await RunningServer.#serve(this.folder, this.#settings)
  }

  /** A request with the first key as `Authorization: Bearer`. */
  native(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${KEY}`, ...options.headers }
    return fetch(`${this.url}/calltrail/v1${path}`, { ...options, headers })
  }

  /** Stores records in the native form. */
  async post(body: unknown): Promise<Response> {
    return this.native('/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  /** A request to a Plivo dialect with the first key as Basic. `path` follows the account's. */
  plivo(path: string, options: RequestInit = {}): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${KEY}`).toString('base64')}`
    return fetch(`${this.url}/v1/Account/${ACCOUNT}${path}`, {
      ...options,
      headers: { authorization, ...options.headers },
    })
  }

  async stop(): Promise<void> {
    await this.#served.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
