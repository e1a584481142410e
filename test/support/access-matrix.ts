import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Directory } from '../../src/store/directory.ts'
import { CREDENTIALS, type Credential, type CredentialKind, type Face, headersFor } from './credentials.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One endpoint, a request to it that would succeed, and the status each kind of credential gets for it. */
export interface Endpoint {
  method: Method
  /** As the route is registered, with the prefix: `/calltrail/v1/keys/:id`. */
  route: string
  face: Face
  /** Made anew for each credential, so that one which deletes something leaves something to the next. */
  request: (world: World, credential: Credential) => { url: string; payload?: object }
  /** Of those that are not named, a bad credential gets 401, and one that lacks the scope 403. */
  answers: Partial<Record<CredentialKind, number>>
}

/** A server with two accounts that have something of everything. */
export interface World {
  app: FastifyInstance
  directory: Directory
  /** Whose things the requests ask for; every credential but `other_account` is of this account. */
  accountId: string
  otherAccountId: string
  credentials: Record<CredentialKind, Credential>
  /** Words that occur in the account's own things and nowhere else. */
  secrets: readonly string[]
  /** What is stored, to be compared before and after a refusal. */
  stored: () => Promise<unknown>
  /** `GET /calltrail/v1/account` and so on: every route that the server has. */
  routes: readonly string[]
  close: () => Promise<void>
}

const BAD: ReadonlySet<CredentialKind> = new Set(['none', 'garbage', 'wrong_scheme', 'revoked', 'expired'])

/**
 * Asks every endpoint with every kind of credential: the status is the expected one, a refusal changes nothing, tells
 * nothing of the account, and comes before the request is looked at. Fails for a route that has no row.
 */
export function describeAccess(name: string, endpoints: readonly Endpoint[], open: () => Promise<World>): void {
  describe(name, () => {
    let world: World
    before(async () => {
      world = await open()
    })
    after(() => world.close())

    it('has a row for every route, and a route for every row', () => {
      const rows = new Set(endpoints.map(({ method, route }) => `${method} ${route}`))
      assert.deepEqual([...rows].sort(), [...new Set(world.routes)].sort())
    })

    for (const endpoint of endpoints)
      for (const kind of CREDENTIALS) {
        const expected = endpoint.answers[kind] ?? (BAD.has(kind) ? 401 : 403)
        it(`${endpoint.method} ${endpoint.route} answers ${expected} to ${kind}`, () =>
          ask(world, { endpoint, kind, expected }))
      }
  })
}

async function ask(
  world: World,
  { endpoint, kind, expected }: { endpoint: Endpoint; kind: CredentialKind; expected: number },
): Promise<void> {
  const credential = world.credentials[kind]
  const request: InjectOptions = {
    ...endpoint.request(world, credential),
    method: endpoint.method,
    headers: headersFor(endpoint.face, credential),
  }
  const before = await world.stored()
  const answer = await world.app.inject(request)
  assert.equal(answer.statusCode, expected, answer.body)
  if (expected >= 400) assert.deepEqual(await world.stored(), before)
  if (expected >= 400 || kind === 'other_account')
    for (const secret of world.secrets) assert.ok(!answer.body.includes(secret), `tells ${secret}: ${answer.body}`)
  if (expected === 401) assert.ok(answer.headers['www-authenticate'])
  if (expected !== 401 && expected !== 403) return

  // Who may not ask does not learn from a nonsensical request what a sensible one would look like.
  const url = `${request.url}${`${request.url}`.includes('?') ? '&' : '?'}nonsense=1`
  const unread = await world.app.inject({ ...request, url, payload: {} })
  assert.equal(unread.statusCode, expected, unread.body)
  if (endpoint.method !== 'GET') return
  const head = await world.app.inject({ ...request, method: 'HEAD' })
  assert.deepEqual([head.statusCode, head.body], [expected, ''])
}
