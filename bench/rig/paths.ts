import { formatDateTime, formatRfc3339, readTime } from '../../src/record/time.ts'
import type { Bench } from './bench.ts'
import { type BenchCall, callAt } from './calls.ts'
import { type Plan, spanFromUs, type Tenant, windowFromUs } from './plan.ts'

/** The native list, newest 20. */
export function nativeList(filters: Record<string, string>): string {
  return `/calltrail/v1/calls?${new URLSearchParams({ ...filters, limit: '20' })}`
}

/** Plivo's list of a tenant, newest 20 unless `filters` say otherwise. */
export function plivoList({ accountId }: Tenant, filters: Record<string, string>): string {
  return `/v1/Account/${accountId}/Zentrunk/Call/?${new URLSearchParams({ limit: '20', ...filters })}`
}

/** NectarDesk's list, newest 20. */
export function nectarDeskList(filters: Record<string, string>): string {
  return `/api/v1/calls/?${new URLSearchParams({ ...filters, limit: '20' })}`
}

/** The bound that leaves the calls of the window, as each face writes it. */
export function nativeWindow(plan: Plan): Record<string, string> {
  return { started_at__gte: formatRfc3339(windowFromUs(plan)) }
}

export function nectarDeskWindow(plan: Plan): Record<string, string> {
  return { dateFrom: formatRfc3339(windowFromUs(plan)) }
}

export function plivoWindow(plan: Plan): Record<string, string> {
  return { end_time__gte: formatDateTime(windowFromUs(plan), 'UTC').slice(0, 19) }
}

/** The same for all there is. */
export function plivoEver({ plan, history }: Pick<Bench, 'plan' | 'history'>): Record<string, string> {
  return { end_time__gte: formatDateTime(history === null ? spanFromUs(plan) : 0, 'UTC').slice(0, 19) }
}

type Fits = (call: BenchCall) => boolean

/** How many of a tenant's calls fit, counted from the generator. */
export function countCalls(plan: Plan, tenant: Tenant, fits: Fits): number {
  let count = 0
  for (let n = 0; n < tenant.calls; n += 1) if (fits(callAt(plan, tenant, n))) count += 1
  return count
}

/** The same with the calls that were laid behind the plan's. */
export function countEver({ plan, history }: Pick<Bench, 'plan' | 'history'>, tenant: Tenant, fits: Fits): number {
  const count = countCalls(plan, tenant, fits)
  if (history === null) return count
  const isEarly = ({ started_at }: BenchCall) => (readTime(started_at, 'UTC') as number) < history.beforeUs
  return count + history.copies * countCalls(plan, tenant, (call) => isEarly(call) && fits(call))
}
