import type { Expr, Leaf } from '../../query.ts'
import { conjuncts } from './conjuncts.ts'

/** A stretch of time: from inclusive, before exclusive, epoch microseconds. */
export interface TimeRange {
  fromUs: number
  beforeUs: number
}

/** All the time that a call can have. */
export const ALWAYS: TimeRange = { fromUs: 0, beforeUs: Number.MAX_SAFE_INTEGER }

type TimeField = 'startedAtUs' | 'endedAtUs'

/** What an expression asks of the two times of a call, and what else. All of it together is the expression. */
export interface AskedTimes {
  starts: TimeRange
  /** Null where nothing is asked of the end, so that a call without one may match. */
  ends: TimeRange | null
  rest: readonly Expr[]
}

/** Takes the bounds that every match must keep out of an expression. */
export function askedTimes(where: Expr | null): AskedTimes {
  const asked: { starts: TimeRange; ends: TimeRange | null; rest: Expr[] } = { starts: ALWAYS, ends: null, rest: [] }
  for (const expr of where === null ? [] : conjuncts(where)) {
    const range = rangeOf(expr)
    if (range === null) asked.rest.push(expr)
    else if (range.field === 'startedAtUs') asked.starts = intersection(asked.starts, range)
    else asked.ends = intersection(asked.ends ?? ALWAYS, range)
  }
  return asked
}

/** The times that matches can have. */
export interface ImpliedRange extends TimeRange {
  /** Whether a call without that time can match. */
  none: boolean
}

/** The narrowest range of a time that is sure to hold every match. */
export function impliedRange(where: Expr | null, field: TimeField): ImpliedRange {
  const any: ImpliedRange = { ...ALWAYS, none: true }
  if (where === null) return any
  switch (where.op) {
    case 'and':
      return where.of
        .map((inner) => impliedRange(inner, field))
        .reduce((a, b) => ({ ...intersection(a, b), none: a.none && b.none }), any)
    case 'or':
      return where.of
        .map((inner) => impliedRange(inner, field))
        .reduce((a, b) => ({ ...hull(a, b), none: a.none || b.none }), { fromUs: 0, beforeUs: 0, none: false })
    case 'not':
    case 'member':
      return any
    default:
      return where.field === field ? impliedByLeaf(where) : any
  }
}

export function isEmpty({ fromUs, beforeUs }: TimeRange): boolean {
  return beforeUs <= fromUs
}

export function covers(outer: TimeRange, inner: TimeRange): boolean {
  return outer.fromUs <= inner.fromUs && outer.beforeUs >= inner.beforeUs
}

export function intersection(a: TimeRange, b: TimeRange): TimeRange {
  return { fromUs: Math.max(a.fromUs, b.fromUs), beforeUs: Math.min(a.beforeUs, b.beforeUs) }
}

/** Both moved, and kept within all time; a bound that is none stays none. */
export function widened({ fromUs, beforeUs }: TimeRange, by: { fromUs: number; beforeUs: number }): TimeRange {
  return intersection(ALWAYS, {
    fromUs: fromUs <= ALWAYS.fromUs ? fromUs : fromUs + by.fromUs,
    beforeUs: beforeUs >= ALWAYS.beforeUs ? beforeUs : beforeUs + by.beforeUs,
  })
}

function hull(a: TimeRange, b: TimeRange): TimeRange {
  if (isEmpty(a)) return b
  if (isEmpty(b)) return a
  return { fromUs: Math.min(a.fromUs, b.fromUs), beforeUs: Math.max(a.beforeUs, b.beforeUs) }
}

function impliedByLeaf(leaf: Leaf): ImpliedRange {
  if (leaf.op === 'in') {
    const numbers = leaf.values.filter((value) => typeof value === 'number')
    return { ...numbers.map((value) => span('eq', value)).reduce(hull, { fromUs: 0, beforeUs: 0 }), none: false }
  }
  if (leaf.op === 'ne') return { ...ALWAYS, none: leaf.value !== null }
  if (leaf.op === 'eq' && leaf.value === null) return { fromUs: 0, beforeUs: 0, none: true }
  const { fromUs, beforeUs } = rangeOf(leaf) ?? ALWAYS
  return { fromUs, beforeUs, none: false }
}

/** The range that is just what an expression asks of one time; null where it asks for more, or for less. */
function rangeOf(expr: Expr): (TimeRange & { field: TimeField }) | null {
  if (!('field' in expr) || !('value' in expr)) return null
  const { op, field, value } = expr
  if ((field !== 'startedAtUs' && field !== 'endedAtUs') || typeof value !== 'number') return null
  if (Number.isNaN(value)) return null
  if (op !== 'eq' && op !== 'gt' && op !== 'gte' && op !== 'lt' && op !== 'lte') return null
  return { field, ...span(op, value) }
}

function span(op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte', value: number): TimeRange {
  const atLeast = Math.ceil(value)
  const beyond = Math.floor(value) + 1
  const fromUs = op === 'gt' ? beyond : op === 'gte' || op === 'eq' ? atLeast : ALWAYS.fromUs
  const beforeUs = op === 'lt' ? atLeast : op === 'lte' || op === 'eq' ? beyond : ALWAYS.beforeUs
  return intersection(ALWAYS, { fromUs, beforeUs })
}
