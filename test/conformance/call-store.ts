import { after, before, describe, it } from 'node:test'
import type { AccountSettings } from '../../src/record/account.ts'
import type { CallStore, SettingsOf } from '../../src/store/call-store.ts'
import { anAccount } from '../support/a-report.ts'
import { centering } from './centering.ts'
import { changing } from './changing.ts'
import { finding } from './finding.ts'
import { listing } from './listing.ts'
import { living } from './living.ts'
import { moving } from './moving.ts'
import { ordering } from './ordering.ts'
import { rederiving } from './rederiving.ts'
import { reopening } from './reopening.ts'
import { storing } from './storing.ts'
import { summing } from './summing.ts'
import { watching } from './watching.ts'

/** An engine under test: a store with nothing in it. */
export interface Opened {
  store: CallStore
  /** Closes the store and opens what it kept; `store` is the new one then. */
  reopen(): Promise<CallStore>
  remove(): Promise<void>
}

/** What a test works with: the store, and an account that no other test has. */
export interface Bench {
  readonly store: CallStore
  newAccount(): string
  /** The account has these settings from now on, its other ones being the usual. */
  setSettings(accountId: string, settings: Partial<AccountSettings>): void
  reopen(): Promise<CallStore>
}

export type Check = { it: string; run: (bench: Bench) => Promise<void> }

const SECTIONS = [
  storing,
  finding,
  listing,
  ordering,
  centering,
  changing,
  summing,
  watching,
  rederiving,
  living,
  moving,
  reopening,
]

/**
 * What a `CallStore` is. Every engine runs this on the real thing. Where one must differ it skips a test by its name,
 * and the reason is printed.
 */
export function describeCallStore(
  engine: string,
  open: (given: { settingsOf: SettingsOf }) => Promise<Opened>,
  { skip = [] }: { skip?: readonly { test: string; reason: string }[] } = {},
): void {
  describe(`CallStore on ${engine}`, () => {
    let opened: Opened
    let accounts = 0
    const { settings: usual } = anAccount()
    const settings = new Map<string, AccountSettings>()
    before(async () => {
      opened = await open({ settingsOf: (accountId) => settings.get(accountId) ?? usual })
    })
    after(() => opened.remove())
    const bench: Bench = {
      get store() {
        return opened.store
      },
      newAccount: () => `MATEST${String(++accounts).padStart(14, '0')}`,
      setSettings: (accountId, changed) => settings.set(accountId, { ...usual, ...changed }),
      reopen: () => opened.reopen(),
    }
    for (const checks of SECTIONS)
      for (const check of checks) {
        const skipped = skip.find(({ test }) => test === check.it)
        it(check.it, { skip: skipped?.reason ?? false }, () => check.run(bench))
      }
  })
}
