import { formatDateTime } from '../../record/time.ts'
import { hangupSource, shownBillS, shownDirection } from '../zentrunk/call.ts'
import type { ShownCall } from '../zentrunk/shown.ts'
import { stirVerification } from '../zentrunk/stir.ts'
import type { PlivoLegacyCall } from './schema.ts'

/** A shown call as the older Zentrunk API writes it; its times are local in `zone`. What is not known is null. */
export function presentLegacyCall(call: ShownCall, zone: string): PlivoLegacyCall {
  const { from, to, hangup, trunk, cost } = call
  const local = (timeUs: number) => formatDateTime(timeUs, zone)
  return {
    call_uuid: call.callUuid,
    bill_duration: shownBillS(call),
    trunk_id: trunk.id,
    end_time: local(call.endedAtUs),
    from_number: numberOrText(from.number),
    to_number: numberOrText(to.number),
    call_direction: shownDirection(call),
    duration: call.durationS ?? 0,
    hangup_cause: hangup.name,
    hangup_initiator: hangupSource(hangup.by),
    rate: (cost.rateNanos ?? 0) / 1e9,
    total_amount: (cost.amountMicros ?? 0) / 1e6,
    initiation_time: local(call.startedAtUs),
    answer_time: call.answeredAtUs === null ? null : local(call.answeredAtUs),
    trunk_domain: trunk.domain,
    region: trunk.region,
    from_country: from.country,
    to_country: to.country,
    transport_protocol: trunk.transport,
    srtp: trunk.srtp ?? false,
    hangup_code: hangup.code,
    secure_trunking: trunk.secure ?? false,
    secure_trunking_rate: (cost.secureRateNanos ?? 0) / 1e9,
    stir_verification: stirVerification(call),
  }
}

/**
 * A number as a JSON integer, which is how this API writes it, where the integer says the same: more than digits, a
 * leading zero and more than 2^53 stay text.
 */
function numberOrText(number: string | null): number | string | null {
  if (number === null || !/^\+?[1-9]\d*$/.test(number)) return number
  const value = Number(number)
  return Number.isSafeInteger(value) ? value : number
}
