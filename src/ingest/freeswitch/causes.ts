/**
 * FreeSWITCH's names of hangup causes: the Q.850 cause, and the SIP status with which it refuses a call for it
 * (`hangup_cause_to_sip` of mod_sofia.c, after RFC 4497, 8.4.1). Causes that FreeSWITCH has made up have no Q.850.
 */
const CAUSES: Record<string, readonly [q850: number | null, sipStatus: number]> = {
  UNALLOCATED_NUMBER: [1, 404],
  NO_ROUTE_TRANSIT_NET: [2, 404],
  NO_ROUTE_DESTINATION: [3, 404],
  NORMAL_CLEARING: [16, 480],
  USER_BUSY: [17, 486],
  NO_USER_RESPONSE: [18, 408],
  NO_ANSWER: [19, 480],
  SUBSCRIBER_ABSENT: [20, 480],
  CALL_REJECTED: [21, 603],
  NUMBER_CHANGED: [22, 410],
  REDIRECTION_TO_NEW_DESTINATION: [23, 410],
  EXCHANGE_ROUTING_ERROR: [25, 483],
  DESTINATION_OUT_OF_ORDER: [27, 502],
  INVALID_NUMBER_FORMAT: [28, 484],
  FACILITY_REJECTED: [29, 501],
  NORMAL_UNSPECIFIED: [31, 480],
  NORMAL_CIRCUIT_CONGESTION: [34, 503],
  NETWORK_OUT_OF_ORDER: [38, 503],
  NORMAL_TEMPORARY_FAILURE: [41, 503],
  SWITCH_CONGESTION: [42, 503],
  REQUESTED_CHAN_UNAVAIL: [44, 503],
  OUTGOING_CALL_BARRED: [52, 403],
  INCOMING_CALL_BARRED: [54, 403],
  BEARERCAPABILITY_NOTAUTH: [57, 403],
  BEARERCAPABILITY_NOTAVAIL: [58, 503],
  BEARERCAPABILITY_NOTIMPL: [65, 488],
  FACILITY_NOT_IMPLEMENTED: [69, 501],
  SERVICE_NOT_IMPLEMENTED: [79, 501],
  INCOMPATIBLE_DESTINATION: [88, 488],
  RECOVERY_ON_TIMER_EXPIRE: [102, 504],
  ORIGINATOR_CANCEL: [null, 487],
}

/** The Q.850 cause of a name; null for a name that has none. */
export function q850Of(cause: string): number | null {
  return Object.hasOwn(CAUSES, cause) ? (CAUSES[cause]?.[0] ?? null) : null
}

/** The SIP status that FreeSWITCH answers an INVITE with when it refuses the call for this cause. */
export function refusalStatus(cause: string): number {
  return Object.hasOwn(CAUSES, cause) ? (CAUSES[cause]?.[1] ?? 480) : 480
}
