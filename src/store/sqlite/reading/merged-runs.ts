import { SLICE_ROWS } from './slices.ts'

/**
 * What stands at the places `from` to `before` (excluded) of sorted runs taken together. Ties stand in the order of the
 * runs. Yields between two slices of the way there.
 */
export function* mergedRuns<T>(
  runs: readonly (readonly T[])[],
  compare: (a: T, b: T) => number,
  { from, before }: { from: number; before: number },
): Generator<void, T[]> {
  const heads = runs.filter((run) => run.length > 0).map((run, no) => ({ run, no, at: 0 }))
  type Head = (typeof heads)[number]
  const order = (a: Head, b: Head) => compare(a.run[a.at] as T, b.run[b.at] as T) || a.no - b.no
  heads.sort(order)
  const found: T[] = []
  for (let place = 0; place < before && heads.length > 0; place += 1) {
    const head = heads[0] as Head
    if (place >= from) found.push(head.run[head.at] as T)
    head.at += 1
    if (head.at === head.run.length) heads.shift()
    else sink(heads, order)
    if (place % SLICE_ROWS === SLICE_ROWS - 1) yield
  }
  return found
}

/** Puts the first of a sorted list where it belongs. */
function sink<T>(list: T[], order: (a: T, b: T) => number): void {
  const first = list[0] as T
  let low = 1
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (order(first, list[middle] as T) < 0) high = middle
    else low = middle + 1
  }
  list.copyWithin(0, 1, low)
  list[low - 1] = first
}
