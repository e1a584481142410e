import type { AddressInfo } from 'node:net'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import { newGuard } from '../../src/dialect/access.ts'
import type { DialectLimits } from '../../src/dialect/parts.ts'
import { portsipRoutes } from '../../src/dialect/portsip/routes.ts'
import type { CallLog } from '../../src/dialect/portsip/schema.ts'
import { derive } from '../../src/ingest/derive.ts'
import { readReport } from '../../src/ingest/native/read-report.ts'
import { defaultSettings } from '../../src/record/account.ts'
import { readTime } from '../../src/record/time.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import type { Scope } from '../../src/store/directory.ts'
import { ArrayCallStore } from './array-call-store.ts'
import { ALICE, DirectoryInFolder } from './directory-in-folder.ts'
import { MALLORY, PLIVO_LIMITS } from './plivo-server.ts'

/** Any of the bodies there are; a field that a body lacks is undefined. */
export interface PortsipBody {
  count: number
  items: CallLog[]
  errors: { code: string; message: string; detail?: { field: string; reason: string } }[]
  access_token: string
  refresh_token: string
  expires_in: number
  [field: string]: unknown
}

export interface PortsipAnswer {
  status: number
  headers: Headers
  text: string
  body: PortsipBody
}

/** The PortSIP dialect on a loopback port, with the accounts `ALICE` and `MALLORY` and a key to read each. */
export class PortsipServer {
  readonly at: DirectoryInFolder
  readonly keys: { alice: string; mallory: string }
  readonly #calls: CallStore
  readonly #app: FastifyInstance

  private constructor(parts: { at: DirectoryInFolder; calls: CallStore; app: FastifyInstance }) {
    this.at = parts.at
    this.#calls = parts.calls
    this.#app = parts.app
    this.keys = { alice: this.key(), mallory: this.key({ accountId: MALLORY }) }
  }

  /** `now` is the clock at first: `at.nowUs` moves it. A store that is given is closed with the server. */
  static async start(given: { now?: string; limits?: Partial<DialectLimits>; calls?: CallStore } = {}) {
    const at = new DirectoryInFolder()
    at.nowUs = readTime(given.now ?? '2024-08-21T00:00:00Z', 'UTC') ?? 0
    at.addAccount(ALICE)
    at.addAccount(MALLORY)
    const { directory } = at
    const settingsOf = (accountId: string) => directory.account(accountId)?.settings ?? defaultSettings('none')
    const calls = given.calls ?? new ArrayCallStore({ settingsOf, derive })
    const parts = { calls, directory, limits: { ...PLIVO_LIMITS, ...given.limits }, now: () => at.nowUs }
    const app = Fastify({
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    }).withTypeProvider<TypeBoxTypeProvider>()
    await app.register(portsipRoutes, { prefix: '/api', parts, guard: newGuard(parts) })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return new PortsipServer({ at, calls, app: app as unknown as FastifyInstance })
  }

  /** `http://127.0.0.1:PORT` */
  get origin(): string {
    return `http://127.0.0.1:${(this.#app.server.address() as AddressInfo).port}`
  }

  key(given: { accountId?: string; scopes?: readonly Scope[]; expiresAtUs?: number } = {}): string {
    const { accountId = ALICE, scopes = ['read'], expiresAtUs = null } = given
    return this.at.directory.createKey({ accountId, name: 'test', scopes, expiresAtUs }).secret
  }

  revoke(secret: string): void {
    const keyId = this.at.directory.authenticate(secret)?.keyId ?? ''
    if (!this.at.directory.revokeKey({ accountId: ALICE, keyId })) throw new Error('no such key')
  }

  /** Stores calls in the native wire form for an account; throws when one of them cannot be read. */
  async add(accountId: string, ...calls: object[]): Promise<void> {
    const account = this.at.directory.account(accountId)
    if (account === null) throw new Error(`no account ${accountId}`)
    const reports = calls.map((body) => {
      const arrival = { account, source: 'test', arrivedAtUs: this.at.nowUs, raw: JSON.stringify(body) }
      const reading = readReport(body, arrival)
      if (!reading.ok) throw new Error(`${reading.fault.field}: ${reading.fault.reason}`)
      return reading.report
    })
    await this.#calls.append(reports)
  }

  /** Sends a request as Alice unless `bearer` says otherwise, and reads what comes back. */
  async ask(path: string, given: { method?: string; bearer?: string | null } = {}): Promise<PortsipAnswer> {
    const { method = 'GET', bearer = this.keys.alice } = given
    const headers: Record<string, string> = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    return answerOf(await fetch(`${this.origin}/api${path}`, { method, headers }))
  }

  /** A list with these options, as a client encodes them. */
  list(options: Record<string, string> = {}, path = '/calllogs'): Promise<PortsipAnswer> {
    return this.ask(`${path}?${new URLSearchParams(options)}`)
  }

  /** Posts a form to the token endpoint. */
  async grant(form: Record<string, string>): Promise<PortsipAnswer> {
    const options = { method: 'POST', body: new URLSearchParams(form) }
    return answerOf(await fetch(`${this.origin}/api/login/oauth/token`, options))
  }

  async close(): Promise<void> {
    await this.#app.close()
    await this.#calls.close()
    this.at.remove()
  }
}

async function answerOf(response: Response): Promise<PortsipAnswer> {
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, text, body: text === '' ? null : JSON.parse(text) }
}
