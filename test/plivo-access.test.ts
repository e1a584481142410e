import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { CALL_REPORTS, callUuid, NOON } from './support/plivo-calls.ts'
import { basic, MALLORY, PlivoServer } from './support/plivo-server.ts'

const CALL = callUuid('fromIndia')

/** Every path that the dialects have, under an account. */
const PATHS = ['Zentrunk/Call', `Zentrunk/Call/${CALL}`, `Zentrunk/Call/${CALL}/Insights`, 'Call', `Call/${CALL}`]

const under = (accountId: string, path: string) => `/v1/Account/${accountId}/${path}/`

describe('who may read over Plivo', () => {
  let server: PlivoServer
  before(async () => {
    server = await PlivoServer.start({ now: NOON })
    await server.add(ALICE, ...CALL_REPORTS)
    await server.add(MALLORY, { ...CALL_REPORTS[1] })
  })
  after(() => server.close())

  const cases: { who: string; headers: () => Record<string, string>; status: number }[] = [
    { who: 'the account itself', headers: () => basic(ALICE, server.keys.alice), status: 200 },
    { who: 'nobody', headers: () => ({}), status: 401 },
    { who: 'a key as a bearer', headers: () => ({ authorization: `Bearer ${server.keys.alice}` }), status: 401 },
    { who: 'a credential that is no Base64', headers: () => ({ authorization: 'Basic %%%' }), status: 401 },
    { who: 'a user without a password', headers: () => basic(ALICE, ''), status: 401 },
    { who: 'a wrong key', headers: () => basic(ALICE, `${server.keys.alice}x`), status: 401 },
    { who: 'a revoked key', headers: () => basic(ALICE, server.keys.revoked), status: 401 },
    { who: 'another account', headers: () => basic(MALLORY, server.keys.mallory), status: 401 },
    { who: "another account's key", headers: () => basic(ALICE, server.keys.mallory), status: 401 },
    { who: 'the key under another name', headers: () => basic('admin', server.keys.alice), status: 401 },
    { who: 'a key that may only send calls in', headers: () => basic(ALICE, server.keys.ingestOnly), status: 403 },
  ]
  for (const { who, headers, status } of cases) {
    it(`${who}: ${status} on every path`, async () => {
      for (const path of PATHS) {
        const answer = await server.ask(under(ALICE, path), { headers: headers() })
        assert.equal(answer.status, status, path)
        const challenge = answer.headers.get('www-authenticate')
        assert.equal(challenge?.startsWith('Basic realm="') ?? false, status === 401)
        if (status !== 200) assert.deepEqual(Object.keys(answer.body), ['api_id', 'error'])
        assert.equal(answer.text.includes(CALL), status === 200)
        const head = await server.ask(under(ALICE, path), { method: 'HEAD', headers: headers() })
        assert.deepEqual([head.status, head.text], [status, ''])
      }
    })
  }

  it("does not show another account's call under one's own name", async () => {
    for (const path of PATHS.slice(1)) {
      if (path === 'Call') continue
      const other = path.replace(CALL, callUuid('toChicago'))
      const mine = await server.ask(under(ALICE, other))
      const hers = await server.ask(under(MALLORY, path), { headers: basic(MALLORY, server.keys.mallory) })
      assert.deepEqual([mine.status, hers.status], [200, 404])
    }
  })

  it('says nothing more of a revoked key than of a wrong one', async () => {
    const path = under(ALICE, 'Call')
    const wrong = await server.ask(path, { headers: basic(ALICE, 'wrong') })
    const revoked = await server.ask(path, { headers: basic(ALICE, server.keys.revoked) })
    assert.equal(revoked.body.error, wrong.body.error)
  })
})

describe('how much an account may read over Plivo', () => {
  it('300 requests in 5 s, on both dialects together; then 429 until they are over', async (t) => {
    const server = await PlivoServer.start({ now: NOON, limits: { plivoRequestsPer5S: 300 } })
    t.after(() => server.close())
    const ask = (path: string) => server.ask(under(ALICE, path))
    for (let asked = 0; asked < 150; asked++) {
      assert.equal((await ask('Zentrunk/Call')).status, 200)
      assert.equal((await ask('Call')).status, 200)
    }
    for (const path of PATHS) {
      const refused = await ask(path)
      assert.equal(refused.status, 429)
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-5]$/)
      assert.deepEqual(Object.keys(refused.body), ['api_id', 'error'])
    }
    const other = await server.ask(under(MALLORY, 'Call'), { headers: basic(MALLORY, server.keys.mallory) })
    assert.equal(other.status, 200)
    server.directory.nowUs += 10_000_000
    assert.equal((await ask('Call')).status, 200)
  })

  it('an address that keeps failing to sign in is held back, with a right key as well', async (t) => {
    const server = await PlivoServer.start({ now: NOON, limits: { failedSignInsPerMinute: 3 } })
    t.after(() => server.close())
    const path = under(ALICE, 'Call')
    for (let failed = 0; failed < 3; failed++)
      assert.equal((await server.ask(path, { headers: basic(ALICE, 'wrong') })).status, 401)
    const held = await server.ask(path)
    assert.equal(held.status, 429)
    assert.ok(held.headers.has('retry-after'))
  })
})
