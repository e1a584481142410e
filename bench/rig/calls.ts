import { formatRfc3339, readTime } from '../../src/record/time.ts'
import { type Plan, SPAN_DAYS, spanFromUs, type Tenant } from './plan.ts'
import { Random } from './random.ts'

/** A call in the native wire form, as a trunk's CDR reports it. */
export type BenchCall = ReturnType<typeof callAt>

const SECOND_US = 1_000_000
/** Calls are over within an hour, so the last one starts an hour before the end of the span. */
const MOST_TALK_S = 3000

const ANSWERED = [
  { code: 3000, by: 'carrier', side: 'callee' },
  { code: 3010, by: 'customer', side: 'caller' },
  { code: 3010, by: 'customer', side: 'caller' },
] as const
const FAILED = [
  { code: 4410, by: 'carrier', side: 'callee', sip: 486, q850: 17 },
  { code: 4340, by: 'carrier', side: 'callee', sip: 480, q850: 19 },
  { code: 4550, by: 'customer', side: 'caller', sip: 487, q850: 16 },
  { code: 5000, by: 'carrier', side: 'callee', sip: 503, q850: 34 },
] as const

const PLACES = [
  { prefix: '+1212', digits: 7 },
  { prefix: '+1312', digits: 7 },
  { prefix: '+1415', digits: 7 },
  { prefix: '+4420', digits: 8 },
  { prefix: '+4930', digits: 8 },
] as const

/**
 * The n-th call of a tenant, from 0, oldest first. About 70 % are answered; 60 % outbound, 35 % inbound, 5 % internal.
 * No two calls of a tenant start at the same microsecond or end at the same one.
 */
export function callAt(plan: Plan, tenant: Tenant, n: number) {
  const random = new Random(plan.seed, tenant.no, n)
  const call_uuid = random.uuid()
  const direction = directionOf(random.share())
  const own = ownNumber(plan, tenant, random)
  const other = numberOf(random)
  const answered = random.chance(0.7)
  const times = timesOf(plan, tenant, { n, random, answered })
  const hangup = answered ? { ...random.oneOf(ANSWERED), sip: 200, q850: 16 } : random.oneOf(FAILED)
  const billS = answered ? Math.floor(times.endedAtUs / SECOND_US) - Math.floor(times.answeredAtUs / SECOND_US) : 0
  const trunk = 12_604_000_000 + tenant.no * 10 + random.below(3)
  return {
    kind: 'cdr',
    call_uuid,
    source_id: String(tenant.no * 100_000_000 + n),
    sip_call_id: `${random.next32()}-${n}@10.${tenant.no & 255}.0.${random.below(250)}`,
    reported_at: formatRfc3339(times.endedAtUs + 40_000),
    direction,
    from: { number: direction === 'inbound' ? other : own },
    to: { number: direction === 'inbound' ? own : other },
    started_at: formatRfc3339(times.startedAtUs),
    rang_at: formatRfc3339(times.rangAtUs),
    ...(answered ? { answered_at: formatRfc3339(times.answeredAtUs) } : {}),
    ended_at: formatRfc3339(times.endedAtUs),
    hangup: { by: hangup.by, side: hangup.side, code: hangup.code, sip_status: hangup.sip, q850: hangup.q850 },
    trunk: { id: String(trunk), domain: `${trunk}.zt.example`, transport: 'udp', srtp: false, secure: false },
    stir: { verification: 'verified', attestation: random.oneOf(['A', 'A', 'B', 'C']) },
    cost: {
      currency: 'USD',
      rate: '0.00500',
      bill_seconds: billS,
      billed_seconds: Math.ceil(billS / 60) * 60,
      amount: `0.${String(Math.ceil(billS / 60) * 500).padStart(5, '0')}`,
    },
  }
}

function directionOf(share: number): 'outbound' | 'inbound' | 'internal' {
  if (share < 0.6) return 'outbound'
  return share < 0.95 ? 'inbound' : 'internal'
}

/** One of twenty numbers that a tenant has. */
function ownNumber(plan: Plan, { no }: Tenant, random: Random): string {
  return ownNumberAt(plan, no, random.below(20))
}

/** The tenant's own number at a place from 0 to 19. */
export function ownNumberAt(plan: Plan, no: number, at: number): string {
  return numberOf(new Random(plan.seed, no, 1_000_000_000 + at))
}

export function numberOf(random: Random): string {
  const { prefix, digits } = random.oneOf(PLACES)
  const most = 10 ** (digits - 1)
  return `${prefix}${2 * most + random.below(7 * most)}`
}

function timesOf(plan: Plan, tenant: Tenant, given: { n: number; random: Random; answered: boolean }) {
  const { n, random, answered } = given
  const startedAtUs = startOf(plan, tenant, { n, random })
  const rangAtUs = startedAtUs + 200_000 + random.below(3_000_000)
  const answeredAtUs = rangAtUs + 500_000 + random.below(15_000_000)
  const talkUs = talkOf(random)
  const endedAtUs = answered ? answeredAtUs + talkUs + 1 : rangAtUs + 1_000_000 + random.below(30_000_000)
  return { startedAtUs, rangAtUs, answeredAtUs, endedAtUs }
}

/** When the n-th call of a tenant starts: evenly over the span, each in a step of its own. */
export function startOf(plan: Plan, tenant: Tenant, { n, random }: { n: number; random: Random }): number {
  const stepUs = (SPAN_DAYS * 86_400 - MOST_TALK_S - 600) * (SECOND_US / tenant.calls)
  return Math.floor(spanFromUs(plan) + (n + random.share()) * stepUs)
}

/** Microseconds of talk: two minutes on average, most of them shorter. */
export function talkOf(random: Random): number {
  const talkUs = Math.floor(-Math.log(1 - random.share()) * 120 * SECOND_US)
  return Math.min(talkUs, MOST_TALK_S * SECOND_US)
}

/** A report that comes some time after the call: its quality figures, or a correction of its amount. */
export function lateReportOf(plan: Plan, tenant: Tenant, n: number): Record<string, unknown> {
  const { call_uuid, ended_at } = callAt(plan, tenant, n)
  const random = new Random(plan.seed, tenant.no, n, 1)
  const reported_at = formatRfc3339((readTime(ended_at, 'UTC') as number) + 2 * SECOND_US)
  if (random.chance(0.2)) return { kind: 'correction', call_uuid, reported_at, cost: { amount: '0.12345' } }
  const mos = 1 + Math.round(random.share() * 35) / 10
  return {
    kind: 'quality',
    call_uuid,
    reported_at,
    quality: { rtt_ms: 10 + random.below(200), jitter_ms: random.below(30), packet_loss_pct: random.below(4), mos },
  }
}
