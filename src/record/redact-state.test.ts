import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anAccount, aReport, type Body, recordOf, stateOf } from '../../test/support/a-report.ts'
import { type CallState, fold } from './merge.ts'
import { isErased, redactState, withoutLinks } from './redact-state.ts'

const PLAN = { defaultCountry: 'US', dialOutPrefixes: [] }
const NUMBER = '+12025551234'
const search = { plan: PLAN, tokenOf: (digits: string) => (digits === '12025551234' ? 'erased-abcdefgh' : null) }

const EVERYWHERE: Body = {
  sip_call_id: '12025551234-77@pbx',
  session_id: 's 2025551234',
  from: { number: NUMBER, as_sent: '(202) 555-1234', name: 'Erika' },
  to: { number: '+13128574907', name: 'Acme' },
  did: '2025551234',
  destination: 'sip:2025551234@pbx',
  outbound_caller_id: '+1 202 555 1234',
  service_number: '12025551234',
  stir: { verification: 'verified', attestation: 'A', evidence: 'eyJ…' },
  tags: ['vip', 'from 202-555-1234'],
  user_data: '{"ani":"2025551234"}',
  recordings: [{ id: 7, url: 'https://rec.example/7' }, { url: 'https://rec.example/2025551234' }],
  center: {
    number: { id: 1, number: '+13128574907', alias: 'Sales' },
    contact: {
      id: 4,
      full_name: 'Erika',
      number: '2025551234',
      country_code: '1',
      national_number: '2025551234',
      list_ids: [1, 2],
    },
    agents: [{ sip: 'sip:2025551234@pbx', started_at: '2024-01-15T14:28:50Z', transfer: 'none' }],
    external_numbers: [{ number: '2025551234', transfer: 'blind' }],
  },
}

function stateFrom(...bodies: Body[]): CallState {
  return stateOf(bodies.map((body, at) => aReport(body, { arrivedAtUs: 1_705_329_300_000_000 + at }))) as CallState
}

describe('a call without a number that was in it', () => {
  const before = stateFrom(EVERYWHERE)
  const after = redactState(before, search)
  const call = recordOf(after, { account: anAccount({ defaultCountry: 'US' }) })

  it('has it in no field, nor the names beside it', () => {
    assert.doesNotMatch(JSON.stringify(after), /5551234|555-1234|Erika|eyJ/)
    assert.deepEqual(
      [call.from.number, call.from.asSent, call.from.name, call.did, call.destination, call.outboundCallerId],
      [null, null, null, null, null, null],
    )
    assert.deepEqual(call.center?.contact, {
      id: 4,
      fullName: null,
      number: null,
      countryCode: null,
      nationalNumber: null,
      listIds: [1, 2],
    })
  })

  it('keeps the rest, with a token where the number stood in a text', () => {
    const was = recordOf(before)
    assert.equal(call.sipCallId, 'erased-abcdefgh-77@pbx')
    assert.deepEqual(call.tags, ['vip', 'from erased-abcdefgh'])
    assert.equal(call.center?.externalNumbers[0]?.number, 'erased-abcdefgh')
    assert.equal(call.center?.agents[0]?.sip, 'sip:erased-abcdefgh@pbx')
    assert.deepEqual(call.recordings, [{ id: 7, url: null }])
    assert.equal(call.from.country, 'US')
    for (const kept of ['to', 'cost', 'hangup', 'durationS', 'startedAtUs', 'direction', 'callTypes'] as const)
      assert.deepEqual(call[kept], was[kept], kept)
  })

  it('is found once: a second look changes nothing', () => {
    assert.equal(redactState(after, search), after)
    assert.equal(isErased(after), true)
    assert.equal(isErased(before), false)
  })

  it('is the same state where the number is not', () => {
    const other = stateFrom({ from: { number: '+120255512345' } })
    assert.equal(redactState(other, search), other)
  })

  it('does not get back what a later report says of it', () => {
    const late = aReport({ ...EVERYWHERE, user_data: 'call 2025551234' }, { arrivedAtUs: 1_805_329_300_000_000 })
    const folded = redactState(fold(after, late), search)
    assert.doesNotMatch(JSON.stringify(folded), /5551234|555-1234|Erika|eyJ/)
    assert.equal(recordOf(folded).userData, 'call erased-abcdefgh')
    const named = fold(folded, aReport({ from: { name: 'Erika' }, recordings: [{ id: 9, url: 'https://x' }] }))
    assert.doesNotMatch(JSON.stringify(named), /Erika|https/)
  })

  it('is the same whether a report came before the erasure or after it', () => {
    const reports = [
      aReport(EVERYWHERE, { arrivedAtUs: 1_705_329_300_000_001 }),
      aReport(
        { from: { number: '+13128570000', name: 'Bob' }, ended_at: null },
        { arrivedAtUs: 1_705_329_300_000_002 },
      ),
      aReport({ ...EVERYWHERE, kind: 'correction', tags: ['x'] }, { arrivedAtUs: 1_705_329_300_000_003 }),
    ]
    const together = redactState(stateOf(reports) as CallState, search)
    const [first, ...others] = reports as [ReturnType<typeof aReport>]
    let one = redactState(fold(null, first), search)
    for (const report of others) one = redactState(fold(one, report), search)
    assert.deepEqual(one.facts, together.facts)
  })
})

describe('a call whose links of recordings are forgotten', () => {
  it('has as many recordings as have an id, and takes no link again', () => {
    const before = stateFrom({ recordings: [{ id: 7, url: 'https://rec.example/7' }], tags: ['kept'] })
    const after = withoutLinks(before)
    assert.deepEqual(recordOf(after).recordings, [{ id: 7, url: null }])
    assert.deepEqual(recordOf(after).tags, ['kept'])
    assert.equal(withoutLinks(after), after)
    assert.deepEqual(recordOf(fold(after, aReport({ recordings: [{ id: 7, url: 'https://x' }] }))).recordings, [
      { id: 7, url: null },
    ])
  })
})
