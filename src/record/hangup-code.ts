import type { Direction, HangupBy, HangupSide } from './call-record.ts'

/** What a hangup code follows from; null is "not known". */
export interface HangupFacts {
  direction: Direction
  answered: boolean
  /** Which end of the call ended it. */
  side: HangupSide | null
  /** Who that is; null to take it from `side`. */
  by: HangupBy | null
  /** Final SIP status; provisional and 2xx say nothing about an end. */
  sipStatus: number | null
  /** Q.850 cause. */
  q850: number | null
  /** The switch ended an answered call because no media came. */
  mediaTimeout?: boolean
}

/**
 * Who stands at an end of a call, seen from the account: outbound calls go from the customer to a carrier, inbound
 * ones the other way, internal ones from customer to customer, transit ones from carrier to carrier. Null without side.
 */
export function hangupBy({ direction, side }: Pick<HangupFacts, 'direction' | 'side'>): HangupBy | null {
  if (side === null || side === 'platform') return side
  const fromCustomer = direction === 'outbound' || direction === 'internal'
  const toCustomer = direction === 'inbound' || direction === 'internal'
  return (side === 'caller' ? fromCustomer : toCustomer) ? 'customer' : 'carrier'
}

/**
 * The SIP trunking hangup code (see `hangup-codes.ts`) of an ended call, null when nothing is known to tell it by.
 * Plivo does not publish how it finds its codes; this is our mapping.
 *
 * Answered: 3020 without media; 3030 on 402, credit gone; else 3000 when the carrier ended it and 3010 when the
 * customer or the platform (its longest duration) did. When nobody knows who did, cause 16 is 3000: both are named
 * `normal_hangup`. Other statuses and causes of an answered call are those of an earlier attempt, and say nothing.
 *
 * Not answered: the final status, where it has a row in `CODES`, else the cause, where it has one in `STATUSES`. The
 * three statuses that stand for anything, 480, 500 and 503, yield to a cause that says more. Whoever sent the status
 * picks among the codes of a row; when it is not known who, then the end that was called, for that is where a final
 * answer comes from. Without status and cause, a call that the caller ended was cancelled.
 */
export function hangupCode(facts: HangupFacts): number | null {
  const by = facts.by ?? hangupBy(facts)
  if (facts.answered) return codeOfAnswered(facts, by)
  const status = statusOf(facts)
  if (status === 487 || (status === null && isByCaller(facts))) return codeOfCancelled(facts, by)
  if (status === null) return null
  const codes = CODES[status]
  if (codes === undefined || typeof codes === 'number') return codes ?? null
  const called = calledParty(facts)
  const party = by === 'platform' && codes.platform === null ? called : (by ?? called)
  return codes[party]
}

type Party = 'customer' | 'carrier'

/** One code, or one for each sender; null for the platform where it only reports that the called end was silent. */
type Codes = number | { customer: number; carrier: number; platform: number | null }

const MEDIA_REFUSED: Codes = { carrier: 4630, customer: 4640, platform: 4620 }

/** By final SIP status; 487, a cancelled call, is apart. */
const CODES: Partial<Record<number, Codes>> = {
  400: 4000,
  401: 4020,
  402: 4030,
  403: { carrier: 4040, customer: 4060, platform: 4180 },
  404: 4090,
  407: 4150,
  408: { carrier: 4160, customer: 4170, platform: null },
  410: 4090, // gone: as good as not found
  415: MEDIA_REFUSED,
  416: 4230,
  422: 4270,
  480: { carrier: 4340, customer: 4350, platform: 6030 },
  481: 4360,
  482: 4370,
  483: 4380,
  484: 4120,
  486: 4410,
  488: MEDIA_REFUSED,
  491: 4500,
  494: 4520,
  500: 5250,
  501: { carrier: 5030, customer: 5040, platform: 5020 },
  502: 5300,
  503: { carrier: 5350, customer: 5360, platform: 5000 },
  504: { carrier: 5330, customer: 5340, platform: 5200 },
  600: 6000,
  603: 6040,
  604: 6020,
  606: 6070,
  607: 6040, // unwanted (RFC 8197) and rejected (RFC 8688): declined
  608: 6040,
}

/** The SIP status whose codes a Q.850 cause has. Causes that name no reason (16, 31, 127) have none. */
const STATUSES: Partial<Record<number, number>> = {
  1: 404,
  3: 404,
  17: 486,
  18: 480,
  19: 480,
  20: 480,
  21: 603,
  22: 410,
  25: 483,
  27: 502,
  28: 484,
  34: 503,
  38: 502,
  41: 500,
  42: 503,
  58: 488,
  65: 488,
  88: 488,
  102: 408,
}

function codeOfAnswered({ mediaTimeout = false, sipStatus, q850 }: HangupFacts, by: HangupBy | null): number | null {
  if (mediaTimeout) return 3020
  if (sipStatus === 402) return 3030
  if (by === null) return q850 === 16 ? 3000 : null
  return by === 'carrier' ? 3000 : 3010
}

function codeOfCancelled({ direction }: HangupFacts, by: HangupBy | null): number {
  if (by === 'platform') return 4440
  return hangupBy({ direction, side: 'caller' }) === 'customer' ? 4550 : 4420
}

function statusOf({ sipStatus, q850 }: HangupFacts): number | null {
  const stated = sipStatus !== null && sipStatus >= 300 ? sipStatus : null
  const ofCause = (q850 === null ? null : STATUSES[q850]) ?? null
  if (stated === null) return ofCause
  if (CODES[stated] === undefined && stated !== 487) return ofCause ?? stated
  // A proxy sends 500 for the 503 that it received (RFC 3261, 16.7), gateways 480 or 503 for what ISDN told them.
  // Cause 41 is as vague as they are.
  const isVague = stated === 480 || stated === 500 || stated === 503
  return isVague && ofCause !== null && q850 !== 41 ? ofCause : stated
}

/** Whether the caller ended the call; by the party alone only where the two ends are not of the same one. */
function isByCaller({ direction, side, by }: HangupFacts): boolean {
  if (side !== null) return side === 'caller'
  return (direction === 'outbound' && by === 'customer') || (direction === 'inbound' && by === 'carrier')
}

function calledParty({ direction }: HangupFacts): Party {
  return direction === 'inbound' || direction === 'internal' ? 'customer' : 'carrier'
}
