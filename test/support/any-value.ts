import fc from 'fast-check'
import { formatDecimal } from '../../src/record/decimal.ts'
import { formatRfc3339 } from '../../src/record/time.ts'

/** What a codec says of its values. */
interface Shape {
  type?: string
  anyOf?: Shape[]
  enum?: string[]
  format?: string
  properties?: Record<string, Shape>
  items?: Shape
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
}

/** Text that has broken stores before: quotes, wildcards, escapes, other scripts, right to left, joined emoji. */
export const ODD_TEXTS = [
  '',
  ' ',
  "Robert'); DROP TABLE calls;--",
  '"',
  '%',
  '_',
  '\\',
  'a%b_c',
  'naïve Zoë',
  'e\u0301 is not \u00e9',
  'ЖЁЖ',
  'שלום עולם',
  '\u202eright to left\u202c',
  '漢字',
  '👩‍👩‍👧‍👦',
  '🇺🇸',
  '\ufeffBOM',
  '\ufffd',
  '\uffff',
  '\u{10ffff}',
  'line\nbreak\r\n\ttab',
  '\u0001\u001f\u007f',
  '\u2028\u2029',
  '__proto__',
  'null',
  '0',
  '1e3',
  '$.x',
]

/** Text as every store keeps it: no half surrogate pair, no U+0000, at most `maxLength` UTF-16 units. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  return fc
    .oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ maxLength: 12, unit: 'binary' }), fc.string({ maxLength: 20 }))
    .map((text) => cut(text.replaceAll('\u0000', '').toWellFormed(), maxLength))
}

function cut(text: string, maxLength: number): string {
  const head = text.slice(0, maxLength)
  return head.isWellFormed() ? head : head.slice(0, -1)
}

export const FIRST_US = 1
export const LAST_US = 7_258_118_399_999_999

export function anyTimeUs(min = FIRST_US, max = LAST_US): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max))
}

/** A price of at most 1,000 a minute, or an amount of at most a milliard, in the form in which it is answered. */
export function anyMoney(unit: 'price' | 'amount'): fc.Arbitrary<string> {
  const { min, max, places } =
    unit === 'price'
      ? { min: 0, max: 1_000_000_000_000, places: 9 }
      : { min: -1_000_000_000_000_000, max: 1_000_000_000_000_000, places: 6 }
  return fc
    .oneof(
      fc.integer({ min: Math.max(min, -1000), max: 100_000_000 }),
      fc.integer({ min, max }),
      fc.constantFrom(min, max),
    )
    .map((value) => formatDecimal(value, places))
}

function anyNumber({ type, minimum = -Number.MAX_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Shape) {
  const whole = fc.oneof(
    fc.integer({ min: minimum, max: Math.min(maximum, minimum + 20) }),
    fc.integer({ min: minimum, max: maximum }),
    fc.constantFrom(minimum, maximum),
  )
  if (type === 'integer') return whole
  return fc.oneof(
    whole,
    fc.double({ min: minimum, max: maximum, noNaN: true }).map((number) => number || 0),
  )
}

/** Any value that the shape allows, in the form in which it is answered. */
export function anyWireValue(schema: object): fc.Arbitrary<unknown> {
  const shape = schema as Shape
  if (shape.anyOf) return fc.option(anyWireValue(shape.anyOf[0] as Shape), { freq: 4 })
  if (shape.enum) return fc.constantFrom(...shape.enum)
  if (shape.type === 'boolean') return fc.boolean()
  if (shape.type === 'integer' || shape.type === 'number') return anyNumber(shape)
  if (shape.type === 'array')
    return fc.array(anyWireValue(shape.items as Shape), { maxLength: Math.min(3, shape.maxItems ?? 3) })
  if (shape.type === 'object')
    return fc.record(
      Object.fromEntries(Object.entries(shape.properties ?? {}).map(([name, inner]) => [name, anyWireValue(inner)])),
      { noNullPrototype: true },
    )
  if (shape.format === 'date-time') return anyTimeUs().map(formatRfc3339)
  return anyText(shape.maxLength ?? 64)
}
