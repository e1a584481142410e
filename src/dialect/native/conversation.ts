import { talkS, waitS } from '../../center/call-types.ts'
import { CALL_TYPES, type CallRecord, type CallType, type Direction, type State } from '../../record/call-record.ts'
import { isPrimary } from '../../store/query.ts'
import { type ConversationEvent, tellEvents } from './conversation-events.ts'

/** One conversation: what its legs together say. Times are epoch microseconds. */
export interface Conversation {
  sessionId: string
  /** `ended` when every leg has; else that of the primary leg, or of the leg that got furthest where that one is over. */
  state: State
  startedAtUs: number
  /** The first answer: of the primary leg, else of any. */
  answeredAtUs: number | null
  /** The last end; null while a leg lives. */
  endedAtUs: number | null
  direction: Direction
  from: CallRecord['from']
  to: CallRecord['to']
  /** Of every primary leg, in the order of `CALL_TYPES`. */
  callTypes: CallType[]
  /** Seconds that the caller spoke with a person, and waited for one: of the primary leg. */
  talkS: number
  waitS: number | null
  /** The leg that stands for the conversation: the first of those that totals count, else the first of all. */
  primary: CallRecord
  /** How many of the legs totals count; more than one where a switch reports several as calls of their own. */
  counted: number
  /** Every leg, in order of its start. */
  calls: CallRecord[]
  /** What happened, in order. */
  events: ConversationEvent[]
}

/** Tells the legs of one session as one conversation. There is at least one leg, and all name the session. */
export function tellConversation(legs: readonly [CallRecord, ...CallRecord[]]): Conversation {
  const calls = [...legs].sort(inOrder)
  const counted = calls.filter(isPrimary)
  const primary = (counted[0] ?? calls[0]) as CallRecord
  const isLive = calls.some(({ endedAtUs }) => endedAtUs === null)
  const types = new Set((counted.length === 0 ? [primary] : counted).flatMap(({ callTypes }) => callTypes))
  return {
    sessionId: primary.sessionId ?? '',
    state: stateOf(calls, primary),
    startedAtUs: Math.min(...calls.map(({ startedAtUs }) => startedAtUs)),
    answeredAtUs: primary.answeredAtUs ?? earliest(calls.map(({ answeredAtUs }) => answeredAtUs)),
    endedAtUs: isLive ? null : Math.max(...calls.map(({ endedAtUs }) => endedAtUs as number)),
    direction: primary.direction,
    from: primary.from,
    to: primary.to,
    callTypes: CALL_TYPES.filter((type) => types.has(type)),
    talkS: talkS(primary),
    waitS: waitS(primary),
    primary,
    counted: counted.length,
    calls,
    events: tellEvents([primary, ...calls.filter((call) => call !== primary)]),
  }
}

/** Of legs that started together the primary first, and then by UUID: an id would depend on which was reported first. */
function inOrder(a: CallRecord, b: CallRecord): number {
  return (
    a.startedAtUs - b.startedAtUs || Number(isPrimary(b)) - Number(isPrimary(a)) || (a.callUuid < b.callUuid ? -1 : 1)
  )
}

const FURTHEST: readonly State[] = ['answered', 'queued', 'ringing']

function stateOf(calls: readonly CallRecord[], primary: CallRecord): State {
  if (primary.state !== 'ended') return primary.state
  const states = new Set(calls.map(({ state }) => state))
  return FURTHEST.find((state) => states.has(state)) ?? 'ended'
}

function earliest(times: readonly (number | null)[]): number | null {
  const told = times.filter((time) => time !== null)
  return told.length === 0 ? null : Math.min(...told)
}
