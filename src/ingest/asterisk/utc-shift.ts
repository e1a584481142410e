import { readTime } from '../../record/time.ts'

/** Asterisk's own ids: `[system name-]epoch.counter`. Programs that originate calls can choose other ones. */
export const CHANNEL_ID = /^(?:.*-)?(\d{9,11})\.\d+$/s

const SECOND_US = 1_000_000
const QUARTER_US = 900 * SECOND_US

/**
 * Microseconds to add to the times of a channel's rows, read in `timeZone`, to have them right. A channel's id holds
 * the epoch second in which it came up, and its first CDR begins in that second or the next; zones differ by quarters
 * of an hour. So where id and `start` are quarters of an hour apart, give or take those seconds, the file is in another
 * zone than was said (`usegmtime` cannot be seen in it), or the start lies in the hour that autumn repeats. Otherwise 0.
 */
export function utcShiftUs(start: string, uniqueid: string | null, timeZone: string): number {
  const epochS = Number(CHANNEL_ID.exec(uniqueid ?? '')?.[1] ?? Number.NaN)
  const startUs = Number.isNaN(epochS) ? null : readTime(start, timeZone)
  if (startUs === null) return 0
  const lateUs = startUs - epochS * SECOND_US
  const quarters = Math.round(lateUs / QUARTER_US)
  const restUs = lateUs - quarters * QUARTER_US
  const isZone = Math.abs(quarters) <= 26 * 4 && restUs >= -SECOND_US && restUs <= 2 * SECOND_US
  return isZone && quarters !== 0 ? -quarters * QUARTER_US : 0
}
