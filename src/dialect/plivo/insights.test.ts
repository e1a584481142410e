import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endedCallOf } from '../../../test/support/call-of.ts'
import type { Facts } from '../../record/facts.ts'
import { presentInsights } from './insights.ts'

const API_ID = 'a63df7e3-9f24-4aae-9152-dc8f92548290'

describe('presentInsights', () => {
  it('says null for what nobody measured, and makes no score up', () => {
    const nobody = { carrier: null, number: null, region: null }
    assert.deepEqual(presentInsights(endedCallOf({}), API_ID), {
      api_id: API_ID,
      call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
      from: nobody,
      to: nobody,
      hangup_cause: null,
      hangup_source: null,
      rtt: null,
      jitter: null,
      packet_loss: null,
      post_dial_delay: null,
      plivo_quality_score: null,
    })
  })

  const cases: { facts: Facts; shows: object }[] = [
    { facts: { 'quality.rttMs': 24, 'quality.jitterMs': 3.25 }, shows: { rtt: '24', jitter: '3.25' } },
    { facts: { 'quality.packetLossPct': 1 / 3 }, shows: { packet_loss: '0.333' } },
    { facts: { 'quality.packetLossPct': 0 }, shows: { packet_loss: '0' } },
    { facts: { 'quality.postDialDelayMs': 1000 }, shows: { post_dial_delay: 1000 } },
    { facts: { 'quality.mos': 4.24 }, shows: { plivo_quality_score: '4.2' } },
    { facts: { 'quality.mos': 4 }, shows: { plivo_quality_score: '4.0' } },
    { facts: { 'quality.mos': 0 }, shows: { plivo_quality_score: '0' } },
    { facts: { 'hangup.by': 'platform', 'hangup.name': 'rtp_timeout' }, shows: { hangup_source: 'zentrunk' } },
  ]
  for (const { facts, shows } of cases) {
    it(`shows ${JSON.stringify(facts)} as ${JSON.stringify(shows)}`, () => {
      const shown = presentInsights(endedCallOf(facts), API_ID)
      assert.deepEqual({ ...shown, ...shows }, shown)
    })
  }

  it('names a region by the country of the number', () => {
    const { from } = presentInsights(
      endedCallOf({ 'from.number': '+12025551234', 'from.country': 'US', 'from.carrier': 'AT&T', 'from.region': 'DC' }),
      API_ID,
    )
    assert.deepEqual(from, { carrier: 'AT&T', number: '+12025551234', region: 'US' })
  })
})
