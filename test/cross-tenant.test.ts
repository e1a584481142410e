import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { limitsOf } from '../src/cli/open.ts'
import { readConfig } from '../src/config/config.ts'
import { buildApp } from '../src/http/app.ts'
import { Pipeline } from '../src/ingest/pipeline.ts'
import { type Account, defaultSettings } from '../src/record/account.ts'
import { formatRfc3339 } from '../src/record/time.ts'
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { describeAccess, type Endpoint, type World } from './support/access-matrix.ts'
import { type Credential, makeCredentials } from './support/credentials.ts'
import { ALICE, DirectoryInFolder } from './support/directory-in-folder.ts'

const NATIVE = '/calltrail/v1'

/** A key that nothing else uses, to be revoked. */
function aKeyId({ directory, accountId }: World): string {
  return directory.createKey({ accountId, name: 'alices-spare-key', scopes: ['read'] }).key.id
}

function anEntryId({ directory, accountId }: World): number {
  const entry = { source: 'pbx', arrivedAtUs: 0, origin: null, field: null, reason: 'unreadable' }
  directory.quarantine([{ ...entry, accountId, raw: 'alices-broken-call' }])
  return directory.quarantined({ accountId, limit: 1 }).entries[0]?.id as number
}

function aSourceName({ directory, accountId }: World): string {
  const name = `alices-pbx-${directory.sources().length}`
  return directory.putSource({
    name,
    kind: 'native',
    timeZone: 'UTC',
    rules: [{ match: 'fixed', value: null, accountId }],
  }).name
}

function aWebhookName({ directory }: World): string {
  const access = { token: 'the-token-of-a-webhook' }
  return directory.putSource({ name: 'alices-webhook', kind: 'portsip', timeZone: 'UTC', rules: [], access }).name
}

const CALL = '90b6eb07-796c-4d86-a4fd-44ed11667ddb'
const SOURCE_ID = '798119942409949185'

function aCall(nowUs: number): Record<string, unknown> {
  const time = (secondsAgo: number) => formatRfc3339(nowUs - secondsAgo * 1_000_000)
  return {
    call_uuid: CALL,
    source_id: SOURCE_ID,
    session_id: 'alices-session',
    direction: 'outbound',
    from: { number: '+12025550101', name: 'alices phone' },
    to: { number: '+12025550102' },
    started_at: time(100),
    answered_at: time(90),
    ended_at: time(30),
  }
}

const READ: Endpoint['answers'] = { read: 200, other_account: 200 }
const READ_OWN: Endpoint['answers'] = { read: 200, other_account: 404 }

/** Endpoints that only read, with the path that a request asks. */
const READERS: readonly Endpoint[] = [
  [`${NATIVE}/calls`, 'bearer', `${NATIVE}/calls`, READ],
  [`${NATIVE}/calls/export`, 'bearer', `${NATIVE}/calls/export`, READ],
  [`${NATIVE}/calls/:callUuid`, 'bearer', `${NATIVE}/calls/${CALL}`, READ_OWN],
  [`${NATIVE}/calls/:callUuid/reports`, 'bearer', `${NATIVE}/calls/${CALL}/reports`, READ_OWN],
  [`${NATIVE}/changes`, 'bearer', `${NATIVE}/changes`, READ],
  [`${NATIVE}/calls/live`, 'bearer', `${NATIVE}/calls/live`, READ],
  [`${NATIVE}/sessions/:sessionId`, 'bearer', `${NATIVE}/sessions/alices-session`, READ_OWN],
  // A stream that is let in has no end: who may ask is told that the question is wrong.
  [`${NATIVE}/changes/stream`, 'bearer', `${NATIVE}/changes/stream?after=x`, { read: 400, other_account: 400 }],
  ['/api/v1/calls/', 'access-token', '/api/v1/calls/', READ],
  ['/api/calllogs', 'bearer', '/api/calllogs', READ],
  ['/api/calllogs/:id', 'bearer', `/api/calllogs/${SOURCE_ID}`, READ_OWN],
  ['/api/cdrs', 'bearer', '/api/cdrs', READ],
  ['/api/cdrs/:id', 'bearer', `/api/cdrs/${SOURCE_ID}`, READ_OWN],
  // The path names the account, so a key of another one is a wrong credential.
  [
    '/v1/Account/:authId/Zentrunk/Call/',
    'basic',
    `/v1/Account/${ALICE}/Zentrunk/Call/`,
    { read: 200, other_account: 401 },
  ],
  ['/v1/Account/:authId/Call/', 'basic', `/v1/Account/${ALICE}/Call/`, { read: 200, other_account: 401 }],
  [
    '/v1/Account/:authId/Zentrunk/Call/:callUuid/',
    'basic',
    `/v1/Account/${ALICE}/Zentrunk/Call/${CALL}/`,
    { read: 200, other_account: 401 },
  ],
  [
    '/v1/Account/:authId/Call/:callUuid/',
    'basic',
    `/v1/Account/${ALICE}/Call/${CALL}/`,
    { read: 200, other_account: 401 },
  ],
  [
    '/v1/Account/:authId/Zentrunk/Call/:callUuid/Insights/',
    'basic',
    `/v1/Account/${ALICE}/Zentrunk/Call/${CALL}/Insights/`,
    { read: 200, other_account: 401 },
  ],
].map(([route, face, url, answers]) => ({ method: 'GET', route, face, request: () => ({ url }), answers }) as Endpoint)

/** With its own account in the path a key reads its own calls, and finds no other's under their UUID. */
const OWN_PATHS: readonly Endpoint[] = [
  [`/v1/Account/:authId/Zentrunk/Call/:callUuid/`, (id: string) => `/v1/Account/${id}/Zentrunk/Call/${CALL}/`],
  [`/v1/Account/:authId/Call/:callUuid/`, (id: string) => `/v1/Account/${id}/Call/${CALL}/`],
].map(
  ([route, url]) =>
    ({
      method: 'GET',
      route,
      face: 'basic',
      request: (_world: World, { accountId }: Credential) => ({ url: (url as (id: string) => string)(accountId) }),
      answers: { read: 200, other_account: 404 },
    }) as Endpoint,
)

const ENDPOINTS: readonly Endpoint[] = [
  ...READERS,
  ...OWN_PATHS,
  {
    method: 'POST',
    route: '/api/login/oauth/token',
    face: 'bearer',
    request: (_world, { accountId, secret }) => ({
      url: '/api/login/oauth/token',
      payload: { grant_type: 'password', username: accountId, password: secret ?? '' },
    }),
    // The credential is in the body, so its scheme is no matter, and a grant that fails is answered 400.
    answers: {
      read: 200,
      wrong_scheme: 200,
      other_account: 200,
      none: 400,
      garbage: 400,
      revoked: 400,
      expired: 400,
      ingest: 400,
      admin: 400,
      operator: 400,
    },
  },
  {
    method: 'POST',
    route: `${NATIVE}/calls`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/calls`, payload: { started_at: '2024-01-15T14:28:48Z', source_id: 'new' } }),
    answers: { ingest: 200, other_account: 200 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/account`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/account` }),
    answers: { read: 200, other_account: 200 },
  },
  {
    method: 'PATCH',
    route: `${NATIVE}/account`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/account`, payload: { currency: 'EUR' } }),
    answers: { admin: 200, other_account: 200 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/accounts`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/accounts` }),
    answers: { operator: 200 },
  },
  {
    method: 'POST',
    route: `${NATIVE}/accounts`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/accounts`, payload: { name: 'New' } }),
    answers: { operator: 201 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/summary`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/summary?from=2024-01-15&to=2024-01-16` }),
    answers: { read: 200, other_account: 200 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/erasures`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/erasures` }),
    answers: { admin: 200, other_account: 200 },
  },
  {
    method: 'POST',
    route: `${NATIVE}/erasures`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/erasures`, payload: { number: '+12025559876', reason: 'asked' } }),
    answers: { admin: 201, other_account: 201 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/keys`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/keys` }),
    answers: { admin: 200, other_account: 200 },
  },
  {
    method: 'POST',
    route: `${NATIVE}/keys`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/keys`, payload: { name: 'new', scopes: ['admin'] } }),
    answers: { admin: 201, other_account: 201 },
  },
  {
    method: 'DELETE',
    route: `${NATIVE}/keys/:id`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/keys/${aKeyId(world)}` }),
    answers: { admin: 204, other_account: 404 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/sources`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/sources` }),
    answers: { operator: 200 },
  },
  {
    method: 'PUT',
    route: `${NATIVE}/sources/:name`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/sources/${aSourceName(world)}`, payload: { kind: 'asterisk' } }),
    answers: { operator: 200 },
  },
  {
    method: 'DELETE',
    route: `${NATIVE}/sources/:name`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/sources/${aSourceName(world)}` }),
    answers: { operator: 204 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/quarantine`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/quarantine` }),
    answers: { admin: 200, other_account: 200 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/quarantine`,
    face: 'bearer',
    request: () => ({ url: `${NATIVE}/quarantine?all=true` }),
    answers: { operator: 200 },
  },
  {
    method: 'GET',
    route: `${NATIVE}/quarantine/:id`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/quarantine/${anEntryId(world)}` }),
    answers: { admin: 200, operator: 200, other_account: 404 },
  },
  {
    method: 'DELETE',
    route: `${NATIVE}/quarantine/:id`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/quarantine/${anEntryId(world)}` }),
    answers: { admin: 204, operator: 204, other_account: 404 },
  },
  {
    method: 'POST',
    route: `${NATIVE}/quarantine/:id/replay`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/quarantine/${anEntryId(world)}/replay`, payload: {} }),
    answers: { admin: 200, operator: 200, other_account: 404 },
  },
  {
    method: 'POST',
    route: `${NATIVE}/sources/:name`,
    face: 'bearer',
    request: (world) => ({ url: `${NATIVE}/sources/${aWebhookName(world)}`, payload: { event_type: 'call_cdr' } }),
    // A source has credentials of its own: no key is one.
    answers: { read: 401, ingest: 401, admin: 401, operator: 401, other_account: 401 },
  },
]

/** The whole server, over a real store, with a call of the account in it. */
async function openWorld(): Promise<World> {
  const at = new DirectoryInFolder()
  const { directory } = at
  const folder = mkdtempSync(join(tmpdir(), 'calltrail-'))
  at.addAccount(ALICE, { name: 'Alices Company' })
  const otherAccountId = directory.createAccount({ settings: defaultSettings('Mallory') }).id
  const passTime = (us: number) => {
    at.nowUs += us
  }
  const credentials = makeCredentials(directory, { accountId: ALICE, otherAccountId, nowUs: at.nowUs, passTime })
  const now = () => at.nowUs
  const calls = await openSqliteStore({
    folder,
    deriveModule: new URL('../src/ingest/derive.ts', import.meta.url).href,
    settingsOf: (accountId) => directory.account(accountId)?.settings ?? defaultSettings('none'),
  })
  const pipeline = new Pipeline({ calls, directory, now })
  const limits = { ...limitsOf(readConfig({})), failedSignInsPerMinute: null, plivoHorizonDays: null }
  const given = {
    trustedProxies: [],
    bodyLimitBytes: 1024 * 1024,
    tls: null,
    opsAccess: 'open' as const,
    unreadAnswerS: 120,
  }
  const app = await buildApp({
    calls,
    keeping: calls.keeping,
    directory,
    pipeline,
    now,
    limits,
    logger: false,
    ...given,
  })
  const alice = directory.account(ALICE) as Account
  await pipeline.ingest(alice, 'alices-pbx', [{ body: aCall(at.nowUs), raw: 'alices call', place: null }])
  const world: World = {
    app,
    directory,
    accountId: ALICE,
    otherAccountId,
    credentials,
    secrets: ['Alices', 'alices'],
    stored: async () => ({
      accounts: directory.accounts(),
      keys: directory.accounts().map(({ id }) => directory.keys(id).map((key) => ({ ...key, lastUsedAtUs: null }))),
      sources: directory.sources(),
      quarantine: directory.quarantined({ accountId: null, limit: 1000 }),
      calls: await calls.stats(),
    }),
    routes: documentedRoutes(app),
    async close() {
      await app.close()
      await calls.close()
      at.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (const make of [aKeyId, anEntryId, aSourceName, aWebhookName]) make(world)
  return world
}

/** `GET /calltrail/v1/keys/:id` and so on, from the OpenAPI document: what is not in there is a wrong method or health. */
function documentedRoutes(app: FastifyInstance): string[] {
  return Object.entries(app.swagger().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
}

describeAccess('every endpoint with every kind of credential', ENDPOINTS, openWorld)
