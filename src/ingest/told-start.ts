import { readTime } from '../record/time.ts'
import { utcTimeUs } from '../record/utc-time.ts'
import { FUTURE_US } from './native/read-report.ts'

/**
 * Epoch us at which a call began, as a record in the native form says; null where it does not, where nobody can read it,
 * and where it is of the future by `nowUs`: that is a wrong clock.
 */
export function toldStartUs(record: unknown, { nowUs }: { nowUs: number }): number | null {
  if (typeof record !== 'object' || record === null) return null
  const { started_at } = record as Record<string, unknown>
  const toldUs = typeof started_at === 'string' ? (utcTimeUs(started_at) ?? readTime(started_at, 'UTC')) : null
  return toldUs !== null && toldUs <= nowUs + FUTURE_US ? toldUs : null
}
