import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { callOf } from '../../../test/support/call-of.ts'
import { DIRECTIONS, HANGUP_BY, LEGS } from '../../record/call-record.ts'
import type { Facts } from '../../record/facts.ts'
import { matches } from '../../store/query.ts'
import {
  HANGUP_SOURCES,
  hangupSource,
  isShown,
  SHOWN,
  SHOWN_DIRECTIONS,
  shownBillS,
  shownDirection,
  whereBillS,
  whereDirection,
  whereHangupSource,
} from './call.ts'

const END = { endedAtUs: 1_705_329_120_000_000 }

describe('what Plivo shows', () => {
  it('is the same for one call as for a list: ended, over a trunk, not internal', () => {
    const shown: string[] = []
    for (const leg of LEGS) {
      for (const direction of DIRECTIONS) {
        for (const trunk of [{}, { 'trunk.id': 't' }, { 'trunk.domain': 't.example' }] as Facts[]) {
          const call = callOf({ ...END, leg, direction, ...trunk })
          assert.equal(matches({ op: 'and', of: SHOWN }, call), isShown(call))
          if (isShown(call) && Object.keys(trunk).length === 0) shown.push(`${leg} ${direction}`)
        }
      }
    }
    assert.deepEqual(shown, [
      'whole inbound',
      'whole outbound',
      'whole transit',
      'a inbound',
      'a outbound',
      'a transit',
    ])
    assert.equal(isShown(callOf({ direction: 'inbound' })), false)
  })

  it('has two directions, and a filter finds what shows it', () => {
    for (const direction of ['inbound', 'outbound', 'transit'] as const) {
      const call = callOf({ direction })
      const found = SHOWN_DIRECTIONS.filter((shown) => matches(whereDirection(shown), call))
      assert.deepEqual(found, [shownDirection(call)])
    }
    assert.equal(shownDirection(callOf({ direction: 'transit' })), 'outbound')
  })

  it('has three hangup sources, and a filter finds what shows it', () => {
    for (const by of HANGUP_BY) {
      const call = callOf({ 'hangup.by': by })
      const found = HANGUP_SOURCES.filter((source) => matches(whereHangupSource(source), call))
      assert.deepEqual(found, [hangupSource(call.hangup.by)])
    }
    assert.equal(hangupSource('platform'), 'zentrunk')
    assert.equal(hangupSource(null), null)
  })
})

describe('shownBillS', () => {
  const cases: { facts: Facts; shows: number }[] = [
    { facts: { 'cost.billedS': 60, 'cost.billS': 32, durationS: 31 }, shows: 60 },
    { facts: { 'cost.billS': 32, durationS: 31 }, shows: 32 },
    { facts: { durationS: 31 }, shows: 31 },
    { facts: { 'cost.billedS': 0, 'cost.billS': 32, durationS: 31 }, shows: 0 },
    { facts: { durationS: 0 }, shows: 0 },
  ]
  for (const { facts, shows } of cases) {
    it(`is ${shows} for ${JSON.stringify(facts)}, and filters compare with that`, () => {
      const call = callOf({ ...END, ...facts })
      assert.equal(shownBillS(call), shows)
      for (const value of [0, 31, 32, 60, 61]) {
        assert.equal(matches(whereBillS('eq', value), call), shows === value)
        assert.equal(matches(whereBillS('gt', value), call), shows > value)
        assert.equal(matches(whereBillS('gte', value), call), shows >= value)
        assert.equal(matches(whereBillS('lt', value), call), shows < value)
        assert.equal(matches(whereBillS('lte', value), call), shows <= value)
      }
    })
  }
})
