import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { PortsipServer } from './support/portsip-server.ts'

interface DocumentedField {
  name: string
  type: 'string' | 'integer' | 'number'
  example?: string
  values?: string[]
}

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`fixtures/portsip/${name}.json`, import.meta.url), 'utf8'))

const FIELDS: DocumentedField[] = fixture('call-log')
const WORKED = fixture('list-cdrs') as { count: number; items: Record<string, unknown>[] }

/** The worked example in our native form, its own words kept. */
const WORKED_CALL = {
  source_id: '878156644691742720',
  sip_call_id: 'JooRSqaUcdwZnsD7DNgA3Q..',
  direction: 'internal',
  from: { number: '102', name: 'Kelly Cruickshank', domain: 'test.com' },
  to: { number: '103', name: 'Lucas Heidenreich', domain: 'test.com' },
  started_at: '2024-08-20T06:00:59.457188Z',
  rang_at: '2024-08-20T06:00:59.543647Z',
  answered_at: '2024-08-20T06:01:01.965027Z',
  ended_at: '2024-08-20T06:01:36.158919Z',
  hangup: { side: 'caller', end_reason: 'CALLER_DISCONNECT', sip_status: 200 },
}

/** The documented call log in our native form: its examples and first values, and texts of ours where it has none. */
const DOCUMENTED_CALL = {
  source_id: '700551909773148160',
  session_id: '700551909773148160',
  sip_call_id: 'JooRSqaUcdwZnsD7DNgA3Q..',
  direction: 'inbound',
  from: { number: '2025550142', name: 'Ada Birch', domain: 'carrier.example' },
  to: { number: '8000', name: 'Sales', domain: 'pbx.example' },
  started_at: '2017-07-21T17:32:28Z',
  rang_at: '2017-07-21T17:32:28Z',
  answered_at: '2017-07-21T17:32:28Z',
  ended_at: '2017-07-21T17:32:28Z',
  hangup: { end_reason: 'CALLER_DISCONNECTED', reroute_reason: 'TRANSFER' },
  destination: '2025550143',
  outbound_caller_id: '2025550144',
  did: '2025550145',
  trunk: { name: 'carrier' },
  cost: { amount: '0.125', account: 'front desk' },
  service_number: '8000',
  user_data: 'x=1',
}

const DOCUMENTED_VALUES: Record<string, unknown> = {
  session_id: 'NzAwNTUxOTA5NzczMTQ4MTYw',
  caller: '2025550142',
  caller_domain: 'carrier.example',
  caller_display_name: 'Ada Birch',
  callee: '8000',
  callee_domain: 'pbx.example',
  callee_display_name: 'Sales',
  call_id: 'JooRSqaUcdwZnsD7DNgA3Q..',
  direction: 'INBOUND_CALL',
  end_reason: 'CALLER_DISCONNECTED',
  reroute_reason: 'TRANSFER',
  status_code: 0,
  destination: '2025550143',
  outbound_caller_id: '2025550144',
  did_cid: '2025550145',
  trunk: 'carrier',
  duration: 0,
  cost: 0.125,
  billed_account: 'front desk',
  service_number: '8000',
  user_data: 'x=1',
}

const typeOf = (value: unknown) => (typeof value === 'number' ? 'number' : typeof value)

describe("PortSIP's documents", () => {
  let server: PortsipServer
  before(async () => {
    server = await PortsipServer.start()
    await server.add(ALICE, WORKED_CALL, DOCUMENTED_CALL)
  })
  after(() => server.close())

  it('have the fields of a call log in this order and of these types', async () => {
    const { body, status } = await server.ask('/calllogs/700551909773148160')
    assert.equal(status, 200)
    assert.deepEqual(
      Object.keys(body),
      FIELDS.map(({ name }) => name),
    )
    for (const { name, type } of FIELDS) {
      assert.equal(typeOf(body[name]), type === 'string' ? 'string' : 'number', name)
      if (type === 'integer') assert.ok(Number.isInteger(body[name]), name)
    }
  })

  it('come back with their values: but for the id, which has the same form', async () => {
    const { body } = await server.ask('/calllogs/NzAwNTUxOTA5NzczMTQ4MTYw')
    for (const { name, example } of FIELDS)
      if (name === 'id') assert.match(String(body.id), /^[A-Za-z0-9]+={0,2}$/)
      else if (name.endsWith('_at')) {
        assert.equal(body[name], example, name)
      } else assert.equal(body[name], DOCUMENTED_VALUES[name], name)
  })

  it('have every value of the enumerations, and each can be stored, shown and found', async () => {
    const directions = ['inbound', 'outbound', 'internal', 'transit']
    const values = (name: string) => FIELDS.find((field) => field.name === name)?.values ?? []
    const call = { started_at: '2024-08-20T08:00:00Z', ended_at: '2024-08-20T08:00:10Z' }
    const stored: [string, string, object][] = [
      ...values('direction').map((value, at): [string, string, object] => [
        'direction',
        value,
        { direction: directions[at] },
      ]),
      ...values('end_reason').map((value): [string, string, object] => [
        'end_reason',
        value,
        { hangup: { end_reason: value } },
      ]),
      ...values('reroute_reason').map((value): [string, string, object] => [
        'reroute_reason',
        value,
        { hangup: { reroute_reason: value } },
      ]),
    ]
    assert.equal(stored.length, 14)
    for (const [field, value, given] of stored) {
      const sourceId = `enum-${field}-${value}`
      await server.add(ALICE, { ...call, ...given, source_id: sourceId })
      const { body } = await server.ask(`/calllogs/${sourceId}`)
      assert.equal(body[field], value)
      const found = await server.list({ filter: `${field} eq '${value}'` })
      assert.ok(found.body.items.some(({ id }) => id === body.id))
      assert.ok(found.body.items.every((item) => item[field as 'direction'] === value))
    }
  })

  it('have a worked list that comes back, but for its id and the spelling of its end reason', async () => {
    const filter = "call_id eq 'JooRSqaUcdwZnsD7DNgA3Q..' and caller eq '102'"
    const { body } = await server.list({ filter }, '/cdrs')
    assert.deepEqual(Object.keys(body), Object.keys(WORKED))
    assert.equal(body.count, WORKED.count)
    const [documented = {}] = WORKED.items
    const [item = {}] = body.items as unknown as Record<string, unknown>[]
    const { id, service_number, user_data, ...shown } = item
    assert.deepEqual([service_number, user_data], ['', ''], 'fields that the example leaves out')
    assert.equal(typeof id, typeof documented.id)
    const { id: _, ...rest } = documented
    // The list of values has CALLER_DISCONNECTED.
    assert.deepEqual(shown, { ...rest, end_reason: 'CALLER_DISCONNECTED' })
    assert.deepEqual(
      Object.keys(item).filter((name) => name in documented),
      Object.keys(documented),
    )
  })

  it('have the price in single call logs and CDRs only, no session in CDRs, and no ids in legs', async () => {
    const names = FIELDS.map(({ name }) => name)
    const without = (...left: string[]) => names.filter((name) => !left.includes(name))
    const keys = (body: object) => Object.keys(body)
    const [log = {}] = (await server.list()).body.items
    assert.deepEqual(keys(log), without('cost', 'billed_account'))
    const [cdr = {}] = (await server.list({}, '/cdrs')).body.items
    assert.deepEqual(keys(cdr), without('session_id', 'cost', 'billed_account'))
    const { body } = await server.ask('/cdrs/700551909773148160')
    assert.deepEqual(keys(body), ['items'])
    assert.deepEqual(keys(body.items[0] ?? {}), without('id', 'session_id'))
  })
})
