import { compareScalars, type Expr, type Field, type OrderLeaf } from '../../store/query.ts'
import type { Comparison, TextTest } from './filter-tree.ts'

/** Holds for every call, and for none. */
export const ALWAYS: Expr = { op: 'and', of: [] }
export const NEVER: Expr = { op: 'or', of: [] }

export function not(of: Expr): Expr {
  return of.op === 'not' ? of.of : { op: 'not', of }
}

/** Parts of the same kind are taken in, so that a tree is no deeper than what it says. */
export function allOf(...parts: readonly Expr[]): Expr {
  return joined('and', parts)
}

export function anyOf(...parts: readonly Expr[]): Expr {
  return joined('or', parts)
}

function joined(op: 'and' | 'or', parts: readonly Expr[]): Expr {
  const of = parts.flatMap((part) => (part.op === op ? part.of : [part]))
  return of.length === 1 ? (of[0] as Expr) : { op, of }
}

export function isNull(field: Field): Expr {
  return { op: 'eq', field, value: null }
}

export function isKnown(field: Field): Expr {
  return { op: 'ne', field, value: null }
}

const ORDER_OPS: Readonly<Record<'gt' | 'ge' | 'lt' | 'le', OrderLeaf['op']>> = {
  gt: 'gt',
  ge: 'gte',
  lt: 'lt',
  le: 'lte',
}
const TEXT_OPS = { startswith: 'prefix', endswith: 'suffix', contains: 'contains' } as const

/** A field that is shown as it is, compared with a value; `ne` also holds where there is none. */
export function compared(field: Field, op: Comparison, value: string | number): Expr {
  if (op === 'eq' || op === 'ne') return { op, field, value }
  return { op: ORDER_OPS[op], field, value }
}

/** A text that is shown as the empty one where there is none, compared or tested. */
export function whereText(field: Field, op: Comparison | TextTest, text: string): Expr {
  if (op === 'ne') return not(whereText(field, 'eq', text))
  const shown: Expr =
    op === 'startswith' || op === 'endswith' || op === 'contains'
      ? { op: TEXT_OPS[op], field, value: text }
      : compared(field, op, text)
  return textHolds('', op, text) ? anyOf(isNull(field), shown) : shown
}

/** Whether a comparison or test of texts holds; their order is that of their UTF-8 bytes. */
export function textHolds(shown: string, op: Comparison | TextTest, text: string): boolean {
  switch (op) {
    case 'startswith':
      return shown.startsWith(text)
    case 'endswith':
      return shown.endsWith(text)
    case 'contains':
      return shown.includes(text)
    default:
      return numberHolds(compareScalars(shown, text), op, 0)
  }
}

export function numberHolds(shown: number, op: Comparison, value: number): boolean {
  switch (op) {
    case 'eq':
      return shown === value
    case 'ne':
      return shown !== value
    case 'gt':
      return shown > value
    case 'ge':
      return shown >= value
    case 'lt':
      return shown < value
    case 'le':
      return shown <= value
  }
}
