import assert from 'node:assert'

const CODE_0 = 48
const MAX_PLACES = 15

/**
 * A decimal string such as `0.00500` or `-1.5` as an integer of 10^-places: `parseDecimal('0.005', 9)` is 5000000.
 * The form is that of XML Schema's decimal: an optional sign, digits, an optional point; `.5` and `5.` are read, an
 * exponent, a thousands separator and white space are not. Zeros at the end of the fraction do not count as places.
 *
 * Null when the text is no such decimal, when it would have to be rounded, or when the result leaves the safe integers.
 * `places` is 0..15.
 */
export function parseDecimal(text: string, places: number): number | null {
  assert(Number.isInteger(places) && places >= 0 && places <= MAX_PLACES, `places: ${places}`)
  const negative = text.startsWith('-')
  let value = 0
  let digits = 0
  let fractionLeft = -1 // places not yet filled; -1 before the point
  for (let at = negative || text.startsWith('+') ? 1 : 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === 46 && fractionLeft === -1) {
      fractionLeft = places
      continue
    }
    const digit = char - CODE_0
    if (digit < 0 || digit > 9) return null
    digits++
    if (fractionLeft === 0) {
      if (digit !== 0) return null
      continue
    }
    if (fractionLeft > 0) fractionLeft--
    value = value * 10 + digit
    if (value > Number.MAX_SAFE_INTEGER) return null
  }
  if (digits === 0) return null
  for (let left = fractionLeft === -1 ? places : fractionLeft; left > 0; left--) {
    value *= 10
    if (value > Number.MAX_SAFE_INTEGER) return null
  }
  return negative && value !== 0 ? -value : value
}

/**
 * An integer of 10^-places as text, exact, with at least `atLeast` decimals and more only where they are needed:
 * `formatDecimal(5000000, 9)` is `0.00500`, `formatDecimal(1234567, 9)` is `0.001234567`.
 *
 * A sum that leaves the safe integers is a `bigint`. Five is what the SIP trunking API shows in every rate and amount.
 */
export function formatDecimal(value: number | bigint, places: number, atLeast = 5): string {
  assert(typeof value === 'bigint' || Number.isSafeInteger(value), `value: ${value}`)
  assert(Number.isInteger(places) && places >= 0 && places <= MAX_PLACES, `places: ${places}`)
  const digits = String(value < 0 ? -value : value).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const fraction = digits.slice(digits.length - places)
  let end = fraction.length
  while (end > atLeast && fraction.charCodeAt(end - 1) === CODE_0) end--
  const shown = fraction.slice(0, end).padEnd(atLeast, '0')
  const sign = value < 0 ? '-' : ''
  return shown === '' ? sign + whole : `${sign}${whole}.${shown}`
}
