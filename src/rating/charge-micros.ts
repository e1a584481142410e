import assert from 'node:assert'

const NANOS_PER_STEP = 10_000 // amounts are rounded to 5 decimals: 10 micros, 10,000 nanos
const MICROS_PER_STEP = 10
const DIVISOR = 60 * NANOS_PER_STEP

/**
 * What `billedS` seconds cost at a rate per minute, in millionths of the currency: billed / 60 * rate, rounded half up
 * to 5 decimals, so the answer is a multiple of 10. The rate is in units of 10^-9. Neither is negative.
 *
 * This is the one place that rounds money. Exact for every safe integer: where the product leaves the range of exact
 * doubles, BigInt takes over; an amount past the safe integers is a mistake and crashes.
 */
export function chargeMicros(billedS: number, rateNanosPerMinute: number): number {
  assert(Number.isSafeInteger(billedS) && billedS >= 0, `billedS: ${billedS}`)
  assert(
    Number.isSafeInteger(rateNanosPerMinute) && rateNanosPerMinute >= 0,
    `rateNanosPerMinute: ${rateNanosPerMinute}`,
  )
  const product = billedS * rateNanosPerMinute
  if (product > Number.MAX_SAFE_INTEGER) return chargeOfBig(BigInt(billedS) * BigInt(rateNanosPerMinute))
  const rest = product % DIVISOR
  const steps = (product - rest) / DIVISOR + (rest * 2 >= DIVISOR ? 1 : 0)
  return steps * MICROS_PER_STEP
}

function chargeOfBig(product: bigint): number {
  const steps = (product * 2n + BigInt(DIVISOR)) / BigInt(2 * DIVISOR)
  const micros = Number(steps * BigInt(MICROS_PER_STEP))
  assert(Number.isSafeInteger(micros), `amount: ${micros} micros`)
  return micros
}
