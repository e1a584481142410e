import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import { newGuard } from '../../src/dialect/access.ts'
import type { DialectLimits, DialectParts } from '../../src/dialect/parts.ts'
import { plivoRoutes } from '../../src/dialect/plivo/routes.ts'
import { plivoLegacyRoutes } from '../../src/dialect/plivo-legacy/routes.ts'
import { derive } from '../../src/ingest/derive.ts'
import { readReport } from '../../src/ingest/native/read-report.ts'
import { type AccountSettings, defaultSettings } from '../../src/record/account.ts'
import { readTime } from '../../src/record/time.ts'
import type { CallStore, SettingsOf } from '../../src/store/call-store.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { ArrayCallStore } from './array-call-store.ts'
import { ALICE, DirectoryInFolder } from './directory-in-folder.ts'

export const MALLORY = 'MAMALLORY00000000000'

export const PLIVO_LIMITS: DialectLimits = {
  plivoPageRows: 20,
  plivoDefaultWindowDays: 30,
  plivoHorizonDays: 90,
  plivoRequestsPer5S: null,
  nativeRequestsPerMinute: null,
  portsipRequestsPerMinute: null,
  streamHeartbeatS: 15,
  changeStreams: 100,
  listDeadlineS: null,
  exportDeadlineS: null,
  failedSignInsPerMinute: null,
}

export interface PlivoServerOptions {
  /** The clock at first; `setClock` moves it. */
  now: string
  /** Opening the real store takes the better part of a second: only what the store has a part in needs it. */
  store?: 'sqlite' | 'array'
  limits?: Partial<DialectLimits>
  routerOptions?: { ignoreTrailingSlash: boolean }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  body: PlivoBody
}

/** Any of the bodies there are; a field that a body lacks is undefined. */
export interface PlivoBody {
  api_id: string
  error: string
  meta: Record<string, unknown>
  objects: Record<string, unknown>[]
  [field: string]: unknown
}

export function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

/** Both Plivo dialects on a loopback port, with the accounts `ALICE` and `MALLORY` and keys to both. */
export class PlivoServer {
  readonly directory: DirectoryInFolder
  readonly keys: { alice: string; mallory: string; ingestOnly: string; revoked: string }
  readonly #calls: CallStore
  readonly #app: FastifyInstance
  readonly #folder: string

  private constructor(parts: { directory: DirectoryInFolder; calls: CallStore; app: FastifyInstance; folder: string }) {
    this.directory = parts.directory
    this.#calls = parts.calls
    this.#app = parts.app
    this.#folder = parts.folder
    this.keys = {
      alice: this.#key(ALICE, 'read'),
      mallory: this.#key(MALLORY, 'read'),
      ingestOnly: this.#key(ALICE, 'ingest'),
      revoked: this.#key(ALICE, 'read', { revoked: true }),
    }
  }

  static async start(options: PlivoServerOptions): Promise<PlivoServer> {
    const directory = new DirectoryInFolder()
    directory.nowUs = readTime(options.now, 'UTC') ?? 0
    directory.addAccount(ALICE)
    directory.addAccount(MALLORY)
    const folder = mkdtempSync(join(tmpdir(), 'calltrail-plivo-'))
    const calls = await openStore(options.store ?? 'array', {
      folder,
      settingsOf: (accountId) => directory.directory.account(accountId)?.settings ?? defaultSettings('none'),
    })
    const app = await listen(
      {
        calls,
        directory: directory.directory,
        limits: { ...PLIVO_LIMITS, ...options.limits },
        now: () => directory.nowUs,
      },
      options.routerOptions ?? { ignoreTrailingSlash: false },
    )
    return new PlivoServer({ directory, calls, app, folder })
  }

  get port(): number {
    return (this.#app.server.address() as AddressInfo).port
  }

  /** `http://127.0.0.1:PORT` */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  setClock(now: string): void {
    this.directory.nowUs = readTime(now, 'UTC') ?? 0
  }

  /** Another account, and the headers of its requests. */
  addAccount(settings: Partial<AccountSettings>): { accountId: string; headers: Record<string, string> } {
    const { id } = this.directory.directory.createAccount({ settings: { ...defaultSettings('Another'), ...settings } })
    return { accountId: id, headers: basic(id, this.#key(id, 'read')) }
  }

  #key(accountId: string, scope: 'read' | 'ingest', { revoked = false } = {}): string {
    const { directory } = this.directory
    const { key, secret } = directory.createKey({ accountId, name: 'test', scopes: [scope] })
    if (revoked) directory.revokeKey({ accountId, keyId: key.id })
    return secret
  }

  /** Stores calls in the native wire form for an account; throws when one of them cannot be read. */
  async add(accountId: string, ...calls: object[]): Promise<void> {
    const account = this.directory.directory.account(accountId)
    if (account === null) throw new Error(`no account ${accountId}`)
    const reports = calls.map((body) => {
      const arrivedAtUs = this.directory.nowUs
      const reading = readReport(body, { account, source: 'test', arrivedAtUs, raw: JSON.stringify(body) })
      if (!reading.ok) throw new Error(`${reading.fault.field}: ${reading.fault.reason}`)
      return reading.report
    })
    await this.#calls.append(reports)
  }

  /** Sends a request as Alice unless `headers` say otherwise, and reads what comes back. */
  async ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    const { method = 'GET', headers = basic(ALICE, this.keys.alice) } = options
    const response = await fetch(this.origin + path, { method, headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) }
  }

  async close(): Promise<void> {
    await this.#app.close()
    await this.#calls.close()
    this.directory.remove()
    rmSync(this.#folder, { recursive: true })
  }
}

async function openStore(
  kind: 'sqlite' | 'array',
  { folder, settingsOf }: { folder: string; settingsOf: SettingsOf },
): Promise<CallStore> {
  if (kind === 'array') return new ArrayCallStore({ settingsOf, derive })
  const deriveModule = new URL('../../src/ingest/derive.ts', import.meta.url).href
  return openSqliteStore({ folder, settingsOf, deriveModule, readerThreads: 1 })
}

async function listen(parts: DialectParts, routerOptions: { ignoreTrailingSlash: boolean }): Promise<FastifyInstance> {
  const app = Fastify({ routerOptions }).withTypeProvider<TypeBoxTypeProvider>()
  const guard = newGuard(parts)
  await app.register(plivoRoutes, { prefix: '/v1/Account', parts, guard })
  await app.register(plivoLegacyRoutes, { prefix: '/v1/Account', parts, guard })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app as unknown as FastifyInstance
}
