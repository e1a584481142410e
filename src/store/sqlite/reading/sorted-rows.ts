import type { Sql } from '../folder/sql.ts'
import type { Row } from '../row/row-columns.ts'
import { mergedRuns } from './merged-runs.ts'
import type { QueriedFile } from './queried-file.ts'
import { rowOrder } from './row-order.ts'
import { type RowSource, rowAt } from './row-source.ts'
import { bounds, type Search, type Times } from './search.ts'
import { slicesOf } from './slices.ts'
import { type Stretch, stretchOf } from './stretch.ts'
import type { Matched } from './totals.ts'

/** Where matches are to be looked for, and what more is asked of them. */
export interface Part {
  file: QueriedFile
  times: Times
  beyond: Sql | null
  /** What is known of the file's matches for these times. */
  matched: Matched | null
}

interface Found {
  file: QueriedFile
  /** The values that it is sorted by, its start and its id. */
  key: Row
}

/**
 * Rows in the query's order where they do not lie in it: the keys of all matches that can be on the page or before it are
 * sorted slice by slice, and only the rows of the page are read. Far into a list that is many keys in memory;
 * `MAX_SORTED` bounds how many.
 */
export function* sortedRows(
  search: Search,
  parts: readonly Part[],
  { offset, limit }: { offset: number; limit: number },
): Generator<void, Row[]> {
  const { order, account } = search
  const sorts = order.by.length
  const runs: Found[][] = []
  for (const part of parts) {
    const { file, times, beyond } = part
    const source = search.toRows(file, times, beyond)
    for (const slice of partSlices(search, part, source)) {
      const keys = file.read(source.sorted(slice, { order, limit: offset + limit, offset: 0 }))
      if (keys.length > 0) runs.push(keys.map((key) => ({ file, key })))
      yield
    }
  }
  const compare = rowOrder(search.query.order, { sorts: 0, id: sorts + 1 })
  const page = yield* mergedRuns(runs, (a, b) => compare(a.key, b.key), { from: offset, before: offset + limit })
  const text = rowAt(order)
  return page.flatMap(({ file, key }) =>
    file.read({ text, values: [account, key[sorts] ?? null, key[sorts + 1] ?? null] }),
  )
}

/** The stretches that can have matches. */
function partSlices(search: Search, { file, times, matched }: Part, source: RowSource): Iterable<Stretch> {
  if (matched?.slices != null && matched.key === source.key) return matched.slices.map(({ stretch }) => stretch)
  const stretch = stretchOf(bounds(file, times).starts, search.query.order.descending)
  return slicesOf({ file, source, stretch }, { most: search.slicing.most })
}
