import { billedSeconds } from '../rating/billed-seconds.ts'
import { chargeMicros } from '../rating/charge-micros.ts'
import type { AccountSettings } from '../record/account.ts'
import { deriveFacts } from '../record/derive.ts'
import type { Facts } from '../record/facts.ts'

/** Every derived path of a call: what follows from the record alone, then money. Loaded by the store's writer. */
export function derive(facts: Facts, settings: AccountSettings): Facts {
  const derived = deriveFacts(facts, settings)
  if (facts.endedAtUs === undefined) return derived
  return { ...derived, ...deriveMoney({ ...facts, ...derived }, settings) }
}

/** Billed seconds by the account's increment, and the amount where the source stated a rate but no amount. */
function deriveMoney(facts: Facts, settings: AccountSettings): Facts {
  const derived: Facts = {}
  const billS = (facts['cost.billS'] as number) ?? (facts.durationS as number)
  if (facts['cost.billS'] === undefined) derived['cost.billS'] = billS
  const billedS = (facts['cost.billedS'] as number) ?? billedSeconds(billS, settings.billingIncrement)
  if (facts['cost.billedS'] === undefined) derived['cost.billedS'] = billedS
  const rateNanos = facts['cost.rateNanos']
  if (typeof rateNanos === 'number' && facts['cost.amountMicros'] === undefined)
    derived['cost.amountMicros'] = chargeMicros(billedS, rateNanos + ((facts['cost.secureRateNanos'] as number) ?? 0))
  return derived
}
