import { type CenterCall, callTypes } from '../center/call-types.ts'
import { billedSeconds } from '../rating/billed-seconds.ts'
import { chargeMicros } from '../rating/charge-micros.ts'
import { type AccountSettings, centerSettingsAt, type DerivingSettings } from '../record/account.ts'
import { centerOf } from '../record/assemble.ts'
import type { CallType } from '../record/call-record.ts'
import { deriveFacts } from '../record/derive.ts'
import { DEFAULTS, type Facts } from '../record/facts.ts'
import { type Lists, listsOf, unitedEntries } from '../record/united-lists.ts'

/**
 * Every derived path of a call: what follows from the record alone, then money and call types. `lists` are what the facts
 * say of united lists, or what is said of them beside. Loaded by the store's writer.
 */
export function derive(facts: Facts, settings: DerivingSettings, lists: Lists = listsOf(facts)): Facts {
  const derived = deriveFacts(facts, settings)
  if (facts.endedAtUs === undefined) return derived
  deriveMoney(facts, derived, settings)
  const types = deriveTypes(facts, settings, lists)
  if (types.length > 0) derived['center.callTypes'] = types
  return derived
}

/** Call types by the settings in force at the end; none for a live call, a B leg, and where a source states them. */
function deriveTypes(facts: Facts, settings: DerivingSettings, lists: Lists): CallType[] {
  if (facts['center.callTypes'] !== undefined) return []
  const value = (path: string): never => (facts[path] ?? null) as never
  const call: CenterCall = {
    direction: (facts.direction as 'inbound') ?? DEFAULTS.direction,
    leg: (facts.leg as 'whole') ?? DEFAULTS.leg,
    startedAtUs: (facts.startedAtUs as number) ?? 0,
    answeredAtUs: value('answeredAtUs'),
    endedAtUs: value('endedAtUs'),
    hangup: { side: value('hangup.side'), by: value('hangup.by'), sipStatus: value('hangup.sipStatus') },
    center: centerOf(facts, unitedEntries(lists)),
  }
  return callTypes(call, centerSettingsAt(settings, facts.endedAtUs as number))
}

const LONGEST_S = 315_360_000
/** Seconds times a price per minute that make a milliard of the currency, the most that an amount can be. */
const MOST_PRODUCT = 60_000 * 1_000_000_000_000_000

/**
 * Adds to what is derived the billed seconds by the account's increment, and the amount where the source stated a rate but
 * no amount and it can be had.
 */
function deriveMoney(facts: Facts, derived: Facts, settings: AccountSettings): void {
  const billS = (facts['cost.billS'] as number) ?? facts.durationS ?? derived.durationS
  if (facts['cost.billS'] === undefined) derived['cost.billS'] = billS
  const billedS =
    (facts['cost.billedS'] as number) ?? Math.min(billedSeconds(billS, settings.billingIncrement), LONGEST_S)
  if (facts['cost.billedS'] === undefined) derived['cost.billedS'] = billedS
  const rateNanos = facts['cost.rateNanos']
  if (typeof rateNanos !== 'number' || facts['cost.amountMicros'] !== undefined) return
  const perMinuteNanos = rateNanos + ((facts['cost.secureRateNanos'] as number) ?? 0)
  if (billedS * perMinuteNanos <= MOST_PRODUCT) derived['cost.amountMicros'] = chargeMicros(billedS, perMinuteNanos)
}
