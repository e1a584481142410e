import { sql } from '../folder/sql.ts'
import { ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import type { QueriedFile } from './queried-file.ts'
import { rowOrder } from './row-order.ts'
import type { RowSource } from './row-source.ts'
import { bounds, type Search, type Times } from './search.ts'
import { pageSlices, slicesOf } from './slices.ts'
import { sortedRows } from './sorted-rows.ts'
import { behind, type Place, type Stretch, stretchOf, within } from './stretch.ts'
import { isEmpty, type TimeRange } from './time-range.ts'
import type { Matched, Slice } from './totals.ts'

const ID = ROW_COLUMNS.indexOf('id')
/** Where the values that a row is sorted by begin. */
export const SORT = ROW_COLUMNS.length
/** So few matches among many ends are read by start: the way by ends visits nearly every call of a range. */
const FEW_MATCHES = 1000

/** Where a page begins. */
export interface Start {
  /** Files in which there may be matches from there on. */
  files: readonly QueriedFile[]
  /** What of the query's times lies behind the beginning. */
  times: Times
  /** Matches of a file that lie before the page. */
  skips: ReadonlyMap<QueriedFile, number>
  /** Matches that are to be left out besides, once the files are merged. */
  before: number
}

/**
 * Rows in the order of starts or of ends, at most `limit`. Goes from file to file as the order does, and no further than
 * a row of the page can lie. `matched` is what is known of the files' matches.
 */
export function* walk(
  search: Search,
  given: { start: Start; matched: ReadonlyMap<QueriedFile, Matched> | null; limit: number },
): Generator<void, Row[]> {
  const { start, matched, limit } = given
  const { order } = search.query
  const needed = limit + start.before
  const compare = rowOrder(order, { sorts: SORT, id: ID })
  const ahead = order.descending ? -1 : 1
  const candidates = start.files
    .filter((file) => matched?.get(file)?.count !== 0)
    .flatMap((file) => firstOf(file, search, start.times) ?? [])
    .sort((a, b) => compareTimes(a.first, b.first) * ahead)
  let found: Row[] = []
  for (const { file, first } of candidates) {
    const last = found.length < needed ? undefined : found[needed - 1]
    if (last !== undefined && compareTimes(first, timeOf(last)) * ahead > 0) break
    const rows = yield* rowsOf(file, search, { start, matched: matched?.get(file) ?? null, limit: needed })
    found = found.length === 0 ? rows : [...found, ...rows].sort(compare).slice(0, needed)
    yield
  }
  return found.slice(start.before, needed)
}

/** No time is before every time. */
const NO_TIME = Number.NEGATIVE_INFINITY

const timeOf = (row: Row): number => (row[SORT] as number | null) ?? NO_TIME

function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a - b
}

/** The first time, in the query's order, that a match of a file can have. Null where none can match. */
function firstOf(file: QueriedFile, search: Search, times: Times): { file: QueriedFile; first: number } | null {
  const { by, descending } = search.query.order
  if (by === 'endedAtUs' && file.isLive) return { file, first: NO_TIME }
  const { starts, ends } = bounds(file, times)
  const range = by === 'endedAtUs' ? ends : starts
  return isEmpty(range) ? null : { file, first: descending ? range.beforeUs - 1 : range.fromUs }
}

function* rowsOf(
  file: QueriedFile,
  search: Search,
  { start, matched, limit }: { start: Start; matched: Matched | null; limit: number },
): Generator<void, Row[]> {
  const { by, descending } = search.query.order
  const times = by === 'endedAtUs' && file.isLive ? search.times : start.times
  const skip = start.skips.get(file) ?? 0
  const { starts, ends } = bounds(file, times)
  const after = placeOf(search)
  const stretch = (range: TimeRange) => {
    const whole = stretchOf(range, descending)
    return after === null ? whole : behind(whole, after)
  }
  const known = ({ key }: RowSource) => (after === null && matched?.key === key ? matched.slices : null)
  if (by === 'startedAtUs') {
    const source = search.toRows(file, times, null)
    return yield* pageOf(file, search, { source, stretch: stretch(starts), skip, limit, known: known(source) })
  }
  const isFew = matched !== null && matched.count <= FEW_MATCHES && !search.endsTellAll
  const source = file.isLive || isFew ? null : search.toRowsByEnd(file, times)
  if (source !== null)
    return yield* pageOf(file, search, { source, stretch: stretch(ends), skip, limit, known: known(source) })
  const beyond = file.isLive ? null : within(stretch(ends), 'ended_at')
  return yield* sortedRows(search, [{ file, times, beyond, matched }], { offset: skip, limit })
}

/** Where the page before ended. */
function placeOf({ query: { after } }: Search): Place | null {
  return after ? { value: Number(after.value), id: after.id } : null
}

interface PageIn {
  source: RowSource
  stretch: Stretch
  /** The slices that have matches, where they are known. */
  known: readonly Slice[] | null
  /** Matches to be left out. */
  skip: number
  limit: number
}

function* pageOf(file: QueriedFile, search: Search, asked: PageIn): Generator<void, Row[]> {
  const { source, stretch, known, skip, limit } = asked
  const { order, slicing } = search
  if (source.isFew || source.isAll) return file.read(source.page(stretch, { order, limit, offset: skip }))
  const rows: Row[] = []
  let offset = skip
  const slices = known ?? slicesOf({ file, source, stretch }, { ...slicing, ...(skip > 0 ? {} : pageSlices(limit)) })
  for (const one of slices) {
    const slice = 'stretch' in one ? one.stretch : one
    const own = offset > 0 ? file.number(sql('SELECT count(*) ', source.matches(slice))) : null
    if (own !== null && own <= offset) offset -= own
    else {
      rows.push(...file.read(source.page(slice, { order, limit: limit - rows.length, offset })))
      offset = 0
    }
    if (rows.length >= limit) return rows
    yield
  }
  return rows
}
