import type { Expr } from '../query.ts'
import { conjuncts } from './member-list.ts'
import { END_INDEX_FIELDS } from './schema.ts'

/** Ends from `fromUs` on and before `beforeUs`, epoch microseconds. */
export interface EndRange {
  fromUs: number
  beforeUs: number
}

/**
 * The range of ends that an expression asks for, where it also asks for what the index on ends does not hold; null
 * otherwise. Rows lie by start, so it is then faster to read the rows of all starts that can have such ends than to jump
 * from the index to a row for each end.
 */
export function endRange(where: Expr | null): EndRange | null {
  if (where === null) return null
  const range = { fromUs: 0, beforeUs: Number.MAX_SAFE_INTEGER }
  let others = 0
  for (const leaf of conjuncts(where)) {
    const value = 'field' in leaf && leaf.field === 'endedAtUs' && 'value' in leaf ? leaf.value : null
    if (typeof value !== 'number') others += isOfIndex(leaf) ? 0 : 1
    else if (leaf.op === 'gte' || leaf.op === 'gt') range.fromUs = Math.max(range.fromUs, value)
    else if (leaf.op === 'lt') range.beforeUs = Math.min(range.beforeUs, value)
    else if (leaf.op === 'lte') range.beforeUs = Math.min(range.beforeUs, value + 1)
    else others += isOfIndex(leaf) ? 0 : 1
  }
  const isBounded = range.fromUs > 0 || range.beforeUs < Number.MAX_SAFE_INTEGER
  return isBounded && others > 0 ? range : null
}

function isOfIndex(expr: Expr): boolean {
  switch (expr.op) {
    case 'and':
    case 'or':
      return expr.of.every(isOfIndex)
    case 'not':
      return isOfIndex(expr.of)
    default:
      return END_INDEX_FIELDS.has(expr.field)
  }
}
