import type { CallRecord } from '../../record/call-record.ts'
import type { CallEncoder, EncoderName } from '../../store/call-encoder.ts'
import { jsonItems } from '../listed.ts'
import { originalUuidOf } from './original-calls.ts'
import { type Around, presentCall } from './present.ts'

type Given = Omit<Around, 'originalIds'>

/** Where a store finds the encoder of a list. */
export function listedAs(given: Given): EncoderName {
  return { module: import.meta.url, name: 'listed', given }
}

const NONE: ReadonlyMap<string, number> = new Map()

/** A call as the list shows it, with the UUID of its original in the place of the id, which is not known where it is read. */
export function listed(given: Given): CallEncoder {
  const around = { ...given, originalIds: NONE }
  return jsonItems((call: CallRecord) => ({ ...presentCall(call, around), original_call_id: originalUuidOf(call) }))
}

/** In a text of JSON nothing else looks so: within a text the quotation marks would be escaped. */
const ORIGINAL = /"original_call_id":("(?:[^"\\]|\\.)*")/g

/** The UUIDs that stand for ids in what `listed` wrote. */
export function originalsIn(items: string): string[] {
  return Array.from(items.matchAll(ORIGINAL), ([, uuid]) => JSON.parse(uuid as string) as string)
}

/** The same items with the ids, null where there is no such call. */
export function withOriginalIds(items: string, ids: ReadonlyMap<string, number>): string {
  return items.replace(ORIGINAL, (_, uuid: string) => `"original_call_id":${ids.get(JSON.parse(uuid)) ?? null}`)
}
