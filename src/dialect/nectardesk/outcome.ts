import {
  agentAnsweredAtUs,
  answeredWithinServiceLevel,
  isOnTheCall,
  mostSpecificType,
  talkS,
} from '../../center/call-types.ts'
import { centerSettingsAt, type DerivingSettings } from '../../record/account.ts'
import type { CallRecord, CallType } from '../../record/call-record.ts'
import type { NectarDeskCall } from './schema.ts'

type Agent = NonNullable<CallRecord['center']>['agents'][number]

/** How a call went, as a row tells it. */
export interface Outcome
  extends Pick<
    NectarDeskCall,
    'is_answered' | 'is_in_queue' | 'duration' | 'talk_time' | 'type' | 'is_answered_within_sla'
  > {
  answeredAgents: readonly Agent[]
}

/**
 * What became of a call, or has become of one that goes on, at `nowUs`. Answered means by a person, not by an IVR. What
 * its call types say comes first, so that a row and the filter by `callType` agree.
 */
export function outcomeOf(
  call: CallRecord,
  { settings, nowUs }: { settings: DerivingSettings; nowUs: number },
): Outcome {
  const personAtUs = agentAnsweredAtUs(call)
  const isAnswered = said(call, ['inbound_answered', 'outbound_answered'], ['all_inbound', 'all_outbound'])
  return {
    is_answered: isAnswered ?? personAtUs !== null,
    is_in_queue: call.endedAtUs === null && personAtUs === null && isWaiting(call),
    duration: call.durationS ?? secondsSince(call.answeredAtUs, nowUs),
    talk_time: talkTime(call, personAtUs, nowUs),
    type: mostSpecificType(call),
    is_answered_within_sla:
      said(call, ['inbound_answered_within_sla'], ['all_inbound']) ??
      answeredWithinServiceLevel(call, centerSettingsAt(settings, call.endedAtUs ?? nowUs)),
    answeredAgents: answeredAgents(call, personAtUs),
  }
}

/** True where the call is of one of these types, false where it is only of one of those; null: neither. */
function said({ callTypes }: CallRecord, these: readonly CallType[], those: readonly CallType[]): boolean | null {
  if (these.some((type) => callTypes.includes(type))) return true
  return those.some((type) => callTypes.includes(type)) ? false : null
}

/** In a queue that was not left. The record's state is `queued` as well of a caller whom a person talked to before. */
function isWaiting({ center }: CallRecord): boolean {
  return center?.queues.some(({ leftAtUs, leftBy }) => leftAtUs === null && leftBy === null) ?? false
}

/** The duration where both begin with the same answer: a source may have stated it. */
function talkTime(call: CallRecord, personAtUs: number | null, nowUs: number): number {
  if (call.endedAtUs === null) return secondsSince(personAtUs, nowUs)
  return personAtUs !== null && personAtUs === call.answeredAtUs && call.durationS !== null
    ? call.durationS
    : talkS(call)
}

/**
 * The agents that took the call: those with an answer of their own. Where none has one and a person did answer: of an
 * outbound call all of them, who placed it; of any other those that were on the call at that moment.
 */
function answeredAgents({ direction, center }: CallRecord, personAtUs: number | null): readonly Agent[] {
  const agents = center?.agents ?? []
  const answered = agents.filter(({ answeredAtUs }) => answeredAtUs !== null)
  if (answered.length > 0 || personAtUs === null) return answered
  if (direction === 'outbound') return agents
  return agents.filter((agent) => isOnTheCall(agent, personAtUs))
}

/** The difference of the whole epoch seconds, as everywhere; 0 for what has not happened. */
function secondsSince(atUs: number | null, nowUs: number): number {
  return atUs === null ? 0 : Math.max(0, unixSeconds(nowUs) - unixSeconds(atUs))
}

export function unixSeconds(timeUs: number): number {
  return Math.floor(timeUs / 1_000_000)
}
