import { setImmediate as breathe } from 'node:timers/promises'
import type { Account } from '../record/account.ts'
import { type NumberSearch, replaceNumbers, searchedDigits, traceOf } from '../record/numbers-in-text.ts'
import type { Directory } from './directory.ts'
import { invalid } from './directory-refusal.ts'
import type { Erasure, Keeping, Progressed } from './keeping.ts'

const PAGE_ENTRIES = 100

export interface ErasedNumber {
  account: Account
  /** As somebody wrote it. */
  number: string
  /** Id of the key that asks; null for the command line. */
  byKey: string | null
  reason: string
  /** Entries of the quarantine that belong to no account are looked at as well. */
  unassigned: boolean
  onProgress?: (progressed: Progressed) => void
}

/**
 * Erases one subscriber's number from an account: its calls, the reports of them as they came, and the quarantine. Throws
 * `DirectoryRefusal` for what is no number, or one of fewer than 7 digits.
 */
export async function eraseNumber(
  { keeping, directory, now }: { keeping: Keeping; directory: Directory; now: () => number },
  { account, number, byKey, reason, unassigned, onProgress = () => {} }: ErasedNumber,
): Promise<Erasure> {
  const digits = searchedDigits(number, account.settings)
  if (digits === null) throw invalid('number', 'must be a telephone number of 7 to 15 digits')
  const search: NumberSearch = { plan: account.settings, tokenOf: (row) => (row === digits ? '(erased)' : null) }
  const trace = traceOf(digits)
  const holds = (text: string) => trace.test(text) && replaceNumbers(text, search) !== text
  return keeping.erase({
    accountId: account.id,
    digits,
    byKey,
    reason: replaceNumbers(reason, search),
    now,
    forgetQuarantined: () => eraseQuarantined(directory, { accountId: account.id, unassigned, holds }),
    onProgress,
  })
}

/** Drops the entries that hold something, so that the same records are not taken again; how many. */
async function eraseQuarantined(
  directory: Directory,
  given: { accountId: string; unassigned: boolean; holds: (text: string) => boolean },
): Promise<number> {
  const { accountId, unassigned, holds } = given
  let dropped = 0
  for (let beforeId = Number.MAX_SAFE_INTEGER; ; ) {
    const { entries } = directory.quarantined({
      accountId: unassigned ? null : accountId,
      limit: PAGE_ENTRIES,
      beforeId,
    })
    const last = entries.at(-1)
    if (last === undefined) return dropped
    const ours = entries.filter((entry) => entry.accountId === accountId || entry.accountId === null)
    const held = ours.filter(({ raw, origin, field, reason }) => [raw, origin ?? '', field ?? '', reason].some(holds))
    dropped += directory.forgetQuarantined(held.map(({ id }) => id))
    beforeId = last.id
    await breathe()
  }
}
