import type { CallRecord } from '../../record/call-record.ts'
import { hangupSource } from '../zentrunk/call.ts'
import type { PlivoInsights } from './schema.ts'

/**
 * A call's quality as the Insights resource writes it: figures as text, the post-dial delay as a number. A figure that
 * nobody measured is null: the documentation has no word for it, an empty text is no number to a client, and a 0 would
 * be made up. A score of 0, which Plivo itself gives for "no score", is shown only where a source stated it.
 */
export function presentInsights(call: CallRecord, apiId: string): PlivoInsights {
  const { hangup, quality } = call
  return {
    api_id: apiId,
    call_uuid: call.callUuid,
    from: party(call.from),
    to: party(call.to),
    hangup_cause: hangup.name,
    hangup_source: hangupSource(hangup.by),
    rtt: figure(quality.rttMs),
    jitter: figure(quality.jitterMs),
    packet_loss: figure(quality.packetLossPct),
    post_dial_delay: quality.postDialDelayMs,
    plivo_quality_score: quality.mos === null ? null : score(quality.mos),
  }
}

function party({ carrier, number, country }: CallRecord['from']): PlivoInsights['from'] {
  return { carrier, number, region: country }
}

/** At most three decimals: `24`, `0.125`. */
function figure(value: number | null): string | null {
  return value === null ? null : String(Math.round(value * 1000) / 1000)
}

function score(mos: number): string {
  return mos === 0 ? '0' : mos.toFixed(1)
}
