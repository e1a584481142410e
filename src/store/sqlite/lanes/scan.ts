import type { ScanTextQuery, TextPart } from '../../call-encoder.ts'
import type { Reading, ScanQuery } from '../../call-store.ts'
import type { RowsPage } from '../reading/read-page.ts'
import { type PagePlace, scanPages } from '../reading/scan-pages.ts'
import type { PartOfScan } from '../reading/text-page.ts'
import type { ReaderPool, ReadingSince } from './reader-pool.ts'

const SCAN_ROWS = 500
/**
 * What a page of text should have: two of them are held for each scan, whether or not anybody reads them. With half of it
 * an export takes a tenth longer.
 */
const TEXT_BYTES = 384 * 1024
const FIRST_TEXT_ROWS = 100

/** The rows of a scan, a page after the other. Its deadline counts from here. */
export function scanRows(lane: ReaderPool, query: ScanQuery, given: Reading): AsyncIterable<RowsPage> {
  const reading = { ...given, sinceMs: performance.now() }
  return scanPages<RowsPage>(query.order, {
    ask: (place) => lane.ask({ kind: 'list', query: { ...query, ...place, total: false } }, partOf(reading, place)),
    countOf: ({ rows }) => rows.length,
    limitAfter: () => SCAN_ROWS,
  })
}

/** The calls of a scan as an encoder writes them, a page after the other. Its deadline counts from the first. */
export async function* scanText(
  lane: ReaderPool,
  { encoder, ...query }: ScanTextQuery,
  given: Reading,
): AsyncGenerator<TextPart> {
  const reading = { ...given, sinceMs: performance.now() }
  const pages = scanPages<PartOfScan>(query.order, {
    ask: (place) =>
      lane.ask({ kind: 'part', encoder, query: { ...query, ...place, total: false } }, partOf(reading, place)),
    countOf: ({ calls }) => calls,
    limitAfter: (page) =>
      page === null || page.calls === 0 ? FIRST_TEXT_ROWS : rowsOf(TEXT_BYTES, page.bytes.length / page.calls),
  })
  for await (const { bytes, calls } of pages) yield { bytes, calls }
}

/** How a part of a scan is read: only the first may be refused. */
function partOf(reading: ReadingSince, { after, offset = 0 }: PagePlace): ReadingSince {
  return { ...reading, isGoingOn: after !== undefined || offset > 0 }
}

/** How many calls of so many bytes each make up a page of `bytes`. */
function rowsOf(bytes: number, each: number): number {
  return Math.min(1000, Math.max(20, Math.round(bytes / each)))
}
