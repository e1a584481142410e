import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { ACCOUNT_ID } from '../../src/record/account.ts'
import { ALICE } from '../support/directory-in-folder.ts'
import { NativeAdmin } from '../support/native-admin.ts'

const DEFAULTS = {
  name: 'Alice',
  time_zone: 'UTC',
  currency: 'USD',
  default_country: null,
  dial_out_prefixes: [],
  billing_increment: { first_s: 1, next_s: 1 },
  service_level_s: 20,
  service_level_formula: 'without_short',
  short_abandon_s: 10,
  business_hours: [],
  holidays: [],
  ring_groups: [],
  retention: { call_days: null, raw_days: null, recording_days: null },
}

describe('the native API of accounts', () => {
  let server: NativeAdmin
  beforeEach(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  afterEach(() => server.close())

  it('shows the account of the key with all its settings', async () => {
    const { status, body } = await server.ask('GET /account', { key: server.key(['read']) })
    assert.equal(status, 200)
    assert.deepEqual(body, { account_id: ALICE, created_at: '2024-01-15T14:28:48.000000Z', ...DEFAULTS })
  })

  it('changes the settings that are named, nested ones too, and keeps the rest', async () => {
    const key = server.key(['admin', 'read'])
    const changes = {
      time_zone: 'Asia/Kolkata',
      default_country: 'IN',
      dial_out_prefixes: ['9', '0*'],
      billing_increment: { first_s: 60 },
      business_hours: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '24:00' }],
    }
    const { status, body } = await server.ask('PATCH /account', { key, body: changes })
    const expected = { ...DEFAULTS, ...changes, billing_increment: { first_s: 60, next_s: 1 } }
    assert.equal(status, 200)
    assert.deepEqual(body, { account_id: ALICE, created_at: '2024-01-15T14:28:48.000000Z', ...expected })
    server.at.reopen()
    assert.equal(server.at.directory.account(ALICE)?.settings.billingIncrement.firstS, 60)
  })

  it('takes what call types depend on, of the account and of ring groups', async () => {
    const key = server.key(['admin', 'read'])
    const changes = {
      service_level_formula: 'ignore_abandoned',
      holidays: ['2026-12-25', '2028-02-29'],
      ring_groups: [
        { id: 7, time_zone: 'Europe/Berlin', service_level_s: 30, service_level_formula: 'abandoned_negative' },
        { id: 8, short_abandon_s: 0, business_hours: [{ days: [6], from: '22:00', to: '06:00' }], holidays: [] },
      ],
    }
    const { status, body } = await server.ask('PATCH /account', { key, body: changes })
    assert.equal(status, 200)
    assert.deepEqual(body, { account_id: ALICE, created_at: '2024-01-15T14:28:48.000000Z', ...DEFAULTS, ...changes })
    assert.deepEqual((await server.ask('GET /account', { key })).body, body)
    assert.deepEqual(server.at.directory.account(ALICE)?.settings.ringGroups[1], {
      id: 8,
      shortAbandonS: 0,
      businessHours: [{ days: [6], from: '22:00', to: '06:00' }],
      holidays: [],
    })
  })

  it('takes an empty change, and null where a setting can be none', async () => {
    const key = server.key(['admin'])
    assert.equal((await server.ask('PATCH /account', { key, body: {} })).status, 200)
    await server.ask('PATCH /account', { key, body: { default_country: 'US' } })
    const { body } = await server.ask('PATCH /account', { key, body: { default_country: null } })
    assert.equal(body.default_country, null)
  })

  it('refuses a query parameter, naming it', async () => {
    const { status, body } = await server.ask('GET /account?limit=1&x%5B%5D=2', { key: server.key(['read']) })
    assert.equal(status, 400)
    assert.deepEqual(body, {
      error: {
        code: 'bad_request',
        message: 'limit: is not a parameter of this request; x[]: is not a parameter of this request',
        field: 'limit',
      },
    })
  })

  it('lets the operator create an account, whose first key works at once', async () => {
    const body = { name: 'Bob', time_zone: 'Europe/Paris', account_id: 'MA0123456789ABCDEFGH' }
    const made = await server.ask('POST /accounts', { key: server.key(['operator']), body })
    assert.equal(made.status, 201)
    assert.equal(made.headers['cache-control'], 'no-store')
    assert.deepEqual(made.body.account, { ...DEFAULTS, ...body, created_at: '2024-01-15T14:28:48.000000Z' })
    assert.deepEqual(made.body.key.scopes, ['read', 'ingest', 'admin'])
    const seen = await server.ask('GET /account', { key: made.body.key.secret })
    assert.deepEqual(seen.body, made.body.account)
  })

  it('gives an account an id where none is given, and lists all accounts to the operator', async () => {
    const key = server.key(['operator'])
    const made = await server.ask('POST /accounts', { key, body: { name: 'Bob' } })
    assert.match(made.body.account.account_id, ACCOUNT_ID)
    const { body } = await server.ask('GET /accounts', { key })
    assert.deepEqual(body.accounts.map(({ name }: { name: string }) => name).sort(), ['Alice', 'Bob'])
  })
})

describe('accounts that the native API does not create', () => {
  let server: NativeAdmin
  before(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  after(() => server.close())

  const badAccounts: { body: object; status: number; field: string }[] = [
    { body: {}, status: 400, field: 'name' },
    { body: { name: 'Bob', account_id: 'bob' }, status: 400, field: 'account_id' },
    { body: { name: 'Bob', account_id: ALICE }, status: 409, field: 'account_id' },
    { body: { name: 'Bob', plan: 'gold' }, status: 400, field: 'plan' },
    { body: { name: 'Bob', time_zone: 'Mars/Olympus' }, status: 400, field: 'time_zone' },
  ]
  for (const { body, status, field } of badAccounts) {
    it(`creates no account from ${JSON.stringify(body)}: ${status} for ${field}`, async () => {
      const answer = await server.ask('POST /accounts', { key: server.key(['operator']), body })
      assert.deepEqual([answer.status, answer.body.error.field], [status, field])
      assert.equal(server.at.directory.accounts().length, 1)
    })
  }
})

describe('changes of an account that the native API refuses', () => {
  let server: NativeAdmin
  before(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  after(() => server.close())

  const refusals: { body: unknown; field: string; says: RegExp }[] = [
    { body: { colour: 'red' }, field: 'colour', says: /not a field/ },
    { body: { colour: 'red', size: 1 }, field: 'colour', says: /size: is not a field/ },
    { body: { timeZone: 'UTC' }, field: 'timeZone', says: /not a field/ },
    { body: { account_id: ALICE }, field: 'account_id', says: /not a field/ },
    { body: { retention: { years: 1 } }, field: 'retention.years', says: /not a field/ },
    { body: { time_zone: 'Mars/Olympus' }, field: 'time_zone', says: /IANA/ },
    { body: { time_zone: 5 }, field: 'time_zone', says: /must be string/ },
    { body: { time_zone: null }, field: 'time_zone', says: /must be string/ },
    { body: { default_country: 'us' }, field: 'default_country', says: /pattern.* or be null/ },
    { body: { default_country: 'ZZ' }, field: 'default_country', says: /3166/ },
    { body: { currency: 'UDS' }, field: 'currency', says: /4217/ },
    { body: { name: '' }, field: 'name', says: /fewer than 1/ },
    { body: { name: 'x'.repeat(129) }, field: 'name', says: /more than 128/ },
    { body: { service_level_s: -1 }, field: 'service_level_s', says: />= 0/ },
    { body: { service_level_s: '20' }, field: 'service_level_s', says: /integer/ },
    { body: { billing_increment: { next_s: 0 } }, field: 'billing_increment.next_s', says: />= 1/ },
    { body: { dial_out_prefixes: ['9', 'x'] }, field: 'dial_out_prefixes[1]', says: /pattern/ },
    { body: { business_hours: [{ days: [1], from: '9' }] }, field: 'business_hours[0].to', says: /required/ },
    {
      body: { business_hours: [{ days: [8], from: '09:00', to: '10:00' }] },
      field: 'business_hours[0].days[0]',
      says: /<= 7/,
    },
    { body: { service_level_formula: 'best' }, field: 'service_level_formula', says: /one of without_short/ },
    { body: { holidays: ['2026-02-29'] }, field: 'holidays[0]', says: /exists/ },
    { body: { ring_groups: [{ service_level_s: 30 }] }, field: 'ring_groups[0].id', says: /required/ },
    {
      body: { ring_groups: [{ id: 1, serviceLevelS: 30 }] },
      field: 'ring_groups[0].serviceLevelS',
      says: /not a field/,
    },
    { body: { ring_groups: [{ id: 1 }, { id: 1 }] }, field: 'ring_groups[1].id', says: /before it/ },
    {
      body: { ring_groups: [{ id: 1 }, { id: 2, time_zone: 'Mars/Olympus' }] },
      field: 'ring_groups[1].time_zone',
      says: /IANA/,
    },
    {
      body: { ring_groups: [{ id: 1, business_hours: [{ days: [1], from: '08:00', to: '08:00' }] }] },
      field: 'ring_groups[0].business_hours[0].to',
      says: /a whole day is/,
    },
    { body: [], field: 'body', says: /object/ },
    { body: 'null', field: 'body', says: /object/ },
    { body: '{"name":', field: 'request', says: /JSON/ },
    { body: '{"__proto__": {"name": "x"}}', field: 'request', says: /JSON/ },
  ]
  for (const { body, field, says } of refusals) {
    it(`refuses ${JSON.stringify(body).slice(0, 80)}, naming ${field}`, async () => {
      const key = server.key(['admin'])
      const headers = { 'content-type': 'application/json' }
      const answer = await server.ask('PATCH /account', { key, body, headers })
      assert.equal(answer.status, 400)
      assert.equal(answer.body.error.field, field)
      assert.match(answer.body.error.message, says)
      assert.equal(server.at.directory.account(ALICE)?.settings.name, 'Alice')
    })
  }
})
