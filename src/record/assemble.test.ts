import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { centerOf, stateOf } from './assemble.ts'
import type { Facts } from './facts.ts'

const QUEUED = { 'center.queues#100/1.queuedAtUs': 100 }
const ANSWERED_BY_AGENT = { 'center.agents#110/7.answeredAtUs': 130 }

describe('the state of a call', () => {
  const cases = [
    { because: 'nothing happened yet', facts: {}, state: 'ringing' },
    { because: 'somebody answered', facts: { answeredAtUs: 120 }, state: 'answered' },
    { because: 'it waits in a queue', facts: QUEUED, state: 'queued' },
    { because: 'an IVR answered, and the caller waits', facts: { answeredAtUs: 90, ...QUEUED }, state: 'queued' },
    { because: 'an agent answered out of the queue', facts: { ...QUEUED, ...ANSWERED_BY_AGENT }, state: 'answered' },
    {
      because: 'the agent put it into another queue',
      facts: { ...QUEUED, ...ANSWERED_BY_AGENT, 'center.queues#140/2.queuedAtUs': 140 },
      state: 'queued',
    },
    {
      because: 'it has left the queue',
      facts: { ...QUEUED, 'center.queues#100/1.leftAtUs': 120 },
      state: 'ringing',
    },
    {
      because: 'it has left the queue in the instant in which it came, and no report says which stay that was',
      facts: { ...QUEUED, 'center.queues#/1.leftAtUs': 100, answeredAtUs: 100 },
      state: 'answered',
    },
    {
      because: 'it came to the queue again after it had left it',
      facts: { ...QUEUED, 'center.queues#/1.leftAtUs': 120, 'center.queues#130/1.queuedAtUs': 130 },
      state: 'queued',
    },
    {
      because: 'it has left another queue, of a similar number',
      facts: { ...QUEUED, 'center.queues#/11.leftAtUs': 120 },
      state: 'queued',
    },
    { because: 'it is over, whatever else is open', facts: { ...QUEUED, endedAtUs: 150 }, state: 'ended' },
  ]
  for (const { because, facts, state } of cases)
    it(`is ${state}: ${because}`, () => assert.equal(stateOf(facts as never), state))
})

describe('an end that does not say of which stay in a queue it is one', () => {
  const STAYS = { 'center.queues#100/1.queuedAtUs': 100, 'center.queues#130/1.queuedAtUs': 130 }
  const lefts = (facts: Facts) => centerOf(facts)?.queues.map(({ queuedAtUs, leftAtUs }) => [queuedAtUs, leftAtUs])
  const cases: [leftAtUs: number, because: string, expected: (number | null)[][]][] = [
    [
      99,
      'began by then, or stands alone',
      [
        [null, 99],
        [100, null],
        [130, null],
      ],
    ],
    [
      129,
      'began by then',
      [
        [100, 129],
        [130, null],
      ],
    ],
    [
      130,
      'began at that instant',
      [
        [100, null],
        [130, 130],
      ],
    ],
  ]
  for (const [leftAtUs, because, expected] of cases)
    it(`at ${leftAtUs} is that of the last stay that ${because}`, () =>
      assert.deepEqual(lefts({ ...STAYS, 'center.queues#/1.leftAtUs': leftAtUs }), expected))

  it('says nothing new of a stay whose end is known', () => {
    const known = { ...STAYS, 'center.queues#130/1.leftAtUs': 140, 'center.queues#/1.leftAtUs': 150 }
    assert.deepEqual(lefts(known), [
      [100, null],
      [130, 140],
    ])
  })
})
