import fc from 'fast-check'
import type { CallRecord } from '../../src/record/call-record.ts'
import {
  type Expr,
  FIELDS,
  type Field,
  fieldValue,
  LIST_FIELDS,
  type ListField,
  listValues,
  type Scalar,
} from '../../src/store/query.ts'
import { anyText } from './any-value.ts'

const NAMES = Object.keys(FIELDS) as Field[]
const LISTS = Object.keys(LIST_FIELDS) as ListField[]

/** A value to ask a field for: mostly one that a call has, whole or in part or next to it, now and then any other. */
function anyAsked(calls: readonly CallRecord[], field: Field): fc.Arbitrary<Scalar> {
  const held = [...new Set(calls.map((call) => fieldValue(call, field)))].filter((value) => value !== null)
  const other = fc.oneof(anyText(20), fc.integer(), fc.boolean())
  if (held.length === 0) return other
  const one = fc.constantFrom(...held)
  const near = fc.tuple(one, fc.integer({ min: -2, max: 2 })).map(([value, step]) => beside(value, step))
  return fc.oneof({ weight: 8, arbitrary: one }, { weight: 3, arbitrary: near }, { weight: 1, arbitrary: other })
}

function beside(value: Scalar, step: number): Scalar {
  if (typeof value === 'number') return value + step
  if (typeof value === 'boolean') return !value
  return value === '' ? 'a' : [...value].slice(0, -1).join('') + String.fromCodePoint(0x61 + step + 2)
}

/** A part of a text that a call has: its first, last or any letters, none and all included. */
function anyPart(calls: readonly CallRecord[], field: Field): fc.Arbitrary<string> {
  return fc
    .tuple(anyAsked(calls, field), fc.nat(40), fc.nat(40), fc.constantFrom('prefix', 'suffix', 'middle'))
    .map(([value, from, length, where]) => {
      const letters = [...String(value)]
      if (where === 'prefix') return letters.slice(0, length).join('')
      if (where === 'suffix') return length === 0 ? '' : letters.slice(-length).join('')
      return letters.slice(from % (letters.length + 1), (from % (letters.length + 1)) + length).join('')
    })
}

export function anyLeaf(calls: readonly CallRecord[], fields: readonly Field[] = NAMES): fc.Arbitrary<Expr> {
  return fc.constantFrom(...fields).chain((field): fc.Arbitrary<Expr> => {
    const value = anyAsked(calls, field)
    const equal = fc.constantFrom('eq', 'ne')
    const order = fc.constantFrom('lt', 'lte', 'gt', 'gte')
    const text = fc.constantFrom('prefix', 'suffix', 'contains')
    return fc.oneof(
      { weight: 3, arbitrary: fc.record({ op: equal, field: fc.constant(field), value }) },
      { weight: 1, arbitrary: fc.record({ op: equal, field: fc.constant(field), value: fc.constant(null) }) },
      { weight: 2, arbitrary: fc.record({ op: order, field: fc.constant(field), value }) },
      { weight: 2, arbitrary: fc.record({ op: text, field: fc.constant(field), value: anyPart(calls, field) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          op: fc.constant('in'),
          field: fc.constant(field),
          values: fc.array(value, { maxLength: 4 }),
        }),
      },
    ) as fc.Arbitrary<Expr>
  })
}

/** A condition on a list, most often one that holds for some of the calls. */
export function anyMember(calls: readonly CallRecord[]): fc.Arbitrary<Expr> {
  return fc.constantFrom(...LISTS).chain((field) => {
    const held = calls.flatMap((call) => listValues(call, field).filter((one) => one !== null))
    const value = fc.oneof(anyText(10), fc.integer(), ...(held.length === 0 ? [] : [fc.constantFrom(...held)]))
    return fc.record({ op: fc.constant('member' as const), field: fc.constant(field), value })
  })
}

/** A tree of conditions, at most a few levels deep, most of which hold for some of the calls. */
export function anyExpr(calls: readonly CallRecord[]): fc.Arbitrary<Expr> {
  const { tree } = fc.letrec<{ tree: Expr }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 6, arbitrary: anyLeaf(calls) },
      { weight: 1, arbitrary: anyMember(calls) },
      {
        weight: 2,
        arbitrary: fc.record({ op: fc.constantFrom('and', 'or'), of: fc.array(tie('tree'), { maxLength: 3 }) }),
      },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('not' as const), of: tie('tree') }) },
    ) as fc.Arbitrary<Expr>,
  }))
  return tree
}
