import { type Expr, exprTooLarge } from '../../store/query.ts'
import { badRequest } from '../fault.ts'
import { allOf, anyOf, not } from './conditions.ts'
import { CALL_LOG_FIELDS, type CallLogField, WrongValue } from './fields.ts'
import { atPlace } from './filter-tokens.ts'
import type { FilterTree } from './filter-tree.ts'
import { parseFilter } from './parse-filter.ts'

/**
 * The condition of a `filter`: it holds for the calls whose shown values it holds of. Throws `bad_request` naming the filter
 * and the place that cannot be read, the field that is none, or the value that does not fit its field.
 */
export function readFilter(filter: string): Expr {
  const where = whereTree(parseFilter(filter))
  const problem = exprTooLarge(where)
  if (problem !== null) throw badRequest('filter', `asks for too much at once: ${problem}`)
  return where
}

function whereTree(tree: FilterTree): Expr {
  switch (tree.op) {
    case 'and':
      return allOf(...tree.of.map(whereTree))
    case 'or':
      return anyOf(...tree.of.map(whereTree))
    case 'not':
      return not(whereTree(tree.of))
    default:
      return whereCondition(tree)
  }
}

function whereCondition({ op, field, value, at, valueAt }: Extract<FilterTree, { field: string }>): Expr {
  try {
    return fieldNamed(field, at).where(op, value)
  } catch (error) {
    if (error instanceof WrongValue) throw atPlace(valueAt, `${field} ${error.message}`)
    throw error
  }
}

function fieldNamed(name: string, at: number): CallLogField {
  if (Object.hasOwn(CALL_LOG_FIELDS, name)) return CALL_LOG_FIELDS[name as keyof typeof CALL_LOG_FIELDS]
  const names = Object.keys(CALL_LOG_FIELDS)
  const meant = names.find((one) => one === name.toLowerCase())
  throw atPlace(
    at,
    `${name.slice(0, 80)} is not a field of a call log: ${meant ?? names.join(', ')} ${meant ? 'is' : 'are'}`,
  )
}
