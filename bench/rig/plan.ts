/** An account of the benchmark with as many calls as it gets. */
export interface Tenant {
  no: number
  /** `MA` and 18 of A-Z0-9. */
  accountId: string
  key: string
  calls: number
}

/** What is stored and asked, decided before anything starts: the same for both sides and, but for the time, every run. */
export interface Plan {
  calls: number
  seed: number
  /** Epoch microseconds before which every call has ended. */
  endUs: number
  /** Has 40 % of all calls. */
  big: Tenant
  /** Share the other calls evenly; each has 33,000 calls in the window where there are enough calls for that. */
  small: readonly Tenant[]
  /** Tenants without calls of the plan, for questions that store calls of their own: any n below `calls`. */
  spare: readonly Tenant[]
  /** Into how many parts of equal span the calls are divided for loading. */
  loads: number
}

const DAY_US = 86_400_000_000

/** Days over which each tenant's calls are spread, and the days of them that lists search. */
export const SPAN_DAYS = 40
export const WINDOW_DAYS = 30

const BIG_SHARE = 0.4
/** 33,000 of them in the window. */
const SMALL_CALLS = 44_000
const LEAST_SMALL = 4
const CALLS_A_LOAD = 500_000
const SPARE_CALLS = 1_000_000_000

/** Plans `calls` calls, at least 100, that end before `nowUs`. */
export function planFor({ calls, seed, nowUs }: { calls: number; seed: number; nowUs: number }): Plan {
  const big = Math.round(calls * BIG_SHARE)
  const rest = calls - big
  const count = Math.max(LEAST_SMALL, Math.floor(rest / SMALL_CALLS))
  const small = Array.from({ length: count }, (_, at) =>
    tenant(at + 1, Math.floor((rest * (at + 1)) / count) - Math.floor((rest * at) / count)),
  )
  return {
    calls,
    seed,
    endUs: Math.floor(nowUs / 3_600_000_000) * 3_600_000_000,
    big: tenant(0, big),
    small,
    spare: [tenant(count + 1, SPARE_CALLS), tenant(count + 2, SPARE_CALLS)],
    loads: Math.max(5, Math.ceil(calls / CALLS_A_LOAD)),
  }
}

function tenant(no: number, calls: number): Tenant {
  const digits = String(no).padStart(13, '0')
  return { no, accountId: `MABENCH${digits}`, key: `key-of-bench-tenant-${digits}`, calls }
}

export function tenantsOf({ big, small, spare }: Plan): Tenant[] {
  return [big, ...small, ...spare]
}

/** Epoch microseconds from which the first calls start, and from which lists search. */
export function spanFromUs({ endUs }: Plan): number {
  return endUs - SPAN_DAYS * DAY_US
}

export function windowFromUs({ endUs }: Plan): number {
  return endUs - WINDOW_DAYS * DAY_US
}
