import type { AccountSettings, CenterSettings } from '../record/account.ts'
import { offsetAt } from '../record/zone.ts'

const MINUTE_US = 60_000_000
const DAY_US = 1440 * MINUTE_US

/**
 * Whether somebody works at an instant (epoch microseconds), by the local clock and date of the zone. No business hours
 * are open always, holidays apart. A span counts from its first minute to before its last; one whose end is before its
 * begin goes on after midnight, on the day after that of its begin. A holiday closes the whole local date, also for a
 * span that began on the eve.
 */
export function isOpen(
  { timeZone, businessHours, holidays }: Pick<CenterSettings, 'timeZone' | 'businessHours' | 'holidays'>,
  atUs: number,
): boolean {
  if (businessHours.length === 0 && holidays.length === 0) return true
  const localUs = atUs + offsetAt(atUs, timeZone)
  const day = Math.floor(localUs / DAY_US)
  if (holidays.length > 0 && holidayDays(holidays).has(day)) return false
  if (businessHours.length === 0) return true
  return (
    (minutesOpen(businessHours)[weekday(day)] as boolean[])[Math.floor((localUs - day * DAY_US) / MINUTE_US)] === true
  )
}

/** 1 to 7, Monday to Sunday, of a day since 1970-01-01, a Thursday. */
function weekday(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

const knownHolidays = new WeakMap<object, Set<number>>()

/** Holidays as days since 1970-01-01; worked out once for each list, which nobody changes. */
function holidayDays(holidays: AccountSettings['holidays']): Set<number> {
  const known = knownHolidays.get(holidays)
  if (known !== undefined) return known
  const days = new Set(holidays.map((date) => Date.parse(date) / 86_400_000))
  knownHolidays.set(holidays, days)
  return days
}

const knownHours = new WeakMap<object, boolean[][]>()

/** For each ISO week day, which of its 1440 minutes are open; worked out once for each list, which nobody changes. */
function minutesOpen(businessHours: AccountSettings['businessHours']): boolean[][] {
  const known = knownHours.get(businessHours)
  if (known !== undefined) return known
  const open = Array.from({ length: 8 }, () => new Array<boolean>(1440).fill(false))
  for (const { days, from, to } of businessHours) {
    const [first, end] = [minuteOf(from), minuteOf(to)]
    for (const day of days) {
      open[day]?.fill(true, first, first < end ? end : 1440)
      if (first > end) open[(day % 7) + 1]?.fill(true, 0, end)
    }
  }
  knownHours.set(businessHours, open)
  return open
}

/** `09:30` -> 570; `24:00` -> 1440. */
function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
}
