import { derive as deriveAll } from '../../src/ingest/derive.ts'
import type { AccountSettings } from '../../src/record/account.ts'
import type { Facts } from '../../src/record/facts.ts'
import type { Lists } from '../../src/record/united-lists.ts'

/** As the server derives, but throws for a call to the number `poison`. Loaded by a store's writer thread. */
export function derive(facts: Facts, settings: AccountSettings, lists?: Lists): Facts {
  if (facts['to.number'] === 'poison') throw new Error('no figures for poison')
  return deriveAll(facts, settings, lists)
}
