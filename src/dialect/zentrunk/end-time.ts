import { formatRfc3339, readTimeRange } from '../../record/time.ts'
import type { Expr } from '../../store/query.ts'
import { badRequest } from '../fault.ts'
import type { DialectLimits } from '../parts.ts'
import type { Parameters } from './parameters.ts'

/** Calls that ended at or after `fromUs` and before `beforeUs`; null: no end. Epoch microseconds. */
export interface EndWindow {
  fromUs: number
  beforeUs: number | null
}

export const END_TIME = ['end_time', 'end_time__gt', 'end_time__gte', 'end_time__lt', 'end_time__lte'] as const

const DAY_US = 86_400_000_000

interface Span {
  fromUs: number
  beforeUs: number
}

/**
 * When the calls ended that a request asks for. A written time stands for all of its last unit: `11:47` for that
 * minute, `11:47:30` for that second, a bare date for that day. So `end_time` is within it, `__gt` after all of it,
 * `__gte` from its start, `__lt` before its start, `__lte` until its end: `__gt` is exactly what `__lte` leaves.
 *
 * Without a time, the last `plivoDefaultWindowDays`, or from `elseFromUs` on where the request names another time.
 * Nothing before the horizon is searched. Throws `bad_request` for what is no time, for an upper bound alone, and for a
 * range wider than the horizon; widths are of the times as written, so both bounds may be bare dates 90 days apart.
 */
export function readEndWindow(
  given: Parameters,
  context: { zone: string; nowUs: number; limits: DialectLimits; elseFromUs: number | null },
): EndWindow {
  const { zone, nowUs, limits, elseFromUs } = context
  const [exact, gt, gte, lt, lte] = END_TIME.map((name) => readSpan(given, name, zone))
  const lowest = latest([exact?.fromUs, gt?.beforeUs, gte?.fromUs])
  const beforeUs = earliest([exact?.beforeUs, lt?.fromUs, lte?.beforeUs])
  refuseWrongRange(given, { lower: latest([exact?.fromUs, gt?.fromUs, gte?.fromUs]), lt, lte, limits })

  const daysBack = (days: number) => Math.max(0, nowUs - days * DAY_US)
  const wantedUs = lowest ?? elseFromUs ?? daysBack(limits.plivoDefaultWindowDays)
  const horizonUs = limits.plivoHorizonDays === null ? 0 : daysBack(limits.plivoHorizonDays)
  const fromUs = Math.max(wantedUs, horizonUs)
  return { fromUs: beforeUs === null ? fromUs : Math.min(fromUs, beforeUs), beforeUs }
}

/** The window as conditions; both hold only of calls that ended. */
export function endedWithin({ fromUs, beforeUs }: EndWindow): Expr[] {
  const from: Expr = { op: 'gte', field: 'endedAtUs', value: fromUs }
  return beforeUs === null ? [from] : [from, { op: 'lt', field: 'endedAtUs', value: beforeUs }]
}

/** `Calltrail-Searched`: an ISO 8601 interval of RFC 3339 times, its end exclusive, `..` where there is none. */
export function searchedHeader({ fromUs, beforeUs }: EndWindow): string {
  return `${formatRfc3339(fromUs)}/${beforeUs === null ? '..' : formatRfc3339(beforeUs)}`
}

/** The span of a time parameter, null where it is not given. `zone` is that of times written without one. */
export function readSpan(given: Parameters, name: string, zone: string): Span | null {
  const value = given.get(name)?.trim()
  if (value === undefined) return null
  // The reader of times also knows forms that only switches write; a client that sends one of those meant another.
  const span = /^\d{4}-\d\d-\d\d/.test(value) ? readTimeRange(value, zone) : null
  if (span === null)
    throw badRequest(name, 'must be a time such as 2026-03-21 11:47, 2026-03-21 11:47:30 or 2026-03-21')
  return span
}

function refuseWrongRange(
  given: Parameters,
  range: { lower: number | null; lt: Span | null | undefined; lte: Span | null | undefined; limits: DialectLimits },
): void {
  const { lower, lt, lte, limits } = range
  const upper = earliest([lt?.fromUs, lte?.fromUs])
  if (upper === null) return
  const name = given.has('end_time__lte') ? 'end_time__lte' : 'end_time__lt'
  if (lower === null) throw badRequest(name, 'needs end_time__gt or end_time__gte beside it')
  const { plivoHorizonDays } = limits
  if (plivoHorizonDays !== null && upper - lower > plivoHorizonDays * DAY_US)
    throw badRequest(name, `the range from end_time__gt or end_time__gte is wider than ${plivoHorizonDays} days`)
}

function latest(times: readonly (number | undefined)[]): number | null {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? null : Math.max(...known)
}

function earliest(times: readonly (number | undefined)[]): number | null {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? null : Math.min(...known)
}
