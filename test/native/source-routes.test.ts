import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { ALICE } from '../support/directory-in-folder.ts'
import { NativeAdmin } from '../support/native-admin.ts'

describe('the native API of sources', () => {
  let server: NativeAdmin
  let key: string
  beforeEach(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
    key = server.key(['operator'])
  })
  afterEach(() => server.close())
  const put = (name: string, body: unknown) => server.ask(`PUT /sources/${name}`, { key, body })

  it('creates a source with 201, replaces it with 200, and lists it', async () => {
    const rules = [
      { match: 'domain', value: 'alice.example', account_id: ALICE },
      { match: 'fixed', value: null, account_id: ALICE },
    ]
    const made = await put('fs-london', { kind: 'freeswitch', time_zone: 'Europe/London', rules })
    const expected = {
      name: 'fs-london',
      kind: 'freeswitch',
      time_zone: 'Europe/London',
      rules,
      access: { user: null, has_password: false, has_token: false, addresses: [] },
      services: [],
      created_at: '2024-01-15T14:28:48.000000Z',
    }
    assert.deepEqual([made.status, made.body], [201, expected])
    server.at.nowUs += 1_000_000
    const replaced = await put('fs-london', { kind: 'asterisk' })
    assert.deepEqual(
      [replaced.status, replaced.body],
      [200, { ...expected, kind: 'asterisk', time_zone: 'UTC', rules: [] }],
    )
    const { body } = await server.ask('GET /sources', { key })
    assert.deepEqual(body, { sources: [replaced.body] })
  })

  it('takes a fixed rule without a value', async () => {
    const { body } = await put('pbx', { kind: 'native', rules: [{ match: 'fixed', account_id: ALICE }] })
    assert.deepEqual(body.rules, [{ match: 'fixed', value: null, account_id: ALICE }])
  })

  it('takes who may send, never shows a secret, and keeps what a later PUT leaves out', async () => {
    const access = {
      user: 'pbx',
      password: 'correct horse',
      token: 'a-token-of-a-webhook',
      addresses: ['192.0.2.0/24'],
    }
    const services = [{ number: '8000', kind: 'queue', name: 'Sales' }]
    const made = await put('pbx', { kind: 'portsip', access, services })
    const shown = { user: 'pbx', has_password: true, has_token: true, addresses: ['192.0.2.0/24'] }
    assert.deepEqual([made.status, made.body.access, made.body.services], [201, shown, services])
    const again = await put('pbx', { kind: 'portsip', access: { token: null } })
    assert.deepEqual([again.body.access, again.body.services], [{ ...shown, has_token: false }, []])
    const listed = JSON.stringify((await server.ask('GET /sources', { key })).body)
    for (const secret of [access.password, access.token]) assert.ok(!listed.includes(secret))
  })

  it('deletes a source once', async () => {
    await put('pbx', { kind: 'native' })
    assert.equal((await server.ask('DELETE /sources/pbx', { key })).status, 204)
    const again = await server.ask('DELETE /sources/pbx', { key })
    assert.deepEqual([again.status, again.body.error.message], [404, 'there is no source pbx'])
  })
})

describe('sources that the native API refuses', () => {
  let server: NativeAdmin
  before(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  after(() => server.close())

  const rule = (more: object) => ({ kind: 'native', rules: [{ match: 'fixed', account_id: ALICE }, more] })
  const refusals: { name?: string; body: unknown; field: string }[] = [
    { body: {}, field: 'kind' },
    { body: { kind: 'cisco' }, field: 'kind' },
    { body: { kind: 'native', name: 'pbx' }, field: 'name' },
    { body: { kind: 'native', created_at: '2024-01-15T14:28:48Z' }, field: 'created_at' },
    { body: { kind: 'native', time_zone: 'Mars/Olympus' }, field: 'time_zone' },
    { body: { kind: 'native', rules: {} }, field: 'rules' },
    { body: rule({ match: 'fixed' }), field: 'rules[1].account_id' },
    { body: rule({ match: 'fixed', account_id: 'MA000000000000000000' }), field: 'rules[1].account_id' },
    { body: rule({ match: 'fixed', account_id: ALICE, value: 'x' }), field: 'rules[1].value' },
    { body: rule({ match: 'domain', account_id: ALICE }), field: 'rules[1].value' },
    { body: rule({ match: 'peer', account_id: ALICE, value: '10.0.0.0/33' }), field: 'rules[1].value' },
    { body: rule({ match: 'colour', account_id: ALICE, value: 'red' }), field: 'rules[1].match' },
    { body: rule({ match: 'did', account_id: ALICE, value: '1', note: '' }), field: 'rules[1].note' },
    { body: { kind: 'portsip', access: { user: 'pbx' } }, field: 'access.password' },
    { body: { kind: 'portsip', access: { addresses: ['pbx.example'] } }, field: 'access.addresses[0]' },
    { body: { kind: 'portsip', access: { secret: 'x' } }, field: 'access.secret' },
    { body: { kind: 'portsip', services: [{ number: '8000', kind: 'desk' }] }, field: 'services[0].kind' },
    { body: { kind: 'portsip', services: [{ number: ' ', kind: 'ivr' }] }, field: 'services[0].number' },
    { name: 'London', body: { kind: 'native' }, field: 'name' },
    { name: 'a%2Fb', body: { kind: 'native' }, field: 'name' },
    { name: 'x'.repeat(65), body: { kind: 'native' }, field: 'name' },
  ]
  for (const { name = 'pbx', body, field } of refusals) {
    it(`refuses ${name.slice(0, 10)} ${JSON.stringify(body)}, naming ${field}`, async () => {
      const answer = await server.ask(`PUT /sources/${name}`, { key: server.key(['operator']), body })
      assert.deepEqual([answer.status, answer.body.error.field], [400, field])
      assert.deepEqual(server.at.directory.sources(), [])
    })
  }
})
