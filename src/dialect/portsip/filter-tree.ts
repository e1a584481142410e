export const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const
export type Comparison = (typeof COMPARISONS)[number]

export const TEXT_TESTS = ['startswith', 'endswith', 'contains'] as const
export type TextTest = (typeof TEXT_TESTS)[number]

/** A value in a filter. A number stays as it was written: a price is exact, and a double is not. */
export type Literal = { text: string } | { number: string } | { boolean: boolean } | null

/**
 * A filter, read. `at` is where a condition begins, from 1, and `valueAt` where its value does, for the errors of whoever
 * makes sense of it. `and` and `or` have at least two parts, none of which is of the same kind.
 */
export type FilterTree =
  | { op: 'and' | 'or'; of: FilterTree[] }
  | { op: 'not'; of: FilterTree }
  | { op: Comparison; field: string; value: Literal; at: number; valueAt: number }
  | { op: TextTest; field: string; value: Literal; at: number; valueAt: number }

/** The filter as text again; reading that gives the same filter. */
export function printFilter(tree: FilterTree): string {
  switch (tree.op) {
    case 'and':
    case 'or':
      return tree.of
        .map((inner) => (inner.op === 'or' ? `(${printFilter(inner)})` : printFilter(inner)))
        .join(` ${tree.op} `)
    case 'not':
      return `not (${printFilter(tree.of)})`
    case 'startswith':
    case 'endswith':
    case 'contains':
      return `${tree.op}(${tree.field},${printLiteral(tree.value)})`
    default:
      return `${tree.field} ${tree.op} ${printLiteral(tree.value)}`
  }
}

function printLiteral(value: Literal): string {
  if (value === null) return 'null'
  if ('text' in value) return `'${value.text.replaceAll("'", "''")}'`
  return 'number' in value ? value.number : String(value.boolean)
}
