import type { CenterSettings, ServiceLevelFormula } from '../record/account.ts'
import type { CallType } from '../record/call-record.ts'
import { type CenterCall, endedWithinServiceLevel } from './call-types.ts'

/** Inbound calls, counted for the service level. */
export interface ServiceLevelCounts {
  inbound: number
  /** Out of business hours, answered or not. */
  outOfHours: number
  /** Short abandons, distributed or not. */
  short: number
  ivrExit: number
  /** In business hours and answered in time. */
  within: number
  /** Abandoned, distributed or not, before the time to answer was over. */
  abandonedWithin: number
}

export function noCalls(): ServiceLevelCounts {
  return { inbound: 0, outOfHours: 0, short: 0, ivrExit: 0, within: 0, abandonedWithin: 0 }
}

/** Counts one call more, of these types; `settings` are those that the types were derived with. */
export function countCall(
  counts: ServiceLevelCounts,
  { call, types, settings }: { call: Omit<CenterCall, 'hangup'>; types: readonly CallType[]; settings: CenterSettings },
): void {
  if (!types.includes('all_inbound')) return
  counts.inbound += 1
  if (types.includes('out_of_business_hours')) counts.outOfHours += 1
  else if (types.includes('short_abandoned') || types.includes('short_abandoned_distributed')) counts.short += 1
  else if (types.includes('inbound_ivr_exit')) counts.ivrExit += 1
  else if (types.includes('inbound_answered_within_sla')) counts.within += 1
  else if (types.includes('abandoned') || types.includes('abandoned_distributed'))
    if (endedWithinServiceLevel(call, settings)) counts.abandonedWithin += 1
}

/**
 * The share, 0 to 1, of calls that were answered in time; null where none counts. Offered are the inbound calls but for
 * those out of business hours, short abandons and IVR exits: they count in no formula, as for Talkdesk.
 *
 * - `without_short`: within / offered. The other abandoned calls count against it.
 * - `ignore_abandoned`: within / (offered - abandoned within), Cisco's "ignore abandoned calls".
 * - `abandoned_negative`: within / offered, Cisco's "abandoned calls have negative impact". It is the first formula
 *   under Cisco's name, for Cisco leaves calls that ended before its short-call timer out of all three.
 * - `abandoned_positive`: (within + abandoned within) / offered, Cisco's "abandoned calls have positive impact".
 *
 * Cisco Unified Contact Center Enterprise, Reporting Concepts, "Service Level"; Talkdesk data dictionary.
 */
export function serviceLevel(counts: ServiceLevelCounts, formula: ServiceLevelFormula): number | null {
  const { inbound, outOfHours, short, ivrExit, within, abandonedWithin } = counts
  const offered = inbound - outOfHours - short - ivrExit
  switch (formula) {
    case 'without_short':
    case 'abandoned_negative':
      return share(within, offered)
    case 'ignore_abandoned':
      return share(within, offered - abandonedWithin)
    case 'abandoned_positive':
      return share(within + abandonedWithin, offered)
  }
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}
