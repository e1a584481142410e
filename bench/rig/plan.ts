/** An account of the benchmark with as many calls as it gets. */
export interface Tenant {
  no: number
  /** `MA` and 18 of A-Z0-9. */
  accountId: string
  key: string
  calls: number
  /** What its calls are like. */
  kind: TenantKind
}

/** A trunk's CDRs, or a contact centre's calls. */
export const TENANT_KINDS = ['plain', 'center'] as const
export type TenantKind = (typeof TENANT_KINDS)[number]

/** What is stored and asked, decided before anything starts: the same for both sides and, but for the time, every run. */
export interface Plan {
  calls: number
  seed: number
  /** Epoch microseconds before which every call has ended. */
  endUs: number
  /** Has 40 % of all calls. */
  big: Tenant
  /**
   * Share the other calls evenly with the contact centres; each has 33,000 calls in the window where there are enough
   * calls for that.
   */
  small: readonly Tenant[]
  /** Every fourth of the tenants that are not big: contact centres, of the same size. */
  centers: readonly Tenant[]
  /** Tenants without calls of the plan, for questions that store calls of their own: any n below `calls`. */
  spare: readonly Tenant[]
  /** Into how many parts of equal span the calls of a kind are divided for loading. */
  loads: Record<TenantKind, number>
}

const DAY_US = 86_400_000_000

/** Days over which each tenant's calls are spread, and the days of them that lists search. */
export const SPAN_DAYS = 40
export const WINDOW_DAYS = 30

const BIG_SHARE = 0.4
/** 33,000 of them in the window. */
const SMALL_CALLS = 44_000
/** With fewer calls than these tenants need they have fewer each: three small ones and a contact centre. */
const LEAST_OTHERS = 4
const CALLS_A_LOAD = 500_000
const SPARE_CALLS = 1_000_000_000

/** Plans `calls` calls, at least 100, that end before `nowUs`. */
export function planFor({ calls, seed, nowUs }: { calls: number; seed: number; nowUs: number }): Plan {
  const big = Math.round(calls * BIG_SHARE)
  const rest = calls - big
  const count = Math.max(LEAST_OTHERS, Math.floor(rest / SMALL_CALLS))
  const others = Array.from({ length: count }, (_, at) => {
    const own = Math.floor((rest * (at + 1)) / count) - Math.floor((rest * at) / count)
    return tenant(at + 1, { calls: own, kind: at % 4 === 3 ? 'center' : 'plain' })
  })
  const of = (kind: TenantKind) => others.filter((other) => other.kind === kind)
  const centerCalls = of('center').reduce((sum, center) => sum + center.calls, 0)
  const loadsOf = (callsOfKind: number) => Math.ceil(callsOfKind / CALLS_A_LOAD)
  return {
    calls,
    seed,
    endUs: Math.floor(nowUs / 3_600_000_000) * 3_600_000_000,
    big: tenant(0, { calls: big, kind: 'plain' }),
    small: of('plain'),
    centers: of('center'),
    spare: [count + 1, count + 2].map((no) => tenant(no, { calls: SPARE_CALLS, kind: 'plain' })),
    loads: { plain: Math.max(5, loadsOf(calls - centerCalls)), center: Math.max(2, loadsOf(centerCalls)) },
  }
}

function tenant(no: number, { calls, kind }: Pick<Tenant, 'calls' | 'kind'>): Tenant {
  const digits = String(no).padStart(13, '0')
  return { no, accountId: `MABENCH${digits}`, key: `key-of-bench-tenant-${digits}`, calls, kind }
}

export function tenantsOf({ big, small, centers, spare }: Plan): Tenant[] {
  return [big, ...small, ...centers, ...spare]
}

/** The tenants whose calls of a kind the plan stores. */
export function storedTenants({ big, small, centers }: Plan, kind: TenantKind): readonly Tenant[] {
  return kind === 'plain' ? [big, ...small] : centers
}

/** How many calls of a kind the plan stores. */
export function storedCalls(plan: Plan, kind: TenantKind): number {
  return storedTenants(plan, kind).reduce((sum, { calls }) => sum + calls, 0)
}

/** Epoch microseconds from which the first calls start, and from which lists search. */
export function spanFromUs({ endUs }: Plan): number {
  return endUs - SPAN_DAYS * DAY_US
}

export function windowFromUs({ endUs }: Plan): number {
  return endUs - WINDOW_DAYS * DAY_US
}
