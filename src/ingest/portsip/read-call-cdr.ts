import type { HangupSide } from '../../record/call-record.ts'
import { formatDecimal, parseDecimal } from '../../record/decimal.ts'
import { formatRfc3339 } from '../../record/time.ts'
import type { Reading } from '../reading.ts'
import { type CallTarget, readTargets, type Session } from './call-target.ts'
import { centerFacts } from './center-facts.ts'
import type { EventKeys } from './event-keys.ts'
import { legReading, sessionReading, type Wire } from './leg-facts.ts'
import type { PortsipSource } from './read-event.ts'
import { readHints, readNumber, readSession, type SessionFacts, saidToBeAbsent, type Whose } from './session-facts.ts'
import { isNear } from './target-roles.ts'
import { readEndReason, sideOf } from './words.ts'

/** Events are stamped with whole seconds: a CDR counts as later than every event of its second. */
const AFTER_ALL_OF_ITS_SECOND_US = 999_999

const CENTER = ['ivr', 'queues', 'agents', 'external_numbers', 'requested_callback', 'automated_callback'] as const

interface Given {
  sessionId: string
  source: PortsipSource
  peer: string | null
}

/**
 * Reads a `call_cdr`: the session and each of its targets, from the first ring to the end. It says everything that the
 * events before it could have said, and empties what did not happen, so that it makes no difference which of them came.
 */
export function readCallCdr(keys: EventKeys, { sessionId, source, peer }: Given): Reading[] {
  const facts = readSession(keys, sessionId)
  const times = readTimes(keys)
  const targets = readTargets(keys.raw('call_targets'), times, keys.faults)
  const startedAtUs = Number.isFinite(times.startedAtUs) ? times.startedAtUs : (targets[0]?.startedAtUs ?? Infinity)
  if (!Number.isFinite(startedAtUs) || !Number.isFinite(times.endedAtUs))
    keys.faults.push({ field: 'start_time', detail: 'is needed: no time says when this call was' })
  if (keys.faults.length > 0) return []
  const latestUs = Math.max(times.latestUs, ...targets.map(({ endedAtUs }) => endedAtUs))
  const head = { kind: 'cdr', reported_at: formatRfc3339(latestUs + AFTER_ALL_OF_ITS_SECOND_US) }
  const whose = readHints(keys, facts, peer)
  const hangup = readHangup(keys, ['ended_reason', 'end_reason'])
  const session: Session = {
    direction: facts.direction,
    startedAtUs,
    endedAtUs: times.endedAtUs,
    endReason: hangup.end_reason,
    callee: facts.to.number,
  }
  const center = centerFacts(targets, session, source.services)
  const main = {
    ...head,
    ...facts,
    ...wireTimes({ ...times, startedAtUs }),
    duration: keys.count('talk_duration'),
    hangup: { ...hangup, reroute_reason: readEndReason(keys.text('reroute_reason')) },
    cost: { amount: costOf(keys) ?? sumOf(targets), account: keys.text('billed_account', { most: 128 }) },
    ...(center === null ? {} : { center }),
    clear: [...saidToBeAbsent(keys, facts), ...unhappened(times), ...CENTER.map((name) => `center.${name}`)],
  }
  const given = { head, facts, session, side: hangup.side, whose }
  return [sessionReading(main, whose), ...targets.map((target) => readLeg(target, given))]
}

interface Times {
  startedAtUs: number
  rangAtUs: number | null
  answeredAtUs: number | null
  endedAtUs: number
  latestUs: number
}

/** Infinite where no time is told at all; the start is the first and the end the last, where they are not told. */
function readTimes(keys: EventKeys): Times {
  const rangAtUs = keys.timeUs('ring_time')
  const answeredAtUs = keys.timeUs('answered_time')
  const told = [keys.timeUs('start_time'), rangAtUs, answeredAtUs, keys.timeUs('ended_time'), keys.timeUs('time')]
  const known = told.filter((timeUs) => timeUs !== null)
  const latestUs = Math.max(...known)
  const [startedAtUs = null, , , endedAtUs = null] = told
  return {
    startedAtUs: startedAtUs ?? Math.min(...known),
    rangAtUs,
    answeredAtUs,
    endedAtUs: endedAtUs ?? latestUs,
    latestUs,
  }
}

function wireTimes({ startedAtUs, rangAtUs, answeredAtUs, endedAtUs }: Omit<Times, 'latestUs'>): Wire {
  return {
    started_at: formatRfc3339(startedAtUs),
    rang_at: rangAtUs === null ? null : formatRfc3339(rangAtUs),
    answered_at: answeredAtUs === null ? null : formatRfc3339(answeredAtUs),
    ended_at: formatRfc3339(endedAtUs),
  }
}

function unhappened({ rangAtUs, answeredAtUs }: Pick<Times, 'rangAtUs' | 'answeredAtUs'>): string[] {
  return [...(rangAtUs === null ? ['rang_at'] : []), ...(answeredAtUs === null ? ['answered_at'] : [])]
}

/** Status 0 is "no error", which an answered call shows anyway. */
function readHangup(keys: EventKeys, reasonKeys: readonly string[]) {
  const endReason = readEndReason(keys.text(reasonKeys))
  const code = keys.count('status_code')
  const sipStatus = code === null || code < 100 || code > 699 ? null : code
  return { side: sideOf({ endReason, sipStatus }), sip_status: sipStatus, end_reason: endReason }
}

interface LegGiven {
  head: Wire
  facts: SessionFacts
  session: Session
  /** Which side ended the session. */
  side: HangupSide | null
  whose: Whose
}

function readLeg(target: CallTarget, given: LegGiven): Reading {
  const { keys, address, number, destination, ordinal } = target
  const { head, facts, whose } = given
  const did = readNumber(keys, ['did', 'did_cid'])
  const outboundCallerId = readNumber(keys, ['outbound_caller_id'])
  const leg = {
    ...head,
    from: { number: readNumber(keys, ['caller']) },
    to: { number: number === '' ? null : number },
    destination,
    did,
    outbound_caller_id: outboundCallerId,
    trunk: { name: keys.text('trunk_name') },
    ...wireTimes(target),
    duration: keys.count('talk_duration'),
    hangup: legHangup(target, given),
    cost: { amount: costOf(keys) },
    clear: [
      ...unhappened(target),
      ...(keys.has('did', 'did_cid') && did === null ? ['did'] : []),
      ...(keys.has('outbound_caller_id') && outboundCallerId === null ? ['outbound_caller_id'] : []),
    ],
  }
  return legReading(leg, { session: facts, endpoint: address.endpoint, ordinal, whose })
}

/**
 * The PBX cancels a target when the caller gives up, and also when another one answers. Of who talked until the end of
 * the session PortSIP writes no reason; it ended as the session did.
 */
function legHangup({ keys, endReason, answeredAtUs, endedAtUs }: CallTarget, { session, side }: LegGiven) {
  const hangup = readHangup(keys, ['end_reason', 'ended_reason'])
  const isLast = isNear(endedAtUs, session.endedAtUs)
  if (endReason === 'CANCELLED') return { ...hangup, side: isLast && side === 'caller' ? 'caller' : 'platform' }
  return endReason === null && answeredAtUs !== null && isLast ? { ...hangup, side } : hangup
}

const COST_PLACES = 6
/** More is no price of a call; 200 of them are still exact. */
const MOST_COST = 1_000_000

/** An amount with at most six decimals, `null` where none can be read. */
function costOf(keys: EventKeys): string | null {
  const amount = Number(keys.text('cost', { zero: true }) ?? Number.NaN)
  return Number.isFinite(amount) && Math.abs(amount) < MOST_COST ? amount.toFixed(COST_PLACES) : null
}

/** What the targets cost together; null where none says what it cost. */
function sumOf(targets: readonly CallTarget[]): string | null {
  const costs = targets.flatMap(({ keys }) => costOf(keys) ?? [])
  if (costs.length === 0) return null
  const micros = costs.map((cost) => parseDecimal(cost, COST_PLACES) ?? 0).reduce((sum, cost) => sum + cost, 0)
  return formatDecimal(micros, COST_PLACES)
}
