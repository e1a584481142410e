import fc from 'fast-check'
import type { FilterTree, Literal } from '../../src/dialect/portsip/filter-tree.ts'
import { decodeId } from '../../src/dialect/portsip/ids.ts'
import type { CallLog } from '../../src/dialect/portsip/schema.ts'
import { readTime } from '../../src/record/time.ts'

const TEXTS = [
  'caller',
  'caller_domain',
  'caller_display_name',
  'callee',
  'callee_domain',
  'callee_display_name',
  'call_id',
  'reroute_reason',
  'destination',
  'outbound_caller_id',
  'did_cid',
  'trunk',
  'billed_account',
  'service_number',
  'user_data',
] as const
const WORDS = ['direction', 'end_reason'] as const
const TIMES = ['started_at', 'rang_at', 'answered_at', 'ended_at'] as const
const NUMBERS = ['status_code', 'duration', 'cost'] as const
const IDS = ['id', 'session_id'] as const

const ORDERS = ['gt', 'ge', 'lt', 'le'] as const
const TESTS = ['startswith', 'endswith', 'contains'] as const

type Condition = Extract<FilterTree, { field: string }>

/**
 * Whether a filter holds of a call log as it is shown, by its JSON alone: texts by their UTF-8 bytes, times as instants,
 * numbers as numbers. A time that is not there is equal to null and '' and neither earlier nor later than any.
 */
export function holdsOfShown(tree: FilterTree, item: CallLog): boolean {
  if (tree.op === 'not') return !holdsOfShown(tree.of, item)
  if ('of' in tree) {
    const parts = tree.of.map((part) => holdsOfShown(part, item))
    return tree.op === 'and' ? !parts.includes(false) : parts.includes(true)
  }
  const shown = item[tree.field as keyof CallLog]
  const value = plainValue(tree.value)
  if (tree.op === 'startswith') return String(shown).startsWith(value as string)
  if (tree.op === 'endswith') return String(shown).endsWith(value as string)
  if (tree.op === 'contains') return String(shown).includes(value as string)
  const order = difference(tree.field, shown, value)
  if (tree.op === 'eq') return order === 0
  if (tree.op === 'ne') return order !== 0
  if (order === null) return false
  return { gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[tree.op]
}

function plainValue(literal: Literal): string | number {
  if (literal === null) return ''
  return 'number' in literal ? Number(literal.number) : (literal as { text: string }).text
}

/** Below, at or above 0 as two values are in order; null where they are not comparable. */
function difference(field: string, shown: string | number, value: string | number): number | null {
  if (typeof shown === 'number') return typeof value === 'number' ? Math.sign(shown - value) : null
  if ((TIMES as readonly string[]).includes(field)) {
    if (shown === '' || value === '') return shown === value ? 0 : null
    return Math.sign((readTime(shown, 'UTC') ?? 0) - (readTime(String(value), 'UTC') ?? 0))
  }
  if (field === 'id' || field === 'session_id') return shown === value || decodeId(shown) === value ? 0 : null
  return Buffer.compare(Buffer.from(shown), Buffer.from(String(value)))
}

/** A condition with a value that one of the items shows, a part of it, one beside it, or nothing. */
export function anyCondition(items: readonly CallLog[]): fc.Arbitrary<Condition> {
  const held = (field: keyof CallLog) => fc.constantFrom(...new Set(items.map((item) => item[field])))
  const condition = (op: string, field: string, value: Literal) =>
    ({ op, field, value, at: 0, valueAt: 0 }) as unknown as Condition
  const equal = fc.constantFrom('eq', 'ne')
  const compared = fc.constantFrom('eq', 'ne', ...ORDERS)
  const texts = fc.constantFrom(...TEXTS).chain((field) =>
    fc.oneof(
      fc.tuple(compared, near(held(field))).map(([op, text]) => condition(op, field, { text })),
      fc.tuple(fc.constantFrom(...TESTS), part(held(field))).map(([op, text]) => condition(op, field, { text })),
      equal.map((op) => condition(op, field, null)),
    ),
  )
  const words = fc.constantFrom(...WORDS).chain((field) =>
    fc.oneof(
      fc.tuple(equal, held(field)).map(([op, text]) => condition(op, field, { text: String(text) })),
      fc.tuple(fc.constantFrom(...TESTS), part(held(field))).map(([op, text]) => condition(op, field, { text })),
      fc.tuple(fc.constantFrom(...ORDERS), near(held(field))).map(([op, text]) => condition(op, field, { text })),
    ),
  )
  const times = fc.constantFrom(...TIMES).chain((field) =>
    fc.oneof(
      fc
        .tuple(compared, held('started_at'), held(field))
        .map(([op, start, time]) => condition(op, field, { text: String(time === '' ? start : time) })),
      fc.tuple(equal, fc.constantFrom<Literal>(null, { text: '' })).map(([op, value]) => condition(op, field, value)),
    ),
  )
  const numbers = fc.constantFrom(...NUMBERS).chain((field) =>
    fc
      .tuple(compared, held(field), fc.constantFrom(0, 0, 1, -1, 0.25, -0.0000001))
      .filter(([, number, step]) => Number.isSafeInteger(Math.trunc(Number(number) * 1e7)) || step === 0)
      .map(([op, number, step]) => condition(op, field, { number: String(Number(number) + step) })),
  )
  const ids = fc.constantFrom(...IDS).chain((field) =>
    fc.tuple(equal, held(field), fc.boolean()).map(([op, id, plain]) => {
      const decimal = decodeId(String(id))
      return condition(op, field, { text: plain && decimal !== null ? decimal : String(id) })
    }),
  )
  return fc.oneof({ weight: 3, arbitrary: texts }, { weight: 2, arbitrary: words }, times, numbers, ids)
}

function near(held: fc.Arbitrary<string | number>): fc.Arbitrary<string> {
  return fc.tuple(held, fc.constantFrom('', '', '', '0', 'a', '@')).map(([text, more]) => `${text}${more}`)
}

function part(held: fc.Arbitrary<string | number>): fc.Arbitrary<string> {
  return fc.tuple(held, fc.nat(12), fc.nat(12)).map(([text, from, length]) => {
    const letters = [...String(text)]
    return letters.slice(from % (letters.length + 1), (from % (letters.length + 1)) + length).join('')
  })
}

/** A filter of a few levels; `and` and `or` are never directly within their own kind, as none that was read is. */
export function anyFilter(items: readonly CallLog[]): fc.Arbitrary<FilterTree> {
  const { tree } = fc.letrec<{ tree: FilterTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 4, arbitrary: anyCondition(items) as fc.Arbitrary<FilterTree> },
      {
        weight: 2,
        arbitrary: fc
          .record({
            op: fc.constantFrom('and' as const, 'or' as const),
            of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
          })
          .map(({ op, of }) => ({ op, of: of.flatMap((inner) => (inner.op === op ? inner.of : [inner])) })),
      },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('not' as const), of: tie('tree') }) },
    ) as fc.Arbitrary<FilterTree>,
  }))
  return tree
}
