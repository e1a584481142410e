import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aCall, type Body } from '../../../test/support/a-report.ts'
import { endReason, shownCost, shownNumber, statusCode } from './call.ts'

const answered = (hangup: Body): Body => ({ hangup })
const unanswered = (hangup: Body): Body => ({ answered_at: null, hangup })

describe('the end reason', () => {
  const cases: { body: Body; reason: string; because: string }[] = [
    { body: answered({ side: 'caller' }), reason: 'CALLER_DISCONNECTED', because: 'the caller hung up' },
    { body: answered({ side: 'callee' }), reason: 'CALLEE_DISCONNECTED', because: 'the callee hung up' },
    { body: answered({ side: 'platform' }), reason: '', because: 'the PBX hung up' },
    { body: answered({}), reason: '', because: 'nobody knows who hung up' },
    { body: unanswered({ side: 'caller' }), reason: 'CANCELLED', because: 'the caller gave up' },
    {
      body: unanswered({ side: 'callee', sip_status: 486 }),
      reason: '',
      because: 'the worked example of a 486 has none',
    },
    { body: answered({ side: 'caller', end_reason: 'REFERRED' }), reason: 'REFERRED', because: 'a source stated it' },
    {
      body: unanswered({ end_reason: 'CALLEE_DISCONNECT' }),
      reason: 'CALLEE_DISCONNECTED',
      because: 'it is spelled as documented',
    },
    {
      body: answered({ side: 'callee', end_reason: 'Kaputt' }),
      reason: 'CALLEE_DISCONNECTED',
      because: 'what was stated is no documented reason',
    },
  ]
  for (const { body, reason, because } of cases)
    it(`of ${JSON.stringify(body)} is ${reason || 'empty'}: ${because}`, () =>
      assert.equal(endReason(aCall(body)), reason))
})

describe('the status code', () => {
  const cases: { body: Body; code: number; because: string }[] = [
    { body: unanswered({ sip_status: 486 }), code: 486, because: 'it failed' },
    { body: unanswered({ sip_status: 300 }), code: 300, because: 'failures begin there' },
    { body: unanswered({ sip_status: 299 }), code: 0, because: 'that is no failure' },
    { body: unanswered({}), code: 0, because: 'no failure is known' },
    { body: answered({ sip_status: 200 }), code: 0, because: 'it was answered' },
    { body: answered({ sip_status: 503 }), code: 0, because: 'it was answered, whatever came then' },
  ]
  for (const { body, code, because } of cases)
    it(`of ${JSON.stringify(body)} is ${code}: ${because}`, () => assert.equal(statusCode(aCall(body)), code))
})

describe('a number', () => {
  const cases: { from: Body; shown: string; because: string }[] = [
    { from: { number: '+12025551234' }, shown: '+12025551234', because: 'it is shown as sent' },
    { from: { number: '+12025551234', as_sent: '2025551234' }, shown: '2025551234', because: 'it is shown as sent' },
    { from: { number: 'sip:102@test.com' }, shown: '102', because: 'a domain has its own field' },
    { from: { as_sent: '<sip:102@test.com;user=phone>' }, shown: '102', because: 'the rest of a URI is no number' },
    { from: { number: '102@10.0.0.1' }, shown: '102', because: 'a domain has its own field' },
    { from: { number: 'anonymous' }, shown: 'anonymous', because: 'it need not be a number' },
  ]
  for (const { from, shown, because } of cases)
    it(`${JSON.stringify(from)} is shown as ${shown}: ${because}`, () =>
      assert.equal(shownNumber(aCall({ from }).from), shown))

  it('that is not known is the empty text', () => assert.equal(shownNumber(aCall({ from: null }).from), ''))
})

describe('the cost', () => {
  const cases: [string | null, number][] = [
    ['0.07', 0.07],
    ['0.015001', 0.015001],
    ['-2.5', -2.5],
    ['999999999.999999', 999999999.999999],
    [null, 0],
  ]
  for (const [amount, cost] of cases)
    it(`of ${amount} is ${cost}`, () => assert.equal(shownCost(aCall({ cost: { amount } })), cost))
})
