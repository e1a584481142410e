import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { centerCall, type TimedCall } from '../../test/support/center-call.ts'
import { defaultSettings, SERVICE_LEVEL_FORMULAS, type ServiceLevelFormula } from '../record/account.ts'
import { answeredWithinServiceLevel, callTypes, talkS, waitS } from './call-types.ts'
import { countCall, noCalls, type ServiceLevelCounts, serviceLevel } from './service-level.ts'

const US = 0.000001
const settings = defaultSettings('Alice')

describe('serviceLevel', () => {
  const cases: {
    counts: Partial<ServiceLevelCounts>
    share: Record<ServiceLevelFormula, number | null>
    because: string
  }[] = [
    {
      counts: { inbound: 100, within: 60, abandonedWithin: 20 },
      share: { without_short: 0.6, abandoned_negative: 0.6, ignore_abandoned: 0.75, abandoned_positive: 0.8 },
      because: 'only two formulas look at who gave up in time',
    },
    {
      counts: { inbound: 100, outOfHours: 10, short: 20, ivrExit: 10, within: 30, abandonedWithin: 10 },
      share: { without_short: 0.5, abandoned_negative: 0.5, ignore_abandoned: 0.6, abandoned_positive: 40 / 60 },
      because: 'what nobody could answer counts in none',
    },
    {
      counts: { inbound: 5, outOfHours: 1, short: 2, ivrExit: 2 },
      share: { without_short: null, abandoned_negative: null, ignore_abandoned: null, abandoned_positive: null },
      because: 'of no calls there is no share',
    },
    {
      counts: { inbound: 2, abandonedWithin: 2 },
      share: { without_short: 0, abandoned_negative: 0, ignore_abandoned: null, abandoned_positive: 1 },
      because: 'all gave up in time',
    },
  ]
  for (const { counts, share, because } of cases)
    it(`of ${JSON.stringify(counts)}: ${because}`, () => {
      const found = SERVICE_LEVEL_FORMULAS.map((formula) => [
        formula,
        serviceLevel({ ...noCalls(), ...counts }, formula),
      ])
      assert.deepEqual(Object.fromEntries(found), share)
    })
})

describe('countCall', () => {
  const closed = { businessHours: [{ days: [2], from: '09:00', to: '17:00' }] }
  const cases: { call: TimedCall; over?: object; counts: Partial<ServiceLevelCounts>; because: string }[] = [
    { call: { plain: true, answered: 20 }, counts: { inbound: 1, within: 1 }, because: 'it was answered in time' },
    { call: { plain: true, answered: 20 + US }, counts: { inbound: 1 }, because: 'it was not' },
    { call: { plain: true, end: 5 }, counts: { inbound: 1, short: 1 }, because: 'it is a short abandon' },
    {
      call: { agents: [{ from: 1 }], end: 5 },
      counts: { inbound: 1, short: 1 },
      because: 'it is one, and an agent was rung',
    },
    { call: { ivr: true }, counts: { inbound: 1, ivrExit: 1 }, because: 'it ended in the IVR' },
    {
      call: { plain: true, answered: 20 },
      over: closed,
      counts: { inbound: 1, outOfHours: 1 },
      because: 'who answers out of hours does not raise the service level',
    },
    {
      call: { queues: [{ in: 10, by: 'hangup' }], end: 30 },
      counts: { inbound: 1, abandonedWithin: 1 },
      because: 'the caller waited 20 s and gave up',
    },
    {
      call: { queues: [{ in: 10, rung: 11, by: 'hangup' }], end: 30 },
      counts: { inbound: 1, abandonedWithin: 1 },
      because: 'whether or not an agent was rung',
    },
    {
      call: { queues: [{ in: 10, by: 'hangup' }], end: 30 + US },
      counts: { inbound: 1 },
      because: 'a microsecond more is no longer in time',
    },
    { call: { plain: true, direction: 'outbound', answered: 1 }, counts: {}, because: 'only inbound calls count' },
    { call: { plain: true, answered: 1, end: null }, counts: {}, because: 'a live call has no types yet' },
  ]
  for (const { call: timed, over = {}, counts: expected, because } of cases)
    it(`counts ${JSON.stringify(timed)} as ${JSON.stringify(expected)}: ${because}`, () => {
      const call = centerCall(timed)
      const counts = noCalls()
      const by = { ...settings, ...over }
      countCall(counts, { call, types: callTypes(call, by), settings: by })
      assert.deepEqual(counts, { ...noCalls(), ...expected })
    })
})

describe('waitS, talkS and answeredWithinServiceLevel', () => {
  const cases: { call: TimedCall; wait: number | null; talk: number; inTime: boolean; because: string }[] = [
    {
      call: { plain: true, answered: 12, end: 42 },
      wait: 12,
      talk: 30,
      inTime: true,
      because: 'a call rings, then talks',
    },
    {
      call: { answered: 1, queues: [{ in: 60, by: 'answer' }], agents: [{ answered: 90 }], end: 100 },
      wait: 30,
      talk: 10,
      inTime: false,
      because: 'the IVR is neither wait nor talk',
    },
    {
      call: { plain: true, start: 0.9, answered: 2.1, end: 3.9 },
      wait: 2,
      talk: 1,
      inTime: true,
      because: 'whole epoch seconds are told apart, so that both add up',
    },
    {
      call: { direction: 'outbound', agents: [{ from: 0, answered: 1 }], answered: 20, end: 30 },
      wait: 20,
      talk: 10,
      inTime: true,
      because: 'an outbound call waits for the far end',
    },
    {
      call: { direction: 'outbound', agents: [{ from: 0, answered: 1 }], answered: 20 + US, end: 30 },
      wait: 20,
      talk: 10,
      inTime: false,
      because: 'in microseconds that was too long',
    },
    { call: { plain: true, end: 30 }, wait: 30, talk: 0, inTime: false, because: 'nobody answered' },
    { call: { plain: true, end: null }, wait: null, talk: 0, inTime: false, because: 'the caller still waits' },
    { call: { plain: true, answered: 4, end: null }, wait: 4, talk: 0, inTime: true, because: 'they still talk' },
    { call: { plain: true, answered: 40, end: 30 }, wait: 40, talk: 0, inTime: false, because: 'a clock was set back' },
  ]
  for (const { call: timed, wait, talk, inTime, because } of cases)
    it(`${JSON.stringify(timed)} waits ${wait} s and talks ${talk} s: ${because}`, () => {
      const call = centerCall(timed)
      assert.deepEqual(
        { wait: waitS(call), talk: talkS(call), inTime: answeredWithinServiceLevel(call, settings) },
        { wait, talk, inTime },
      )
    })

  it('goes by the ring group', () => {
    const call = centerCall({ queues: [{ group: 7, in: 0, out: 30, by: 'answer' }] })
    const patient = { ...settings, ringGroups: [{ id: 7, serviceLevelS: 30 }] }
    assert.deepEqual(
      [settings, patient].map((by) => answeredWithinServiceLevel(call, by)),
      [false, true],
    )
  })
})
