import { formatRfc3339, readTime } from '../../src/record/time.ts'
import { numberOf, ownNumberAt, startOf, talkOf } from './calls.ts'
import type { Plan, Tenant } from './plan.ts'
import { Random } from './random.ts'

/** What a contact centre of the benchmark has, by id from 1 on. */
export const AGENTS = 200
export const CONTACT_LISTS = 50
export const SURVEYS = 6
const NUMBERS = 20
const CONTACTS = 5000
const RING_GROUPS = ['Sales', 'Support', 'Billing', 'Returns', 'Renewals', 'Partners', 'Spanish', 'Overflow']
const IVRS = ['Main menu', 'Sales menu', 'Support menu', 'Out of hours']
const CAMPAIGNS = ['Renewals', 'Welcome calls', 'Win back', 'Survey']
const DISPOSITIONS = 'Solved,Call again,Sold,Wrong number,No answer,Complaint,Escalated,Left a message,Not interested'
  .split(',')
  .map((code, at) => ({ id: at + 1, code }))
const FIRST = 'Ada Alan Barbara Claude Donald Edsger Frances Grace Hedy John Ken Margaret Niklaus Radia'.split(' ')
const LAST = 'Almond Birch Cedar Dogwood Elder Fir Gorse Hazel Ivy Juniper Larch Maple Oak Pine Rowan'.split(' ')

const SECOND_US = 1_000_000

/** A contact centre's call in the native wire form. */
export type CenterCall = ReturnType<typeof centerCallAt>

/** What became of an inbound call, and of how many in a hundred. */
const INBOUND = [
  { fate: 'answered', share: 60 },
  { fate: 'overflowed', share: 5 },
  { fate: 'hung up in the queue', share: 8 },
  { fate: 'hung up while ringing', share: 9 },
  { fate: 'hung up in the menu', share: 9 },
  { fate: 'called back', share: 4 },
  { fate: 'closed', share: 5 },
] as const
type Fate = (typeof INBOUND)[number]['fate']

/**
 * The n-th call of a contact centre, from 0, oldest first: 65 % inbound, through a menu and a queue to one of the agents
 * or to none, the others outbound, some for a campaign. No two calls of a tenant start at the same microsecond.
 */
export function centerCallAt(plan: Plan, tenant: Tenant, n: number) {
  const random = new Random(plan.seed, tenant.no, n)
  const call_uuid = random.uuid()
  const inbound = random.chance(0.65)
  const startedAtUs = startOf(plan, tenant, { n, random })
  const contact = contactOf(plan, tenant, random.below(CONTACTS))
  const numberAt = random.below(NUMBERS)
  const own = ownNumberAt(plan, tenant.no, numberAt)
  const story = inbound ? inboundStory(random, startedAtUs) : outboundStory(random, startedAtUs)
  const original = story.center.automated_callback && n > 0 ? random.below(n) : null
  return {
    kind: 'cdr',
    call_uuid,
    source_id: String(tenant.no * 100_000_000 + n),
    reported_at: formatRfc3339(story.endedAtUs + 40_000),
    direction: inbound ? 'inbound' : 'outbound',
    from: { number: inbound ? contact.e164 : own },
    to: { number: inbound ? own : contact.e164 },
    started_at: formatRfc3339(startedAtUs),
    ...(story.answeredAtUs === null ? {} : { answered_at: formatRfc3339(story.answeredAtUs) }),
    ended_at: formatRfc3339(story.endedAtUs),
    hangup: story.hangup,
    center: {
      number: { id: numberAt + 1, number: own.slice(1), alias: `Line ${numberAt + 1}` },
      contact: contact.body,
      ...story.center,
      ...(original === null ? {} : { original_call_uuid: new Random(plan.seed, tenant.no, original).uuid() }),
      ...(story.talked && random.chance(0.6) ? { disposition: random.oneOf(DISPOSITIONS) } : {}),
      ...(story.talked && random.chance(0.15) ? { survey_ids: [1 + random.below(SURVEYS)] } : {}),
    },
  }
}

interface Story {
  answeredAtUs: number | null
  endedAtUs: number
  hangup: Record<string, string | number>
  /** A person of the contact centre and one outside talked to each other. */
  talked: boolean
  center: Record<string, unknown> & { automated_callback?: boolean; agents?: readonly AgentBody[] }
}

const BY_CALLER = { by: 'customer', side: 'caller', sip_status: 200, q850: 16 } as const
const BY_AGENT = { by: 'customer', side: 'callee', sip_status: 200, q850: 16 } as const
const BY_PLATFORM = { by: 'platform', side: 'platform', sip_status: 200, q850: 16 } as const
const NO_ANSWER = { by: 'carrier', side: 'callee', sip_status: 480, q850: 19 } as const

/** The menu answers at once; then a queue, unless the caller hangs up in the menu. */
function inboundStory(random: Random, startedAtUs: number): Story {
  const fate = fateOf(random)
  const answeredAtUs = startedAtUs + 300_000
  const ivr = { ...random.oneOf(IVRS_BY_ID), entered_at: formatRfc3339(answeredAtUs) }
  const queuedAtUs = answeredAtUs + 2 * SECOND_US + random.below(20 * SECOND_US)
  if (fate === 'hung up in the menu')
    return { answeredAtUs, endedAtUs: queuedAtUs, hangup: BY_CALLER, talked: false, center: { ivr } }
  const waited = waitOf(random)
  const leftAtUs = queuedAtUs + waited
  const queue = queueBody({ ringGroup: random.oneOf(GROUPS_BY_ID), queuedAtUs, leftAtUs, fate })
  if (fate === 'answered' || fate === 'overflowed') {
    const secondAtUs = leftAtUs + waitOf(random)
    const overflow = { ringGroup: OVERFLOW, queuedAtUs: leftAtUs, leftAtUs: secondAtUs, fate: 'answered' as const }
    const queues = fate === 'answered' ? [queue] : [queue, queueBody(overflow)]
    const { agents, endedAtUs } = talkWith(random, fate === 'answered' ? leftAtUs : secondAtUs)
    const hangup = random.chance(0.7) ? BY_CALLER : BY_AGENT
    return { answeredAtUs, endedAtUs, hangup, talked: true, center: { ivr, queues, agents } }
  }
  const rung = fate === 'hung up while ringing' ? [rungAgent(random, leftAtUs)] : []
  const center = {
    ivr,
    queues: [queue],
    ...(rung.length === 0 ? {} : { agents: rung }),
    ...(fate === 'called back' ? { requested_callback: true } : {}),
  }
  const hangup = fate === 'closed' ? BY_PLATFORM : BY_CALLER
  return { answeredAtUs, endedAtUs: leftAtUs + 1, hangup, talked: false, center }
}

function outboundStory(random: Random, startedAtUs: number): Story {
  const automated = random.chance(0.08)
  const campaign = random.chance(0.5) ? { campaign: random.oneOf(CAMPAIGNS_BY_ID) } : {}
  const about = { ...campaign, ...(automated ? { automated_callback: true } : {}) }
  const answersAtUs = startedAtUs + 3 * SECOND_US + random.below(25 * SECOND_US)
  if (random.chance(0.35)) {
    const agents = [rungAgent(random, answersAtUs)]
    return {
      answeredAtUs: null,
      endedAtUs: answersAtUs,
      hangup: NO_ANSWER,
      talked: false,
      center: { ...about, agents },
    }
  }
  const { agents, endedAtUs } = talkWith(random, answersAtUs)
  return { answeredAtUs: answersAtUs, endedAtUs, hangup: BY_CALLER, talked: true, center: { ...about, agents } }
}

function fateOf(random: Random): Fate {
  let at = random.below(100)
  for (const { fate, share } of INBOUND) {
    if (at < share) return fate
    at -= share
  }
  return 'answered'
}

/** Microseconds in a queue: 18 s on average, never more than five minutes. */
function waitOf(random: Random): number {
  return Math.min(Math.floor(-Math.log(1 - random.share()) * 18 * SECOND_US), 300 * SECOND_US)
}

interface AgentBody {
  id: number
}

/** An agent answers, and in one call in ten hands it on to another, seeing it through in four of ten. */
function talkWith(random: Random, answeredAtUs: number): { agents: AgentBody[]; endedAtUs: number } {
  const first = 1 + random.below(AGENTS)
  const endedAtUs = answeredAtUs + talkOf(random) + 1
  const one = agentBody(first, { startedAtUs: answeredAtUs - SECOND_US, answeredAtUs, endedAtUs })
  if (!random.chance(0.1)) return { agents: [one], endedAtUs }
  const handedAtUs = answeredAtUs + Math.floor((endedAtUs - answeredAtUs) / 2)
  const second = agentBody(1 + (first % AGENTS), { startedAtUs: handedAtUs, answeredAtUs: handedAtUs + 1, endedAtUs })
  return { agents: [{ ...one, transfer: random.chance(0.4) ? 'warm' : 'blind' } as AgentBody, second], endedAtUs }
}

function rungAgent(random: Random, untilUs: number): AgentBody {
  return agentBody(1 + random.below(AGENTS), {
    startedAtUs: untilUs - SECOND_US,
    answeredAtUs: null,
    endedAtUs: untilUs,
  })
}

function agentBody(
  id: number,
  { startedAtUs, answeredAtUs, endedAtUs }: { startedAtUs: number; answeredAtUs: number | null; endedAtUs: number },
): AgentBody {
  return {
    id,
    user_id: 1000 + id,
    alias: nameOf(id),
    sip: `sip:agent${id}@center.example`,
    started_at: formatRfc3339(startedAtUs),
    ...(answeredAtUs === null ? {} : { answered_at: formatRfc3339(answeredAtUs) }),
    ended_at: formatRfc3339(endedAtUs),
    transfer: 'none',
    hangup_reason: answeredAtUs === null ? 'ORIGINATOR_CANCEL' : 'NORMAL_CLEARING',
  } as AgentBody
}

const LEFT_BY = {
  answered: 'answer',
  overflowed: 'overflow',
  'called back': 'callback',
  closed: 'closed',
} as const satisfies Partial<Record<Fate, string>>

function queueBody(given: {
  ringGroup: { id: number; name: string }
  queuedAtUs: number
  leftAtUs: number
  fate: Fate
}) {
  const { ringGroup, queuedAtUs, leftAtUs, fate } = given
  const distributed = fate === 'answered' || fate === 'hung up while ringing'
  return {
    ring_group: ringGroup,
    queued_at: formatRfc3339(queuedAtUs),
    ...(distributed ? { distributed_at: formatRfc3339(Math.max(queuedAtUs, leftAtUs - SECOND_US)) } : {}),
    left_at: formatRfc3339(leftAtUs),
    left_by: LEFT_BY[fate as keyof typeof LEFT_BY] ?? 'hangup',
  }
}

const byId = (names: readonly string[]) => names.map((name, at) => ({ id: at + 1, name }))
const IVRS_BY_ID = byId(IVRS)
const CAMPAIGNS_BY_ID = byId(CAMPAIGNS)
const GROUPS_BY_ID = byId(RING_GROUPS).slice(0, -1)
const OVERFLOW = { id: RING_GROUPS.length, name: 'Overflow' }

function nameOf(id: number): string {
  return `${FIRST[id % FIRST.length]} ${LAST[id % LAST.length]}`
}

/** A person of the tenant's phone book. Half are on one list, the others on up to four; low lists are longer. */
function contactOf(plan: Plan, { no }: Tenant, at: number) {
  const random = new Random(plan.seed, no, 2_000_000_000 + at)
  const e164 = numberOf(random)
  const count = random.chance(0.5) ? 1 : 1 + random.below(4)
  const lists = Array.from({ length: count }, () => 1 + Math.floor(CONTACT_LISTS * random.share() ** 1.5))
  const code = e164.startsWith('+1') ? 1 : 2
  return {
    e164,
    body: {
      id: at + 1,
      full_name: nameOf(at),
      number: e164.slice(1),
      country_code: e164.slice(1, 1 + code),
      national_number: e164.slice(1 + code),
      list_ids: [...new Set(lists)].sort((a, b) => a - b),
    },
  }
}

/** A report that comes some time after the call: what the agent noted about it, or its quality figures. */
export function lateCenterReportOf(plan: Plan, tenant: Tenant, n: number): Record<string, unknown> {
  const { call_uuid, ended_at } = centerCallAt(plan, tenant, n)
  const random = new Random(plan.seed, tenant.no, n, 1)
  const reported_at = formatRfc3339((readTime(ended_at, 'UTC') as number) + 30 * SECOND_US)
  if (random.chance(0.5))
    return { kind: 'update', call_uuid, reported_at, center: { disposition: random.oneOf(DISPOSITIONS) } }
  const mos = 1 + Math.round(random.share() * 35) / 10
  return { kind: 'quality', call_uuid, reported_at, quality: { rtt_ms: 10 + random.below(200), mos } }
}
