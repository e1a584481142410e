import type { CallRecord } from '../../record/call-record.ts'
import type { CallStore } from '../../store/call-store.ts'

/** The call that this one came of: UUIDs are kept in lower case. */
export function originalUuidOf({ center }: CallRecord): string | null {
  return center?.originalCallUuid?.toLowerCase() ?? null
}

/** Our ids of the calls that these came of, by UUID: one lookup for each, of the same account. */
export async function originalIds(
  calls: Pick<CallStore, 'find'>,
  accountId: string,
  shown: readonly CallRecord[],
): Promise<Map<string, number>> {
  const uuids = new Set(shown.flatMap((call) => originalUuidOf(call) ?? []))
  const found = await Promise.all([...uuids].map((callUuid) => calls.find({ accountId, callUuid })))
  return new Map(found.flatMap((call) => (call === null ? [] : [[call.callUuid, call.id]])))
}
