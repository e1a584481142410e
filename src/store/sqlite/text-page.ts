import type { CallEncoder, TextPage } from '../call-encoder.ts'
import type { CallQuery } from '../query.ts'
import { TextBuffer } from '../text-buffer.ts'
import type { CallReader } from './call-reader.ts'
import type { RowsPage } from './read-page.ts'
import { rowSource } from './row.ts'
import { RowFields } from './row-fields.ts'
import { stepsOf } from './slice-loop.ts'

const fieldsOf = new WeakMap<CallEncoder, RowFields>()
/** What most calls have room in: a text that grows is copied. */
const CALL_BYTES = 800

/** Reads a page and writes its calls. */
export function* textPage(
  reader: CallReader,
  query: CallQuery,
  encoder: CallEncoder,
): Generator<unknown, TextPage & { bytes: Uint8Array<ArrayBuffer> }> {
  const { rows, total, next } = yield* stepsOf<RowsPage>(reader.list(query))
  const fields = fieldsOf.get(encoder) ?? new RowFields(encoder.fields)
  fieldsOf.set(encoder, fields)
  const names = { accountId: query.accountId, source: '' }
  const out = new TextBuffer(rows.length * CALL_BYTES)
  for (const row of rows) {
    names.source = reader.sourceName(rowSource(row))
    encoder.write(fields.read(row, names), out)
  }
  return { bytes: out.taken(), calls: rows.length, total, next }
}
