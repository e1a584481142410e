import type { TSchema } from 'typebox'
import { CallRecord } from './call-record.ts'
import { formatDecimal, parseDecimal } from './decimal.ts'
import { formatRfc3339, readTime } from './time.ts'
import { utcTimeUs } from './utc-time.ts'

/**
 * The native wire form of a record, taken from the one schema: snake_case names without units, RFC 3339 times, money
 * as decimal strings. A codec reads one value, writes one value, and describes itself as JSON schema.
 */
export interface Codec {
  /** Returns the internal value; adds to `faults` and returns undefined where the value cannot be read. */
  read(value: unknown, at: string, faults: WireFault[]): unknown
  write(value: unknown): unknown
  schema: Record<string, unknown>
}

export interface WireFault {
  field: string
  reason: string
}

export interface WireField {
  /** Name inside the code, e.g. `startedAtUs`. */
  name: string
  /** Name on the wire, e.g. `started_at`. */
  wire: string
  codec: Codec
}

const RENAMED: Record<string, string> = { durationS: 'duration', billS: 'bill_seconds', billedS: 'billed_seconds' }

/** `startedAtUs` -> `started_at`, `rateNanos` -> `rate`, `rttMs` -> `rtt_ms`, `billS` -> `bill_seconds`. */
export function wireName(name: string): string {
  const renamed = RENAMED[name]
  if (renamed !== undefined) return renamed
  return name.replace(/(?:Us|Nanos|Micros)$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The fields of an object schema, in its order. */
export function wireFields(schema: TSchema): WireField[] {
  const { properties = {} } = schema as { properties?: Record<string, TSchema> }
  return Object.entries(properties).map(([name, inner]) => ({
    name,
    wire: wireName(name),
    codec: codecOf(name, inner),
  }))
}

interface Shape {
  type?: string
  enum?: string[]
  anyOf?: TSchema[]
  properties?: Record<string, TSchema>
  items?: TSchema
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
}

export function codecOf(name: string, schema: TSchema): Codec {
  const shape = schema as Shape
  if (shape.anyOf) {
    const inner = shape.anyOf.find((option) => (option as Shape).type !== 'null')
    return nullable(codecOf(name, inner as TSchema))
  }
  if (shape.type === 'object') return objectCodec(wireFields(schema))
  if (shape.type === 'array') return arrayCodec(codecOf(name, shape.items as TSchema), shape.maxItems ?? 1000)
  if (shape.type === 'boolean') return booleanCodec
  if (shape.enum) return enumCodec(shape.enum)
  if (name.endsWith('AtUs')) return timeCodec
  if (name.endsWith('Nanos')) return decimalCodec(9, shape)
  if (name.endsWith('Micros')) return decimalCodec(6, shape)
  if (shape.type === 'integer' || shape.type === 'number') return numberCodec(shape)
  return textCodec(shape.maxLength ?? 1024)
}

function nullable(inner: Codec): Codec {
  return {
    read: (value, at, faults) => (value === null ? null : inner.read(value, at, faults)),
    write: (value) => (value === null || value === undefined ? null : inner.write(value)),
    schema: { anyOf: [inner.schema, { type: 'null' }] },
  }
}

function refuse(faults: WireFault[], field: string, reason: string): undefined {
  faults.push({ field, reason })
  return undefined
}

const booleanCodec: Codec = {
  read: (value, at, faults) => (typeof value === 'boolean' ? value : refuse(faults, at, 'must be true or false')),
  write: (value) => value,
  schema: { type: 'boolean' },
}

const timeCodec: Codec = {
  read(value, at, faults) {
    if (typeof value !== 'string') return refuse(faults, at, `must be an RFC 3339 time such as ${TIME_EXAMPLE}`)
    const usualUs = utcTimeUs(value)
    if (usualUs !== null) return usualUs
    if (value.length > 40 || !/(?:[zZ]|[+-]\d\d:?\d\d)$/.test(value))
      return refuse(faults, at, `must be an RFC 3339 time with a zone, such as ${TIME_EXAMPLE}`)
    const timeUs = readTime(value, 'UTC')
    if (timeUs === null) return refuse(faults, at, `is not a time of the years 1970 to 2199, such as ${TIME_EXAMPLE}`)
    return timeUs
  },
  write: (value) => formatRfc3339(value as number),
  schema: { type: 'string', format: 'date-time', examples: ['2024-01-15T14:28:48.000000Z'] },
}

const TIME_EXAMPLE = '2024-01-15T14:28:48Z'

function decimalCodec(places: number, { minimum = -Infinity, maximum = Infinity }: Shape): Codec {
  return {
    read(value, at, faults) {
      if (typeof value !== 'string') return refuse(faults, at, 'must be a decimal string such as "0.00500"')
      const parsed = parseDecimal(value, places)
      if (parsed === null) return refuse(faults, at, `must be a decimal of at most ${places} places, such as "0.00500"`)
      if (parsed < minimum || parsed > maximum)
        return refuse(faults, at, `must be from ${formatDecimal(minimum, places)} to ${formatDecimal(maximum, places)}`)
      return parsed
    },
    write: (value) => formatDecimal(value as number, places),
    schema: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$', examples: ['0.00500'] },
  }
}

function numberCodec({ type, minimum, maximum }: Shape): Codec {
  const least = minimum ?? -Number.MAX_SAFE_INTEGER
  const most = maximum ?? Number.MAX_SAFE_INTEGER
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  return {
    read(value, at, faults) {
      if (typeof value !== 'number' || !Number.isFinite(value) || (type === 'integer' && !Number.isInteger(value)))
        return refuse(faults, at, `must be ${kind}`)
      if (value < least || value > most) return refuse(faults, at, `must be ${kind} from ${least} to ${most}`)
      return value === 0 ? 0 : value // -0 is 0
    },
    write: (value) => value,
    schema: { type, ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) },
  }
}

function enumCodec(values: readonly string[]): Codec {
  const known = new Set(values)
  return {
    read: (value, at, faults) =>
      typeof value === 'string' && known.has(value) ? value : refuse(faults, at, `must be one of ${values.join(', ')}`),
    write: (value) => value,
    schema: { type: 'string', enum: [...values] },
  }
}

function textCodec(maxLength: number): Codec {
  return {
    read(value, at, faults) {
      if (typeof value !== 'string') return refuse(faults, at, 'must be text')
      if (value.length > maxLength) return refuse(faults, at, `must have at most ${maxLength} characters`)
      if (!value.isWellFormed()) return refuse(faults, at, 'has half a UTF-16 surrogate pair, which no store can keep')
      if (value.includes('\u0000')) return refuse(faults, at, 'must not contain U+0000')
      return value
    },
    write: (value) => value,
    schema: { type: 'string', maxLength },
  }
}

function arrayCodec(item: Codec, maxItems: number): Codec {
  return {
    read(value, at, faults) {
      if (!Array.isArray(value)) return refuse(faults, at, 'must be a list')
      if (value.length > maxItems) return refuse(faults, at, `must have at most ${maxItems} entries`)
      return value.map((entry, index) => item.read(entry, `${at}[${index}]`, faults))
    },
    write: (value) => (value as unknown[]).map((entry) => item.write(entry)),
    schema: { type: 'array', maxItems, items: item.schema },
  }
}

function objectCodec(fields: readonly WireField[]): Codec {
  const known = new Map(fields.map((field) => [field.wire, field]))
  return {
    read(value, at, faults) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return refuse(faults, at, 'must be an object')
      for (const key of Object.keys(value)) if (!known.has(key)) refuseUnknown(faults, `${at}.${key}`)
      const read: Record<string, unknown> = {}
      for (const { name, wire, codec } of fields) {
        const inner = (value as Record<string, unknown>)[wire]
        read[name] = inner == null ? absent(codec, `${at}.${wire}`, faults) : codec.read(inner, `${at}.${wire}`, faults)
      }
      return read
    },
    write(value) {
      const written: Record<string, unknown> = {}
      for (const { name, wire, codec } of fields) written[wire] = codec.write((value as Record<string, unknown>)[name])
      return written
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(fields.map((field) => [field.wire, field.codec.schema])),
    },
  }
}

export function refuseUnknown(faults: WireFault[], field: string): void {
  refuse(faults, field.slice(0, 200), 'is not a field of a call; put extra data into user_data')
}

/** Absent and null are one: no entries, or not known, where the field can be that. */
function absent({ schema }: Codec, at: string, faults: WireFault[]): unknown {
  if (schema.type === 'array') return []
  return schema.anyOf === undefined ? refuse(faults, at, 'is needed') : null
}

const call = codecOf('call', CallRecord)

/** The call as the native API shows it: the object of the design's section 2. */
export function writeCall(record: CallRecord): Record<string, unknown> {
  return call.write(record) as Record<string, unknown>
}

/** JSON schema of `writeCall`'s answer, for OpenAPI. */
export const callWireSchema: Record<string, unknown> = call.schema
