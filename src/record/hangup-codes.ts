/**
 * Who ends a call with a code: `customer` is the account's own equipment, `carrier` the network, `platform` the SIP
 * platform between them; `callee` is whichever of the first two the call was going to.
 */
export type HangupOrigin = 'customer' | 'carrier' | 'platform' | 'callee'

/** One hangup code of SIP trunking. */
export interface HangupCode {
  code: number
  /** The name in the current documents. Several codes share one: tell them apart by number. */
  name: string
  /** The name that call records show instead; null when they show `name`. */
  recordName: string | null
  by: HangupOrigin
  /** Final SIP status, the first where several occur; null where it is a class only, or there is none. */
  sipStatus: number | null
}

/**
 * Every known code, ascending: 3000 normal and mid-call, 4000 request and routing, 5000 capacity and servers, 6000
 * global. Voice calls have a table of their own with the same numbers; none of it is here. The list is not closed: a
 * source may state a code that is not in it.
 *
 * Source: "Zentrunk hangup codes" of Plivo's SIP trunking documents, with names and SIP statuses as call records and
 * the official CLI show them. `by` and `sipStatus` are our inference where neither says.
 */
export const HANGUP_CODES: readonly HangupCode[] = [
  aCode(3000, 'normal_hangup', 'carrier', 200),
  aCode(3010, 'normal_hangup', 'customer', 200),
  aCode(3020, 'rtp_timeout', 'platform', null),
  aCode(3030, 'insufficient_plivo_credits', 'platform', 402),
  aCode(3040, 'abnormal_hangup_due_to_reinvite', 'platform', 200),
  aCode(4000, 'bad_request', 'platform', 400),
  aCode(4010, 'unauthorized_by_carrier', 'carrier', 503, 'call_rejected_unauthorized_by_carrier'),
  aCode(4020, 'unauthorized', 'customer', 401, 'call_rejected_unauthorized'),
  aCode(4030, 'insufficient_plivo_credits', 'platform', 402, 'insufficient_credits'),
  aCode(4040, 'forbidden', 'carrier', 503),
  aCode(4050, 'blacklisted_for_verification', 'platform', 403),
  aCode(4060, 'forbidden', 'customer', 403),
  aCode(4070, 'trunk_not_found', 'platform', 404),
  aCode(4080, 'route_not_found', 'platform', 404),
  aCode(4090, 'destination_not_found', 'callee', 404),
  aCode(4100, 'prefix_not_supported', 'platform', 404),
  aCode(4110, 'secure_trunking_disabled', 'platform', 403),
  aCode(4120, 'destination_invalid', 'platform', 404),
  aCode(4130, 'incorrect_callerid_non_numeric', 'platform', 403),
  aCode(4140, 'incorrect_callerid_too_short', 'platform', 403),
  aCode(4150, 'proxy_authentication_required', 'carrier', 407),
  aCode(4160, 'request_timeout_carrier', 'carrier', 503),
  aCode(4170, 'request_timeout_customer', 'customer', 408),
  aCode(4180, 'call_rejected_unauthorized', 'platform', 403),
  aCode(4190, 'unknown_caller_id', 'platform', 403),
  aCode(4200, 'dno_caller_id', 'platform', 403),
  aCode(4220, 'unsupported_media_type', 'platform', 415),
  aCode(4230, 'unsupported_uri_scheme', 'platform', 416),
  aCode(4270, 'session_interval_too_small', 'platform', 422),
  aCode(4310, 'uri_not_found', 'platform', 404),
  aCode(4320, 'uri_invalid', 'platform', 404),
  aCode(4330, 'temporary_unavailable', 'platform', 480),
  aCode(4340, 'temporary_unavailable', 'carrier', 480),
  aCode(4350, 'temporary_unavailable', 'customer', 480),
  aCode(4360, 'call_does_not_exist', 'platform', 481),
  aCode(4370, 'loop_detected', 'platform', 482),
  aCode(4380, 'too_many_hops', 'platform', 483),
  aCode(4410, 'user_busy', 'callee', 486),
  aCode(4420, 'carrier_cancelled', 'carrier', 487),
  aCode(4430, 'sdp_not_acceptable_here', 'platform', 488),
  aCode(4440, 'request_terminated', 'platform', 487),
  aCode(4500, 'request_pending', 'customer', 491),
  aCode(4520, 'security_agreement_required', 'platform', 494),
  aCode(4540, 'forbidden', 'platform', 403),
  aCode(4550, 'user_cancelled', 'customer', 487, 'customer_cancelled'),
  aCode(4560, 'barred_country', 'platform', 403),
  aCode(4570, 'barred_number', 'platform', 403),
  aCode(4580, 'invalid_sip_packet', 'platform', 400),
  aCode(4590, 'domestic_anchored_terms_not_met', 'platform', 403),
  aCode(4610, 'ruri_not_acceptable_here', 'platform', 488),
  aCode(4620, 'codec_not_acceptable_here', 'platform', 488),
  aCode(4630, 'sdp_not_acceptable_here_by_carrier', 'carrier', 488),
  aCode(4640, 'sdp_not_acceptable_here_by_user', 'customer', 488),
  // No list names 4650. The page on geographic permissions gives it to what records show as 4560.
  aCode(4650, 'barred_country', 'platform', 403),
  aCode(5000, 'service_unavailable_no_more_destinations', 'carrier', 503),
  aCode(5010, 'port_limit_reached', 'platform', 503),
  aCode(5020, 'not_implemented', 'platform', 501),
  aCode(5030, 'not_implemented_at_carrier', 'carrier', 501),
  aCode(5040, 'not_implemented_at_user', 'customer', 501),
  aCode(5180, 'cps_limit_reached', 'platform', 503),
  aCode(5190, 'concurrent_call_limit_exceeded', 'platform', 503),
  aCode(5200, 'server_timeout', 'platform', 504),
  aCode(5220, 'service_interrupted_by_customer', 'customer', null, 'service_interrupted_middialog_by_customer'),
  aCode(5230, 'service_interrupted_by_customer', 'customer', null),
  aCode(5240, 'service_interrupted_by_nomedia', 'platform', null),
  aCode(5250, 'internal_error', 'platform', 500),
  aCode(5260, 'internal_error_routing', 'platform', 500),
  aCode(5270, 'internal_error_media_service', 'platform', 500),
  aCode(5290, 'internal_error_trunk', 'platform', 500),
  aCode(5300, 'bad_gateway', 'carrier', 502),
  aCode(5310, 'service_interrupted_by_carrier_4xx', 'carrier', null, 'service_interrupted_middialog_by_carrier_4xx'),
  aCode(5320, 'service_interrupted_by_carrier_5xx_6xx', 'carrier', null),
  aCode(5330, 'server_timeout', 'carrier', 504),
  aCode(5340, 'server_timeout', 'customer', 504),
  aCode(5350, 'service_unavailable_by_carrier', 'carrier', 503),
  aCode(5360, 'service_unavailable_by_user', 'customer', 503),
  aCode(6000, 'busy_everywhere', 'carrier', 600),
  aCode(6020, 'does_not_exist_anywhere', 'carrier', 604),
  aCode(6030, 'alloted_timeout', 'platform', 408), // sic
  aCode(6040, 'declined_from_carrier', 'carrier', 603),
  aCode(6070, 'not_acceptable', 'carrier', 606),
]

const byCode = new Map(HANGUP_CODES.map((entry) => [entry.code, entry]))

/** The current documents' name of a code, such as `normal_hangup` of 3010; null when the code is not in the table. */
export function hangupName(code: number): string | null {
  return byCode.get(code)?.name ?? null
}

function aCode(
  code: number,
  name: string,
  by: HangupOrigin,
  sipStatus: number | null,
  recordName: string | null = null,
): HangupCode {
  return { code, name, recordName, by, sipStatus }
}
