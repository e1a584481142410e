import { defaultSettings } from '../src/record/account.ts'
import { describeAccess, type Endpoint, type World } from './support/access-matrix.ts'
import { makeCredentials } from './support/credentials.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { NativeAdmin } from './support/native-admin.ts'

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

const ENDPOINTS: readonly Endpoint[] = [
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
]

async function openWorld(): Promise<World> {
  const server = new NativeAdmin()
  const { at, app, routes } = server
  const { directory } = at
  at.addAccount(ALICE, { name: 'Alices Company' })
  const otherAccountId = directory.createAccount({ settings: defaultSettings('Mallory') }).id
  const passTime = (us: number) => {
    at.nowUs += us
  }
  const credentials = makeCredentials(directory, { accountId: ALICE, otherAccountId, nowUs: at.nowUs, passTime })
  await app.ready()
  const world: World = {
    app,
    directory,
    accountId: ALICE,
    otherAccountId,
    credentials,
    secrets: ['Alices', 'alices'],
    stored: () => ({
      accounts: directory.accounts(),
      keys: directory.accounts().map(({ id }) => directory.keys(id).map((key) => ({ ...key, lastUsedAtUs: null }))),
      sources: directory.sources(),
      quarantine: directory.quarantined({ accountId: null, limit: 1000 }),
    }),
    routes,
    close: () => server.close(),
  }
  for (const make of [aKeyId, anEntryId, aSourceName]) make(world)
  return world
}

describeAccess('every endpoint with every kind of credential', ENDPOINTS, openWorld)
