/**
 * Sums of amounts are kept in two parts, for 64 bits do not hold those of ten thousand of the largest. A part is the sum
 * of that part of each amount, so that parts are added up, and taken back, each by itself; millions of calls fit.
 */
const PART = 10 ** 12

/** The part of an amount, micros, that is below 10^12; with the sign of the amount, as the other part has it. */
export function lowPart(micros: number): number {
  return micros % PART
}

/** How many 10^12 an amount has; rounded towards zero. */
export function highPart(micros: number): number {
  return Math.trunc(micros / PART)
}

/** SQL of what the two parts of a column of amounts come to; 0 where there is none. */
export const sumOfLowParts = (column: string) => `ifnull(sum(${column} % ${PART}), 0)`
export const sumOfHighParts = (column: string) => `ifnull(sum(${column} / ${PART}), 0)`

/** The sum, of what its two parts come to. */
export function microsOf(low: number | string | bigint, high: number | string | bigint): bigint {
  return BigInt(high) * BigInt(PART) + BigInt(low)
}
