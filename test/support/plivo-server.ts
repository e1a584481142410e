import type { AddressInfo } from 'node:net'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import type { DialectLimits, DialectParts } from '../../src/dialect/parts.ts'
import { plivoRoutes } from '../../src/dialect/plivo/routes.ts'
import { plivoLegacyRoutes } from '../../src/dialect/plivo-legacy/routes.ts'
import { RateCounter } from '../../src/dialect/rate-counter.ts'
import { readReport } from '../../src/ingest/native/read-report.ts'
import type { AccountSettings } from '../../src/record/account.ts'
import { readTime } from '../../src/record/time.ts'
import { ArrayCallStore } from './array-call-store.ts'
import { ALICE, DirectoryInFolder } from './directory-in-folder.ts'

export const MALLORY = 'MAMALLORY00000000000'

const PLIVO_LIMITS: DialectLimits = {
  plivoPageRows: 20,
  plivoDefaultWindowDays: 30,
  plivoHorizonDays: 90,
  plivoRequestsPer5S: null,
  nativeRequestsPerMinute: null,
  failedSignInsPerMinute: null,
}

export interface PlivoServer {
  /** `http://127.0.0.1:PORT` */
  origin: string
  app: FastifyInstance
  directory: DirectoryInFolder
  keys: { alice: string; mallory: string; ingestOnly: string; revoked: string }
  /** Stores calls in the native wire form for an account; throws when one of them cannot be read. */
  add(accountId: string, ...calls: object[]): Promise<void>
  /** Sends a request as Alice unless `headers` say otherwise, and reads what comes back. */
  ask(path: string, options?: { method?: string; headers?: Record<string, string> }): Promise<Answer>
  close(): Promise<void>
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

/**
 * Both Plivo dialects on a loopback port, over a real directory and a store in an array. `now` is the server's clock.
 */
export async function startPlivoServer(given: {
  now: string
  settings?: Partial<AccountSettings>
  limits?: Partial<DialectLimits>
  routerOptions?: { ignoreTrailingSlash: boolean }
}): Promise<PlivoServer> {
  const directory = new DirectoryInFolder()
  directory.nowUs = readTime(given.now, 'UTC') ?? 0
  directory.addAccount(ALICE, given.settings)
  directory.addAccount(MALLORY)
  const keys = makeKeys(directory)
  const accountOf = (accountId: string) => {
    const account = directory.directory.account(accountId)
    if (account === null) throw new Error(`no account ${accountId}`)
    return account
  }
  const calls = new ArrayCallStore({ settingsOf: (accountId) => accountOf(accountId).settings })
  const parts: DialectParts = {
    calls,
    directory: directory.directory,
    limits: { ...PLIVO_LIMITS, ...given.limits },
    now: () => directory.nowUs,
  }
  const app = await listen(parts, given.routerOptions ?? { ignoreTrailingSlash: false })
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    origin,
    app,
    directory,
    keys,
    async add(accountId, ...bodies) {
      const arrivedAtUs = directory.nowUs
      for (const body of bodies) {
        const raw = JSON.stringify(body)
        const reading = readReport(body, { account: accountOf(accountId), source: 'test', arrivedAtUs, raw })
        if (!reading.ok) throw new Error(`${reading.fault.field}: ${reading.fault.reason}`)
        await calls.append([reading.report])
      }
    },
    async ask(path, { method = 'GET', headers = basic(ALICE, keys.alice) } = {}) {
      const response = await fetch(origin + path, { method, headers })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) }
    },
    async close() {
      await app.close()
      directory.remove()
    },
  }
}

function makeKeys({ directory }: DirectoryInFolder): PlivoServer['keys'] {
  const make = (accountId: string, scope: 'read' | 'ingest') =>
    directory.createKey({ accountId, name: 'test', scopes: [scope] })
  const revoked = make(ALICE, 'read')
  directory.revokeKey({ accountId: ALICE, keyId: revoked.key.id })
  return {
    alice: make(ALICE, 'read').secret,
    mallory: make(MALLORY, 'read').secret,
    ingestOnly: make(ALICE, 'ingest').secret,
    revoked: revoked.secret,
  }
}

async function listen(parts: DialectParts, routerOptions: { ignoreTrailingSlash: boolean }): Promise<FastifyInstance> {
  const app = Fastify({ routerOptions }).withTypeProvider<TypeBoxTypeProvider>()
  const failures = new RateCounter({
    limit: parts.limits.failedSignInsPerMinute,
    windowMs: 60_000,
    now: () => parts.now() / 1000,
  })
  const guard = { directory: parts.directory, failures }
  await app.register(plivoRoutes, { prefix: '/v1/Account', parts, guard })
  await app.register(plivoLegacyRoutes, { prefix: '/v1/Account', parts, guard })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app as unknown as FastifyInstance
}
