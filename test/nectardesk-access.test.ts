import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { defaultSettings } from '../src/record/account.ts'
import { askNectarDesk, storeCalls } from './support/nectardesk.ts'
import { CENTER_CALLS, SHOWN } from './support/nectardesk-calls.ts'
import { ACCOUNT, KEY, RunningServer } from './support/running-server.ts'

const basic = `Basic ${Buffer.from(`${ACCOUNT}:${KEY}`).toString('base64')}`

const FORMS: { headers: Record<string, string>; status: number; because: string }[] = [
  { headers: { 'Access-Token': KEY }, status: 200, because: 'that is the form' },
  { headers: { 'ACCESS-TOKEN': KEY }, status: 200, because: 'names of headers have no case' },
  { headers: { 'access-token': KEY, 'content-type': 'application/json' }, status: 200, because: 'as documented' },
  { headers: {}, status: 401, because: 'there is no key' },
  { headers: { 'access-token': '' }, status: 401, because: 'there is no key' },
  { headers: { 'access-token': `Bearer ${KEY}` }, status: 401, because: 'there is no scheme in it' },
  { headers: { 'access-token': `${KEY}, ${KEY}` }, status: 401, because: 'there are two' },
  { headers: { 'access-token': KEY.toUpperCase() }, status: 401, because: 'keys have a case' },
  { headers: { 'access-token': 'x'.repeat(5000) }, status: 401, because: 'no key is as long' },
  { headers: { authorization: `Bearer ${KEY}` }, status: 401, because: 'Bearer is for other faces' },
  { headers: { authorization: basic }, status: 401, because: 'Basic is for other faces' },
  { headers: { 'x-access-token': KEY }, status: 401, because: 'the header is another' },
]

describe('who may ask the nectardesk dialect', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ failedSignInsPerMinute: null })
    await storeCalls(server, CENTER_CALLS)
  })
  after(() => server.stop())

  for (const { headers, status, because } of FORMS) {
    const [form = ['no header', '']] = Object.entries(headers)
    it(`answers ${status} to ${form[0]}: ${form[1].slice(0, 20)}: ${because}`, async () => {
      const answer = await askNectarDesk(server, '/calls/', { headers })
      assert.equal(answer.status, status)
      if (status === 200) return
      assert.deepEqual(Object.keys(answer.body), ['error'])
      assert.match(answer.body.error, /^unauthorized: /)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Access-Token /)
    })
  }

  it('takes no key from the URL', async () => {
    for (const name of ['access_token', 'Access-Token', 'token', 'key'])
      assert.equal((await askNectarDesk(server, `/calls/?${name}=${KEY}`, { headers: {} })).status, 401)
  })

  it("shows another account's key that account's calls, and a key without the scope none", async () => {
    const { directory } = server.calltrail
    const { id } = directory.createAccount({ settings: defaultSettings('Another') })
    const key = (accountId: string, scopes: ('read' | 'ingest' | 'admin')[]) => {
      const { secret } = directory.createKey({ accountId, name: 'test', scopes })
      return { headers: { 'access-token': secret } }
    }
    const foreign = await askNectarDesk(server, '/calls/?agentId=7', key(id, ['read']))
    assert.deepEqual([foreign.status, foreign.body.calls, foreign.body.meta.total], [200, [], 0])
    const writer = await askNectarDesk(server, '/calls/', key(ACCOUNT, ['ingest', 'admin']))
    assert.deepEqual([writer.status, Object.keys(writer.body)], [403, ['error']])
    const reader = await askNectarDesk(server, '/calls/', key(ACCOUNT, ['read']))
    assert.deepEqual([reader.status, reader.body.meta.total], [200, SHOWN.length])
  })

  it('finds no original call in another account', async () => {
    const { directory, pipeline } = server.calltrail
    const account = directory.createAccount({ settings: defaultSettings('Another still') })
    const { secret } = directory.createKey({ accountId: account.id, name: 'test', scopes: ['read'] })
    const ours = CENTER_CALLS[0] as { call_uuid: string }
    const body = { started_at: '2025-08-02T10:00:00Z', center: { original_call_uuid: ours.call_uuid } }
    await pipeline.ingest(account, 'pbx', [{ body, raw: '', place: null }])
    const answer = await askNectarDesk(server, '/calls/', { headers: { 'access-token': secret } })
    assert.deepEqual(
      answer.body.calls.map(({ original_call_id }) => original_call_id),
      [null],
    )
  })

  it('answers both forms of the path, without a redirect, and HEAD as GET', async () => {
    const documented = await askNectarDesk(server, '/calls/')
    const bare = await askNectarDesk(server, '/calls')
    assert.deepEqual([bare.status, bare.body], [200, documented.body])
    for (const path of ['/calls', '/calls/']) {
      const head = await askNectarDesk(server, path, { method: 'HEAD' })
      assert.deepEqual([head.status, head.text], [200, ''])
      assert.equal(head.headers.get('calltrail-searched'), '../..')
    }
    const refused = await askNectarDesk(server, '/calls/?limit=0', { method: 'HEAD' })
    assert.deepEqual([refused.status, refused.text], [400, ''])
  })

  it('answers a wrong method with 405 and what is allowed', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      for (const path of ['/calls', '/calls/']) {
        const { status, headers, body } = await askNectarDesk(server, path, { method })
        assert.deepEqual([status, headers.get('allow')], [405, 'GET, HEAD'])
        assert.deepEqual(Object.keys(body), ['error'])
      }
  })

  it('answers what it does not have with 404 in its own voice', async () => {
    for (const path of ['', '/', '/call', '/calls/1', '/calls/1/', '/contacts/', '/calls%2F', '/%00'])
      for (const method of ['GET', 'POST']) {
        const { status, body } = await askNectarDesk(server, path, { method })
        assert.deepEqual([status, body], [404, { error: 'not found: there is nothing at this path' }], path)
      }
    const broken = await askNectarDesk(server, '/%zz')
    assert.deepEqual([broken.status, Object.keys(broken.body)], [400, ['error', 'errors']])
  })
})

describe('an address that fails to sign in to the nectardesk dialect', () => {
  it('is held back after too many wrong keys, a good one too, and not for a missing one', async () => {
    const server = await RunningServer.start({ failedSignInsPerMinute: 3 })
    try {
      const ask = (headers: Record<string, string>) => askNectarDesk(server, '/calls/', { headers })
      for (let times = 0; times < 5; times += 1) assert.equal((await ask({})).status, 401)
      for (let times = 0; times < 3; times += 1)
        assert.equal((await ask({ 'access-token': 'a-wrong-one' })).status, 401)
      const { status, headers, body } = await ask({ 'access-token': KEY })
      assert.deepEqual([status, Object.keys(body)], [429, ['error']])
      const waitS = Number(headers.get('retry-after'))
      assert.ok(waitS >= 1 && waitS <= 60)
    } finally {
      await server.stop()
    }
  })
})
