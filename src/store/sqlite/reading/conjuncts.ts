import type { Expr } from '../../query.ts'

/** The conditions that must all hold. */
export function conjuncts(expr: Expr): Expr[] {
  return expr.op === 'and' ? expr.of.flatMap(conjuncts) : [expr]
}

/** Whether an expression asks for nothing but what `isOf` accepts. */
export function asksOnly(expr: Expr, isOf: (leaf: Exclude<Expr, { op: 'and' | 'or' | 'not' }>) => boolean): boolean {
  switch (expr.op) {
    case 'and':
    case 'or':
      return expr.of.every((inner) => asksOnly(inner, isOf))
    case 'not':
      return asksOnly(expr.of, isOf)
    default:
      return isOf(expr)
  }
}
