import type { CallEncoder, TextPage, TextPart } from '../../call-encoder.ts'
import type { CallQuery } from '../../query.ts'
import { TextBuffer } from '../../text-buffer.ts'
import { stepsOf } from '../lanes/slice-loop.ts'
import type { Row } from '../row/row-columns.ts'
import { FIELD_COLUMNS, RowFields, wholeRow } from '../row/row-fields.ts'
import { rowSource } from '../row/row-head.ts'
import { type RowNames, recordOfRow } from '../row/row-record.ts'
import type { CallReader } from './call-reader.ts'
import type { RowsPage } from './read-page.ts'

/** Reads what an encoder is given of a call. */
type ReadValues = (row: Row, names: RowNames) => readonly unknown[]

const fieldsOf = new WeakMap<CallEncoder, ReadValues>()
/** What the calls of the latest part took each, and somewhat more: a text that grows is copied. */
const callBytes = new WeakMap<CallEncoder, number>()
const FIRST_CALL_BYTES = 800
/** Calls that are written between two yields, a millisecond's worth or some. */
const WRITTEN_AT_ONCE = 64

/** Room for pages that is taken again: a page under way has its own. */
const rooms: TextBuffer[] = []
/** Room that a page needed more than this of is let go. */
const MOST_KEPT_BYTES = 128 * 1024

/** Reads a page and writes its calls. */
export function* textPage(reader: CallReader, query: CallQuery, encoder: CallEncoder): Generator<unknown, TextPage> {
  const page = yield* stepsOf<RowsPage>(reader.list(query, FIELD_COLUMNS))
  const out = rooms.pop() ?? new TextBuffer()
  out.clear()
  yield* write(page, { reader, query, encoder, out })
  const text = out.toString()
  if (out.length <= MOST_KEPT_BYTES) rooms.push(out)
  return { text, calls: page.rows.length, total: page.total, next: page.next }
}

/** A part of a scan, and where the next one begins. The octets are handed over, and not copied. */
export type PartOfScan = TextPart & Pick<RowsPage, 'next'>

/** The same as octets, for a scan. */
export function* partOfScan(
  reader: CallReader,
  query: CallQuery,
  encoder: CallEncoder,
): Generator<unknown, PartOfScan> {
  const page = yield* stepsOf<RowsPage>(reader.list(query, FIELD_COLUMNS))
  const { length } = page.rows
  const out = new TextBuffer(length * (callBytes.get(encoder) ?? FIRST_CALL_BYTES))
  yield* write(page, { reader, query, encoder, out })
  if (length > 0) callBytes.set(encoder, Math.ceil((out.length / length) * 1.1))
  return { bytes: out.taken(), calls: length, next: page.next }
}

function* write(
  { rows }: RowsPage,
  to: { reader: CallReader; query: CallQuery; encoder: CallEncoder; out: TextBuffer },
): Generator<void, void> {
  const { reader, query, encoder, out } = to
  const valuesOf = fieldsFor(encoder)
  const names = { accountId: query.accountId, source: '' }
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as Row
    names.source = reader.sourceName(rowSource(row))
    encoder.write(valuesOf(row, names), out)
    if (at % WRITTEN_AT_ONCE === WRITTEN_AT_ONCE - 1) yield
  }
}

/** Written into by one call after another; none waits while it is. */
const single = new TextBuffer(4096)

/** The text of one call. */
export function textOfRow(row: Row, names: RowNames, encoder: CallEncoder): string {
  single.clear()
  encoder.write(fieldsFor(encoder)(row, names), single)
  return single.toString()
}

function fieldsFor(encoder: CallEncoder): ReadValues {
  let valuesOf = fieldsOf.get(encoder)
  if (valuesOf === undefined) {
    valuesOf = readerOf(encoder.fields)
    fieldsOf.set(encoder, valuesOf)
  }
  return valuesOf
}

function readerOf(asked: CallEncoder['fields']): ReadValues {
  if (asked === null) return (row, names) => [recordOfRow(wholeRow(row), names)]
  const fields = new RowFields(asked)
  return (row, names) => fields.read(row, names)
}
