import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stateOf } from './assemble.ts'

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
    { because: 'it is over, whatever else is open', facts: { ...QUEUED, endedAtUs: 150 }, state: 'ended' },
  ]
  for (const { because, facts, state } of cases)
    it(`is ${state}: ${because}`, () => assert.equal(stateOf(facts as never), state))
})
