import { stringify } from 'csv-stringify/sync'
import type { CallRecord } from '../../record/call-record.ts'
import { FACTS, UNITED_LISTS } from '../../record/facts.ts'
import { writeCall } from '../../record/wire.ts'

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present'
export const NDJSON_TYPE = 'application/x-ndjson; charset=utf-8'

export async function* ndjsonPages(pages: AsyncIterable<CallRecord[]>): AsyncIterable<string> {
  for await (const page of pages) yield page.map((call) => `${JSON.stringify(writeCall(call))}\n`).join('')
}

/** One column for each field of a call, named as on the wire (`from.number`); lists and objects as JSON. */
export const CSV_COLUMNS: readonly string[] = [
  ...['id', 'call_uuid', 'account_id', 'source', 'state'],
  ...FACTS.map(({ wire }) => wire.join('.')),
  ...UNITED_LISTS.map(({ wire }) => wire.join('.')),
  ...['stated', 'received_at', 'updated_at', 'change_seq'],
]

/**
 * RFC 4180 with a header line. Text that a spreadsheet would run as a formula is led by an apostrophe; numbers such as
 * +12025551234 are left alone.
 */
export async function* csvPages(pages: AsyncIterable<CallRecord[]>): AsyncIterable<string> {
  yield stringify([CSV_COLUMNS as string[]], { record_delimiter: 'windows' })
  for await (const page of pages) yield stringify(page.map(csvRow), { record_delimiter: 'windows' })
}

function csvRow(call: CallRecord): string[] {
  const wire = writeCall(call)
  return CSV_COLUMNS.map((column) => {
    const [top, inner] = column.split('.') as [string, string | undefined]
    const outer = wire[top]
    const value = inner === undefined ? outer : (outer as Record<string, unknown> | null)?.[inner]
    if (value === null || value === undefined) return ''
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return FORMULA.test(text) ? `'${text}` : text
  })
}

const FORMULA = /^[=@\t\r]|^[+-](?![\d.]*$)/
