import { CALL_TYPES } from '../../../record/call-record.ts'
import type { Json } from '../../../record/facts.ts'
import type { Scalar } from '../../query.ts'
import { frozen } from '../folder/frozen.ts'
import { AT, type Row } from './row-columns.ts'

const TYPE_BITS = new Map<string, number>(CALL_TYPES.map((type, at) => [type, 1 << at]))
const typesOfMask = new Map<number, Json>()

/** The types of a mask, in the order of `CALL_TYPES`; one list for all calls that have them. */
export function callTypes(mask: number): Json {
  let types = typesOfMask.get(mask)
  if (types === undefined) {
    types = frozen(CALL_TYPES.filter((_, at) => mask & (1 << at)) as Json[])
    typesOfMask.set(mask, types)
  }
  return types
}

/** The bit of a call type in the column `call_types`; null for what is none. */
export function callTypeBit(type: Scalar): number | null {
  return TYPE_BITS.get(String(type)) ?? null
}

/** The column `call_types` of a call of these types; null where they are not known. */
export function callTypeMask(types: Json | undefined): number | null {
  if (types === undefined) return null
  return (types as string[]).reduce((mask, type) => mask | (TYPE_BITS.get(type) as number), 0)
}

/** The call types of a row; null where it has none. */
export function rowCallTypes(row: Row): Json {
  const types = row[AT.call_types] as number | null
  return types === null ? null : callTypes(types)
}
