import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endedCallOf } from '../../../test/support/call-of.ts'
import { presentLegacyCall } from './present.ts'

describe('presentLegacyCall', () => {
  const numbers: { number: string; shows: number | string; because: string }[] = [
    { number: '+552135006716', shows: 552135006716, because: 'numbers are integers' },
    { number: '12604109832', shows: 12604109832, because: 'with or without a +' },
    { number: '1001', shows: 1001, because: 'an extension is one too' },
    { number: '+9007199254740991', shows: 9007199254740991, because: 'this is the last exact integer' },
    { number: '+9007199254740993', shows: '+9007199254740993', because: 'this one would be another number' },
    { number: '0044207', shows: '0044207', because: 'an integer has no leading zeros' },
    { number: '*72', shows: '*72', because: 'it has more than digits' },
    { number: 'anonymous', shows: 'anonymous', because: 'it has no digits' },
  ]
  for (const { number, shows, because } of numbers) {
    it(`shows ${number} as ${JSON.stringify(shows)}: ${because}`, () => {
      const call = presentLegacyCall(endedCallOf({ 'from.number': number }), 'UTC')
      assert.strictEqual(call.from_number, shows)
    })
  }

  it('shows money as numbers that print as they were stated', () => {
    const call = presentLegacyCall(
      endedCallOf({ 'cost.rateNanos': 318_000_000, 'cost.amountMicros': 2_226_000, 'cost.secureRateNanos': 100_000 }),
      'UTC',
    )
    const { rate, total_amount, secure_trunking_rate } = call
    assert.equal(
      JSON.stringify({ rate, total_amount, secure_trunking_rate }),
      '{"rate":0.318,"total_amount":2.226,"secure_trunking_rate":0.0001}',
    )
  })

  it('shows times in the zone of the account', () => {
    const call = presentLegacyCall(endedCallOf({ answeredAtUs: 1_705_328_940_000_000 }), 'Asia/Kolkata')
    assert.deepEqual(
      [call.initiation_time, call.answer_time, call.end_time],
      ['2024-01-15 19:58:48', '2024-01-15 19:59:00', '2024-01-15 20:02:00'],
    )
  })

  it('says null, 0 or false where nothing is known, and keeps every key', () => {
    assert.deepEqual(presentLegacyCall(endedCallOf({}), 'UTC'), {
      call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
      bill_duration: 0,
      trunk_id: null,
      end_time: '2024-01-15 14:32:00',
      from_number: null,
      to_number: null,
      call_direction: 'inbound',
      duration: 0,
      hangup_cause: null,
      hangup_initiator: null,
      rate: 0,
      total_amount: 0,
      initiation_time: '2024-01-15 14:28:48',
      answer_time: null,
      trunk_domain: null,
      region: null,
      from_country: null,
      to_country: null,
      transport_protocol: null,
      srtp: false,
      hangup_code: null,
      secure_trunking: false,
      secure_trunking_rate: 0,
      stir_verification: 'Not Applicable',
    })
  })
})
