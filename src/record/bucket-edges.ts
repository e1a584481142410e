import assert from 'node:assert'
import { instantOf, offsetAt } from './zone.ts'

export const INTERVALS = ['15m', 'hour', 'day', 'month'] as const
export type Interval = (typeof INTERVALS)[number]

const HOUR_US = 3_600_000_000
const DAY_US = 24 * HOUR_US

/**
 * Cuts a stretch of time where an interval ends on a clock of the zone: `fromUs`, every such moment behind it, and
 * `beforeUs`; epoch microseconds. So the first bucket and the last may be shorter than the interval, and a day has 23 or 25
 * hours where the clocks change. Null where it would be more than `most` buckets. `fromUs` is before `beforeUs`; a zone as
 * `isZone` knows them.
 */
export function bucketEdges(
  { fromUs, beforeUs }: { fromUs: number; beforeUs: number },
  { interval, zone, most }: { interval: Interval; zone: string; most: number },
): number[] | null {
  assert(fromUs < beforeUs, `from ${fromUs} before ${beforeUs}`)
  const edges = [fromUs]
  for (let edgeUs = nextEdge(fromUs, interval, zone); edgeUs < beforeUs; edgeUs = nextEdge(edgeUs, interval, zone)) {
    edges.push(edgeUs)
    if (edges.length > most) return null
  }
  return [...edges, beforeUs]
}

/** The first moment behind this one at which the interval begins on a clock of the zone. */
function nextEdge(afterUs: number, interval: Interval, zone: string): number {
  if (interval === '15m') return nextOnClock(afterUs, HOUR_US / 4, zone)
  if (interval === 'hour') return nextOnClock(afterUs, HOUR_US, zone)
  const localUs = afterUs + offsetAt(afterUs, zone)
  const next = interval === 'day' ? Math.floor(localUs / DAY_US) * DAY_US + DAY_US : nextMonth(localUs)
  const nextUs = instantOf(next, null, zone)
  assert(nextUs > afterUs, `${interval} after ${afterUs} in ${zone}: ${nextUs}`)
  return nextUs
}

/** The first of the next month on a clock's face, as if it were UTC. */
function nextMonth(localUs: number): number {
  const local = new Date(Math.floor(localUs / 1000))
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) * 1000
}

/**
 * The next moment at which the clock shows a multiple of a width. Nearly always that is so at an offset the zone has now;
 * where the clocks change meanwhile it is so at the one that it has then.
 */
function nextOnClock(afterUs: number, widthUs: number, zone: string): number {
  const candidates: number[] = []
  for (const atUs of [afterUs, afterUs + 2 * widthUs]) {
    const offsetUs = offsetAt(atUs, zone)
    const firstUs = Math.floor((afterUs + offsetUs) / widthUs) * widthUs + widthUs - offsetUs
    for (const timeUs of [firstUs, firstUs + widthUs]) if (offsetAt(timeUs, zone) === offsetUs) candidates.push(timeUs)
  }
  assert(candidates.length > 0, `the clock of ${zone} after ${afterUs}`)
  return Math.min(...candidates)
}
