import type { DatabaseSync } from 'node:sqlite'
import { type CenterSettings, type DerivingSettings, defaultSettings } from '../../../record/account.ts'

/** More changes than this are not told apart: what ended before the oldest kept is judged by the oldest kept. */
const MOST_PAST = 1000

type Past = NonNullable<DerivingSettings['past']>

/**
 * What call types depended on before it was changed, in the table `past_settings`. `add` and `endAt` belong into a
 * transaction.
 */
export function pastSettings(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO past_settings VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const select = db.prepare('SELECT before_us, settings FROM past_settings WHERE account_id = ? ORDER BY before_us')
  const forget = db.prepare(
    `DELETE FROM past_settings WHERE account_id = ?1 AND before_us IN (
       SELECT before_us FROM past_settings WHERE account_id = ?1 ORDER BY before_us DESC LIMIT -1 OFFSET ${MOST_PAST})`,
  )
  const remove = db.prepare('DELETE FROM past_settings WHERE account_id = ? AND before_us > ?')
  const of = (accountId: string): Past =>
    select.all(accountId).map(({ before_us, settings }) => ({
      beforeUs: Number(before_us),
      settings: readPast(String(settings)),
    }))
  /** Nothing where others ended at that time already: these were in force for no time then. */
  const put = (accountId: string, settings: CenterSettings, beforeUs: number) =>
    insert.run(accountId, beforeUs, JSON.stringify(settings))
  /** Those in force at that time end with it, and those after it never were. False where nothing changes by it. */
  const endAt = (accountId: string, atUs: number): boolean => {
    const atTheTime = of(accountId).find(({ beforeUs }) => beforeUs > atUs)
    if (atTheTime === undefined) return false
    remove.run(accountId, atUs)
    if (atUs > 0) put(accountId, atTheTime.settings, atUs)
    return true
  }
  return {
    of,
    endAt,
    /** In force until now. Where a clock was ahead and was set back, what it says of times to come is taken back. */
    add(accountId: string, settings: CenterSettings, nowUs: number): void {
      if (!endAt(accountId, nowUs)) put(accountId, settings, nowUs)
      forget.run(accountId)
    },
  }
}

/** Settings that came after these were written have their defaults. */
function readPast(text: string): CenterSettings {
  return { ...centerSettings(defaultSettings('')), ...(JSON.parse(text) as CenterSettings) }
}

/** Of an account's settings those that call types depend on. */
export function centerSettings(settings: CenterSettings): CenterSettings {
  const { timeZone, serviceLevelS, serviceLevelFormula, shortAbandonS, businessHours, holidays, ringGroups } = settings
  return { timeZone, serviceLevelS, serviceLevelFormula, shortAbandonS, businessHours, holidays, ringGroups }
}
