import { after, before, describe, it } from 'node:test'
import type { CallStore } from '../../src/store/call-store.ts'
import { changing } from './changing.ts'
import { listing } from './listing.ts'
import { moving } from './moving.ts'
import { reopening } from './reopening.ts'
import { storing } from './storing.ts'

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
  reopen(): Promise<CallStore>
}

export type Check = { it: string; run: (bench: Bench) => Promise<void> }

/**
 * What a `CallStore` is. Every engine runs this on the real thing. Where one must differ it skips a test by its name,
 * and the reason is printed.
 */
export function describeCallStore(
  engine: string,
  open: () => Promise<Opened>,
  { skip = [] }: { skip?: readonly { test: string; reason: string }[] } = {},
): void {
  describe(`CallStore on ${engine}`, () => {
    let opened: Opened
    let accounts = 0
    before(async () => {
      opened = await open()
    })
    after(() => opened.remove())
    const bench: Bench = {
      get store() {
        return opened.store
      },
      newAccount: () => `MATEST${String(++accounts).padStart(14, '0')}`,
      reopen: () => opened.reopen(),
    }
    for (const checks of [storing, listing, changing, moving, reopening])
      for (const check of checks) {
        const skipped = skip.find(({ test }) => test === check.it)
        it(check.it, { skip: skipped?.reason ?? false }, () => check.run(bench))
      }
  })
}
