import { formatDecimal } from '../../record/decimal.ts'
import { formatDateTime } from '../../record/time.ts'
import { hangupSource, shownBillS, shownDirection } from '../zentrunk/call.ts'
import type { ShownCall } from '../zentrunk/shown.ts'
import { stirVerification } from '../zentrunk/stir.ts'
import type { PlivoCall } from './schema.ts'

/**
 * A shown call as the SIP trunking API writes it. What is not known is null; money that is not known is `0.00000`.
 * `total_rate` is all that a minute costs, so that it, the seconds billed and `total_amount` agree.
 */
export function presentCall(call: ShownCall): PlivoCall {
  const { from, to, hangup, trunk, stir, cost } = call
  const billS = shownBillS(call)
  return {
    call_uuid: call.callUuid,
    call_id: call.sipCallId,
    from_number: from.number,
    to_number: to.number,
    call_direction: shownDirection(call),
    call_duration: call.durationS ?? 0,
    bill_duration: billS,
    end_time: utc(call.endedAtUs),
    hangup_cause_name: hangup.name,
    hangup_source: hangupSource(hangup.by),
    total_rate: rate((cost.rateNanos ?? 0) + (cost.secureRateNanos ?? 0)),
    total_amount: formatDecimal(cost.amountMicros ?? 0, 6),
    initiation_time: utc(call.startedAtUs),
    answer_time: call.answeredAtUs === null ? null : utc(call.answeredAtUs),
    trunk_domain: trunk.domain,
    from_country: from.country,
    to_country: to.country,
    transport_protocol: trunk.transport,
    srtp: trunk.srtp ?? false,
    hangup_cause_code: hangup.code,
    secure_trunking: trunk.secure ?? false,
    secure_trunking_rate: rate(cost.secureRateNanos),
    cnam_lookup: (cost.cnamRateNanos ?? 0) > 0,
    cnam_lookup_rate: rate(cost.cnamRateNanos),
    stir_verification: stirVerification(call),
    // The documented example of a call without attestation has the text, not JSON's null.
    attestation_indicator: stir.attestation ?? 'null',
    billed_duration: billS,
  }
}

function utc(timeUs: number): string {
  return formatDateTime(timeUs, 'UTC')
}

function rate(nanos: number | null): string {
  return formatDecimal(nanos ?? 0, 9)
}
