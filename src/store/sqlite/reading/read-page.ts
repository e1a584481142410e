import { TooManyToSortError } from '../../call-store.ts'
import { MAX_SORTED, type Order, type Scalar } from '../../query.ts'
import { type Sql, sql } from '../folder/sql.ts'
import { ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import { placeOfOffset } from './offset.ts'
import type { QueriedFile } from './queried-file.ts'
import type { Search } from './search.ts'
import { sortedRows } from './sorted-rows.ts'
import { impliedRange, isEmpty } from './time-range.ts'
import { countMatches, type Matched } from './totals.ts'
import { SORT, walk } from './walk.ts'

const ID = ROW_COLUMNS.indexOf('id')

/** What a reader answers with: rows as they lie, decoded where they are used, with the sort value at the end. */
export interface RowsPage {
  rows: Row[]
  total: number | null
  next: { value: Scalar; id: number } | null
}

/** Whether a list in this order gives no cursor, and takes none. */
export function isPagedByOffset({ blanks = false, thenBy = [] }: Order): boolean {
  return blanks || thenBy.length > 0
}

/**
 * A page of a query, of files in one snapshot that hold all the starts that it can match. Yields between two slices of
 * the work. Throws `TooManyToSortError`.
 */
export function* readPage(search: Search, all: readonly QueriedFile[]): Generator<void, RowsPage> {
  const { order, limit, total: isCounted } = search.query
  const files = all.filter((file) => mayMatch(file, search))
  const isByOffset = isPagedByOffset(order)
  const isSorted = !(order.by === 'startedAtUs' || order.by === 'endedAtUs')
  const { rows, total } = yield* isSorted || isPushedOn(search)
    ? sortedPage(search, files, isSorted)
    : orderedPage(search, files)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next =
    rows.length > limit && !isByOffset && last ? { value: last[SORT] as Scalar, id: last[ID] as number } : null
  return { rows: page, total: isCounted ? total : null, next }
}

/** Behind a cursor an offset is counted from there. */
function isPushedOn({ query: { after, offset = 0 } }: Search): boolean {
  return Boolean(after) && offset > 0
}

interface Counted {
  rows: Row[]
  /** Null where nobody asked. */
  total: number | null
}

function* orderedPage(search: Search, files: readonly QueriedFile[]): Generator<void, Counted> {
  const { limit: rows, offset = 0, total: isCounted } = search.query
  const limit = rows + 1
  if (offset > 0) {
    const countAll = isCounted && search.counts === null
    const { start, total } = yield* placeOfOffset(search, files, { offset, countAll })
    const page = start === null ? [] : yield* walk(search, { start, matched: null, limit })
    return { rows: page, total: isCounted && !countAll ? totalOf(yield* matchesOf(search, files)) : total }
  }
  const matched = isCounted ? yield* matchesOf(search, files) : null
  const start = { files, times: search.times, skips: new Map(), before: 0 }
  return { rows: yield* walk(search, { start, matched, limit }), total: matched === null ? null : totalOf(matched) }
}

/** Counts first: only so many matches are sorted by a field that no index has. */
function* sortedPage(search: Search, files: readonly QueriedFile[], isRefused: boolean): Generator<void, Counted> {
  const { limit, offset = 0 } = search.query
  const matched = yield* matchesOf(search, files)
  const total = totalOf(matched)
  if (isRefused && total > MAX_SORTED) throw new TooManyToSortError(total)
  if (offset >= total) return { rows: [], total }
  const beyond = beyondCursor(search)
  const parts = [...matched]
    .filter(([, { count }]) => count > 0)
    .map(([file, own]) => ({ file, times: search.times, beyond, matched: own }))
  return { rows: yield* sortedRows(search, parts, { offset, limit: limit + 1 }), total }
}

/** The condition on rows behind the place where the page before ended. */
function beyondCursor({ query: { after, order }, order: { by } }: Search): Sql | null {
  if (!after) return null
  const { value } = after
  const bound = typeof value === 'boolean' ? Number(value) : value
  return sql(`(${by[0]?.sql}, id) ${order.descending ? '<' : '>'} `, { text: '(?, ?)', values: [bound, after.id] })
}

function* matchesOf(search: Search, files: readonly QueriedFile[]): Generator<void, Map<QueriedFile, Matched>> {
  const matched = new Map<QueriedFile, Matched>()
  for (const file of files) matched.set(file, yield* countMatches(file, search, search.times))
  return matched
}

function totalOf(matched: ReadonlyMap<QueriedFile, Matched>): number {
  let total = 0
  for (const { count } of matched.values()) total += count
  return total
}

/** Whether a call of a file can be in the list, by its end. */
function mayMatch(file: QueriedFile, { query: { where, order, live } }: Search): boolean {
  const ends = impliedRange(where, 'endedAtUs')
  if (file.isLive) return ends.none && (order.by !== 'endedAtUs' || order.blanks === true)
  const own = live ? null : file.endsOf(file.starts)
  return (
    own !== null &&
    !isEmpty({ fromUs: Math.max(own.fromUs, ends.fromUs), beforeUs: Math.min(own.beforeUs, ends.beforeUs) })
  )
}
