import type { Expr } from '../query.ts'

/** Ends from `fromUs` on and before `beforeUs`, epoch microseconds. */
export interface EndRange {
  fromUs: number
  beforeUs: number
}

/**
 * The range of ends that an expression asks for, where it has one and asks for more besides; null otherwise. Rows lie by
 * start, so a range of ends with nothing else is the index's, and with anything else it is faster to read the rows of
 * the starts that can have such ends.
 */
export function endRange(where: Expr | null): EndRange | null {
  if (where === null) return null
  const range = { fromUs: 0, beforeUs: Number.MAX_SAFE_INTEGER }
  let others = 0
  for (const leaf of conjuncts(where)) {
    const value = 'field' in leaf && leaf.field === 'endedAtUs' && 'value' in leaf ? leaf.value : null
    if (typeof value !== 'number') others += 1
    else if (leaf.op === 'gte' || leaf.op === 'gt') range.fromUs = Math.max(range.fromUs, value)
    else if (leaf.op === 'lt') range.beforeUs = Math.min(range.beforeUs, value)
    else if (leaf.op === 'lte') range.beforeUs = Math.min(range.beforeUs, value + 1)
    else others += 1
  }
  const isBounded = range.fromUs > 0 || range.beforeUs < Number.MAX_SAFE_INTEGER
  return isBounded && others > 0 ? range : null
}

/** The conditions that must all hold. */
function conjuncts(expr: Expr): Expr[] {
  return expr.op === 'and' ? expr.of.flatMap(conjuncts) : [expr]
}
