import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aCall, aLiveBody, anAccount, type Body, recordOf, reportOf, stateOf } from '../../test/support/a-report.ts'
import { anyReportBodies } from '../../test/support/any-body.ts'
import { callTypes } from '../center/call-types.ts'
import type { DerivingSettings } from '../record/account.ts'
import { FACTS } from '../record/facts.ts'
import type { CallState } from '../record/merge.ts'
import type { WireFault } from '../record/wire.ts'
import { derive } from './derive.ts'

const answeredFor = (seconds: number, more: Body = {}): Body => ({
  call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
  started_at: '2024-01-15T14:00:00Z',
  answered_at: '2024-01-15T14:00:00Z',
  ended_at: new Date(Date.UTC(2024, 0, 15, 14, 0, seconds)).toISOString(),
  ...more,
})

function derivedFrom(body: Body, settings: Partial<DerivingSettings> = {}) {
  return derive((stateOf([reportOf(body)]) as CallState).facts, anAccount(settings).settings)
}

describe('derive', () => {
  it('says nothing of a live call but where its numbers are and how it goes', () => {
    assert.deepEqual(derivedFrom(aLiveBody({ direction: null })), {
      direction: 'inbound',
      leg: 'whole',
      'from.country': 'US',
      'to.country': 'US',
    })
  })

  const money: { seconds: number; cost: Body; settings?: Partial<DerivingSettings>; expect: Body; because: string }[] =
    [
      {
        seconds: 61,
        cost: {},
        expect: { bill: 61, billed: 61, amount: undefined },
        because: 'nothing is owed at no rate',
      },
      {
        seconds: 61,
        cost: { rate: '0.06' },
        expect: { bill: 61, billed: 61, amount: 61_000 },
        because: 'seconds count',
      },
      {
        seconds: 61,
        cost: { rate: '0.06' },
        settings: { billingIncrement: { firstS: 60, nextS: 60 } },
        expect: { bill: 61, billed: 120, amount: 120_000 },
        because: 'a started minute is whole',
      },
      {
        seconds: 61,
        cost: { rate: '0.06', secure_rate: '0.006' },
        expect: { bill: 61, billed: 61, amount: 67_100 },
        because: 'security costs extra',
      },
      { seconds: 0, cost: { rate: '0.06' }, expect: { bill: 0, billed: 0, amount: 0 }, because: 'no talk is free' },
      {
        seconds: 61,
        cost: { rate: '0.06', bill_seconds: 70 },
        expect: { bill: undefined, billed: 70, amount: 70_000 },
        because: 'what a source states beats what we derive',
      },
      {
        seconds: 61,
        cost: { rate: '0.06', billed_seconds: 90, amount: '7' },
        expect: { bill: 61, billed: undefined, amount: undefined },
        because: 'stated figures are not derived again',
      },
    ]
  for (const { seconds, cost, settings = {}, expect, because } of money)
    it(`bills ${seconds} s at ${JSON.stringify(cost)} as ${JSON.stringify(expect)}: ${because}`, () => {
      const derived = derivedFrom(answeredFor(seconds, { cost }), settings)
      const { 'cost.billS': bill, 'cost.billedS': billed, 'cost.amountMicros': amount } = derived
      assert.deepEqual({ bill, billed, amount }, expect)
    })

  it('names the currency of the account where there is money and none is stated', () => {
    const currency = (cost: Body) => derivedFrom(answeredFor(1, { cost }), { currency: 'EUR' })['cost.currency']
    assert.equal(currency({ rate: '0.06' }), 'EUR')
    assert.equal(currency({ rate: '0.06', currency: 'GBP' }), undefined)
    assert.equal(currency({}), undefined)
  })

  it('takes an answer of 1970 and the dearest rate without falling over, and names no amount', () => {
    const body = answeredFor(1, { answered_at: '1970-01-01T00:00:01Z', cost: { rate: '1000', secure_rate: '1000' } })
    const derived = derivedFrom(body)
    assert.deepEqual([derived.durationS, derived['cost.amountMicros']], [315_360_000, undefined])
  })

  const types = (body: Body, settings: Partial<DerivingSettings> = {}) =>
    derivedFrom(answeredFor(60, body), settings)['center.callTypes']
  const AT_14_01 = 1_705_327_260_000_000

  it('classifies a call once it has ended', () => {
    assert.deepEqual(types({}), ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla'])
    assert.equal(types({ ended_at: null }), undefined)
    assert.deepEqual(types({ direction: 'outbound', answered_at: null }), ['all_outbound', 'outbound_not_answered'])
    assert.equal(types({ direction: 'internal' }), undefined, 'and where there is no type, says nothing')
    assert.equal(types({ leg: 'b' }), undefined, 'a B leg is no conversation of its own')
  })

  it('classifies by what the contact centre says, and leaves alone what it states', () => {
    const center = { queues: [{ ring_group: { id: 7 }, queued_at: '2024-01-15T14:00:05Z', left_by: 'hangup' }] }
    assert.deepEqual(types({ center }), ['all_inbound', 'abandoned'])
    assert.equal(types({ center: { ...center, call_types: ['callback'] } }), undefined)
  })

  it('classifies by the settings that were in force when the call ended', () => {
    const strict = { ...anAccount().settings, serviceLevelS: 0 }
    const ringing = { started_at: '2024-01-15T13:59:55Z' }
    const inTime = (beforeUs: number) =>
      (types(ringing, { past: [{ beforeUs, settings: strict }] }) as string[]).includes('inbound_answered_within_sla')
    assert.equal(inTime(AT_14_01), true, 'the call ended when they had just been changed')
    assert.equal(inTime(AT_14_01 + 1), false, 'or a microsecond before')
  })

  it('gives the types that its record has by the same settings', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), (set) => {
        const call = recordOf(stateOf(set.map(({ body }) => reportOf(body))) as CallState)
        fc.pre(!call.stated.includes('center.call_types'))
        assert.deepEqual(call.callTypes, callTypes(call, anAccount().settings))
        if (call.center !== null) assert.deepEqual(call.center.callTypes, call.callTypes)
      }),
      { numRuns: 300 },
    )
  })

  it('makes only values that the record can have, whatever the reports say', () => {
    const codecs = new Map(FACTS.map(({ path, codec }) => [path, codec]))
    const anySettings = fc.record({
      billingIncrement: fc.record({ firstS: fc.nat(3600), nextS: fc.integer({ min: 1, max: 3600 }) }),
    })
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), anySettings, (set, settings) => {
        const state = stateOf(set.map(({ body }) => reportOf(body))) as CallState
        const derived = derive(state.facts, anAccount(settings).settings)
        for (const [path, value] of Object.entries(derived)) {
          const codec = codecs.get(path)
          const faults: WireFault[] = []
          assert.equal(state.facts[path], undefined, `${path} is stated`)
          assert.deepEqual([codec?.read(codec.write(value), path, faults), faults], [value, []])
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('what a record says of itself', () => {
  it('is in which state it is', () => {
    const state = (body: Body) => aCall(aLiveBody({ answered_at: null, ...body })).state
    const queue = (more: Body) => ({ center: { queues: [{ ring_group: { id: 1 }, ...more }] } })
    assert.equal(state({}), 'ringing')
    assert.equal(state(queue({ queued_at: '2024-01-15T14:29:00Z' })), 'queued')
    assert.equal(state(queue({})), 'queued')
    assert.equal(state(queue({ left_at: '2024-01-15T14:29:30Z' })), 'ringing')
    assert.equal(state(queue({ left_by: 'overflow' })), 'ringing')
    assert.equal(state({ ...queue({}), answered_at: '2024-01-15T14:30:00Z' }), 'queued', 'an IVR took it')
    const talking = (queued_at: string) => ({
      center: { ...queue({ queued_at }).center, agents: [{ id: 1, answered_at: '2024-01-15T14:29:30Z' }] },
    })
    assert.equal(state(talking('2024-01-15T14:29:00Z')), 'answered')
    assert.equal(state(talking('2024-01-15T14:29:40Z')), 'queued', 'the agent sent it to another queue')
    assert.equal(state({ ended_at: '2024-01-15T14:32:00Z' }), 'ended')
  })

  it('is which derivable fields were stated', () => {
    assert.deepEqual(aCall().stated, [])
    assert.deepEqual(aCall({ duration: 7, hangup: { code: 3010, name: 'x' }, cost: { billed_seconds: 9 } }).stated, [
      ...['duration', 'hangup.code', 'hangup.name', 'cost.billed_seconds'],
    ])
  })

  it('is the ring group of the last queue, where none is stated', () => {
    const queues = [
      { ring_group: { id: 2, name: 'late' }, queued_at: '2024-01-15T14:29:09Z' },
      { ring_group: { id: 1, name: 'early' }, queued_at: '2024-01-15T14:29:00Z' },
    ]
    assert.equal(aCall({ center: { queues } }).center?.ringGroup?.name, 'late')
    const stated = aCall({ center: { queues, ring_group: { id: 3, name: 'stated' } } })
    assert.deepEqual([stated.center?.ringGroup?.name, stated.stated], ['stated', ['center.ring_group']])
  })
})
