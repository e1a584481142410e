import { hash } from 'node:crypto'
import { phoneBook } from './numbers.ts'
import { type Random, randomOf } from './random.ts'

type Event = Record<string, unknown>

const DAY_S = 86_400
const DAYS = 60
export const PBX_DOMAIN = 'pbx.demo.invalid'
/** What the numbers of the demo's PBX are that nobody answers in person. */
export const PBX_SERVICES = [
  { number: '5000', kind: 'ivr', name: 'Welcome' },
  { number: '8000', kind: 'queue', name: 'Front desk' },
] as const

const STAFF = [
  ['101', 'Kim Ash'],
  ['102', 'Lena Beech'],
  ['103', 'Mo Chestnut'],
  ['104', 'Nia Willow'],
] as const

/**
 * What a PortSIP PBX would have sent to its webhook in the last 60 days: a `call_start` and a `call_cdr` for each call,
 * in the shape of PortSIP's documentation. Invented, for no PortSIP was captured. Each day's follow from seed and day.
 */
export function* demoPbxEvents({ nowUs, seed }: { nowUs: number; seed: number }): Generator<Event, void> {
  const nowS = Math.floor(nowUs / 1_000_000)
  const book = phoneBook(`${seed}/pbx`, 60)
  const today = Math.floor(nowS / DAY_S)
  for (let day = today - DAYS; day <= today; day++) {
    const random = randomOf(`${seed}/pbx/${day}`)
    const starts = Array.from({ length: 6 }, () => day * DAY_S + random.integer(8 * 3600, 19 * 3600)).sort(
      (a, b) => a - b,
    )
    for (const [index, startS] of starts.entries()) {
      const sessionId = snowflake(`${seed}/pbx/${day}/${index}`)
      const cdr = told({ startS, sessionId, number: book.pick(random), random })
      if (startS >= nowS - DAYS * DAY_S && Number(cdr.ended_time) < nowS) yield* [startOf(cdr), cdr]
    }
  }
}

/** 18 digits, as PortSIP's ids have. */
function snowflake(seed: string): string {
  return `7${(BigInt(`0x${hash('sha256', seed).slice(0, 15)}`) % 10n ** 17n).toString().padStart(17, '0')}`
}

function startOf(cdr: Event): Event {
  const { session_id, call_id, caller, callee, caller_display_name, tenant_id, did, direction } = cdr
  const cdr_id = String(BigInt(session_id as string) + 1n)
  return {
    event_type: 'call_start',
    time: cdr.start_time,
    ...{ session_id, cdr_id, call_id, direction, caller, callee, caller_display_name, tenant_id, did },
    callee_display_name: '',
    outbound_caller_id: '',
    user_data: '',
  }
}

interface Given {
  startS: number
  sessionId: string
  /** Somebody outside. */
  number: string
  random: Random
}

function told(given: Given): Event {
  const chance = given.random.next()
  if (chance < 0.3) return extensionCall(given)
  return chance < 0.6 ? outboundCall(given) : inboundCall(given)
}

interface Hop {
  callee: string
  startS: number
  ringS: number
  /** Null where nobody answered. */
  talkS: number | null
  endReason: string
  callType: string
  statusCode: number
}

function cdrOf(
  given: Given,
  call: { direction: string; from: string; to: string; hops: Hop[]; reason: string; extra: Event },
): Event {
  const { startS, sessionId } = given
  const { direction, from, to, hops, reason, extra } = call
  const [first, last] = [hops[0] as Hop, hops.at(-1) as Hop]
  const answeredS = first.talkS === null ? 0 : first.startS + first.ringS
  const endS = last.startS + last.ringS + (last.talkS ?? 0)
  return {
    event_type: 'call_cdr',
    session_id: sessionId,
    call_id: `${hash('sha256', sessionId).slice(0, 22)}..`,
    direction,
    caller: from,
    caller_domain: PBX_DOMAIN,
    callee: to,
    callee_domain: PBX_DOMAIN,
    start_time: String(startS),
    ring_time: String(first.startS),
    answered_time: String(answeredS),
    ended_time: String(endS),
    ring_duration: String(first.ringS),
    talk_duration: answeredS === 0 ? 0 : endS - answeredS,
    call_status: last.talkS === null ? 'noanswer' : 'answered',
    ended_reason: reason,
    status_code: String(last.statusCode),
    tenant_id: '700000000000000001',
    tenant_name: 'demo',
    user_data: '',
    ...extra,
    call_targets: hops.map((hop) => targetOf(hop, { from, extra })),
  }
}

function targetOf(hop: Hop, { from, extra }: { from: string; extra: Event }): Event {
  const answeredS = hop.talkS === null ? 0 : hop.startS + hop.ringS
  return {
    call_type: hop.callType,
    caller: from,
    callee: hop.callee,
    destination: `sip:${hop.callee}@${PBX_DOMAIN}:5060`,
    start_time: String(hop.startS),
    ring_time: String(hop.startS),
    ring_duration: String(hop.ringS),
    answered_time: String(answeredS),
    ended_time: String(hop.startS + hop.ringS + (hop.talkS ?? 0)),
    talk_duration: String(hop.talkS ?? 0),
    status: hop.talkS === null ? 'noanswer' : 'answered',
    status_code: hop.statusCode,
    end_reason: hop.endReason,
    ...extra,
  }
}

function hop(callee: string, startS: number, extra: Partial<Hop>): Hop {
  const usual = { ringS: 0, talkS: null, endReason: 'None', callType: 'normal_call', statusCode: 0 }
  return { ...usual, callee, startS, ...extra }
}

const PLAIN = { did: '', outbound_caller_id: '', trunk_name: '' }
const TRUNK = '21:883631675865000001'

function extensionCall(given: Given): Event {
  const { random, startS } = given
  const [caller, callee] = random.next() < 0.5 ? [STAFF[0], STAFF[1]] : [STAFF[2], STAFF[3]]
  const answered = random.next() < 0.75
  const ringS = random.integer(2, 12)
  const target = answered ? { talkS: random.integer(5, 400) } : { statusCode: random.next() < 0.5 ? 486 : 480 }
  return cdrOf(given, {
    direction: 'ext',
    from: caller[0],
    to: callee[0],
    hops: [hop(callee[0], startS, { ringS, ...target })],
    reason: answered ? (random.next() < 0.5 ? 'caller_disconnect' : 'callee_disconnect') : 'None',
    extra: { ...PLAIN, caller_display_name: caller[1] },
  })
}

function outboundCall(given: Given): Event {
  const { random, startS, number } = given
  const caller = random.pick(STAFF)
  const answered = random.next() < 0.7
  const ringS = random.integer(4, 25)
  return cdrOf(given, {
    direction: 'out',
    from: caller[0],
    to: number,
    hops: [hop(number, startS, { ringS, ...(answered ? { talkS: random.integer(10, 900) } : { statusCode: 480 }) })],
    reason: answered ? 'callee_disconnect' : 'None',
    extra: { did: '', outbound_caller_id: '+12025550190', trunk_name: TRUNK, caller_display_name: caller[1] },
  })
}

/** Welcome menu, the queue of the front desk, and whoever is free; one caller in five gives up in the queue. */
function inboundCall(given: Given): Event {
  const { random, startS, number } = given
  const menuS = random.integer(4, 14)
  const ringS = random.integer(3, 12)
  const agent = random.pick(STAFF)
  const lost = random.next() < 0.2
  const talkS = lost ? null : random.integer(20, 700)
  const waitS = ringS + 1
  const queueEnd = startS + menuS + waitS
  return cdrOf(given, {
    direction: 'in',
    from: number,
    to: '5000',
    hops: [
      hop('5000', startS, { talkS: menuS, endReason: 'referred' }),
      hop('8000', startS + menuS, { talkS: waitS, endReason: lost ? 'caller_disconnect' : 'referred' }),
      hop(agent[0], queueEnd - ringS, { ringS, talkS, callType: 'queue_call', statusCode: lost ? 487 : 0 }),
    ],
    reason: lost || random.next() < 0.5 ? 'caller_disconnect' : 'callee_disconnect',
    extra: { did: '+12025550191', outbound_caller_id: '', trunk_name: TRUNK, caller_display_name: '' },
  })
}
