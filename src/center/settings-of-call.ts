import type { CenterSettings } from '../record/account.ts'
import type { CallRecord } from '../record/call-record.ts'

/** What a call is judged by; the ring groups are looked up by then. */
export type CallSettings = Omit<CenterSettings, 'ringGroups'>

/**
 * The settings that a call is judged by: those of the ring group that it came to first, and of the account where that
 * ring group says nothing or there is none. A caller who overflows into a second queue has waited since the first one,
 * and was promised what the first one promises; so the first counts for the whole call.
 */
export function settingsOfCall({ center }: Pick<CallRecord, 'center'>, settings: CenterSettings): CallSettings {
  if (center === null || settings.ringGroups.length === 0) return settings
  const id = (center.queues[0]?.ringGroup ?? center.ringGroup)?.id
  if (id === undefined) return settings
  const own = settings.ringGroups.find((group) => group.id === id)
  return own === undefined ? settings : { ...settings, ...own }
}
