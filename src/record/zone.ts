import assert from 'node:assert'
import { Temporal } from 'temporal-polyfill'

const MINUTE_US = 60_000_000

/** Whether the name is a zone that times are read in: `UTC`, `+05:30`, `-0800`, `Europe/London`. Case does not count. */
export function isZone(name: string): boolean {
  return findZone(name) !== null
}

/** A zone: where its offset (local minus UTC) never changes, that offset; else its years, filled as they are needed. */
type Zone = { fixedUs: number } | { fixedUs: null; name: string; years: Map<number, Period[]> }

/** From `fromUs`, until the next period of the list, the zone has this offset. */
interface Period {
  fromUs: number
  offsetUs: number
}

const MAX_ZONES = 2000 // about 600 names exist, but their case does not count
const zones = new Map<string, Zone>()

function zoneNamed(name: string): Zone {
  const zone = findZone(name)
  assert(zone !== null, `zone: ${name}`)
  return zone
}

function findZone(name: string): Zone | null {
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = makeZone(name)
  if (zone !== null && zones.size < MAX_ZONES) zones.set(name, zone)
  return zone
}

function makeZone(name: string): Zone | null {
  const fixedUs = /^(?:utc|etc\/utc|gmt|z|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?)$/i.test(name)
    ? offsetUsOf(name.replace(/^etc\//i, ''))
    : undefined
  if (fixedUs !== undefined) return { fixedUs }
  if (!/^[a-z]/i.test(name)) return null
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
  return { fixedUs: null, name, years: new Map() }
}

/** The instant of a clock's face (microseconds as if it were UTC) at a written offset, else in a zone. */
export function instantOf(localUs: number, offsetUs: number | null, zoneName: string): number {
  if (offsetUs !== null) return localUs - offsetUs
  if (zoneName === 'UTC') return localUs
  const zone = zoneNamed(zoneName)
  if (zone.fixedUs !== null) return localUs - zone.fixedUs
  const periods = periodsAround(localUs, zone)
  for (const [at, { fromUs, offsetUs }] of periods.entries()) {
    const timeUs = localUs - offsetUs
    const nextUs = periods[at + 1]?.fromUs ?? Number.POSITIVE_INFINITY
    if (timeUs < nextUs) return at > 0 && timeUs < fromUs ? localUs - (periods[at - 1]?.offsetUs ?? 0) : timeUs
  }
  throw new Error(`no offset of ${zoneName} at ${localUs}`)
}

/** Local minus UTC in a zone at an instant, microseconds. Throws for an unknown zone. */
export function offsetAt(timeUs: number, zoneName: string): number {
  const zone = zoneNamed(zoneName)
  if (zone.fixedUs !== null) return zone.fixedUs
  return periodsAround(timeUs, zone).findLast(({ fromUs }, at) => at === 0 || fromUs <= timeUs)?.offsetUs ?? 0
}

/** The zone's periods from two days before the year of `timeUs` to two days after it: no offset is as long. */
function periodsAround(timeUs: number, zone: Zone & { fixedUs: null }): Period[] {
  const year = new Date(Math.floor(timeUs / 1000)).getUTCFullYear()
  const known = zone.years.get(year)
  if (known !== undefined) return known
  const beforeMs = Date.UTC(year + 1, 0, 3)
  const periods: Period[] = []
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(
    Date.UTC(year - 1, 11, 30),
  ).toZonedDateTimeISO(zone.name)
  while (at !== null && at.epochMilliseconds < beforeMs) {
    periods.push({ fromUs: at.epochMilliseconds * 1000, offsetUs: at.offsetNanoseconds / 1000 })
    at = at.getTimeZoneTransition('next')
  }
  zone.years.set(year, periods)
  return periods
}

const OFFSET = /^ *(?:z|(?:utc?|gmt)?(?:([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?)$/i
const OFFSET_WITHOUT_PLUS = /^( )([01]\d|2[0-3]):?([0-5]\d)$/

/** What stands after a time: `z`, ` UTC`, `+0530`, ` +05:30`, `GMT+01`; undefined when it is no offset. */
export function offsetUsOf(text: string): number | undefined {
  if (text === 'Z') return 0
  const match = OFFSET.exec(text) ?? OFFSET_WITHOUT_PLUS.exec(text)
  if (match === null) return undefined
  const [, sign, hours, minutes] = match
  const offsetUs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_US
  return sign === '-' ? -offsetUs : offsetUs
}
