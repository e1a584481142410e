import type { TSchema } from 'typebox'
import { CallRecord } from '../../record/call-record.ts'
import { FACTS, UNITED_LISTS } from '../../record/facts.ts'
import { type Codec, codecOf, wireName, writeCall } from '../../record/wire.ts'

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present'
export const NDJSON_TYPE = 'application/x-ndjson; charset=utf-8'

export async function* ndjsonPages(pages: AsyncIterable<CallRecord[]>): AsyncIterable<string> {
  for await (const page of pages) yield page.map((call) => `${JSON.stringify(writeCall(call))}\n`).join('')
}

/** One column of a CSV export: where its value stands in a record, and how it is written. */
interface Column {
  /** As on the wire: `from.number`. */
  name: string
  outer: keyof CallRecord
  inner: string | null
  codec: Codec
}

const HEAD = ['id', 'callUuid', 'accountId', 'source', 'state']
const TAIL = ['stated', 'receivedAtUs', 'updatedAtUs', 'changeSeq']
const properties = CallRecord.properties as Record<string, TSchema>

const COLUMNS: readonly Column[] = [
  ...HEAD.map(headColumn),
  ...FACTS.map(({ path, codec }) => column(path, codec)),
  ...UNITED_LISTS.map(({ path, item }) => column(path, listOf(item))),
  ...TAIL.map(headColumn),
]

function headColumn(path: string): Column {
  return column(path, codecOf(path, properties[path] as TSchema))
}

function column(path: string, codec: Codec): Column {
  const [outer, inner = null] = path.split('.') as [keyof CallRecord, string?]
  return { name: path.split('.').map(wireName).join('.'), outer, inner, codec }
}

function listOf(item: Codec): Codec {
  return { ...item, write: (list) => (list as unknown[]).map((entry) => item.write(entry)) }
}

/** The header: one column for each field of a call, named as on the wire; lists and objects are JSON. */
export const CSV_COLUMNS: readonly string[] = COLUMNS.map(({ name }) => name)

/**
 * RFC 4180 with a header line. Text that a spreadsheet would run as a formula is led by an apostrophe; numbers such as
 * +12025551234 are left alone. Written by hand: through a library and the wire form a call took ten times as long.
 */
export async function* csvPages(pages: AsyncIterable<CallRecord[]>): AsyncIterable<string> {
  yield `${CSV_COLUMNS.join(',')}\r\n`
  for await (const page of pages) yield page.map(csvLine).join('')
}

function csvLine(call: CallRecord): string {
  let line = ''
  for (const { outer, inner, codec } of COLUMNS) {
    const value = inner === null ? call[outer] : ((call[outer] as Record<string, unknown> | null)?.[inner] ?? null)
    line += value === null ? ',' : `${csvField(codec.write(value))},`
  }
  return `${line.slice(0, -1)}\r\n`
}

function csvField(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'object') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const FORMULA = /^[=@\t\r]|^[+-](?![\d.]*$)/
const SPECIAL = /[",\r\n]/
