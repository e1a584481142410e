import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { PlivoServer } from './support/plivo-server.ts'

type Json = Record<string, unknown>

const document = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`fixtures/plivo/${name}.json`, import.meta.url), 'utf8'))

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Keys that a call has here and not in the current documentation: production has them. */
const UNDOCUMENTED = ['call_id', 'cnam_lookup', 'cnam_lookup_rate']

/** Types as a client's decoder sees them. */
const typesOf = (body: Json) => Object.fromEntries(Object.entries(body).map(([key, value]) => [key, typeof value]))

/** `calls` as the documents' examples, in our native form. */
const CURRENT_CALL = {
  call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
  direction: 'outbound',
  from: { number: '+12025551234' },
  to: { number: '+13128574907' },
  started_at: '2024-01-15T14:28:48Z',
  answered_at: '2024-01-15T14:29:00Z',
  ended_at: '2024-01-15T14:32:00Z',
  hangup: { by: 'carrier', code: 3000 },
  trunk: { domain: '93667062664669661.zt.plivo.com', transport: 'udp', srtp: false, secure: false },
  stir: { verification: 'verified', attestation: 'A' },
  cost: { currency: 'USD', rate: '0.00500', bill_seconds: 180, billed_seconds: 180, amount: '0.01500' },
}

const PRODUCTION_CALL = {
  call_uuid: 'f3f74402-59af-40b3-909c-80c50a4b063f',
  sip_call_id: '459580122_124515270@206.146.101.14',
  direction: 'inbound',
  from: { number: '+919902443540' },
  to: { number: '+17322179088' },
  started_at: '2026-09-18T08:51:53Z',
  answered_at: '2026-09-18T08:51:54Z',
  ended_at: '2026-09-18T08:52:26Z',
  hangup: { by: 'carrier', code: 3000 },
  trunk: { domain: '42741122632602585.zt.plivo.com', transport: 'tcp', srtp: false, secure: false },
  stir: { verification: 'not_verified', attestation: 'C' },
  cost: { currency: 'USD', rate: '0.00280', bill_seconds: 32, billed_seconds: 60, amount: '0.00280' },
}

const EARLIER_CALL = {
  call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
  direction: 'outbound',
  from: { number: '+912235328936' },
  to: { number: '+919943720205' },
  started_at: '2022-12-06T07:01:48Z',
  answered_at: '2022-12-06T07:01:56Z',
  ended_at: '2022-12-06T07:02:00Z',
  hangup: { by: 'carrier', code: 3000 },
  trunk: { domain: '93667062664669661.ap-south-1.zt.plivo.com', transport: 'udp', srtp: false, secure: false },
  cost: { currency: 'USD', rate: '0.03000', bill_seconds: 4, billed_seconds: 4, amount: '0.00200' },
}

const INSIGHTS_CALL = {
  call_uuid: 'c9d6be3d-94c3-4b38-a2eb-8063ca404d77',
  direction: 'outbound',
  from: { number: '+12025551234', carrier: 'Verizon Wireless' },
  to: { number: '+13128574907', carrier: 'AT&T' },
  started_at: '2024-01-15T14:28:48Z',
  rang_at: '2024-01-15T14:28:49Z',
  answered_at: '2024-01-15T14:29:00Z',
  ended_at: '2024-01-15T14:32:00Z',
  hangup: { by: 'customer', code: 3010 },
  quality: { rtt_ms: 24, jitter_ms: 3, packet_loss_pct: 0, mos: 4.2 },
}

/** Its times are those of an account in São Paulo, three hours behind UTC. */
const LEGACY_CALL = {
  call_uuid: '6c3a8b60-26e0-4842-9387-2350de79f16b',
  direction: 'outbound',
  from: { number: '+552135006716' },
  to: { number: '+12604109832' },
  started_at: '2022-05-26T16:32:06Z',
  answered_at: '2022-05-26T16:32:09Z',
  ended_at: '2022-05-26T16:32:37Z',
  hangup: { by: 'customer', code: 3010 },
  trunk: {
    id: '126041xxxx',
    domain: '31723558297410168.zt.plivops.com',
    region: 'us-east-1',
    transport: 'udp',
    srtp: false,
    secure: true,
  },
  stir: { verification: 'not_verified' },
  cost: { currency: 'USD', rate: '0.318', bill_seconds: 28, billed_seconds: 7200, amount: '0.318' },
}

let server: PlivoServer
before(async () => {
  server = await PlivoServer.start({ now: '2026-11-21 00:00', store: 'sqlite' })
})
after(() => server.close())

describe('the current Plivo dialect, against the examples of its documents', () => {
  before(() => server.add(ALICE, CURRENT_CALL, INSIGHTS_CALL))
  const call = (uuid: string) => server.ask(`/v1/Account/${ALICE}/Zentrunk/Call/${uuid}/`)

  it('shows the call of the current documentation with its keys, types and values', async () => {
    const { status, body } = await call(CURRENT_CALL.call_uuid)
    const example = document('call')
    assert.equal(status, 200)
    assert.deepEqual({ ...body, ...example }, body)
    const more = Object.keys(body).filter((key) => !(key in example))
    assert.deepEqual(more, UNDOCUMENTED)
  })

  it('answers the list request of the documentation as it prints it, but with whole calls and every match', async () => {
    server.setClock('2024-01-16 00:00')
    const { body, headers } = await server.ask(
      `/v1/Account/${ALICE}/Zentrunk/Call/?call_direction=outbound&end_time__gte=2024-01-01%2000:00&limit=20`,
    )
    const example = document('list') as { meta: Json; objects: Json[] }
    assert.deepEqual(Object.keys(body), Object.keys(example))
    assert.match(body.api_id, UUID)
    assert.deepEqual(body.meta, example.meta)
    assert.deepEqual(Object.keys(body.meta), Object.keys(example.meta))
    // The example counts two calls and prints one of them, with eight of its fields.
    assert.equal(example.objects.length, 1)
    assert.equal(body.objects.length, 2)
    const shown = body.objects.find(({ call_uuid }) => call_uuid === CURRENT_CALL.call_uuid) ?? {}
    const [row = {}] = example.objects
    // It also gives the call another caller than the same call has elsewhere on the page.
    assert.equal(row.from_number, '+12025551111')
    assert.deepEqual({ ...shown, ...row }, { ...shown, from_number: '+12025551111' })
    assert.deepEqual([Object.keys(row).length, Object.keys(shown).length], [8, 27])
    assert.equal(headers.get('calltrail-searched'), '2024-01-01T00:00:00.000000Z/..')
  })

  it('shows the insights of the documentation; JSON has no 1000.0', async () => {
    const { body, text } = await call(`${INSIGHTS_CALL.call_uuid}/Insights`)
    const example = document('insights')
    assert.deepEqual(Object.keys(body), Object.keys(example))
    assert.match(body.api_id, UUID)
    assert.deepEqual({ ...body, api_id: example.api_id }, example)
    assert.match(text, /"post_dial_delay":1000[,}]/)
  })
})

describe('the current Plivo dialect, against an answer of production', () => {
  it('shows the call with its very fields, in order, with their types and values', async () => {
    server.setClock('2026-09-18 09:00')
    const { accountId, headers } = server.addAccount({})
    await server.add(accountId, PRODUCTION_CALL)
    const path = `/v1/Account/${accountId}/Zentrunk/Call/${PRODUCTION_CALL.call_uuid}/`
    const { body } = await server.ask(path, { headers })
    const example = document('production-call')
    assert.deepEqual(body, example)
    assert.deepEqual(Object.keys(body), Object.keys(example))
  })
})

describe('the current Plivo dialect, against the edition of its documentation before', () => {
  it('shows the call, with the verification as every other document spells it', async () => {
    server.setClock('2026-11-21 00:00')
    const { accountId, headers } = server.addAccount({})
    await server.add(accountId, EARLIER_CALL)
    const path = `/v1/Account/${accountId}/Zentrunk/Call/${EARLIER_CALL.call_uuid}`
    const { body } = await server.ask(path, { headers })
    const example = document('earlier-call')
    assert.equal(example.stir_verification, 'not applicable')
    assert.deepEqual({ ...body, ...example }, { ...body, stir_verification: 'not applicable' })
    assert.equal(body.stir_verification, 'Not Applicable')
    // `billed_duration` is in the page's list of fields, though not in its example.
    const more = Object.keys(body).filter((key) => !(key in example))
    assert.deepEqual(more, [...UNDOCUMENTED, 'billed_duration'])
  })
})

describe('the legacy Plivo dialect, against the example of its document', () => {
  it('answers with its keys, in order, with their types and values', async () => {
    const { accountId, headers } = server.addAccount({ timeZone: 'America/Sao_Paulo' })
    const others = ['0a', '0b', '0c'].map((start) => ({
      ...LEGACY_CALL,
      call_uuid: start + LEGACY_CALL.call_uuid.slice(2),
      ended_at: '2022-05-26T16:32:36Z',
    }))
    server.setClock('2022-05-27 00:00')
    await server.add(accountId, ...others, LEGACY_CALL)
    const { body, text } = await server.ask(`/v1/Account/${accountId}/Call/`, { headers })
    const example = document('legacy-list') as { meta: Json; objects: Json[] }
    assert.deepEqual(Object.keys(body), Object.keys(example))
    assert.match(body.api_id, UUID)
    assert.deepEqual(Object.keys(body.meta), Object.keys(example.meta))
    assert.deepEqual(typesOf(body.meta), typesOf(example.meta))
    // The example says that a page follows four calls of which twenty were asked for.
    assert.deepEqual(example.meta, { limit: 20, next: true, offset: 0, previous: false, total_count: 4 })
    assert.deepEqual(body.meta, { ...example.meta, next: false })
    const [row = {}] = body.objects
    assert.deepEqual(row, example.objects[0])
    assert.deepEqual(Object.keys(row), Object.keys(example.objects[0] ?? {}))
    assert.match(text, /"from_number":552135006716,"to_number":12604109832,/)
    assert.match(text, /"rate":0.318,"total_amount":0.318,/)

    const single = await server.ask(`/v1/Account/${accountId}/Call/${LEGACY_CALL.call_uuid}/`, { headers })
    assert.deepEqual(single.body, row)
  })
})

describe("Plivo's documents, against one another", () => {
  it('bill what was talked, where production bills what was rounded', () => {
    for (const name of ['call', 'earlier-call']) {
      const { call_duration, bill_duration } = document(name)
      assert.equal(bill_duration, call_duration)
    }
    const { call_duration, bill_duration, billed_duration } = document('production-call')
    assert.deepEqual([call_duration, bill_duration, billed_duration], [32, 60, 60])
  })

  it('give every answer an api_id, and single calls none', () => {
    for (const name of ['list', 'insights', 'legacy-list']) assert.ok('api_id' in document(name))
    for (const name of ['call', 'earlier-call', 'production-call']) assert.ok(!('api_id' in document(name)))
  })
})
