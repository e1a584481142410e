import type { CallRecord } from '../../src/record/call-record.ts'
import { type CallQuery, compareScalars, fieldValue, matches, type Order, type Scalar } from '../../src/store/query.ts'

/** Where a call stands in a list: the values that it is sorted by, then its id. */
export interface Place {
  values: readonly (Scalar | null)[]
  id: number
}

const fieldsOf = ({ by, descending, thenBy = [] }: Order) => [{ by, descending }, ...thenBy]

export function placeOf(call: CallRecord, order: Order): Place {
  return { values: fieldsOf(order).map(({ by }) => fieldValue(call, by)), id: call.id }
}

/** Negative where `a` stands before `b`; no value comes before every value. */
export function comparePlaces(a: Place, b: Place, order: Order): number {
  for (const [at, { descending }] of fieldsOf(order).entries()) {
    const compared = compareOrNull(a.values[at] ?? null, b.values[at] ?? null)
    if (compared !== 0) return descending ? -compared : compared
  }
  return order.descending ? b.id - a.id : a.id - b.id
}

function compareOrNull(a: Scalar | null, b: Scalar | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compareScalars(a, b)
}

export function isPagedByOffset({ blanks = false, thenBy = [] }: Order): boolean {
  return blanks || thenBy.length > 0
}

/** What a query means, said with an array: the matches in its order, without those that have nothing to sort by. */
export function ordered(
  calls: readonly CallRecord[],
  { where, order, live = false }: Pick<CallQuery, 'where' | 'order' | 'live'>,
): CallRecord[] {
  return calls
    .filter((call) => !live || call.endedAtUs === null)
    .filter((call) => order.blanks || fieldValue(call, order.by) !== null)
    .filter((call) => where === null || matches(where, call))
    .sort((a, b) => comparePlaces(placeOf(a, order), placeOf(b, order), order))
}
