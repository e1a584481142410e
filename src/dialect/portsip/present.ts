import { formatRfc3339 } from '../../record/time.ts'
import { DIRECTION_WORDS, endReason, type ShownCall, shownCost, shownNumber, statusCode } from './call.ts'
import { shownId, shownSessionId } from './ids.ts'
import type { CallLog, CallLogSummary, Cdr, CdrLeg } from './schema.ts'

/** A call as `GET /calllogs/{id}` writes it, its keys in the documented order. What is not known is the empty text. */
export function presentCallLog(call: ShownCall): CallLog {
  return { id: shownId(call), session_id: shownSessionId(call), ...presentLeg(call) }
}

/** An item of `GET /calllogs`: without the price. */
export function presentSummary(call: ShownCall): CallLogSummary {
  const { cost, billed_account, ...summary } = presentCallLog(call)
  return summary
}

/** An item of `GET /cdrs`: without the session as well. */
export function presentCdr(call: ShownCall): Cdr {
  const { session_id, ...cdr } = presentSummary(call)
  return cdr
}

/** An item of `GET /cdrs/{id}`: a leg of the session, which needs no ids. */
export function presentLeg(call: ShownCall): CdrLeg {
  const { from, to } = call
  return {
    caller: shownNumber(from),
    caller_domain: from.domain ?? '',
    caller_display_name: from.name ?? '',
    callee: shownNumber(to),
    callee_domain: to.domain ?? '',
    callee_display_name: to.name ?? '',
    started_at: time(call.startedAtUs),
    rang_at: time(call.rangAtUs),
    answered_at: time(call.answeredAtUs),
    ended_at: time(call.endedAtUs),
    call_id: call.sipCallId ?? '',
    direction: DIRECTION_WORDS[call.direction],
    end_reason: endReason(call),
    reroute_reason: call.hangup.rerouteReason ?? '',
    status_code: statusCode(call),
    destination: call.destination ?? '',
    outbound_caller_id: call.outboundCallerId ?? '',
    did_cid: call.did ?? '',
    trunk: call.trunk.name ?? '',
    duration: call.durationS ?? 0,
    cost: shownCost(call),
    billed_account: call.cost.account ?? '',
    service_number: call.serviceNumber ?? '',
    user_data: call.userData ?? '',
  }
}

/** Microseconds, as in the worked example; none at a whole second, as in the schema's. */
function time(timeUs: number | null): string {
  return timeUs === null ? '' : formatRfc3339(timeUs).replace('.000000Z', 'Z')
}
