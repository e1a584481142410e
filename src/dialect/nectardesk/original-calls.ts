import { setImmediate } from 'node:timers/promises'
import type { CallRecord } from '../../record/call-record.ts'
import type { CallStore } from '../../store/call-store.ts'

/** The call that this one came of: UUIDs are kept in lower case. */
export function originalUuidOf({ center }: CallRecord): string | null {
  return center?.originalCallUuid?.toLowerCase() ?? null
}

/** Lookups in a row: an engine may answer each at once, and the thread that asks has other requests to answer. */
const AT_ONCE = 50

/** Our ids of an account's calls that others came of, by UUID: one lookup for each. */
export async function originalIds(
  calls: Pick<CallStore, 'find'>,
  accountId: string,
  uuids: readonly string[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  const wanted = [...new Set(uuids)]
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    if (at > 0) await setImmediate()
    const chunk = wanted.slice(at, at + AT_ONCE)
    const found = await Promise.all(chunk.map((callUuid) => calls.find({ accountId, callUuid })))
    for (const call of found) if (call !== null) ids.set(call.callUuid, call.id)
  }
  return ids
}
