import { sql } from '../folder/sql.ts'
import type { QueriedFile } from './queried-file.ts'
import type { RowSource } from './row-source.ts'
import { behind, behindTies, type Place, type Stretch } from './stretch.ts'

/** Rows that are looked at between two yields, a few milliseconds' worth. */
export const SLICE_ROWS = 4096
/** How many of them at first, where a page may be full after a few, for each row of it, and by how much more each time. */
const FIRST_ROWS = { least: 64, most: 256, each: 3 } as const
const GROWTH = 4

/** Runs a generator to its end. */
export function run<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same generator, which yields only where `everyMs` have passed since it last did; `now` in milliseconds. */
export function* paced<T>(
  steps: Generator<void, T>,
  { now, everyMs }: { now: () => number; everyMs: number },
): Generator<void, T> {
  let since = now()
  try {
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
      if (now() - since < everyMs) continue
      yield
      since = now()
    }
  } finally {
    steps.return?.(undefined as never)
  }
}

/**
 * Cuts what a way to rows has to look at into stretches of so many rows, `from` rows at first and more each time, and
 * of at most about twice as many where calls have the same time; `tiesTogether` never parts those. A few rows are one
 * stretch. `most` bounds them further, for rows that take long to look at.
 */
export function* slicesOf(
  { file, source, stretch }: { file: QueriedFile; source: RowSource; stretch: Stretch },
  { from = SLICE_ROWS, tiesTogether = false, most = SLICE_ROWS } = {},
): Generator<Stretch, void> {
  if (source.isFew) {
    yield stretch
    return
  }
  let rest = stretch
  for (let rows = Math.min(from, most); ; rows = Math.min(most, rows * GROWTH)) {
    const last = lastOf(file, source, rest, rows)
    if (last === null) {
      yield rest
      return
    }
    const ties = behindTies(last, stretch.descending)
    const isLong = !tiesTogether && lastOf(file, source, { ...rest, after: last, upTo: ties }, most) !== null
    const upTo = isLong ? last : ties
    yield { ...rest, upTo }
    rest = behind(rest, upTo)
  }
}

/** For pages: small stretches at first. */
export function pageSlices(limit: number): { from: number } {
  const { least, most, each } = FIRST_ROWS
  return { from: Math.min(most, Math.max(least, limit * each)) }
}

/** The place of the last of so many rows of a stretch; null where it has no more. */
function lastOf(file: QueriedFile, source: RowSource, stretch: Stretch, rows: number): Place | null {
  const direction = stretch.descending ? 'DESC' : 'ASC'
  const order = ` ORDER BY 1 ${direction}, 2 ${direction} LIMIT 1 OFFSET `
  const [row] = file.read(sql(source.looked(stretch), order, { text: '?', values: [rows] }))
  return row === undefined ? null : { value: row[0] as number, id: row[1] as number }
}
