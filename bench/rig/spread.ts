/** What several rounds of one figure came to. */
export interface Spread {
  min: number
  median: number
  max: number
}

/** Null for no values at all. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null
  return { min: Math.min(...values), median: percentile(values, 50), max: Math.max(...values) }
}

/**
 * The value that `percent` of a hundred values are at or under (nearest rank, so always one of the values); with 50 the
 * lower of two middle ones. NaN for no values. Values need not be sorted.
 */
export function percentile(values: readonly number[] | Float64Array, percent: number): number {
  const sorted = Float64Array.from(values).sort()
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}
