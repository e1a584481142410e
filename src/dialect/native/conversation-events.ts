import type { CallRecord } from '../../record/call-record.ts'

type Center = NonNullable<CallRecord['center']>
type Agent = Center['agents'][number]
type Queue = Center['queues'][number]

export const EVENTS = [
  'started',
  'rang',
  'answered',
  'ivr_entered',
  'queued',
  'distributed',
  'agent_rang',
  'agent_answered',
  'left_queue',
  'transferred',
  'agent_left',
  'ended',
] as const
export type EventName = (typeof EVENTS)[number]

/** Something that happened in a conversation. `at` is epoch microseconds, null where no report says when. */
export interface ConversationEvent {
  atUs: number | null
  event: EventName
  /** The leg that says so. */
  callUuid: string
  /** What belongs to the event: of the IVR, the ring group, the agent, the way it went on. */
  about: Readonly<Record<string, unknown>>
}

/**
 * What happened in a conversation, in order; an event without a time comes before the end of its leg. The first leg
 * tells first: what another one repeats of it, such as the same agent's answer, is told once.
 */
export function tellEvents(calls: readonly CallRecord[]): ConversationEvent[] {
  const told = new Map<string, ConversationEvent>()
  const ends = new Map<string, number>()
  for (const call of calls) {
    ends.set(call.callUuid, call.endedAtUs ?? Number.POSITIVE_INFINITY)
    for (const event of eventsOf(call)) {
      // What legs say of themselves is each leg's own; what they say of the contact centre may be one another's.
      const own = LEG_EVENTS.has(event.event) ? event.callUuid : ''
      const key = JSON.stringify([event.event, event.atUs, own, event.about])
      if (!told.has(key)) told.set(key, event)
    }
  }
  const whenUs = ({ atUs, callUuid }: ConversationEvent) => atUs ?? (ends.get(callUuid) as number)
  return [...told.values()].sort((a, b) => {
    const [aUs, bUs] = [whenUs(a), whenUs(b)]
    return aUs === bUs ? rankOf(a) - rankOf(b) : aUs - bUs
  })
}

/** At one time a leg begins first and ends last; all else happened in the order in which it is told. */
function rankOf({ event }: ConversationEvent): number {
  return RANKS[event] ?? 3
}

const RANKS: Partial<Record<EventName, number>> = { started: 0, rang: 1, answered: 2, ended: 4 }

const LEG_EVENTS: ReadonlySet<EventName> = new Set(['started', 'rang', 'answered', 'ended'])

function* eventsOf(call: CallRecord): Generator<ConversationEvent> {
  const { callUuid, leg, center, endInferred, hangup } = call
  const event = (name: EventName, atUs: number | null, about: ConversationEvent['about'] = {}): ConversationEvent => ({
    atUs,
    event: name,
    callUuid,
    about,
  })
  yield event('started', call.startedAtUs, { leg, from: call.from.number, to: call.to.number })
  if (call.rangAtUs !== null) yield event('rang', call.rangAtUs, { leg })
  if (call.answeredAtUs !== null) yield event('answered', call.answeredAtUs, { leg })
  if (center !== null) yield* centerEvents(center, event)
  if (call.endedAtUs === null) return
  yield event('ended', call.endedAtUs, { leg, by: hangup.by, side: hangup.side, inferred: endInferred })
}

type Tell = (name: EventName, atUs: number | null, about: ConversationEvent['about']) => ConversationEvent

function* centerEvents({ ivr, queues, agents, externalNumbers }: Center, event: Tell): Generator<ConversationEvent> {
  if (ivr !== null) yield event('ivr_entered', ivr.enteredAtUs, { ivr: { id: ivr.id, name: ivr.name } })
  for (const queue of queues) yield* queueEvents(queue, event)
  const outside = externalNumbers.filter(({ transfer }) => isTransfer(transfer))
  for (const [at, agent] of agents.entries()) {
    const after = agents.slice(at + 1).find(({ answeredAtUs }) => answeredAtUs !== null) ?? null
    yield* agentEvents(agent, { after, outside, event })
  }
  for (const { number, transfer } of outside)
    yield event('transferred', null, { transfer, agent: null, to_agent: null, to_number: number })
}

function* queueEvents({ ringGroup, ...queue }: Queue, event: Tell): Generator<ConversationEvent> {
  const about = { ring_group: ringGroup === null ? null : { id: ringGroup.id, name: ringGroup.name } }
  yield event('queued', queue.queuedAtUs, about)
  if (queue.distributedAtUs !== null) yield event('distributed', queue.distributedAtUs, about)
  if (queue.leftAtUs !== null || queue.leftBy !== null)
    yield event('left_queue', queue.leftAtUs, { ...about, by: queue.leftBy })
}

/**
 * An agent who transfers hands the caller over when leaving: to a number outside where one was reached in that way,
 * which is taken out of `outside`, else to the next agent who answers.
 */
function* agentEvents(
  agent: Agent,
  { after, outside, event }: { after: Agent | null; outside: Center['externalNumbers']; event: Tell },
): Generator<ConversationEvent> {
  const about = { agent: whoIs(agent) }
  if (agent.startedAtUs !== null) yield event('agent_rang', agent.startedAtUs, about)
  if (agent.answeredAtUs !== null) yield event('agent_answered', agent.answeredAtUs, about)
  if (isTransfer(agent.transfer)) {
    const at = outside.findIndex(({ transfer }) => transfer === agent.transfer)
    const number = at < 0 ? null : (outside.splice(at, 1)[0]?.number ?? null)
    const toAgent = number !== null || after === null ? null : whoIs(after)
    const to = { to_agent: toAgent, to_number: number }
    yield event('transferred', agent.endedAtUs, { transfer: agent.transfer, ...about, ...to })
  }
  if (agent.endedAtUs !== null)
    yield event('agent_left', agent.endedAtUs, { ...about, hangup_reason: agent.hangupReason })
}

function isTransfer(transfer: Agent['transfer']): boolean {
  return transfer === 'blind' || transfer === 'warm'
}

function whoIs({ id, userId, alias, sip }: Agent): Readonly<Record<string, unknown>> {
  return { id, user_id: userId, alias, sip }
}
