import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { MALLORY } from './support/plivo-server.ts'
import { type PortsipAnswer, PortsipServer } from './support/portsip-server.ts'
import { ACCOUNT, KEY, RunningServer } from './support/running-server.ts'

const MINUTE_US = 60_000_000
const CALL = { source_id: 'a-call', started_at: '2024-08-20T06:00:00Z', ended_at: '2024-08-20T06:00:40Z' }
const CALL_UUID = '90b6eb07-796c-4d86-a4fd-44ed11667ddb'

const PATHS = ['/calllogs', '/calllogs/a-call', '/cdrs', '/cdrs/a-call']

const code = ({ status, body }: PortsipAnswer) => [status, body.errors[0]?.code]

describe('who may ask the PortSIP dialect', () => {
  let server: PortsipServer
  beforeEach(async () => {
    server = await PortsipServer.start({ limits: { failedSignInsPerMinute: 3, portsipRequestsPerMinute: 8 } })
    await server.add(ALICE, CALL)
  })
  afterEach(() => server.close())

  const signIn = (over: Record<string, string> = {}) =>
    server.grant({ grant_type: 'password', username: ALICE, password: server.keys.alice, ...over })

  it('is whoever has a key, as Bearer', async () => {
    for (const path of PATHS) assert.equal((await server.ask(path)).status, 200)
  })

  it('is nobody without one, with another form of it, or with one that is no good', async () => {
    const expired = server.key({ expiresAtUs: server.at.nowUs + 1 })
    const revoked = server.key()
    server.revoke(revoked)
    server.at.nowUs += MINUTE_US
    for (const [at, bearer] of [null, 'garbage', expired, revoked].entries()) {
      server.at.nowUs += 2 * MINUTE_US * at
      const answer = await server.ask(PATHS[at] as string, { bearer })
      assert.deepEqual(code(answer), [401, 'UNAUTHORIZED'])
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
    }
    const authorization = `Basic ${btoa(`${ALICE}:${server.keys.alice}`)}`
    assert.equal((await fetch(`${server.origin}/api/calllogs`, { headers: { authorization } })).status, 401)
  })

  it('needs the scope read', async () => {
    const answer = await server.ask('/calllogs', { bearer: server.key({ scopes: ['ingest', 'admin', 'operator'] }) })
    assert.deepEqual(code(answer), [403, 'FORBIDDEN'])
  })

  it("sees its own account's calls only", async () => {
    const bearer = server.keys.mallory
    assert.equal((await server.list()).body.count, 1)
    assert.equal((await server.ask('/calllogs', { bearer })).body.count, 0)
    assert.deepEqual(code(await server.ask('/calllogs/a-call', { bearer })), [404, 'NOT_FOUND'])
    assert.deepEqual(code(await server.ask('/cdrs/MQ==', { bearer })), [404, 'NOT_FOUND'])
  })

  it('may ask as often as the limit says, each account for itself', async () => {
    for (let asked = 0; asked < 8; asked += 1) assert.equal((await server.ask('/cdrs')).status, 200)
    const held = await server.ask('/calllogs')
    assert.deepEqual(code(held), [429, 'TOO_MANY_REQUESTS'])
    const waitS = Number(held.headers.get('retry-after'))
    assert.ok(waitS >= 1 && waitS <= 60)
    assert.equal((await server.ask('/calllogs', { bearer: server.keys.mallory })).status, 200)
    server.at.nowUs += 2 * MINUTE_US
    assert.equal((await server.ask('/calllogs')).status, 200)
  })

  describe('with a token', () => {
    it('gets one for the id of its account and its key, in the documented form, and reads by it', async () => {
      const { status, headers, body } = await signIn({ scope: 'all', client_id: 'x', domain: 'pbx.example' })
      assert.equal(status, 200)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.deepEqual(Object.keys(body), ['access_token', 'expires_in', 'refresh_token', 'token_type'])
      assert.deepEqual([body.expires_in, body.token_type], [1800, 'Bearer'])
      for (const path of PATHS) assert.equal((await server.ask(path, { bearer: body.access_token })).status, 200)
    })

    it('gets one for a JSON body too', async () => {
      const given = { grant_type: 'password', username: ALICE, password: server.keys.alice }
      const headers = { 'content-type': 'application/json' }
      const options = { method: 'POST', headers, body: JSON.stringify(given) }
      assert.equal((await fetch(`${server.origin}/api/login/oauth/token`, options)).status, 200)
    })

    it('gets new ones for the refresh token, which reads nothing itself', async () => {
      const { body: first } = await signIn()
      assert.deepEqual(code(await server.ask('/calllogs', { bearer: first.refresh_token })), [401, 'UNAUTHORIZED'])
      server.at.nowUs += 45 * MINUTE_US
      assert.equal((await server.ask('/calllogs', { bearer: first.access_token })).status, 401)
      const again = await server.grant({ grant_type: 'refresh_token', refresh_token: first.refresh_token })
      assert.equal(again.status, 200)
      assert.equal((await server.ask('/calllogs', { bearer: again.body.access_token })).status, 200)
    })

    const wrong: { over: Record<string, string>; because: string }[] = [
      { over: { password: 'garbage' }, because: 'the key is unknown' },
      { over: { username: MALLORY }, because: 'the key is of another account' },
      { over: { username: 'alice' }, because: 'that is no account' },
      { over: { grant_type: 'refresh_token', refresh_token: 'garbage' }, because: 'the token is unknown' },
    ]
    for (const { over, because } of wrong)
      it(`gets none for ${JSON.stringify(over)}: ${because}`, async () => {
        const { status, body } = await signIn(over)
        assert.equal(status, 400)
        assert.deepEqual(
          [body.errors[0]?.code, body.errors[0]?.message],
          ['UNAUTHORIZED', 'Login failed, authentication error'],
        )
      })

    it('gets none with an access token in place of the refresh token', async () => {
      const { body } = await signIn()
      assert.deepEqual(code(await server.grant({ grant_type: 'refresh_token', refresh_token: body.access_token })), [
        400,
        'UNAUTHORIZED',
      ])
    })

    it('gets none for a key that cannot read', async () => {
      assert.deepEqual(code(await signIn({ password: server.key({ scopes: ['ingest', 'admin'] }) })), [
        400,
        'UNAUTHORIZED',
      ])
    })

    it('refuses a form with more fields than any grant has, at once', async () => {
      const many = Object.fromEntries(Array.from({ length: 1500 }, (_, field) => [`f${field}`, '']))
      const { status, body } = await server.grant(many)
      assert.equal(status, 400)
      assert.match(JSON.stringify(body), /at most 50 fields/)
    })

    it('is held back after too many failed grants, whatever comes then', async () => {
      for (let asked = 0; asked < 3; asked += 1) await signIn({ password: 'garbage' })
      const held = await signIn()
      assert.deepEqual(code(held), [429, 'TOO_MANY_REQUESTS'])
      assert.ok(held.headers.has('retry-after'))
      assert.deepEqual(code(await server.ask('/calllogs')), [429, 'TOO_MANY_REQUESTS'])
    })

    it('loses it with its key, and gets no more by the refresh token', async () => {
      const password = server.key()
      const { body } = await signIn({ password })
      server.revoke(password)
      assert.deepEqual(code(await server.ask('/calllogs', { bearer: body.access_token })), [401, 'UNAUTHORIZED'])
      const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token }
      assert.deepEqual(code(await server.grant(refresh)), [400, 'UNAUTHORIZED'])
    })

    it('is told no longer time than its key has', async () => {
      const password = server.key({ expiresAtUs: server.at.nowUs + 90_500_000 })
      const { body } = await signIn({ password })
      assert.equal(body.expires_in, 90)
      server.at.nowUs += 90_499_999
      assert.equal((await server.ask('/calllogs', { bearer: body.access_token })).status, 200)
      server.at.nowUs += 1
      assert.equal((await server.ask('/calllogs', { bearer: body.access_token })).status, 401)
    })
  })
})

describe('a PortSIP token on the whole server', () => {
  it('reads call logs, also after a restart, and is no good anywhere else', async () => {
    const server = await RunningServer.start()
    try {
      await server.post({ ...CALL, call_uuid: CALL_UUID })
      const form = { grant_type: 'password', username: ACCOUNT, password: KEY }
      const grant = await fetch(`${server.url}/api/login/oauth/token/`, {
        method: 'POST',
        body: new URLSearchParams(form),
      })
      const { access_token: token } = (await grant.json()) as { access_token: string }
      const headers = { authorization: `Bearer ${token}` }
      const body = JSON.stringify(CALL)
      const asked: [string, RequestInit][] = [
        ['/calltrail/v1/calls', { headers }],
        ['/calltrail/v1/keys', { headers }],
        ['/calltrail/v1/calls', { headers: { ...headers, 'content-type': 'application/json' }, method: 'POST', body }],
        ['/api/v1/calls/', { headers: { 'access-token': token } }],
        [`/v1/Account/${ACCOUNT}/Call/`, { headers: { authorization: `Basic ${btoa(`${ACCOUNT}:${token}`)}` } }],
      ]
      for (const [path, options] of asked)
        assert.equal((await fetch(server.url + path, options)).status, 401, `${options.method ?? 'GET'} ${path}`)
      await server.restart()
      for (const path of ['/api/calllogs', '/api/cdrs/', '/api/calllogs/a-call'])
        assert.equal((await fetch(server.url + path, { headers })).status, 200)
      const shown = await (await server.native(`/calls/${CALL_UUID}?as=portsip`)).json()
      assert.deepEqual(shown, await (await fetch(`${server.url}/api/calllogs/a-call`, { headers })).json())
      const unread = await fetch(`${server.url}/api/calllogs/%zz`, { headers })
      assert.deepEqual(
        [unread.status, ((await unread.json()) as { errors: { code: string }[] }).errors[0]?.code],
        [400, 'VALIDATE_FAILED'],
      )
    } finally {
      await server.stop()
    }
  })
})
