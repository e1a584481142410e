import { STATES } from '../../../record/call-record.ts'
import type { CountTable } from '../counts/count-tables.ts'
import { DAY_US, FAMILY, NO_VALUE, QUARTER_US } from '../folder/schema.ts'
import { type Sql, sql } from '../folder/sql.ts'
import { type CountPiece, countPieces } from './count-plan.ts'
import type { QueriedFile } from './queried-file.ts'
import type { KeyColumn } from './row-source.ts'
import { bounds, type Search, type Times } from './search.ts'
import { slicesOf } from './slices.ts'
import { type Stretch, stretchOf } from './stretch.ts'
import { ALWAYS, isEmpty, type TimeRange } from './time-range.ts'

const FAMILY_OF = { started_at: FAMILY.startedAt, ended_at: FAMILY.endedAt } as const
export const WIDTH_US = { quarters: QUARTER_US, days: DAY_US } as const

/** The calls of a file that match. */
export interface Matched {
  count: number
  /** The stretches that have some, in the query's direction, where rows had to be looked at. */
  slices: readonly Slice[] | null
  /** The time that the slices are of. */
  key: KeyColumn
}

export interface Slice {
  stretch: Stretch
  count: number
}

const NONE: Matched = { count: 0, slices: null, key: 'started_at' }

/** How many calls of a file match, by its counts where they tell, else by its rows, a slice at a time. */
export function* countMatches(file: QueriedFile, search: Search, times: Times): Generator<void, Matched> {
  const within = bounds(file, times)
  if (isEmpty(within.starts) || (!file.isLive && isEmpty(within.ends))) return NONE
  const key = keyOfCounts(file, search, times)
  if (key === null || search.counts === null) return yield* countRows(file, search, times)
  const range = openedTo(file, key, times)
  let count = 0
  for (const piece of countPieces(range, search.counts)) count += yield* countPiece(file, search, { piece, key, times })
  return { count, slices: null, key }
}

/** The time by which the counts of a file tell the matches; null where they do not. */
export function keyOfCounts(file: QueriedFile, search: Search, times: Times): KeyColumn | null {
  if (file.isLive || search.counts === null) return null
  const { asksStart, asksEnd } = bounds(file, times)
  if (!asksEnd) return 'started_at'
  return asksStart ? null : 'ended_at'
}

/** What is asked of a time, with no bound on a side where the file has nothing beyond it: its counts have no edge there. */
function openedTo(file: QueriedFile, key: KeyColumn, times: Times): TimeRange {
  const asked = key === 'started_at' ? times.starts : (times.ends ?? ALWAYS)
  const all = key === 'started_at' ? file.starts : (file.endsOf(file.starts) ?? ALWAYS)
  return {
    fromUs: asked.fromUs <= all.fromUs ? ALWAYS.fromUs : asked.fromUs,
    beforeUs: asked.beforeUs >= all.beforeUs ? ALWAYS.beforeUs : asked.beforeUs,
  }
}

function* countPiece(
  file: QueriedFile,
  search: Search,
  { piece, key, times }: { piece: CountPiece; key: KeyColumn; times: Times },
): Generator<void, number> {
  if ('rows' in piece) {
    const narrowed = key === 'started_at' ? { ...times, starts: piece.rows } : { ...times, ends: piece.rows }
    return (yield* countRows(file, search, narrowed)).count
  }
  yield
  return file.number(sql('SELECT ifnull(sum(calls), 0) ', countsOf(search, key, piece)))
}

/** How many matches each bucket of a table has, of those that lie wholly within a range of a file that its counts tell. */
export function histogram(
  file: QueriedFile,
  search: Search,
  asked: { table: CountTable; key: KeyColumn; from: number; before: number },
): Map<number, number> {
  const rows = file.read(sql('SELECT bucket, sum(calls) ', countsOf(search, asked.key, asked), ' GROUP BY bucket'))
  return new Map(rows.map((row) => [row[0] as number, row[1] as number]))
}

/** `FROM … WHERE …` of the counts in buckets of a table, with the columns that the conditions of a query ask for. */
function countsOf(
  { account, counted }: Search,
  key: KeyColumn,
  { table, from, before }: { table: CountTable; from: number; before: number },
): Sql {
  const orNull = (column: string) => `nullif(${column}, ${NO_VALUE}) AS ${column}`
  const more = table === 'days' ? `, ${orNull('hangup_code')}, ${orNull('call_types')}` : ''
  const ended = `${STATES.indexOf('ended')} AS state, 0 AS ended_at`
  const own: Sql = {
    text: `FROM (SELECT bucket, calls, direction, flags, ${ended}${more} FROM ${table}
      WHERE account = ? AND family = ? AND bucket >= ? AND bucket < ?) WHERE `,
    values: [account, FAMILY_OF[key], from, before],
  }
  return sql(own, counted ?? '1')
}

function* countRows(file: QueriedFile, search: Search, times: Times): Generator<void, Matched> {
  const within = bounds(file, times)
  const source = search.toCount(file, times)
  const range = source.key === 'started_at' ? within.starts : within.ends
  const slices: Slice[] = []
  for (const stretch of slicesOf(
    { file, source, stretch: stretchOf(range, search.query.order.descending) },
    search.slicing,
  )) {
    const count = file.number(sql('SELECT count(*) ', source.matches(stretch)))
    if (count > 0) slices.push({ stretch, count })
    yield
  }
  return { count: slices.reduce((sum, { count }) => sum + count, 0), slices, key: source.key }
}
