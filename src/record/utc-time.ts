const SECOND_US = 1_000_000
const DAY_US = 86_400_000_000
const CODE_0 = 48
const CODE_DASH = 45
const CODE_COLON = 58
const CODE_POINT = 46
const CODE_T = 84
const CODE_Z = 90

/**
 * Epoch microseconds of a time in the one form that nearly every record has, `2024-01-15T14:28:48Z` with 0, 3 or 6
 * decimals; null for any other form and for what is no time after 1970, which `readTime` tells about. A record has
 * four or five times, and this makes no object and no text of them.
 */
export function utcTimeUs(text: string): number | null {
  const length = text.length
  if (length !== 20 && length !== 24 && length !== 27) return null
  if (text.charCodeAt(4) !== CODE_DASH || text.charCodeAt(7) !== CODE_DASH || text.charCodeAt(10) !== CODE_T)
    return null
  if (text.charCodeAt(13) !== CODE_COLON || text.charCodeAt(16) !== CODE_COLON) return null
  if (text.charCodeAt(length - 1) !== CODE_Z || (length > 20 && text.charCodeAt(19) !== CODE_POINT)) return null
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  const fraction = length === 20 ? 0 : digits(text, 20, length - 1)
  if (hour > 23 || minute > 59 || second > 59) return null
  const fractionUs = length === 24 ? fraction * 1000 : fraction
  const timeUs = dayUs(text) + ((hour * 60 + minute) * 60 + second) * SECOND_US + fractionUs
  return timeUs > 0 ? timeUs : null // NaN where anything was no digit
}

let latestYearMonth = Number.NaN
let latestMonthUs = 0
let latestMonthDays = 0

/** Midnight of the day; NaN when there is no such day of 1970 to 2199. The month is remembered: most calls share it. */
function dayUs(text: string): number {
  const yearMonth = digits(text, 0, 4) * 100 + digits(text, 5, 7)
  const day = digits(text, 8, 10)
  if (yearMonth !== latestYearMonth) {
    const year = Math.floor(yearMonth / 100)
    const month = yearMonth % 100
    if (!(year >= 1970 && year <= 2199 && month >= 1 && month <= 12)) return Number.NaN
    latestYearMonth = yearMonth
    latestMonthUs = Date.UTC(year, month - 1, 1) * 1000
    latestMonthDays = new Date(Date.UTC(year, month, 0)).getUTCDate()
  }
  return day >= 1 && day <= latestMonthDays ? latestMonthUs + (day - 1) * DAY_US : Number.NaN
}

/** The number that the characters from `from` to `before` write; NaN where one is no digit. */
function digits(text: string, from: number, before: number): number {
  let value = 0
  for (let at = from; at < before; at++) {
    const digit = text.charCodeAt(at) - CODE_0
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
