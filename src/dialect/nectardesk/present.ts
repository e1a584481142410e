import type { DerivingSettings } from '../../record/account.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { originalUuidOf } from './original-calls.ts'
import { outcomeOf, unixSeconds } from './outcome.ts'
import { contactOf, ownNumberOf } from './parties.ts'
import type { NectarDeskAgent, NectarDeskCall } from './schema.ts'

/** What a row shows beside its record. */
export interface Around {
  /** Our ids of the calls that others came of, by UUID; one that is not there does not exist. */
  originalIds: ReadonlyMap<string, number>
  settings: DerivingSettings
  /** Epoch microseconds: how far a call that goes on has come. */
  nowUs: number
}

/** A call as NectarDesk's `GET /calls/` writes it. What a call does not have is null, or an empty list. */
export function presentCall(call: CallRecord, around: Around): NectarDeskCall {
  const { center } = call
  const outcome = outcomeOf(call, around)
  const agents = (center?.agents ?? []).map(presentAgent)
  const originalUuid = originalUuidOf(call)
  const isEnded = call.endedAtUs !== null
  return {
    id: call.id,
    is_inbound: call.direction === 'inbound',
    is_answered: outcome.is_answered,
    is_in_queue: outcome.is_in_queue,
    contact: contactOf(call),
    agents: [...new Set(agents.flatMap(({ id }) => id ?? []))],
    all_agents: agents,
    answered_agents: outcome.answeredAgents.map(presentAgent),
    external_numbers: (center?.externalNumbers ?? []).map(({ number, transfer }) => ({
      number,
      is_any_transfer: isTransfer(transfer),
    })),
    number: ownNumberOf(call),
    started_at: unixSeconds(call.startedAtUs),
    duration: outcome.duration,
    talk_time: outcome.talk_time,
    requested_callback: asksForCallback(call),
    is_ended: isEnded,
    type: outcome.type,
    is_answered_within_sla: outcome.is_answered_within_sla,
    is_data_cached: isEnded,
    original_call_id: originalUuid === null ? null : (around.originalIds.get(originalUuid) ?? null),
    campaign: named(center?.campaign),
    ring_group: named(center?.ringGroup),
    ivr: named(center?.ivr),
    disposition: dispositionOf(call),
    recordings: call.recordings.map(({ id, url }) => ({ id, url })),
    tags: call.tags,
  }
}

type Agent = NonNullable<CallRecord['center']>['agents'][number]

function presentAgent({ id, userId, alias, sip, startedAtUs, transfer, hangupReason }: Agent): NectarDeskAgent {
  return {
    id,
    user_id: userId,
    alias,
    sip,
    started_at: startedAtUs === null ? null : unixSeconds(startedAtUs),
    type: 'agent',
    is_any_transfer: isTransfer(transfer),
    hangup_reason: hangupReason,
  }
}

function isTransfer(transfer: Agent['transfer']): boolean {
  return transfer !== null && transfer !== 'none'
}

/** The caller said so, or left a queue in this way. */
function asksForCallback({ center }: CallRecord): boolean {
  return center !== null && (center.requestedCallback || center.queues.some(({ leftBy }) => leftBy === 'callback'))
}

/** Without the rest that an IVR has. */
function named(
  one: { id: number; name: string | null } | null | undefined,
): { id: number; name: string | null } | null {
  return one ? { id: one.id, name: one.name } : null
}

function dispositionOf({ center }: CallRecord): NectarDeskCall['disposition'] {
  if (center === null || center.disposition === null) return null
  const { id, code, note } = center.disposition
  return { id, code, note }
}
