import type { LoadContents } from './loads.ts'
import type { Plan, Tenant, TenantKind } from './plan.ts'

/** What one connection after another is asked; `headers` say who asks. */
export interface Asking {
  path: string
  headers: Record<string, string>
}

/** What `POST /calls` answered, added up. */
export interface Sent {
  seconds: number
  received: number
  stored: number
  updated: number
  duplicates: number
  rejected: number
}

export interface Answered {
  answers: number
  seconds: number
  p50Ms: number
  p99Ms: number
}

/** What the process that makes the load can be told to do, one job at a time but for `trickle`. */
export interface LoadJobs {
  /** Takes a plan, and makes its loads of a kind from the first one on. */
  plan: { given: { plan: Plan; kind: TenantKind }; result: null }
  /** Makes a load, counted from 0; those between it and the one before are left out. Null after the last. */
  prepare: { given: { load: number }; result: LoadContents | null }
  /** Sends the load that was made, and may be asked to again. */
  send: { given: { origin: string; connections: number }; result: Sent }
  /** Asks in turn for a while, each connection one request at a time. Anything but 200 is an error. */
  ask: { given: { origin: string; asking: Asking[]; connections: number; seconds: number }; result: Answered }
  /** Reads one answer as fast as it comes, at most so long. */
  download: {
    given: { origin: string; asking: Asking; mostSeconds: number }
    result: { lines: number; bytes: number; seconds: number }
  }
  /** Stores calls of a tenant at an even pace while other jobs are done. */
  trickle: { given: Flow & { seconds: number; requestsPerS: number }; result: Sent }
  /** Stores calls of a tenant as fast as it goes until the server is gone; says how many were acknowledged. */
  flood: { given: Flow & { connections: number; mostRequests: number }; result: { acknowledged: number } }
}

/** Calls of a tenant from the n-th on, so many in a request. */
export interface Flow {
  origin: string
  tenant: Tenant
  from: number
  records: number
}
