import type { TSchema } from 'typebox'
import { CallRecord } from '../../record/call-record.ts'
import { FACTS, UNITED_LISTS } from '../../record/facts.ts'
import { type Codec, codecOf, wireName } from '../../record/wire.ts'
import type { CallEncoder, TextPart } from '../../store/call-encoder.ts'
import { allBut, only, TextBuffer } from '../../store/text-buffer.ts'

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present'
export const NDJSON_TYPE = 'application/x-ndjson; charset=utf-8'

/** Where a store finds the encoders `csv` and `ndjson`. */
export const EXPORT_MODULE = import.meta.url
/** The encoder of lists. */
export const LISTED_AS = { module: EXPORT_MODULE, name: 'listed' } as const

/**
 * The parts of a text behind its head, which goes out with the first of them: what fails before it can still be told.
 * `unsent` tells how many bytes of what was taken have not left yet. The memory of those that have is given back: the
 * collector would let 64 MB of it gather first.
 */
export async function* ledBy(
  head: string,
  { parts, unsent }: { parts: AsyncIterable<TextPart>; unsent: () => number },
): AsyncIterable<Uint8Array> {
  const taken: Uint8Array[] = []
  let isFirst = true
  for await (const { bytes: part } of parts) {
    yield isFirst ? Buffer.concat([Buffer.from(head), part]) : part
    isFirst = false
    taken.push(part)
    for (const { buffer } of taken.splice(0, sentOf(taken, unsent()))) (buffer as ArrayBuffer).transfer(0)
  }
  if (isFirst && head !== '') yield Buffer.from(head)
}

/** How many of these, given out in their order, have left, where so many bytes have not. The last may not be taken yet. */
function sentOf(parts: readonly Uint8Array[], unsentBytes: number): number {
  let behind = 0
  let sent = parts.length - 1
  for (; sent > 0 && behind < unsentBytes; sent -= 1) behind += (parts[sent - 1] as Uint8Array).length
  return sent
}

interface Column {
  path: string
  codec: Codec
}

const properties = CallRecord.properties as Record<string, TSchema>
const ownColumn = (path: string): Column => ({ path, codec: codecOf(path, properties[path] as TSchema) })
const listOf = (item: Codec): Codec => ({
  ...item,
  schema: { type: 'array' },
  write: (list) => (list as unknown[]).map((entry) => item.write(entry)),
})

const COLUMNS: readonly Column[] = [
  ...['id', 'callUuid', 'accountId', 'source', 'state'].map(ownColumn),
  ...FACTS,
  ...UNITED_LISTS.map(({ path, item }) => ({ path, codec: listOf(item) })),
  ...['stated', 'receivedAtUs', 'updatedAtUs', 'changeSeq'].map(ownColumn),
]

/** The header: one column for each field of a call, named as on the wire; lists and objects are JSON. */
export const CSV_COLUMNS: readonly string[] = COLUMNS.map(({ path }) => wirePath(path))

function wirePath(path: string): string {
  return path.split('.').map(wireName).join('.')
}

type Write = (value: never, out: TextBuffer) => void

const COMMA = ','.charCodeAt(0)
const QUOTE = '"'.charCodeAt(0)
const CSV_KINDS = COLUMNS.map(({ codec }) => kindOf(codec.schema))
const csvWriters = COLUMNS.map(({ codec }) => csvWriter(codec))

/**
 * RFC 4180 with a header line. Text that a spreadsheet would run as a formula is led by an apostrophe; numbers such as
 * +12025551234 are left alone. Written by hand: through a library and the wire form a call took ten times as long. The
 * kinds that most columns are of are told apart here, which takes a third of the time of a function for each column.
 */
export const csv: CallEncoder = {
  fields: COLUMNS.map(({ path }) => path),
  head: `${CSV_COLUMNS.join(',')}\r\n`,
  write(values, out) {
    for (let at = 0; at < CSV_KINDS.length; at++) {
      const value = values[at]
      if (at > 0) out.character(COMMA)
      if (value === null) continue
      const kind = CSV_KINDS[at]
      if (kind === 'text') csvText(value as string, out)
      else if (kind === 'time') out.time(value as number)
      else if (kind === 'word') out.text(value as string)
      else if (kind === 'number') writeNumber(value as number | boolean, out)
      else (csvWriters[at] as Write)(value as never, out)
    }
    out.text('\r\n')
  },
}

/** How values of the kinds `decimal` and `json` are written. */
function csvWriter({ write, schema }: Codec): Write {
  if (kindOf(schema) === 'json') return sharedWriter((value, out) => csvText(JSON.stringify(write(value)), out))
  const textOf = remembered(write as (value: number) => string)
  return (value, out) => out.text(textOf(value))
}

/** Lists that are frozen are those of many calls: what was written of one is kept with it. */
function sharedWriter(write: (value: unknown, out: TextBuffer) => void): Write {
  const known = new WeakMap<object, Uint8Array>()
  return (value: object, out) => {
    let bytes = known.get(value)
    if (bytes !== undefined) out.octets(bytes)
    else if (!Object.isFrozen(value)) write(value, out)
    else {
      const own = new TextBuffer(256)
      write(value, own)
      bytes = own.taken()
      known.set(value, bytes)
      out.octets(bytes)
    }
  }
}

const MOST_REMEMBERED = 10_000

/** The same, with its latest texts kept: rates and amounts are of few kinds. */
function remembered(write: (value: number) => string): (value: number) => string {
  const texts = new Map<number, string>()
  return (value) => {
    let text = texts.get(value)
    if (text === undefined) {
      if (texts.size >= MOST_REMEMBERED) texts.clear()
      text = write(value)
      texts.set(value, text)
    }
    return text
  }
}

type Kind = 'time' | 'number' | 'word' | 'decimal' | 'text' | 'json'

/** A `word` and a `decimal` have neither quotes nor line breaks, nor anything a spreadsheet would run. */
function kindOf(schema: Record<string, unknown>): Kind {
  const { type, format, pattern, enum: words } = ((schema.anyOf as unknown[])?.[0] ?? schema) as Record<string, unknown>
  if (format === 'date-time') return 'time'
  if (type === 'integer' || type === 'number' || type === 'boolean') return 'number'
  if (type !== 'string') return 'json'
  if (words !== undefined) return 'word'
  return pattern === undefined ? 'text' : 'decimal'
}

function writeNumber(value: number | boolean, out: TextBuffer): void {
  if (typeof value === 'number') out.number(value)
  else out.text(value ? 'true' : 'false')
}

/** Most texts have nothing in them that has to be looked at twice. */
const CSV_PLAIN = allBut('",')
const CSV_FIRST = allBut('",=@+-')
const SIGN = only('+-')
const DIGIT = only('0123456789.')

function csvText(text: string, out: TextBuffer): void {
  if (out.textOf(text, CSV_PLAIN, CSV_FIRST) || out.textOf(text, DIGIT, SIGN)) return
  const safe = FORMULA.test(text) ? `'${text}` : text
  out.text(SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe)
}

const FORMULA = /^[=@\t\r]|^[+-](?![\d.]*$)/
const SPECIAL = /[",\r\n]/

/** A field of the wire form, or one of an object within it; `before` is all that stands between it and the one before. */
interface Member extends Column {
  before: string
}

const MEMBERS: readonly Member[] = membersOf(properties)
const QUOTED: ReadonlySet<Kind> = new Set(['time', 'word', 'decimal', 'text'])
const JSON_KINDS = MEMBERS.map(({ codec }) => kindOf(codec.schema))
const jsonWriters = MEMBERS.map(({ codec }) => jsonWriter(codec))
/** All that stands between a value and the one before, with the first quotation mark of a text. */
const beforeValue = MEMBERS.map(({ before }, at) =>
  Buffer.from(QUOTED.has(JSON_KINDS[at] as Kind) ? `${before}"` : before),
)
const beforeNull = MEMBERS.map(({ before }) => Buffer.from(`${before}null`))

/** Objects that every call has, in their parts; those that it may not have, and lists, whole. */
function membersOf(fields: Record<string, TSchema>): Member[] {
  const members: Member[] = []
  let before = '{'
  for (const [name, schema] of Object.entries(fields)) {
    const { properties: inner } = schema as { properties?: Record<string, TSchema> }
    before += `"${wireName(name)}":`
    if (inner === undefined) {
      members.push({ path: name, codec: codecOf(name, schema), before })
      before = ','
      continue
    }
    before += '{'
    for (const [own, ownSchema] of Object.entries(inner)) {
      members.push({ path: `${name}.${own}`, codec: codecOf(own, ownSchema), before: `${before}"${wireName(own)}":` })
      before = ','
    }
    before = '},'
  }
  return members
}

function writeJson(values: readonly unknown[], out: TextBuffer): void {
  for (let at = 0; at < JSON_KINDS.length; at++) {
    const value = values[at]
    if (value === null) {
      out.octets(beforeNull[at] as Uint8Array)
      continue
    }
    out.octets(beforeValue[at] as Uint8Array)
    const kind = JSON_KINDS[at]
    if (kind === 'text') jsonText(value as string, out)
    else if (kind === 'number') writeNumber(value as number | boolean, out)
    else if (kind === 'json') (jsonWriters[at] as Write)(value as never, out)
    else {
      if (kind === 'time') out.time(value as number)
      else if (kind === 'word') out.text(value as string)
      else (jsonWriters[at] as Write)(value as never, out)
      out.character(QUOTE)
    }
  }
}

/** A line for each call, in the wire form of `GET /calls/{call_uuid}`. */
export const ndjson: CallEncoder = {
  fields: MEMBERS.map(({ path }) => path),
  head: '',
  write(values, out) {
    writeJson(values, out)
    out.text('}\n')
  },
}

/** The same, each call with a comma behind it: all but the last comma is what a list has between its brackets. */
export const listed: CallEncoder = {
  ...ndjson,
  write(values, out) {
    writeJson(values, out)
    out.text('},')
  },
}

/** One call alone, as `GET /calls/{call_uuid}` answers with it. */
export const alone: CallEncoder = {
  ...ndjson,
  write(values, out) {
    writeJson(values, out)
    out.text('}')
  },
}

/** How values of the kinds `decimal` and `json` are written. */
function jsonWriter({ write, schema }: Codec): Write {
  if (kindOf(schema) === 'json') return sharedWriter((value, out) => out.text(JSON.stringify(write(value))))
  const textOf = remembered(write as (value: number) => string)
  return (value, out) => out.text(textOf(value))
}

const JSON_PLAIN = allBut('"\\')

/** Behind its first quotation mark. */
function jsonText(text: string, out: TextBuffer): void {
  if (out.textOf(text, JSON_PLAIN)) out.character(QUOTE)
  else out.text(JSON.stringify(text).slice(1))
}
