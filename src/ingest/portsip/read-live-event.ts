import { formatRfc3339 } from '../../record/time.ts'
import type { Reading } from '../reading.ts'
import { readAddress } from './address.ts'
import { ivrFacts, ringGroup } from './center-facts.ts'
import type { EventKeys } from './event-keys.ts'
import { legReading, sessionReading, type Wire } from './leg-facts.ts'
import type { PortsipSource } from './read-event.ts'
import { readHints, readSession, type SessionFacts } from './session-facts.ts'
import { serviceOf } from './target-roles.ts'

/** What each event about a target says of its leg, by the event's time. */
const OF_LEG: Record<string, (at: string) => Wire> = {
  cdr_target_add: (at) => ({ started_at: at }),
  cdr_target_ringing: (at) => ({ rang_at: at }),
  cdr_target_answer: (at) => ({ answered_at: at }),
  cdr_target_noanswer: (at) => ({ kind: 'end', ended_at: at }),
  cdr_target_fail: (at) => ({ kind: 'end', ended_at: at }),
  cdr_target_end: (at) => ({ kind: 'end', ended_at: at }),
}

export function isLiveEvent(type: string): boolean {
  return type === 'call_start' || type === 'call_update_info' || Object.hasOwn(OF_LEG, type)
}

interface Given {
  type: string
  sessionId: string
  source: PortsipSource
  peer: string | null
}

/**
 * Reads any event but `call_cdr`. None is of kind `start`, which would count before the CDR: what a call is in the end
 * must not depend on which of these arrived.
 */
export function readLiveEvent(keys: EventKeys, { type, sessionId, source, peer }: Given): Reading[] {
  const atUs = keys.timeUs('time')
  if (atUs === null) {
    keys.faults.push({ field: 'time', detail: 'is needed: it tells which of two events is the newer' })
    return []
  }
  const at = formatRfc3339(atUs)
  const session = readSession(keys, sessionId)
  const whose = readHints(keys, session, peer)
  const head = { kind: 'update', reported_at: at }
  const ofLeg = OF_LEG[type]
  if (ofLeg === undefined) {
    const started = type === 'call_start' ? { started_at: at } : {}
    return [sessionReading({ ...head, ...session, ...started }, whose)]
  }
  const target = readAddress(keys.text(['destination', 'destiantion'], { zero: true }))
  // The cdr_id of these is not said to be the session's.
  const main = {
    ...head,
    ...session,
    source_id: null,
    ...ofSession(type, { number: target?.number ?? '', at, atUs, source }),
  }
  if (target === null) return [sessionReading(main, whose)]
  const leg = { ...head, ...legFacts(keys, session), to: { number: target.number }, ...ofLeg(at) }
  return [sessionReading(main, whose), legReading(leg, { session, endpoint: target.endpoint, ordinal: 1, whose })]
}

function legFacts(keys: EventKeys, { from, did, outbound_caller_id }: SessionFacts): Wire {
  return {
    from: { number: from.number },
    destination: keys.text(['destination', 'destiantion'], { zero: true }),
    did,
    outbound_caller_id,
  }
}

/**
 * What an event about a target says of the session. Only the source's services tell that a target is a queue or an IVR:
 * by itself any first target of a call could be. A stay in a queue is known by when it began, which the event at its
 * end does not say; so that one takes away the stays before it and leaves one that has ended.
 */
function ofSession(type: string, given: { number: string; at: string; atUs: number; source: PortsipSource }): Wire {
  const { number, at, atUs, source } = given
  if (type === 'cdr_target_answer') return { answered_at: at }
  const service = serviceOf(number, source.services)
  const isBegin = type === 'cdr_target_add'
  if (service?.kind === 'ivr' && isBegin) return { center: { ivr: ivrFacts(number, atUs, source.services) } }
  if (service?.kind !== 'queue') return {}
  const group = ringGroup(number, source.services)
  if (isBegin) return { center: { queues: [{ ring_group: group, queued_at: at }] } }
  if (!ENDS.has(type) || group === null) return {}
  return { center: { queues: [{ ring_group: group, left_at: at }] }, clear: ['center.queues'] }
}

const ENDS = new Set(['cdr_target_noanswer', 'cdr_target_fail', 'cdr_target_end'])
