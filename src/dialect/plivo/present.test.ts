import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endedCallOf } from '../../../test/support/call-of.ts'
import type { Facts } from '../../record/facts.ts'
import { presentCall } from './present.ts'

describe('presentCall of the current Plivo dialect', () => {
  it('says null, 0, false or 0.00000 where nothing is known, and keeps every key', () => {
    assert.deepEqual(presentCall(endedCallOf({})), {
      call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
      call_id: null,
      from_number: null,
      to_number: null,
      call_direction: 'inbound',
      call_duration: 0,
      bill_duration: 0,
      end_time: '2024-01-15 14:32:00',
      hangup_cause_name: null,
      hangup_source: null,
      total_rate: '0.00000',
      total_amount: '0.00000',
      initiation_time: '2024-01-15 14:28:48',
      answer_time: null,
      trunk_domain: null,
      from_country: null,
      to_country: null,
      transport_protocol: null,
      srtp: false,
      hangup_cause_code: null,
      secure_trunking: false,
      secure_trunking_rate: '0.00000',
      cnam_lookup: false,
      cnam_lookup_rate: '0.00000',
      stir_verification: 'Not Applicable',
      attestation_indicator: 'null',
      billed_duration: 0,
    })
  })

  const cases: { facts: Facts; shows: object; because: string }[] = [
    {
      facts: { durationS: 32, 'cost.billS': 32, 'cost.billedS': 60 },
      shows: { call_duration: 32, bill_duration: 60, billed_duration: 60 },
      because: 'both bill fields are rounded, the duration is not',
    },
    {
      facts: { endedAtUs: 1_705_329_120_999_999 },
      shows: { end_time: '2024-01-15 14:32:00' },
      because: 'times are cut to the second',
    },
    {
      facts: { 'cost.rateNanos': 1_234_500, 'cost.amountMicros': 1_500_000 },
      shows: { total_rate: '0.0012345', total_amount: '1.50000' },
      because: 'a price finer than five places is not rounded',
    },
    {
      facts: { 'cost.rateNanos': 5_000_000, 'cost.secureRateNanos': 1_000_000, 'trunk.secure': true },
      shows: { total_rate: '0.00600', secure_trunking_rate: '0.00100', secure_trunking: true },
      because: 'the total is the rate of the destination and the one for security',
    },
    {
      facts: { 'cost.cnamRateNanos': 4_000_000 },
      shows: { cnam_lookup: true, cnam_lookup_rate: '0.00400' },
      because: 'a name was looked up where it cost something',
    },
    {
      facts: { direction: 'transit', 'hangup.by': 'platform', 'hangup.code': 99_999, 'hangup.name': 'our_own' },
      shows: {
        call_direction: 'outbound',
        hangup_source: 'zentrunk',
        hangup_cause_code: 99_999,
        hangup_cause_name: 'our_own',
      },
      because: 'a cause outside the table has the name that its source gave it',
    },
  ]
  for (const { facts, shows, because } of cases) {
    it(`shows ${JSON.stringify(shows)}: ${because}`, () => {
      const shown = presentCall(endedCallOf(facts))
      assert.deepEqual({ ...shown, ...shows }, shown)
    })
  }
})
