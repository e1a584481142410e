import { readTime } from '../src/record/time.ts'
import { asking, checkAnswers } from './rig/answers.ts'
import { askedInTurns, requestFigures } from './rig/asked-in-turns.ts'
import type { Question } from './rig/bench.ts'
import { countCalls, nativeList, nativeWindow, plivoList, plivoWindow } from './rig/paths.ts'
import { type Plan, SPAN_DAYS, type Tenant, WINDOW_DAYS, windowFromUs } from './rig/plan.ts'

const BUDGETS = { perS: [{ timesPostgres: 3 }, { atLeast: 600 }], p50: [{ atMost: 3 }] }

/** Calls in the window of a small tenant. */
export function windowCalls({ small }: Plan): string {
  const calls = Math.round(((small[0]?.calls ?? 0) * WINDOW_DAYS) / SPAN_DAYS)
  return `${calls.toLocaleString('en')} calls in the window, ${small.length} tenants in turn`
}

const OUTBOUND_BUSY = { direction: 'outbound', code: 4410 } as const

/** The newest 20 and the exact total under two filters, in the native API: how long, and how many a second? */
export const listFiltered: Question = {
  name: 'list-filtered',
  asks: 'list: two filters, newest 20, exact total (native)',
  figures: requestFigures(BUDGETS),
  of: windowCalls,
  async run(bench) {
    const { plan } = bench
    const { direction, code } = OUTBOUND_BUSY
    const path = nativeList({ ...nativeWindow(plan), direction, 'hangup.code': String(code) })
    await checkAnswers(bench, [checked(plan, plan.small[0] as Tenant, { path, by: 'started_at' })])
    return askedInTurns(
      bench,
      plan.small.map((tenant) => asking(tenant, path)),
    )
  },
}

/** The same as Plivo's clients ask it, by end time. */
export const listFilteredPlivo: Question = {
  name: 'list-filtered-plivo',
  asks: 'list: two filters, newest 20, exact total (plivo)',
  figures: requestFigures(BUDGETS),
  of: windowCalls,
  async run(bench) {
    const { plan } = bench
    const { direction, code } = OUTBOUND_BUSY
    const pathOf = (tenant: Tenant) =>
      plivoList(tenant, { ...plivoWindow(plan), call_direction: direction, hangup_cause_code: String(code) })
    const [first] = plan.small as [Tenant]
    await checkAnswers(bench, [checked(plan, first, { path: pathOf(first), by: 'ended_at' })])
    return askedInTurns(
      bench,
      plan.small.map((tenant) => asking(tenant, pathOf(tenant))),
    )
  },
}

function checked(plan: Plan, tenant: Tenant, { path, by }: { path: string; by: 'started_at' | 'ended_at' }) {
  const { direction, code } = OUTBOUND_BUSY
  const fromUs = windowFromUs(plan)
  const total = countCalls(
    plan,
    tenant,
    (call) =>
      call.direction === direction && call.hangup.code === code && (readTime(call[by], 'UTC') as number) >= fromUs,
  )
  return { asking: asking(tenant, path), total }
}
