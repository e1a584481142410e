import { request } from 'undici'
import { answerOf, asking, WrongAnswerError } from './rig/answers.ts'
import { type Bench, inTurns, type Question, type Round } from './rig/bench.ts'
import { callAt } from './rig/calls.ts'
import { nativeList, plivoEver, plivoList } from './rig/paths.ts'
import type { Plan, Tenant } from './rig/plan.ts'
import type { Figure } from './rig/row.ts'
import type { Side } from './rig/side.ts'
import { percentile } from './rig/spread.ts'

const SAMPLES = 60
const BACKGROUND = { records: 200, requestsPerS: 5 }
const GIVE_UP_MS = 10_000

export const VISIBLE_FIGURES: readonly Figure[] = [
  { name: 'p50 ms', better: 'less', budgets: [] },
  { name: 'p99 ms', better: 'less', budgets: [{ atMost: 100 }] },
]
export const BESIDE = () => `${BACKGROUND.records * BACKGROUND.requestsPerS} calls a second beside it`

/**
 * A call is sent while others stream in at a thousand a second: how long from its first byte sent until every dialect
 * shows it?
 */
export const visible: Question = {
  name: 'visible',
  asks: 'receipt to visible in every dialect',
  figures: VISIBLE_FIGURES,
  of: BESIDE,
  run(bench) {
    const { plan } = bench
    return inTurns(bench, (side, no) =>
      timesBesideOthers(bench, { side, from: no * 1_000_000, nth: (at) => no * SAMPLES + at }, (n) =>
        untilVisible(side, plan, n),
      ),
    )
  },
}

/** How long it takes, one call after the other, until each is seen while others are stored at a thousand a second. */
export async function timesBesideOthers(
  { plan, load, options }: Bench,
  { side, from, nth }: { side: Side; from: number; nth: (at: number) => number },
  untilSeen: (n: number) => Promise<number>,
): Promise<Round> {
  const samples = options.rounds === 1 ? 10 : SAMPLES
  const [, background] = plan.spare as [Tenant, Tenant]
  const flow = { origin: side.origin, tenant: background, from, ...BACKGROUND, seconds: samples / 40 }
  const beside = load.run('trickle', flow)
  const times: number[] = []
  for (let at = 0; at < samples; at += 1) times.push(await untilSeen(nth(at)))
  await beside
  return { 'p50 ms': percentile(times, 50), 'p99 ms': percentile(times, 99) }
}

/** Stores the n-th call of the tenant that nobody else writes to. */
export async function storeProbe(side: Side, plan: Plan, n: number) {
  const [tenant] = plan.spare as [Tenant, Tenant]
  const from = `+1212${2_000_000 + n}`
  const { call_uuid, ...call } = callAt(plan, tenant, n)
  const body = JSON.stringify({ ...call, call_uuid, direction: 'outbound', from: { number: from } })
  const sentMs = performance.now()
  const response = await request(`${side.origin}/calltrail/v1/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
    body,
  })
  if (response.statusCode !== 200) throw new WrongAnswerError(`${side.name}: ${await response.body.text()}`)
  await response.body.dump()
  return { tenant, from, call_uuid, sentMs }
}

async function untilVisible(side: Side, plan: Plan, n: number): Promise<number> {
  const { tenant, from, call_uuid, sentMs } = await storeProbe(side, plan, n)
  const plivo = { ...plivoEver({ plan, history: null }), from_number: from }
  const legacy = `/v1/Account/${tenant.accountId}/Call/?${new URLSearchParams(plivo)}`
  for (const path of [nativeList({ from }), plivoList(tenant, plivo), legacy])
    await untilListed(side, asking(tenant, path), { uuid: call_uuid, sentMs })
  return performance.now() - sentMs
}

async function untilListed(
  side: Side,
  one: ReturnType<typeof asking>,
  { uuid, sentMs }: { uuid: string; sentMs: number },
): Promise<void> {
  for (;;) {
    if (JSON.stringify(await answerOf(side, one)).includes(uuid)) return
    if (performance.now() - sentMs > GIVE_UP_MS) throw new WrongAnswerError(`${side.name} never shows ${uuid}`)
  }
}
