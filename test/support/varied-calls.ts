import fc from 'fast-check'
import { DIRECTIONS, LEGS } from '../../src/record/call-record.ts'
import type { Report } from '../../src/record/report.ts'
import { ARRIVED_AT_US, aBody, type Body, reportOf } from './a-report.ts'
import { anyBody } from './any-body.ts'

export const uuidOf = (ordinal: number): string => `00000000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`

const agent = (id: number) => ({ id, alias: `agent ${id}`, started_at: '2024-01-15T14:28:55Z' })
const contact = (...list_ids: number[]) => ({ id: list_ids.length, list_ids })
const queue = (group: number) => ({ ring_group: { id: group }, queued_at: `2024-01-15T14:28:5${group}Z` })
const NUMBER = { id: 1, number: '+13128574907' }

/** Values that several calls share, so that a filter finds some and not all; they come around at different lengths. */
const SHARED: Record<string, readonly unknown[]> = {
  leg: LEGS,
  direction: DIRECTIONS,
  tags: [['vip'], ['vip', 'sales'], null, [], ['Sales']],
  source: ['fs-london', 'fs-paris', 'pbx_1', 'a.b'],
  started_at: ['2024-01-15T14:28:48Z', '2024-01-15T14:28:48.000001Z', '2023-06-01T00:00:00Z'],
  rang_at: ['2024-01-15T14:28:50Z', null],
  answered_at: ['2024-01-15T14:29:00Z', null, '2024-01-15T14:28:59.999999Z'],
  ended_at: ['2024-01-15T14:32:00Z', '2024-01-15T14:31:00Z', null, '2024-01-15T14:32:00Z', '2024-01-15T14:30:00Z'],
  parent_uuid: [null, null, uuidOf(1)],
  center: [
    { agents: [agent(1), agent(2)], contact: contact(1, 2), survey_ids: [1], ring_group: { id: 1 } },
    null,
    { agents: [agent(1), { ...agent(1), started_at: '2024-01-15T14:29:00Z' }], contact: contact(2), number: NUMBER },
    { queues: [queue(1), queue(2)], survey_ids: [1, 2], requested_callback: true, call_types: ['callback'] },
    { agents: [agent(2)], contact: contact(1, 3), survey_ids: [2, 3], disposition: { id: 1 }, ivr: { id: 1 } },
  ],
}

function sharedPart(ordinal: number): Body {
  const drawn = Object.entries(SHARED).map(([name, values], at) => [name, values[(ordinal + at) % values.length]])
  return aBody({ ...Object.fromEntries(drawn), end_inferred: ordinal % 7 === 0 })
}

/**
 * Reports of `count` calls of one account that differ in every field: the odd ones are made up of anything there can
 * be, the even ones share their values. The same calls for the same seed.
 */
export function variedReports({
  count,
  seed,
  accountId,
}: {
  count: number
  seed: number
  accountId?: string
}): Report[] {
  const bodies = fc.sample(anyBody({ share: 4 }), { numRuns: count, seed })
  return bodies.map((body, ordinal) => {
    const { started_at, rang_at, answered_at, ended_at, ...rest } = body
    const shared = ordinal % 2 === 0 ? { ...rest, ...sharedPart(ordinal) } : body
    const over = { arrivedAtUs: ARRIVED_AT_US + (ordinal % 5), ...(accountId === undefined ? {} : { accountId }) }
    return reportOf({ ...shared, call_uuid: uuidOf(ordinal + 1) }, over)
  })
}
