import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { defaultSettings } from '../../src/record/account.ts'
import type { Scope } from '../../src/store/directory.ts'
import { ALICE } from '../support/directory-in-folder.ts'
import { type Answer, NativeAdmin } from '../support/native-admin.ts'

describe('the native API of keys', () => {
  let server: NativeAdmin
  beforeEach(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  afterEach(() => server.close())
  const idsOf = ({ keys }: Answer) => keys.map(({ id }: { id: string }) => id)

  it('creates a key, shows its secret once, and lists it without', async () => {
    const key = server.key(['admin', 'read'])
    const given = { name: 'reader', scopes: ['read'], expires_at: '2024-01-16T00:00:00+01:00' }
    const made = await server.ask('POST /keys', { key, body: given })
    assert.equal(made.status, 201)
    assert.equal(made.headers['cache-control'], 'no-store')
    const { secret, ...shown } = made.body
    assert.deepEqual(shown, {
      id: secret.split('_')[1],
      account_id: ALICE,
      name: 'reader',
      scopes: ['read'],
      created_at: '2024-01-15T14:28:48.000000Z',
      expires_at: '2024-01-15T23:00:00.000000Z',
      revoked_at: null,
      last_used_at: null,
    })
    assert.equal((await server.ask('GET /account', { key: secret })).status, 200)
    const { body } = await server.ask('GET /keys', { key })
    const listed = body.keys.find(({ id }: { id: string }) => id === shown.id)
    assert.deepEqual(listed, { ...shown, last_used_at: '2024-01-15T14:28:48.000000Z' })
    assert.ok(!JSON.stringify(body).includes(secret.slice(-43)))
  })

  it('makes a key that never expires of null and of nothing', async () => {
    const key = server.key(['admin'])
    for (const more of [{}, { expires_at: null }]) {
      const { body } = await server.ask('POST /keys', { key, body: { name: 'x', scopes: ['admin'], ...more } })
      assert.equal(body.expires_at, null)
    }
  })

  it('revokes a key at once and keeps it in the list', async () => {
    const key = server.key(['admin', 'read'])
    const { body } = await server.ask('POST /keys', { key, body: { name: 'x', scopes: ['read'] } })
    assert.deepEqual(await status('DELETE', body.id, key), [204, {}])
    assert.equal((await server.ask('GET /account', { key: body.secret })).status, 401)
    assert.deepEqual(await status('DELETE', body.id, key), [204, {}])
    const { body: list } = await server.ask('GET /keys', { key })
    const revoked = list.keys.filter(({ revoked_at }: { revoked_at: string | null }) => revoked_at !== null)
    assert.deepEqual(idsOf({ keys: revoked }), [body.id])
  })

  async function status(method: string, id: string, key: string) {
    const answer = await server.ask(`${method} /keys/${id}`, { key })
    return [answer.status, answer.body]
  }

  it("answers 404 for another account's key, as for one that does not exist", async () => {
    const mallory = server.at.directory.createAccount({ settings: defaultSettings('Mallory') }).id
    const alices = server.at.directory.createKey({ accountId: ALICE, name: 'x', scopes: ['read'] })
    const key = server.key(['admin', 'operator'], mallory)
    for (const id of [alices.key.id, 'aaaaaaaaaaaa', '%00', 'a%2Fb']) {
      const answer = await server.ask(`DELETE /keys/${id}`, { key })
      assert.deepEqual([answer.status, answer.body.error.code], [404, 'not_found'])
    }
    assert.notEqual(server.at.directory.authenticate(alices.secret), null)
    const { body } = await server.ask('GET /keys', { key })
    assert.ok(!idsOf(body).includes(alices.key.id))
  })

  const grants: { own: Scope[]; asked: Scope[]; status: number; because: string }[] = [
    { own: ['admin'], asked: ['admin'], status: 201, because: 'it has it' },
    { own: ['admin', 'read'], asked: ['read'], status: 201, because: 'it has it' },
    { own: ['admin'], asked: ['read'], status: 403, because: 'an admin of nothing cannot read by a detour' },
    { own: ['admin', 'read'], asked: ['read', 'ingest'], status: 403, because: 'one of the two is missing' },
    { own: ['admin', 'read', 'ingest'], asked: ['operator'], status: 403, because: 'only an operator makes operators' },
    { own: ['admin', 'operator'], asked: ['operator'], status: 201, because: 'an operator makes operators' },
    { own: ['operator', 'read'], asked: ['read'], status: 403, because: 'keys are made by admins' },
  ]
  for (const { own, asked, status: expected, because } of grants) {
    it(`answers ${expected} to a key with ${own} that asks for ${asked}: ${because}`, async () => {
      const key = server.key(own)
      const answer = await server.ask('POST /keys', { key, body: { name: 'x', scopes: asked } })
      assert.equal(answer.status, expected)
      assert.equal(server.at.directory.keys(ALICE).length, expected === 201 ? 2 : 1)
    })
  }
})

describe('keys that the native API does not make', () => {
  let server: NativeAdmin
  before(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  after(() => server.close())

  const refusals: { body: object; field: string }[] = [
    { body: {}, field: 'name' },
    { body: { name: 'x' }, field: 'scopes' },
    { body: { name: '', scopes: ['admin'] }, field: 'name' },
    { body: { name: '\u0007', scopes: ['admin'] }, field: 'name' },
    { body: { name: 'x', scopes: [] }, field: 'scopes' },
    { body: { name: 'x', scopes: 'admin' }, field: 'scopes' },
    { body: { name: 'x', scopes: ['root'] }, field: 'scopes[0]' },
    { body: { name: 'x', scopes: ['admin', 'admin'] }, field: 'scopes' },
    { body: { name: 'x', scopes: ['admin'], secret: 'x'.repeat(30) }, field: 'secret' },
    { body: { name: 'x', scopes: ['admin'], expires_at: '2024-01-15T14:28:48Z' }, field: 'expires_at' },
    { body: { name: 'x', scopes: ['admin'], expires_at: '2030-01-01T00:00:00' }, field: 'expires_at' },
    { body: { name: 'x', scopes: ['admin'], expires_at: 'tomorrow' }, field: 'expires_at' },
    { body: { name: 'x', scopes: ['admin'], expires_at: 1_900_000_000 }, field: 'expires_at' },
  ]
  for (const { body, field } of refusals) {
    it(`makes no key of ${JSON.stringify(body).slice(0, 90)}, naming ${field}`, async () => {
      const answer = await server.ask('POST /keys', { key: server.key(['admin']), body })
      assert.deepEqual([answer.status, answer.body.error.field], [400, field])
      assert.deepEqual(
        server.at.directory.keys(ALICE).filter(({ name }) => name !== 'admin key'),
        [],
      )
    })
  }
})
