import assert from 'node:assert'
import { instantOf, offsetAt, offsetUsOf } from './zone.ts'

const SECOND_US = 1_000_000
const MINUTE_US = 60 * SECOND_US
const DAY_US = 86_400 * SECOND_US
const YEAR_2200_S = 7_258_118_400

/**
 * A written time as epoch microseconds, of the years 1970 to 2199. Null: it did not happen (see `isNoTime`), or this
 * is no time, as 30 February, 24:00 and a year out of range are not. The forms, case and outer white space apart:
 *
 * - RFC 3339 and its looser kin: `2024-01-15T14:28:48.123456Z`, `2024-01-15 14:28`, `2017-05-22 17:49:40 +05:30`,
 *   `2023-01-02T12:34:56.789+0000`, `2024/06/17 05:59:49`, `2024-01-15`; up to 9 decimals, cut to microseconds. A
 *   bare ` 05:30` after the time is the offset whose `+` a form decoder has taken for a blank.
 * - RFC 2822 and HTTP dates: `Fri, 18 Oct 2019 17:02:00 +0000`. The week day is not checked.
 * - Cisco IOS, also AudioCodes: `*12:34:56.789 UTC Mon Jan 2 2023`; a zone name other than UTC and GMT is what the
 *   operator called the device's own zone, so the time is read in `zone`.
 * - Epoch seconds, milliseconds or microseconds, number or text, decimals allowed: the first of the three in which
 *   the figure is before 2200. Figures that mean 1970 in a finer unit are thus read in the coarser one.
 *
 * Without an offset the time is local in `zone`: `UTC`, a fixed offset such as `+05:30`, or an IANA name; anything else
 * is our own mistake and throws. In the hour that autumn repeats it is the first instant; in the hour that spring
 * skips it is as far after the change as was written (Temporal's `compatible`). A leap second, :60, is :59.999999.
 */
export function readTime(value: string | number, zone: string): number | null {
  const written = typeof value === 'number' ? scanEpochNumber(value) : scan(value)
  if (written === null) return null
  const timeUs = instantOf(written.localUs, written.offsetUs, zone)
  return timeUs > 0 && timeUs < YEAR_2200_S * SECOND_US ? timeUs : null
}

/**
 * Whether a value is a source's way to say "did not happen" where others say null: nothing, 0 in any number of
 * digits, the years 0 and 1 (`0001-01-01T00:00:00Z`, `0000-00-00 00:00:00`) and the epoch itself.
 */
export function isNoTime(value: string | number): boolean {
  if (typeof value === 'number') return value === 0
  return /^\s*(?:0+(?:\.0*)?|000[01][-/].*|1970[-/]01[-/]01[t ]00:00(?::00(?:\.0+)?)? ?(?:z|\+00:?00)?)?\s*$/i.test(
    value,
  )
}

/**
 * The span a written time stands for at its own precision: `2021-03-21` the whole local day, of 23 or 25 hours where
 * the clocks change; `11:47` that minute; with seconds that second, with decimals one microsecond. Epoch figures span
 * their unit. Forms, zones and refusals are those of `readTime`, but for 1970 itself: `0` and `1970-01-01` are spans.
 */
export function readTimeRange(value: string, zone: string): { fromUs: number; beforeUs: number } | null {
  const written = scan(value)
  if (written === null) return null
  const { localUs, offsetUs, precisionUs } = written
  const fromUs = instantOf(localUs, offsetUs, zone)
  // Only a day can be longer or shorter than its name says; a minute of the repeated hour is the first such minute.
  const beforeUs = precisionUs === DAY_US ? instantOf(localUs + DAY_US, offsetUs, zone) : fromUs + precisionUs
  if (beforeUs <= 0 || fromUs >= YEAR_2200_S * SECOND_US) return null
  return { fromUs: Math.max(0, fromUs), beforeUs }
}

/** `2024-01-15T14:28:48.000000Z`: always UTC, always six decimals. `timeUs` is any safe integer. */
export function formatRfc3339(timeUs: number): string {
  assert(Number.isSafeInteger(timeUs), `timeUs: ${timeUs}`)
  const secondS = Math.floor(timeUs / SECOND_US)
  const micros = timeUs - secondS * SECOND_US
  const millis = Math.floor(micros / 1000)
  return `${dayText(secondS)}T${clockText(secondS)}.${threeDigits(millis)}${threeDigits(micros - millis * 1000)}Z`
}

/** `2024-01-15 14:32:00`: local in `zone` (as for `readTime`), cut to the second. `timeUs` is any safe integer. */
export function formatDateTime(timeUs: number, zone: string): string {
  assert(Number.isSafeInteger(timeUs), `timeUs: ${timeUs}`)
  const localS = Math.floor((timeUs + offsetAt(timeUs, zone)) / SECOND_US)
  return `${dayText(localS)} ${clockText(localS)}`
}

/** A time as written: the clock's face as if it were UTC, the offset where one was written, and how fine it is. */
interface Written {
  localUs: number
  offsetUs: number | null
  precisionUs: number
}

const MAX_LENGTH = 64

function scan(value: string): Written | null {
  if (value.length > MAX_LENGTH) return null
  const text = value.trim()
  return scanIso(text) ?? scanEpoch(text) ?? scanRfc2822(text) ?? scanCisco(text)
}

function scanIso(text: string): Written | null {
  const separator = text.charCodeAt(4)
  if ((separator !== DASH && separator !== SLASH) || text.charCodeAt(7) !== separator) return null
  const dayUs = dayUsOf(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8))
  if (dayUs === null) return null
  if (text.length === 10) return { localUs: dayUs, offsetUs: null, precisionUs: DAY_US }
  const t = text.charCodeAt(10)
  if ((t !== BLANK && t !== CAPITAL_T && t !== SMALL_T) || text.charCodeAt(13) !== COLON) return null
  const minuteUs = minuteUsOf(twoDigits(text, 11), twoDigits(text, 14))
  if (minuteUs === null) return null
  if (text.charCodeAt(16) !== COLON) return withOffset(dayUs + minuteUs, MINUTE_US, text.slice(16))

  const second = twoDigits(text, 17)
  if (second > 60 || Number.isNaN(second)) return null
  const point = text.charCodeAt(19)
  const hasFraction = point === POINT || point === COMMA
  const end = hasFraction ? endOfDigits(text, 20, 29) : 19
  if (end === 20) return null
  const clockUs = minuteUs + secondUsOf(second, text.slice(20, end))
  return withOffset(dayUs + clockUs, hasFraction || second === 60 ? 1 : SECOND_US, text.slice(end))
}

function withOffset(localUs: number, precisionUs: number, written: string): Written | null {
  const offsetUs = written === '' ? null : offsetUsOf(written)
  return offsetUs === undefined ? null : { localUs, offsetUs, precisionUs }
}

function scanEpoch(text: string): Written | null {
  const match = /^(\d{1,16})(?:\.(\d{0,12}))?$/.exec(text)
  if (match === null) return null
  const [, whole = '', fraction = ''] = match
  const unitUs = epochUnitUs(Number(whole))
  if (unitUs === null) return null
  const finer = Math.floor((microsOf(fraction) * unitUs) / SECOND_US)
  return { localUs: Number(whole) * unitUs + finer, offsetUs: 0, precisionUs: fraction === '' ? unitUs : 1 }
}

/** As `scanEpoch`; decimals are rounded to microseconds, for a double has not enough digits to cut at. */
function scanEpochNumber(value: number): Written | null {
  const unitUs = value >= 0 ? epochUnitUs(value) : null
  if (unitUs === null) return null
  return { localUs: Math.round(value * unitUs), offsetUs: 0, precisionUs: Number.isInteger(value) ? unitUs : 1 }
}

function epochUnitUs(value: number): number | null {
  if (value < YEAR_2200_S) return SECOND_US
  if (value < YEAR_2200_S * 1000) return 1000
  return value < YEAR_2200_S * SECOND_US ? 1 : null
}

const RFC_2822 =
  /^(?:[a-z]{3,9},? +)?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}) +(\d{2}):(\d{2})(?::(\d{2}))?( *[+-]\d{4}| +[a-z]{1,3})?(?: +\([a-z ]+\))?$/i

/** RFC 2822, 4.3: the zone names that it knows, in hours. */
const RFC_2822_HOURS: Record<string, number> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
}

function scanRfc2822(text: string): Written | null {
  const match = RFC_2822.exec(text)
  if (match === null) return null
  const [, day, month = '', year, hour, minute, second, zone = ''] = match
  const dayUs = dayUsOf(Number(year), monthNamed(month), Number(day))
  const minuteUs = minuteUsOf(Number(hour), Number(minute))
  if (dayUs === null || minuteUs === null || Number(second ?? 0) > 60) return null
  const hours = RFC_2822_HOURS[zone.trim().toLowerCase()]
  const offsetUs = zone === '' ? null : hours === undefined ? offsetUsOf(zone) : hours * 60 * MINUTE_US
  if (offsetUs === undefined) return null
  const localUs = dayUs + minuteUs + secondUsOf(Number(second ?? 0), '')
  return { localUs, offsetUs, precisionUs: second === undefined ? MINUTE_US : second === '60' ? 1 : SECOND_US }
}

const CISCO =
  /^[*.]?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? +([a-z]{1,8})([+-]\d{2}:?\d{2})? +[a-z]{3} +([a-z]{3}) +(\d{1,2}) +(\d{4})$/i

function scanCisco(text: string): Written | null {
  const match = CISCO.exec(text)
  if (match === null) return null
  const [, hour, minute, second, fraction, zone = '', offset, month = '', day, year] = match
  const dayUs = dayUsOf(Number(year), monthNamed(month), Number(day))
  const minuteUs = minuteUsOf(Number(hour), Number(minute))
  if (dayUs === null || minuteUs === null || Number(second) > 60) return null
  const localUs = dayUs + minuteUs + secondUsOf(Number(second), fraction ?? '')
  const offsetUs = /^(?:utc|gmt)$/i.test(zone) ? (offsetUsOf(offset ?? 'Z') ?? null) : null
  return { localUs, offsetUs, precisionUs: fraction === undefined && second !== '60' ? SECOND_US : 1 }
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** 1..12; 0, which is no month, for any other word. */
function monthNamed(name: string): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Midnight of a day as if it were UTC; null when there is no such day in 1970..2199. */
function dayUsOf(year: number, month: number, day: number): number | null {
  if (!(year >= 1970 && year <= 2199 && month >= 1 && month <= 12 && day >= 1)) return null
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > (MONTH_DAYS[month - 1] ?? 0) + (isLeap && month === 2 ? 1 : 0)) return null
  // Days since 1970-01-01 in years that begin in March, so that the leap day is the last one:
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  const marchYear = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * (month <= 2 ? month + 9 : month - 3) + 2) / 5) + day - 1
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return (marchYear * 365 + leapDays + dayOfYear - 719_468) * DAY_US
}

function minuteUsOf(hour: number, minute: number): number | null {
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 ? (hour * 60 + minute) * MINUTE_US : null
}

/** Second 0..60 and the digits after its point; a leap second is the last microsecond of its minute. */
function secondUsOf(second: number, fraction: string): number {
  return second === 60 ? MINUTE_US - 1 : second * SECOND_US + microsOf(fraction)
}

/** The digits after a second's point, cut to microseconds. */
function microsOf(fraction: string): number {
  let micros = 0
  for (let at = 0; at < 6; at++) micros = micros * 10 + (at < fraction.length ? fraction.charCodeAt(at) - CODE_0 : 0)
  return micros
}

const CODE_0 = 48
const BLANK = 32
const COMMA = 44
const DASH = 45
const POINT = 46
const SLASH = 47
const COLON = 58
const CAPITAL_T = 84
const SMALL_T = 116

/** Two ASCII digits at `at`; NaN when they are not. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - CODE_0
  const ones = text.charCodeAt(at + 1) - CODE_0
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function endOfDigits(text: string, from: number, atMost: number): number {
  let end = from
  while (end < atMost && text.charCodeAt(end) >= CODE_0 && text.charCodeAt(end) < CODE_0 + 10) end++
  return end
}

let latestDay = Number.NaN
let latestDayText = ''

/** `2024-01-15` of a second. The latest day is remembered: neighbours in a list are mostly of one day. */
function dayText(timeS: number): string {
  const day = Math.floor(timeS / 86_400)
  if (day !== latestDay) {
    latestDayText = new Date(day * 86_400_000).toISOString().slice(0, 10)
    latestDay = day
  }
  return latestDayText
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

function clockText(timeS: number): string {
  const secondOfDay = timeS - Math.floor(timeS / 86_400) * 86_400
  const hour = Math.floor(secondOfDay / 3600)
  const minute = Math.floor((secondOfDay - hour * 3600) / 60)
  return `${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[secondOfDay - hour * 3600 - minute * 60]}`
}

const THREE_DIGITS = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'))

function threeDigits(value: number): string {
  return THREE_DIGITS[value] ?? ''
}
