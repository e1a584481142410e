import type { CallType } from '../../src/record/call-record.ts'
import { readTime } from '../../src/record/time.ts'
import { asking, checkAnswers } from './answers.ts'
import { CONNECTIONS, requestFigures } from './asked-in-turns.ts'
import { type Bench, inTurns, type Question, sidesOf } from './bench.ts'
import { type CenterCall, centerCallAt } from './center-calls.ts'
import type { Asking } from './load-jobs.ts'
import { nativeList, nativeWindow, nectarDeskList, nectarDeskWindow } from './paths.ts'
import { type Plan, SPAN_DAYS, type Tenant, WINDOW_DAYS, windowFromUs } from './plan.ts'
import { plannedTypes } from './planned-reports.ts'
import { contactCentres } from './result.ts'

/** A list of a contact centre's calls on NectarDesk's face, by one parameter. */
export interface CenterList {
  name: string
  asks: string
  /** Each tenant is asked for one of these after the other. */
  filters: readonly Record<string, string>[]
  /** Whether a call is in the list; told for the first tenant and some of the filters, to check the totals. */
  has(call: CenterCall, types: readonly CallType[], filter: Record<string, string>): boolean
}

/** What a contact centre's list may take at most beside its list by direction. */
const TIMES_DIRECTION = 2
const TIMES_FIGURE = 'p50, times that by direction, x'
const CHECKED = 3

/**
 * The question: how long do the newest 20 and the exact total take, and how much longer than the same tenants' list by
 * direction? That is asked in the same round, so that the two have the same machine under them.
 */
export function centerList(list: CenterList): Question {
  return {
    name: list.name,
    asks: list.asks,
    figures: [
      ...requestFigures({}),
      { name: TIMES_FIGURE, better: 'less', budgets: [{ atMost: TIMES_DIRECTION }], compared: false },
    ],
    of: centerWindowCalls,
    async run(bench) {
      const { plan, load, options } = bench
      const pathOf = (filter: Record<string, string>) => nectarDeskList({ ...nectarDeskWindow(plan), ...filter })
      await checkAnswers(bench, checksOf(bench, list, pathOf))
      const requests = inTurn(plan, list.filters.map(pathOf))
      const byDirection = directionRequests(plan)
      const ask = (origin: string, asked: Asking[], connections: number, seconds = options.seconds) =>
        load.run('ask', { origin, asking: asked, connections, seconds })
      for (const { origin } of sidesOf(bench)) await ask(origin, requests, CONNECTIONS, options.seconds / 3)
      return inTurns(bench, async ({ origin }) => {
        const alone = await ask(origin, requests, 1)
        const direction = await ask(origin, byDirection, 1)
        const together = await ask(origin, requests, CONNECTIONS)
        return {
          'requests/s': together.answers / together.seconds,
          'p50 ms': alone.p50Ms,
          'p99 ms': alone.p99Ms,
          [TIMES_FIGURE]: alone.p50Ms / direction.p50Ms,
        }
      })
    },
  }
}

/** Calls in the window of a contact centre. */
export function centerWindowCalls({ centers }: Plan): string {
  const calls = Math.round(((centers[0]?.calls ?? 0) * WINDOW_DAYS) / SPAN_DAYS)
  return `${calls.toLocaleString('en')} calls in the window, ${contactCentres(centers.length)} in turn`
}

const BY_DIRECTION = { direction: 'inbound' } as const

/** The list that the others are held against: native, by direction, of the same tenants and the same window. */
export function directionRequests(plan: Plan): Asking[] {
  const path = nativeList({ ...nativeWindow(plan), ...BY_DIRECTION })
  return plan.centers.map((tenant) => asking(tenant, path))
}

/** Every tenant with every path, a tenant's next path coming when all others have had their turn. */
function inTurn(plan: Plan, paths: readonly string[]): Asking[] {
  return paths.flatMap((_, at) =>
    plan.centers.map((tenant, no) => asking(tenant, paths[(at + no) % paths.length] as string)),
  )
}

function checksOf({ plan }: Bench, list: CenterList, pathOf: (filter: Record<string, string>) => string) {
  const [tenant] = plan.centers as [Tenant]
  const step = Math.max(1, Math.floor(list.filters.length / CHECKED))
  const filters = list.filters.filter((_, at) => at % step === 0)
  const totals = filters.map(() => 0)
  eachInWindow(plan, tenant, (call, types) => {
    filters.forEach((filter, at) => {
      if (list.has(call, types, filter)) totals[at] = (totals[at] as number) + 1
    })
  })
  return filters.map((filter, at) => ({ asking: asking(tenant, pathOf(filter)), total: totals[at] as number }))
}

/** The calls of a contact centre that start in the window, as the generator makes them. */
export function eachInWindow(
  plan: Plan,
  tenant: Tenant,
  each: (call: CenterCall, types: readonly CallType[]) => void,
): void {
  const fromUs = windowFromUs(plan)
  for (let n = 0; n < tenant.calls; n += 1) {
    const call = centerCallAt(plan, tenant, n)
    if ((readTime(call.started_at, 'UTC') as number) >= fromUs) each(call, plannedTypes(tenant, call))
  }
}
