import type { CountTable } from '../counts/count-tables.ts'
import { sql } from '../folder/sql.ts'
import { wholeBuckets } from './count-plan.ts'
import type { QueriedFile } from './queried-file.ts'
import { bounds, type Search, type Times } from './search.ts'
import { stretchOf } from './stretch.ts'
import { ALWAYS, covers, isEmpty, type TimeRange } from './time-range.ts'
import { countMatches, histogram, WIDTH_US } from './totals.ts'
import type { Start } from './walk.ts'

/** A stretch of the time that a list is ordered by; null is that of the calls that have none. */
interface Bucket {
  range: TimeRange | null
  counts: ReadonlyMap<QueriedFile, number>
}

interface Found {
  bucket: Bucket
  /** Matches of the bucket that lie before the place. */
  before: number
}

/**
 * Finds where a page at an offset begins: which segment, by counting the matches of each stretch of time, then, where
 * counts tell them, which day and which quarter of an hour. What lies before is not walked through. `start` is null
 * behind the last match; `total` is known where all stretches were counted, which `countAll` asks for.
 */
export function* placeOfOffset(
  search: Search,
  files: readonly QueriedFile[],
  { offset, countAll }: { offset: number; countAll: boolean },
): Generator<void, { start: Start | null; total: number | null }> {
  let total = 0
  let found: Found | null = null
  for (const range of stretches(search, files)) {
    const counts = yield* countIn(search, files, range)
    const own = sumOf(counts)
    if (found === null && offset < total + own) found = { bucket: { range, counts }, before: offset - total }
    total += own
    if (found !== null && !countAll) break
  }
  if (found === null) return { start: null, total }
  let narrowed: Found = found
  for (const table of finerTables(search)) narrowed = yield* narrow(search, { found: narrowed, table })
  return { start: startAt(search, files, narrowed), total: countAll ? total : null }
}

/** All the time that the query asks for, cut where a segment begins, in the order of the list. */
function stretches(search: Search, files: readonly QueriedFile[]): (TimeRange | null)[] {
  const { fromUs, beforeUs } = orderedRange(search)
  const { by, descending } = search.query.order
  const cuts = files.filter(({ isLive }) => !isLive).map(({ starts }) => starts.fromUs)
  const inside = [...new Set(cuts)].filter((cut) => cut > fromUs && cut < beforeUs).sort((a, b) => a - b)
  const bounds = [fromUs, ...inside, beforeUs]
  const ranges: (TimeRange | null)[] = inside.concat(beforeUs).map((before, at) => ({
    fromUs: bounds[at] as number,
    beforeUs: before,
  }))
  if (by === 'endedAtUs' && files.some(({ isLive }) => isLive)) ranges.unshift(null)
  return descending ? ranges.reverse() : ranges
}

function orderedRange({ times, query }: Search): TimeRange {
  return query.order.by === 'startedAtUs' ? times.starts : (times.ends ?? ALWAYS)
}

/** The query's times, with this range in place of that of the time that the list is ordered by. */
function narrowedTo({ times, query }: Search, range: TimeRange): Times {
  return query.order.by === 'startedAtUs' ? { ...times, starts: range } : { ...times, ends: range }
}

function* countIn(
  search: Search,
  files: readonly QueriedFile[],
  range: TimeRange | null,
): Generator<void, Map<QueriedFile, number>> {
  const counts = new Map<QueriedFile, number>()
  const isByEnd = search.query.order.by === 'endedAtUs'
  for (const file of files) {
    if (isByEnd && file.isLive !== (range === null)) continue
    const times = range === null ? search.times : narrowedTo(search, range)
    const { count } = yield* countMatches(file, search, times)
    if (count > 0) counts.set(file, count)
  }
  return counts
}

/** The counts by which a stretch can be cut further: those that tell the matches when nothing else is asked of time. */
function finerTables({ counts, times, query }: Search): CountTable[] {
  const isOfOneTime = query.order.by === 'startedAtUs' ? times.ends === null : covers(times.starts, ALWAYS)
  if (counts === null || !isOfOneTime) return []
  return counts === 'quarters' ? ['days', 'quarters'] : ['days']
}

/** The bucket of a table in which the place lies, or what is left of the stretch at its ends. */
function* narrow(search: Search, { found, table }: { found: Found; table: CountTable }): Generator<void, Found> {
  const { range, counts } = found.bucket
  if (range === null) return found
  const widthUs = WIDTH_US[table]
  const { from, before, head, tail } = wholeBuckets(range, widthUs)
  if (from >= before) return found
  const histograms = new Map<QueriedFile, Map<number, number>>()
  for (const file of counts.keys()) {
    histograms.set(
      file,
      file.isLive
        ? liveHistogram(file, search, range, widthUs)
        : histogram(file, search, {
            table,
            from,
            before,
            key: search.query.order.by === 'startedAtUs' ? 'started_at' : 'ended_at',
          }),
    )
    yield
  }
  const numbers = [...new Set([...histograms.values()].flatMap((one) => [...one.keys()]))].sort((a, b) => a - b)
  const pieces: (TimeRange | number)[] = [head, ...numbers, tail]
  let passed = found.before
  for (const piece of search.query.order.descending ? pieces.reverse() : pieces) {
    if (typeof piece !== 'number' && isEmpty(piece)) continue
    const own =
      typeof piece === 'number' ? countsAt(histograms, piece) : yield* countIn(search, [...counts.keys()], piece)
    const sum = sumOf(own)
    if (passed < sum) {
      const rangeOf = typeof piece === 'number' ? { fromUs: piece * widthUs, beforeUs: (piece + 1) * widthUs } : piece
      return { bucket: { range: rangeOf, counts: own }, before: passed }
    }
    passed -= sum
  }
  return found // Counts that contradict one another: the rows of the whole stretch decide.
}

/** What the counts of a segment tell, of the calls that go on, of which there are few. */
function liveHistogram(file: QueriedFile, search: Search, range: TimeRange, widthUs: number): Map<number, number> {
  const times = narrowedTo(search, range)
  const source = search.toCount(file, times)
  const stretch = stretchOf(bounds(file, times).starts, false)
  const { from, before } = wholeBuckets(range, widthUs)
  const rows = file.read(sql(`SELECT started_at / ${widthUs}, count(*) `, source.matches(stretch), ' GROUP BY 1'))
  const all = rows.map((row) => [row[0] as number, row[1] as number] as const)
  return new Map(all.filter(([bucket]) => bucket >= from && bucket < before))
}

function countsAt(histograms: ReadonlyMap<QueriedFile, ReadonlyMap<number, number>>, bucket: number) {
  const counts = [...histograms].map(([file, one]) => [file, one.get(bucket) ?? 0] as const)
  return new Map(counts.filter(([, count]) => count > 0))
}

/**
 * A page from a place in a bucket on. Of the matches before it, a file has at least those that all the others cannot
 * have: they are skipped in the file, and the rest when the files are merged.
 */
function startAt(search: Search, files: readonly QueriedFile[], { bucket: { range, counts }, before }: Found): Start {
  const { by, descending } = search.query.order
  const total = sumOf(counts)
  const skips = new Map([...counts].map(([file, own]) => [file, Math.max(0, before - (total - own))]))
  const rest = { skips, before: before - sumOf(skips) }
  const isLast = range === null && descending
  if (isLast) return { files: files.filter(({ isLive }) => isLive), times: search.times, ...rest }
  if (range === null) return { files, times: search.times, ...rest }
  const whole = orderedRange(search)
  const times = narrowedTo(
    search,
    descending ? { ...whole, beforeUs: range.beforeUs } : { ...whole, fromUs: range.fromUs },
  )
  // Calls without an end stand before all others, so that they are passed in one direction and to come in the other.
  const isPassed = by === 'endedAtUs' && !descending
  return { files: isPassed ? files.filter(({ isLive }) => !isLive) : files, times, ...rest }
}

function sumOf(counts: ReadonlyMap<QueriedFile, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}
