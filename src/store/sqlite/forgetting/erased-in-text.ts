import type { DatabaseSync } from 'node:sqlite'
import { type NumberSearch, replaceNumbers } from '../../../record/numbers-in-text.ts'
import type { NumberingPlan } from '../../../record/phone.ts'
import { hashedNumber } from './erased-numbers.ts'

/** What somebody wants to keep as it came. */
export interface KeptText {
  /** Whose it is; null where nobody knows. */
  accountId: string | null
  texts: readonly string[]
  /** Epoch us at which its call began; null where it does not say: as from before any erasure. */
  beganAtUs: number | null
}

/**
 * Knows erased numbers again in texts, by what the writer has left in `meta.db`; null where nothing was ever erased there.
 * A text is of an account's calls, and the account's erasures are looked at; one of no account is looked at for the
 * erasures of those who may look at such texts: the command line, and keys with the scope `operator`.
 */
export function erasedInTexts(
  meta: DatabaseSync,
  planOf: (accountId: string) => NumberingPlan | null,
): ((kept: KeptText) => boolean) | null {
  if (meta.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'erasures'").get() === undefined) return null
  if (meta.prepare('SELECT 1 FROM erasures LIMIT 1').get() === undefined) return null
  const secret = meta.prepare('SELECT secret FROM erasure_secret').get()?.secret as Uint8Array
  const known = new Map<string | null, ErasedOf[]>()
  return ({ accountId, texts, beganAtUs }) => {
    const erased = known.get(accountId) ?? erasedOf(meta, accountId)
    known.set(accountId, erased)
    return erased.some((one) => {
      const plan = planOf(one.accountId)
      if (plan === null || (beganAtUs ?? 0) >= one.latestUs) return false
      const search = searchOf(one, { plan, secret, beganAtUs: beganAtUs ?? 0 })
      return texts.some((text) => replaceNumbers(text, search) !== text)
    })
  }
}

/** Numbers that were erased from an account. */
interface ErasedOf {
  accountId: string
  /** When each was last erased, by its hash. */
  begunUs: Map<string, number>
  latestUs: number
  /** Their last two digits: what ends otherwise need not be hashed. */
  endings: Set<string>
}

function erasedOf(meta: DatabaseSync, accountId: string | null): ErasedOf[] {
  const rows =
    accountId === null
      ? meta
          .prepare(
            `SELECT account, hash, last_two, begun_us FROM erasures
             WHERE by_key IS NULL OR by_key IN (SELECT id FROM api_keys WHERE scopes LIKE '%"operator"%')`,
          )
          .all()
      : meta.prepare('SELECT account, hash, last_two, begun_us FROM erasures WHERE account = ?').all(accountId)
  const of = new Map<string, ErasedOf>()
  for (const row of rows) {
    const account = String(row.account)
    const one = of.get(account) ?? { accountId: account, begunUs: new Map(), latestUs: 0, endings: new Set() }
    const hash = Buffer.from(row.hash as Uint8Array).toString('hex')
    one.begunUs.set(hash, Math.max(Number(row.begun_us), one.begunUs.get(hash) ?? 0))
    one.latestUs = Math.max(one.latestUs, Number(row.begun_us))
    one.endings.add(String(row.last_two))
    of.set(account, one)
  }
  return [...of.values()]
}

function searchOf(
  { accountId, begunUs, endings }: ErasedOf,
  { plan, secret, beganAtUs }: { plan: NumberingPlan; secret: Uint8Array; beganAtUs: number },
): NumberSearch {
  const tokenOf = (digits: string) => {
    if (!endings.has(digits.slice(-2))) return null
    const { hash, token } = hashedNumber(secret, { accountId, digits })
    return beganAtUs < (begunUs.get(hash) ?? 0) ? token : null
  }
  return { plan, tokenOf }
}
