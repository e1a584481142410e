import type { CenterSettings } from '../record/account.ts'
import { CALL_TYPES, type CallRecord, type CallType } from '../record/call-record.ts'
import { isOpen } from './open-hours.ts'
import { type CallSettings, settingsOfCall } from './settings-of-call.ts'

/** What call types follow from. */
export type CenterCall = Pick<CallRecord, 'direction' | 'startedAtUs' | 'answeredAtUs' | 'endedAtUs' | 'center'> & {
  hangup: Pick<CallRecord['hangup'], 'side' | 'by' | 'sipStatus'>
  /** Of a B leg there are no types: they say how a conversation went. */
  leg?: CallRecord['leg']
}

/**
 * The types of an ended call, all that hold, in the order of `CALL_TYPES`; none for a live call and a B leg, and for one that is
 * neither inbound nor outbound only what says how it was handed on. `settings` are those of the account at the end of
 * the call. docs/contact-centre.md has the predicates; times are compared in microseconds.
 */
export function callTypes(call: CenterCall, settings: CenterSettings): CallType[] {
  if (call.endedAtUs === null || call.leg === 'b') return []
  if (call.center === null) return plainTypes(call, settings)
  const types = new Set<CallType>()
  if (call.direction === 'inbound') addInbound(types, call, settingsOfCall(call, settings))
  if (call.direction === 'outbound') addOutbound(types, call)
  const { agents, externalNumbers, automatedCallback } = call.center
  for (const { transfer } of [...agents, ...externalNumbers]) {
    if (transfer === 'blind') types.add('transfer')
    if (transfer === 'warm') types.add('warm_transfer')
  }
  if (automatedCallback) types.add('automated_callback')
  return CALL_TYPES.filter((type) => types.has(type))
}

/** As for any call, without a set: most calls are plain, and each is classified while it is stored. */
function plainTypes(call: CenterCall, settings: CallSettings): CallType[] {
  const { direction, answeredAtUs } = call
  if (direction === 'outbound')
    return ['all_outbound', answeredAtUs === null ? 'outbound_not_answered' : 'outbound_answered']
  if (direction !== 'inbound') return []
  const closed: CallType[] = isOpen(settings, call.startedAtUs) ? [] : ['out_of_business_hours']
  if (answeredAtUs !== null) return ['all_inbound', 'inbound_answered', inTimeType(call, settings), ...closed]
  if (closed.length === 0 && isHungUpByCaller(call) && isShort(call, settings))
    return ['all_inbound', 'short_abandoned']
  return ['all_inbound', ...closed]
}

function addOutbound(types: Set<CallType>, { answeredAtUs }: CenterCall): void {
  types.add('all_outbound')
  types.add(answeredAtUs === null ? 'outbound_not_answered' : 'outbound_answered')
}

function addInbound(types: Set<CallType>, call: CenterCall, settings: CallSettings): void {
  types.add('all_inbound')
  const answered = agentAnsweredAtUs(call) !== null
  const closed = isClosed(call, settings)
  const calledBack = asksForCallback(call)
  if (closed) types.add('out_of_business_hours')
  if (calledBack) types.add('callback')
  if (isOverflowed(call)) types.add('overflowed')
  if (answered) types.add('inbound_answered').add(inTimeType(call, settings))
  if (answered || closed || calledBack) return
  const distributed = isDistributed(call)
  if (isHungUpByCaller(call) && isShort(call, settings))
    types.add(distributed ? 'short_abandoned_distributed' : 'short_abandoned')
  else if (isQueued(call)) {
    if (isHungUpByCaller(call)) types.add(distributed ? 'abandoned_distributed' : 'abandoned')
  } else if (call.center?.ivr != null && !distributed) types.add('inbound_ivr_exit')
}

function inTimeType(call: CenterCall, settings: CallSettings): CallType {
  return waitUs(call) <= settings.serviceLevelS * 1_000_000
    ? 'inbound_answered_within_sla'
    : 'inbound_answered_but_not_within_sla'
}

function isShort(call: CenterCall, { shortAbandonS }: CallSettings): boolean {
  return waitUs(call) < shortAbandonS * 1_000_000
}

/** It came outside business hours, or a queue says that it was closed and nobody answered before it was left so. */
function isClosed(call: CenterCall, settings: CallSettings): boolean {
  return !isOpen(settings, call.startedAtUs) || isLeftUnanswered(call, 'closed')
}

/** A queue that it came to gave it away unanswered: too long a wait, full, nobody there. */
function isOverflowed(call: CenterCall): boolean {
  return isLeftUnanswered(call, 'overflow')
}

/** Whether a queue was left in this way before any agent answered. */
function isLeftUnanswered(call: CenterCall, leftBy: 'overflow' | 'closed'): boolean {
  const answeredAtUs = agentAnsweredAtUs(call) ?? Number.POSITIVE_INFINITY
  return (call.center?.queues ?? []).some(
    (queue) => queue.leftBy === leftBy && (queue.leftAtUs ?? queue.queuedAtUs ?? 0) <= answeredAtUs,
  )
}

function asksForCallback({ center }: CenterCall): boolean {
  return center !== null && (center.requestedCallback || center.queues.some(({ leftBy }) => leftBy === 'callback'))
}

/** It came to a queue, or to a ring group of which no queue entry is known. */
function isQueued({ center }: CenterCall): boolean {
  return center !== null && (center.queues.length > 0 || center.ringGroup !== null)
}

/** The device of an agent was rung for it. */
function isDistributed({ center }: CenterCall): boolean {
  return (
    center !== null &&
    (center.agents.length > 0 || center.queues.some(({ distributedAtUs }) => distributedAtUs !== null))
  )
}

/**
 * Asked of a call that no agent answered: whether the caller gave up. The last queue says so, or where it does not say
 * how it was left, the end of the call does not say otherwise: not the called end or the platform ended it, and no SIP
 * status refused it.
 */
function isHungUpByCaller({ center, hangup: { side, by, sipStatus } }: CenterCall): boolean {
  const leftBy = center?.queues.at(-1)?.leftBy ?? null
  if (leftBy !== null) return leftBy === 'hangup'
  if (side !== null) return side === 'caller'
  return by !== 'platform' && (sipStatus === null || sipStatus < 300 || sipStatus === 487)
}

/**
 * When a person took the call, epoch microseconds; null when none did. Inbound: the first answer of an agent, not of an
 * IVR or a voicemail; where no agent's is known, the time that a queue was left by an answer. Without an IVR and queues
 * the call's own answer counts, unless agents are named and none was on the call then. Outbound and otherwise: the
 * answer of the far end.
 */
export function agentAnsweredAtUs(call: Omit<CenterCall, 'hangup'>): number | null {
  const { direction, answeredAtUs, center } = call
  if (center === null || direction !== 'inbound') return answeredAtUs
  const { agents, queues, ivr } = center
  const answers = agents.flatMap((agent) => agent.answeredAtUs ?? [])
  if (answers.length > 0) return Math.min(...answers)
  const queue = queues.find(({ leftBy }) => leftBy === 'answer')
  if (queue !== undefined) return queue.leftAtUs ?? Math.max(answeredAtUs ?? 0, queuedAtUs(call))
  if (ivr !== null || queues.length > 0 || answeredAtUs === null) return null
  return agents.length === 0 || agents.some((agent) => isOnTheCall(agent, answeredAtUs)) ? answeredAtUs : null
}

/** Whether an agent had been rung by a time and was not gone yet; one of whom no times are known always was there. */
export function isOnTheCall(
  { startedAtUs, endedAtUs }: NonNullable<CallRecord['center']>['agents'][number],
  atUs: number,
): boolean {
  return (startedAtUs ?? atUs) <= atUs && (endedAtUs ?? Number.POSITIVE_INFINITY) > atUs
}

/** When the caller began to wait for a person: at the first queue, or at the start where there was none. */
function queuedAtUs({ startedAtUs, center }: Pick<CenterCall, 'startedAtUs' | 'center'>): number {
  const first = center?.queues[0]
  return first?.queuedAtUs ?? first?.distributedAtUs ?? startedAtUs
}

/** Microseconds that the caller waited for a person, or until the end: 0 or more. Infinite for who still waits. */
function waitUs(call: Omit<CenterCall, 'hangup'>): number {
  const untilUs = agentAnsweredAtUs(call) ?? call.endedAtUs ?? Number.POSITIVE_INFINITY
  return Math.max(0, untilUs - waitsFromUs(call))
}

function waitsFromUs(call: Omit<CenterCall, 'hangup'>): number {
  return call.direction === 'inbound' ? queuedAtUs(call) : call.startedAtUs
}

/**
 * Seconds that the caller waited, from the first queue (else the start) to the first agent's answer (else the end);
 * outbound from the start to the far end's answer. The difference of the whole epoch seconds, so that it and `talkS`
 * add up; null for who still waits.
 */
export function waitS(call: Omit<CenterCall, 'hangup'>): number | null {
  const untilUs = agentAnsweredAtUs(call) ?? call.endedAtUs
  return untilUs === null ? null : wholeSeconds(waitsFromUs(call), untilUs)
}

/** Seconds from `agentAnsweredAtUs` to the end, the difference of the whole epoch seconds; 0 without either. */
export function talkS(call: Omit<CenterCall, 'hangup'>): number {
  const fromUs = agentAnsweredAtUs(call)
  return fromUs === null || call.endedAtUs === null ? 0 : wholeSeconds(fromUs, call.endedAtUs)
}

function wholeSeconds(fromUs: number, toUs: number): number {
  return Math.max(0, Math.floor(toUs / 1_000_000) - Math.floor(fromUs / 1_000_000))
}

/** Whether a person took the call within the service level of its ring group, else of the account; live calls too. */
export function answeredWithinServiceLevel(call: Omit<CenterCall, 'hangup'>, settings: CenterSettings): boolean {
  return agentAnsweredAtUs(call) !== null && endedWithinServiceLevel(call, settings)
}

/** Whether the wait for a person was over, by an answer or by the end, within the service level. */
export function endedWithinServiceLevel(call: Omit<CenterCall, 'hangup'>, settings: CenterSettings): boolean {
  return waitUs(call) <= settingsOfCall(call, settings).serviceLevelS * 1_000_000
}

/** Types that name a call, the most specific first. */
const PRECEDENCE = [
  'out_of_business_hours',
  'callback',
  'overflowed',
  'short_abandoned',
  'short_abandoned_distributed',
  'abandoned',
  'abandoned_distributed',
  'inbound_ivr_exit',
] as const satisfies readonly CallType[]
export type SpecificType = (typeof PRECEDENCE)[number] | 'answered' | 'not_answered'

/** One word for how a call went: NectarDesk's `type`. Also of a live call, which has no call types yet. */
export function mostSpecificType(call: Omit<CenterCall, 'hangup'> & Pick<CallRecord, 'callTypes'>): SpecificType {
  const types = call.callTypes
  const named = PRECEDENCE.find((type) => types.includes(type))
  if (named !== undefined) return named
  if (types.includes('inbound_answered') || types.includes('outbound_answered')) return 'answered'
  const isStated = types.includes('all_inbound') || types.includes('all_outbound')
  return !isStated && agentAnsweredAtUs(call) !== null ? 'answered' : 'not_answered'
}
