import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { ALICE } from '../support/directory-in-folder.ts'
import { NativeAdmin } from '../support/native-admin.ts'

describe('signing in to the native API', () => {
  let server: NativeAdmin
  const open = (given: { failedSignIns?: number } = {}) => {
    server = new NativeAdmin(given)
    server.at.addAccount(ALICE)
  }
  afterEach(() => server.close())

  const forms: { authorization: (key: string) => string; status: number; because: string }[] = [
    { authorization: (key) => `Bearer ${key}`, status: 200, because: 'that is the form' },
    { authorization: (key) => `bearer ${key}`, status: 200, because: 'schemes have no case' },
    { authorization: (key) => key, status: 401, because: 'there is no scheme' },
    { authorization: (key) => `Token ${key}`, status: 401, because: 'the scheme is another' },
    { authorization: (key) => `Basic ${btoa(`${ALICE}:${key}`)}`, status: 401, because: 'Basic is for other faces' },
    { authorization: () => 'Bearer', status: 401, because: 'there is no key' },
    { authorization: () => 'Bearer ', status: 401, because: 'there is no key' },
    { authorization: (key) => `Bearer ${key} ${key}`, status: 401, because: 'there are two keys' },
    { authorization: (key) => `Bearer ${key.toUpperCase()}`, status: 401, because: 'keys have a case' },
  ]
  for (const { authorization, status, because } of forms) {
    it(`answers ${status} to "${authorization('KEY')}": ${because}`, async () => {
      open()
      const headers = { authorization: authorization(server.key(['read'])) }
      const answer = await server.ask('GET /account', { key: null, headers })
      assert.equal(answer.status, status)
      assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined)
    })
  }

  it('takes no key from the URL', async () => {
    open()
    const key = server.key(['read'])
    for (const name of ['key', 'access_token', 'token', 'authorization'])
      assert.equal((await server.ask(`GET /account?${name}=${key}`, { key: null })).status, 401)
  })

  it('holds an address back after too many wrong keys, a good one too, and not for a missing one', async () => {
    open({ failedSignIns: 3 })
    const key = server.key(['read'])
    for (const wrong of [null, null, null, null, 'a-wrong-one', 'a-wrong-one', 'a-wrong-one'])
      assert.equal((await server.ask('GET /account', { key: wrong })).status, 401)
    const held = await server.ask('GET /account', { key })
    assert.equal(held.status, 429)
    const waitS = Number(held.headers['retry-after'])
    assert.ok(waitS >= 1 && waitS <= 60)
    server.at.nowUs += 120_000_000
    assert.equal((await server.ask('GET /account', { key })).status, 200)
  })

  it('answers a wrong method with 405 and what is allowed, and an unknown path with 404', async () => {
    open()
    const key = server.key(['read', 'admin', 'operator'])
    const wrong: [string, string][] = [
      ['PUT /account', 'GET, HEAD, PATCH'],
      ['DELETE /accounts', 'GET, HEAD, POST'],
      ['PATCH /keys', 'GET, HEAD, POST'],
      ['GET /keys/x', 'DELETE'],
      ['POST /sources', 'GET, HEAD'],
      ['GET /sources/x', 'PUT, DELETE, POST'],
      ['POST /quarantine', 'GET, HEAD'],
      ['PUT /quarantine/1', 'GET, HEAD, DELETE'],
    ]
    for (const [what, allow] of wrong) {
      const answer = await server.ask(what, { key })
      assert.deepEqual([answer.status, answer.headers.allow], [405, allow], what)
      assert.equal(answer.body.error.code, 'method_not_allowed')
    }
    const nothing = await server.ask('GET /nothing', { key })
    assert.deepEqual([nothing.status, nothing.body.error.code], [404, 'unknown_path'])
  })

  it('creates an account, a key and its end over a real connection', async () => {
    open()
    const base = `${await server.app.listen({ host: '127.0.0.1', port: 0 })}/calltrail/v1`
    const call = async (what: string, key: string, body?: object) => {
      const [method = '', path = ''] = what.split(' ')
      const headers = { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) }
      const answer = await fetch(base + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
    }
    const made = await call('POST /accounts', server.key(['operator']), { name: 'Bob' })
    const admin = made.body.key.secret
    const reader = await call('POST /keys', admin, { name: 'reader', scopes: ['read'] })
    assert.equal((await call('GET /account', reader.body.secret)).body.name, 'Bob')
    assert.equal((await call('GET /keys', reader.body.secret)).status, 403)
    assert.deepEqual(await call(`DELETE /keys/${reader.body.id}`, admin), { status: 204, body: null })
    assert.equal((await call('GET /account', reader.body.secret)).status, 401)
  })
})
