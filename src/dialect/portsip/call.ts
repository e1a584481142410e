import type { CallRecord, Direction } from '../../record/call-record.ts'

/** What is shown: calls that have ended. A CDR of PortSIP's is written when its call is over. */
export type ShownCall = CallRecord & { endedAtUs: number }

export function isShown(call: CallRecord): call is ShownCall {
  return call.endedAtUs !== null
}

/** PortSIP's words for a direction, by ours. */
export const DIRECTION_WORDS: Readonly<Record<Direction, string>> = {
  inbound: 'INBOUND_CALL',
  outbound: 'OUTBOUND_CALL',
  internal: 'EXTENSION_CALL',
  transit: 'INBOUND_OUTBOUND_CALL',
}

/** Every documented end reason; the empty text, which stands for none, apart. */
export const END_REASONS = [
  'CALLER_DISCONNECTED',
  'CALLEE_DISCONNECTED',
  'BLIND_TRANSFER_COMPLETED',
  'CONSULT_TRANSFER_COMPLETED',
  'REPLACED',
  'REFERRED',
  'REDIRECTED',
  'CANCELLED',
] as const
export type EndReason = (typeof END_REASONS)[number]

/** How a source may have written a reason: the worked example has `CALLER_DISCONNECT`, the list of values the other. */
export const END_REASON_SPELLINGS: ReadonlyMap<string, EndReason> = new Map([
  ...END_REASONS.map((reason) => [reason, reason] as const),
  ['CALLER_DISCONNECT', 'CALLER_DISCONNECTED'],
  ['CALLEE_DISCONNECT', 'CALLEE_DISCONNECTED'],
])

/** A number as sent. Of a URI only the number is shown, as it was read out of it: the domain has a field of its own. */
export function shownNumber({ number, asSent }: CallRecord['from']): string {
  return (asSent !== null && /[:@]/.test(asSent) ? number : asSent) ?? ''
}

/**
 * The stated reason where it is one of the documented ones, else what follows from who hung up: a caller who gave up
 * before the answer cancelled. A callee who turned the call down has none, as the worked example of a 486 shows.
 */
export function endReason({ hangup, answeredAtUs }: Pick<CallRecord, 'hangup' | 'answeredAtUs'>): EndReason | '' {
  const stated = hangup.endReason === null ? undefined : END_REASON_SPELLINGS.get(hangup.endReason)
  if (stated !== undefined) return stated
  if (hangup.side === 'caller') return answeredAtUs === null ? 'CANCELLED' : 'CALLER_DISCONNECTED'
  return hangup.side === 'callee' && answeredAtUs !== null ? 'CALLEE_DISCONNECTED' : ''
}

/** SIP responses from here on are failures. */
export const FIRST_SIP_ERROR = 300

/** The SIP status that the call failed with; 0 for one that was answered, or of which no failure is known. */
export function statusCode({ hangup, answeredAtUs }: Pick<CallRecord, 'hangup' | 'answeredAtUs'>): number {
  const status = answeredAtUs === null ? (hangup.sipStatus ?? 0) : 0
  return status >= FIRST_SIP_ERROR ? status : 0
}

/** The price, in units of the currency; 0 where it is not known. */
export function shownCost({ cost }: Pick<CallRecord, 'cost'>): number {
  return (cost.amountMicros ?? 0) / 1_000_000
}
