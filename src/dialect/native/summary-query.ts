import type { AccountSettings } from '../../record/account.ts'
import { bucketEdges, INTERVALS, type Interval } from '../../record/bucket-edges.ts'
import { readTime } from '../../record/time.ts'
import { isZone } from '../../record/zone.ts'
import { MOST_BUCKETS, type SummaryQuery } from '../../store/summary.ts'
import { badRequest } from '../fault.ts'
import type { Parameters } from './query.ts'

/** What `GET /summary` asks. */
export interface NativeSummary extends Omit<SummaryQuery, 'accountId'> {
  interval: Interval
  zone: string
}

const NAMES = new Set(['by', 'from', 'to', 'interval', 'time_zone', 'legs'])
const TIMES: Record<string, SummaryQuery['by']> = { started_at: 'startedAtUs', ended_at: 'endedAtUs' }

/** Reads the parameters of a summary; throws `bad_request` naming the one that is wrong. */
export function readSummary(parameters: Parameters, settings: Pick<AccountSettings, 'timeZone'>): NativeSummary {
  for (const name of Object.keys(parameters))
    if (!NAMES.has(name)) throw badRequest(name.slice(0, 100), 'is not a parameter of this request')
  const by = oneOf(parameters, { name: 'by', among: Object.keys(TIMES), usual: 'started_at' })
  const interval = oneOf(parameters, { name: 'interval', among: INTERVALS, usual: 'day' }) as Interval
  const legs = oneOf(parameters, { name: 'legs', among: ['primary', 'all'], usual: 'primary' }) as SummaryQuery['legs']
  const zone = single(parameters, 'time_zone') ?? settings.timeZone
  if (!isZone(zone)) throw badRequest('time_zone', 'must be an IANA name such as Europe/London, or an offset')
  const [fromUs, beforeUs] = [timeOf(parameters, 'from', zone), timeOf(parameters, 'to', zone)]
  if (fromUs >= beforeUs) throw badRequest('to', 'must be after from')
  const edgesUs = bucketEdges({ fromUs, beforeUs }, { interval, zone, most: MOST_BUCKETS })
  if (edgesUs === null)
    throw badRequest('interval', `gives more than ${MOST_BUCKETS} buckets: take a longer one, or less time`)
  return { by: TIMES[by] as SummaryQuery['by'], edgesUs, legs, interval, zone }
}

function oneOf(
  parameters: Parameters,
  { name, among, usual }: { name: string; among: readonly string[]; usual: string },
): string {
  const value = single(parameters, name) ?? usual
  if (!among.includes(value)) throw badRequest(name, `must be one of ${among.join(', ')}`)
  return value
}

function timeOf(parameters: Parameters, name: string, zone: string): number {
  const value = single(parameters, name)
  if (value === undefined) throw badRequest(name, 'is missing')
  const timeUs = readTime(value, zone)
  if (timeUs === null) throw badRequest(name, 'must be a time such as 2024-01-15T14:28:48Z or 2024-01-15')
  return timeUs
}

function single(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name]
  if (Array.isArray(value)) throw badRequest(name, 'is given more than once')
  return value
}
