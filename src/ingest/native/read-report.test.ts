import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ARRIVED_AT_US,
  aBody,
  aLiveBody,
  anAccount,
  type Body,
  CALL_UUID,
  reading,
  recordOf,
  reportOf,
  stateOf,
  us,
} from '../../../test/support/a-report.ts'
import { anyBody, anyReportBodies } from '../../../test/support/any-body.ts'
import { type CallState, fold } from '../../record/merge.ts'
import { reportHash } from '../../record/report.ts'
import { formatRfc3339 } from '../../record/time.ts'
import { writeCall } from '../../record/wire.ts'

const hours = (n: number) => formatRfc3339(ARRIVED_AT_US + n * 3_600_000_000)
const list = (n: number, entry: (index: number) => unknown) => Array.from({ length: n }, (_, index) => entry(index))

/** Bodies that are refused, the field that is named, and a part of the reason. */
const REFUSED: { what: string; body: unknown; field: string; reason: RegExp }[] = [
  { what: 'nothing', body: null, field: 'record', reason: /must be a JSON object/ },
  { what: 'a list', body: [aBody()], field: 'record', reason: /must be a JSON object/ },
  { what: 'text', body: 'call', field: 'record', reason: /must be a JSON object/ },
  { what: 'a number', body: 7, field: 'record', reason: /must be a JSON object/ },
  { what: 'a field that no call has', body: aBody({ caller: 'x' }), field: 'caller', reason: /not a field of a call/ },
  { what: 'a field in the style of the code', body: aBody({ startedAt: 'x' }), field: 'startedAt', reason: /not a fi/ },
  { what: 'an inner field that no call has', body: aBody({ from: { nr: '1' } }), field: 'from.nr', reason: /not a fi/ },
  {
    what: 'a field deep inside that no call has',
    body: aBody({ center: { contact: { vip: true } } }),
    field: 'center.contact.vip',
    reason: /not a field/,
  },
  { what: 'a prototype', body: JSON.parse('{"__proto__":{"a":1}}'), field: '__proto__', reason: /not a field/ },
  { what: 'a field named with 10 MB', body: { ['x'.repeat(1e7)]: 1 }, field: 'x'.repeat(200), reason: /not a field/ },
  { what: 'a number for text', body: aBody({ destination: 7 }), field: 'destination', reason: /must be text/ },
  { what: 'text for a number', body: aBody({ duration: '7' }), field: 'duration', reason: /whole number/ },
  { what: 'half a second', body: aBody({ duration: 7.5 }), field: 'duration', reason: /whole number/ },
  { what: 'a negative duration', body: aBody({ duration: -1 }), field: 'duration', reason: /from 0 to 315360000/ },
  { what: 'text for a flag', body: aBody({ trunk: { srtp: 'yes' } }), field: 'trunk.srtp', reason: /true or false/ },
  { what: 'text for an object', body: aBody({ from: '+1' }), field: 'from', reason: /must be an object/ },
  { what: 'a list for an object', body: aBody({ center: [] }), field: 'center', reason: /must be an object/ },
  { what: 'an object for a list', body: aBody({ tags: {} }), field: 'tags', reason: /must be a list/ },
  { what: 'a number in a list of text', body: aBody({ tags: ['a', 7] }), field: 'tags[1]', reason: /must be text/ },
  { what: 'null in a list', body: aBody({ tags: [null] }), field: 'tags[0]', reason: /must be text/ },
  {
    what: 'a direction that there is not',
    body: aBody({ direction: 'up' }),
    field: 'direction',
    reason: /inbound, out/,
  },
  { what: 'a direction in capitals', body: aBody({ direction: 'Inbound' }), field: 'direction', reason: /one of/ },
  { what: 'a leg that there is not', body: aBody({ leg: 'c' }), field: 'leg', reason: /whole, a, b/ },
  { what: 'a kind that there is not', body: aBody({ kind: 'call' }), field: 'kind', reason: /start, update, end, cdr/ },
  {
    what: 'a SIP status of 700',
    body: aBody({ hangup: { sip_status: 700 } }),
    field: 'hangup.sip_status',
    reason: /699/,
  },
  { what: 'a cause of 128', body: aBody({ hangup: { q850: 128 } }), field: 'hangup.q850', reason: /from 0 to 127/ },
  { what: 'a MOS of 6', body: aBody({ quality: { mos: 6 } }), field: 'quality.mos', reason: /from 0 to 5/ },
  { what: 'no number at all', body: aBody({ quality: { mos: Number.NaN } }), field: 'quality.mos', reason: /a number/ },
  {
    what: 'an endless number',
    body: JSON.parse('{"quality":{"mos":1e999}}'),
    field: 'quality.mos',
    reason: /a number/,
  },
  { what: 'money as a number', body: aBody({ cost: { rate: 0.005 } }), field: 'cost.rate', reason: /decimal string/ },
  { what: 'money with letters', body: aBody({ cost: { amount: '1.5 USD' } }), field: 'cost.amount', reason: /decimal/ },
  { what: 'money with an exponent', body: aBody({ cost: { amount: '1e3' } }), field: 'cost.amount', reason: /decimal/ },
  {
    what: 'money in finer parts',
    body: aBody({ cost: { amount: '0.0000001' } }),
    field: 'cost.amount',
    reason: /6 pl/,
  },
  {
    what: 'a price below nothing',
    body: aBody({ cost: { rate: '-0.01' } }),
    field: 'cost.rate',
    reason: /from 0.00000/,
  },
  { what: 'a price of 1,001', body: aBody({ cost: { rate: '1001' } }), field: 'cost.rate', reason: /to 1000.00000/ },
  { what: 'a time as a number', body: aBody({ rang_at: 1_705_329_300 }), field: 'rang_at', reason: /RFC 3339/ },
  { what: 'a time without a zone', body: aBody({ rang_at: '2024-01-15T14:28:48' }), field: 'rang_at', reason: /zone/ },
  { what: '30 February', body: aBody({ rang_at: '2024-02-30T00:00:00Z' }), field: 'rang_at', reason: /not a time/ },
  { what: 'a time of 1969', body: aBody({ started_at: '1969-12-31T23:59:59Z' }), field: 'started_at', reason: /1970/ },
  { what: 'a time of 2200', body: aBody({ started_at: '2200-01-01T00:00:00Z' }), field: 'started_at', reason: /2199/ },
  {
    what: 'an end before its start',
    body: aBody({ ended_at: '2024-01-15T14:28:47Z' }),
    field: 'ended_at',
    reason: /before/,
  },
  { what: 'a start in 25 h', body: aLiveBody({ started_at: hours(25) }), field: 'started_at', reason: /24 hours/ },
  { what: 'an end in 25 h', body: aBody({ ended_at: hours(25) }), field: 'ended_at', reason: /in the future/ },
  { what: 'an answer in 25 h', body: aBody({ answered_at: hours(25) }), field: 'answered_at', reason: /in the future/ },
  { what: 'a report told in 25 h', body: aBody({ reported_at: hours(25) }), field: 'reported_at', reason: /future/ },
  { what: 'a report told never', body: aBody({ reported_at: 'never' }), field: 'reported_at', reason: /RFC 3339/ },
  { what: 'a report told by number', body: aBody({ reported_at: 5 }), field: 'reported_at', reason: /RFC 3339/ },
  { what: 'a start without its time', body: { kind: 'start', did: '1' }, field: 'started_at', reason: /kind start/ },
  { what: 'a CDR without a start', body: aBody({ kind: 'cdr', started_at: null }), field: 'started_at', reason: /cdr/ },
  { what: '10 MB of text', body: aBody({ user_data: 'x'.repeat(1e7) }), field: 'user_data', reason: /at most 8192/ },
  { what: 'one letter too many', body: aBody({ did: '1'.repeat(129) }), field: 'did', reason: /at most 128 char/ },
  { what: '101 tags', body: aBody({ tags: list(101, String) }), field: 'tags', reason: /at most 100 entries/ },
  {
    what: '201 recordings',
    body: aBody({ recordings: list(201, (id) => ({ id })) }),
    field: 'recordings',
    reason: /200/,
  },
  { what: 'half a surrogate pair', body: aBody({ did: 'a\ud83d' }), field: 'did', reason: /half a UTF-16 surrogate/ },
  { what: 'U+0000', body: aBody({ tags: ['a\u0000'] }), field: 'tags[0]', reason: /U\+0000/ },
  { what: 'no UUID', body: aBody({ call_uuid: '7' }), field: 'call_uuid', reason: /must be a UUID/ },
  {
    what: 'a UUID in braces',
    body: aBody({ call_uuid: `{${CALL_UUID}}` }),
    field: 'call_uuid',
    reason: /must be a UUID/,
  },
  { what: 'a number for a UUID', body: aBody({ call_uuid: 7 }), field: 'call_uuid', reason: /must be a UUID/ },
  {
    what: "another account's id",
    body: aBody({ account_id: 'MAMALLORY00000000000' }),
    field: 'account_id',
    reason: /key/,
  },
  {
    what: 'a number for an account',
    body: aBody({ account_id: 7 }),
    field: 'account_id',
    reason: /account of this key/,
  },
  { what: 'a source with a blank', body: aBody({ source: 'fs london' }), field: 'source', reason: /a-z, 0-9/ },
  { what: 'no name of a source', body: aBody({ source: '' }), field: 'source', reason: /1 to 64/ },
  { what: 'a recording without a key', body: aBody({ recordings: [{}] }), field: 'recordings[0]', reason: /id or url/ },
  {
    what: 'an agent that is null',
    body: aBody({ center: { agents: [null] } }),
    field: 'center.agents[0]',
    reason: /object/,
  },
  {
    what: 'an agent without a key',
    body: aBody({ center: { agents: [{ id: 1 }, { transfer: 'warm' }] } }),
    field: 'center.agents[1]',
    reason: /id, user_id, sip or alias/,
  },
  {
    what: 'a transfer that there is not',
    body: aBody({ center: { agents: [{ id: 1, transfer: 'cold' }] } }),
    field: 'center.agents[0].transfer',
    reason: /none, blind, warm/,
  },
  {
    what: 'a campaign without its id',
    body: aBody({ center: { campaign: { name: 'spring' } } }),
    field: 'center.campaign.id',
    reason: /is needed/,
  },
  { what: 'fields to clear as text', body: aBody({ clear: 'tags' }), field: 'clear', reason: /list of field names/ },
  { what: 'clearing what is no field', body: aBody({ clear: ['tag'] }), field: 'clear', reason: /tag is not a field/ },
  { what: 'clearing a number', body: aBody({ clear: [7] }), field: 'clear', reason: /7 is not a field/ },
  { what: 'clearing the start', body: aBody({ clear: ['started_at'] }), field: 'clear', reason: /only corrected/ },
  { what: 'clearing the end', body: aBody({ clear: ['end_inferred'] }), field: 'clear', reason: /only corrected/ },
  {
    what: 'stated fields as text',
    body: aBody({ stated: 'duration' }),
    field: 'stated',
    reason: /list of field names/,
  },
]

const ACCEPTED: { what: string; body: Body }[] = [
  { what: 'nothing but a time', body: { started_at: '2024-01-15T14:28:48Z' } },
  { what: 'a call of ten years ago', body: aBody({ started_at: '2014-01-15T14:28:48Z' }) },
  { what: 'a start in 23 h', body: aLiveBody({ started_at: hours(23) }) },
  { what: 'an answer before the start: clocks differ', body: aBody({ answered_at: '2024-01-15T14:28:00Z' }) },
  { what: 'letters in a number', body: aBody({ to: { number: '1-800-FLOWERS' } }) },
  { what: 'an empty number', body: aBody({ from: { number: '' } }) },
  { what: 'a UUID in capitals', body: aBody({ call_uuid: CALL_UUID.toUpperCase() }) },
  {
    what: 'null everywhere else',
    body: { call_uuid: CALL_UUID, did: '100', from: null, center: null, tags: null, recordings: null },
  },
  { what: 'null in place of an inner list', body: aBody({ center: { contact: { id: 1, list_ids: null } } }) },
  { what: 'as much text as there can be', body: aBody({ user_data: 'é'.repeat(8192) }) },
  { what: 'an end without a start', body: { call_uuid: CALL_UUID, ended_at: '2024-01-15T14:32:00Z' } },
]

describe('readReport', () => {
  for (const { what, body, field, reason } of REFUSED) {
    it(`refuses ${what} and names ${field.slice(0, 30)}`, () => {
      const made = reading(body, { raw: '' })
      assert.ok(!made.ok)
      assert.equal(made.fault.field, field)
      assert.match(made.fault.reason, reason)
    })
  }

  for (const { what, body } of ACCEPTED)
    it(`accepts ${what}`, () => assert.deepEqual(reading(body).ok ? [] : reading(body), []))

  it('accepts every body that the arbitrary makes, and never throws on any JSON', () => {
    fc.assert(
      fc.property(anyBody(), (body) => assert.ok(reading(body).ok)),
      { numRuns: 300 },
    )
    const fields = ['from', 'center', 'tags', 'clear', 'stated', 'source', 'kind', 'reported_at', 'cost', 'recordings']
    const anyJson = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()))
    fc.assert(
      fc.property(anyJson, (body) => typeof reading(body).ok === 'boolean'),
      { numRuns: 1000 },
    )
  })

  it('keeps the source that the record names, else the one that it came from', () => {
    assert.equal(reportOf(aBody({ source: 'pbx-2' })).source, 'pbx-2')
    assert.equal(reportOf(aBody()).source, 'fs-london')
  })

  it('keeps the name of a ring group when a later report repeats its id alone', () => {
    const queue = { queued_at: '2024-01-15T14:28:50Z' }
    const queued = aLiveBody({ center: { queues: [{ ...queue, ring_group: { id: 7, name: 'Sales' } }] } })
    const left = { ...queue, ring_group: { id: 7 }, left_at: '2024-01-15T14:29:00Z', left_by: 'answer' }
    const update = (center: Body) => ({ ...aLiveBody({ center }), reported_at: '2024-01-15T14:34:00Z' })
    const named = recordOf(stateOf([queued, update({ queues: [left] })].map((body) => reportOf(body))) as CallState)
    assert.deepEqual(named.center?.queues[0]?.ringGroup, { id: 7, name: 'Sales' })
    assert.equal(named.center?.queues.length, 1)
    const nameless = recordOf(stateOf([reportOf(update({ queues: [left] }))]) as CallState)
    assert.deepEqual(nameless.center?.queues[0]?.ringGroup, { id: 7, name: null })
    assert.deepEqual(nameless.center?.ringGroup, { id: 7, name: null })
  })

  const kinds: { body: Body; kind: string }[] = [
    { body: aBody(), kind: 'cdr' },
    { body: aLiveBody(), kind: 'update' },
    { body: { ended_at: '2024-01-15T14:32:00Z' }, kind: 'end' },
    { body: aBody({ kind: 'correction' }), kind: 'correction' },
  ]
  for (const { body, kind } of kinds)
    it(`takes ${JSON.stringify(Object.keys(body))} for a report of kind ${kind}`, () =>
      assert.equal(reportOf(body).kind, kind))

  it('guesses the start as the earliest time that is told', () => {
    const guess = (body: Body) => reportOf({ call_uuid: CALL_UUID, ...body }).startGuessUs
    assert.equal(guess({ answered_at: '2024-01-15T14:29:00Z' }), us('2024-01-15T14:29:00Z'))
    assert.equal(
      guess({ answered_at: '2024-01-15T14:29:00Z', reported_at: '2024-01-15T14:28:00Z' }),
      us('2024-01-15T14:28:00Z'),
    )
    assert.equal(guess({ quality: { mos: 4 } }), ARRIVED_AT_US)
    assert.equal(guess({ started_at: '2024-01-15T14:28:48Z' }), null)
  })

  it('writes numbers in one form and keeps them as sent', () => {
    const account = anAccount({ defaultCountry: 'US' })
    const { facts } = reportOf(aBody({ from: { number: '(202) 555-1234' }, to: { as_sent: '3128574907' } }), {
      account,
    })
    assert.deepEqual([facts['from.number'], facts['from.asSent']], ['+12025551234', '(202) 555-1234'])
    assert.deepEqual([facts['to.number'], facts['to.asSent']], ['+13128574907', '3128574907'])
  })

  it('drops a hangup name without its code', () => {
    assert.equal(reportOf(aBody({ hangup: { name: 'normal' } })).facts['hangup.name'], undefined)
  })
})

describe('the identity that readReport gives', () => {
  const uuidOf = (body: Body, over = {}) => reportOf(body, over).callUuid
  const anonymous = aBody({ call_uuid: null })

  it('is the given UUID in lower case', () => {
    assert.equal(uuidOf(aBody({ call_uuid: CALL_UUID.toUpperCase() })), CALL_UUID)
  })

  it("is made from the source's own id, whatever else the report says", () => {
    const one = uuidOf({ ...anonymous, source_id: '17' })
    assert.equal(uuidOf({ call_uuid: null, source_id: '17', ended_at: '2024-01-15T14:32:00Z' }), one)
    assert.notEqual(uuidOf({ ...anonymous, source_id: '18' }), one)
    assert.notEqual(uuidOf({ ...anonymous, source_id: '17' }, { source: 'fs-paris' }), one)
    assert.notEqual(uuidOf({ ...anonymous, source_id: '17' }, { accountId: 'MAMALLORY00000000000' }), one)
  })

  it('is made from what the report says where it has no id, an empty one included', () => {
    const one = uuidOf(anonymous)
    assert.equal(uuidOf({ ...anonymous }, { arrivedAtUs: ARRIVED_AT_US + 5 }), one)
    assert.equal(uuidOf({ ...anonymous, source_id: '' }), one)
    assert.notEqual(uuidOf({ ...anonymous, destination: 'x' }), one)
    assert.notEqual(uuidOf(anonymous, { ordinal: 1 }), one)
  })

  it('does not hang on the order of keys or of entries', () => {
    const body = { ...anonymous, recordings: [{ id: 1 }, { id: 2, url: 'x' }] }
    const turned = Object.fromEntries(
      Object.entries({ ...anonymous, recordings: [{ url: 'x', id: 2 }, { id: 1 }] }).reverse(),
    )
    assert.equal(uuidOf(turned), uuidOf(body))
    assert.equal(reportHash(reportOf(turned)), reportHash(reportOf(body)))
  })
})

describe('a call that was exported and comes back', () => {
  const LATER_US = ARRIVED_AT_US + 86_400_000_000
  const back = (state: CallState) =>
    reportOf(writeCall(recordOf(state)) as Body, { source: 'import', arrivedAtUs: LATER_US })
  const visible = (state: CallState) => ({ ...recordOf(state), updatedAtUs: 0, receivedAtUs: 0 })

  it('changes nothing, however its reports contradicted one another', () => {
    fc.assert(
      fc.property(anyReportBodies(), (set) => {
        const state = stateOf(set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs }))) as CallState
        assert.deepEqual(visible(fold(state, back(state))), visible(state))
      }),
      { numRuns: 300 },
    )
  })

  it('is the same call where it was not known', () => {
    fc.assert(
      fc.property(anyReportBodies(), (set) => {
        const state = stateOf(set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs }))) as CallState
        assert.deepEqual(visible(fold(null, back(state))), visible(state))
      }),
      { numRuns: 300 },
    )
  })

  it('does not undo what was learned since', () => {
    const exported = stateOf([reportOf(aBody({ tags: ['old'] }))]) as CallState
    const corrected = reportOf(
      { call_uuid: CALL_UUID, kind: 'correction', tags: ['new'] },
      { arrivedAtUs: LATER_US - 1 },
    )
    const state = fold(fold(exported, corrected), back(exported))
    assert.deepEqual(recordOf(state).tags, ['new'])
  })

  it('is the same report as often as it comes back', () => {
    const state = stateOf([reportOf(aBody())]) as CallState
    const once = fold(state, back(state))
    assert.equal(fold(once, back(state)), once)
  })

  it('states only what was stated: a later report still changes what is derived', () => {
    const state = stateOf([reportOf(aBody())]) as CallState
    const again = fold(
      fold(null, back(state)),
      reportOf({ call_uuid: CALL_UUID, kind: 'correction', ended_at: '2024-01-15T14:40:00Z' }),
    )
    assert.equal(recordOf(state).durationS, 180)
    assert.equal(recordOf(again).durationS, 660)
  })
})
