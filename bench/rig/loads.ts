import { callAt, lateReportOf } from './calls.ts'
import { centerCallAt, lateCenterReportOf } from './center-calls.ts'
import { type Plan, storedTenants, type Tenant, type TenantKind } from './plan.ts'
import { Random } from './random.ts'

/** Records of one tenant that are sent together, in the native wire form. */
export interface LoadRequest {
  tenant: Tenant
  records: Record<string, unknown>[]
}

/** What a load holds, so that the answers can be checked: each is a count of records. */
export interface LoadContents {
  calls: number
  late: number
  repeats: number
}

export const RECORDS_A_REQUEST = 500
const LATE_SHARE = 0.05
const REPEAT_SHARE = 0.01

/**
 * The requests that store a plan's calls of a kind, load by load, the tenants mixed as time goes. Of every hundred calls
 * five get a second report, such as quality figures or a correction, and one is sent again as it was: both between half
 * a request and two requests later.
 */
export class Loads {
  readonly #loads: number
  readonly #streams: TenantStream[]
  #load = 0

  constructor(plan: Plan, kind: TenantKind) {
    this.#loads = plan.loads[kind]
    this.#streams = storedTenants(plan, kind).map((tenant) => new TenantStream(plan, tenant))
  }

  /** The next part of the plan; null after the last. What it holds is known when its requests have been read. */
  next(): { requests: Iterable<LoadRequest>; contents: LoadContents } | null {
    if (this.#load >= this.#loads) return null
    this.#load += 1
    const contents: LoadContents = { calls: 0, late: 0, repeats: 0 }
    return { requests: this.#requestsUntil(this.#load / this.#loads, contents), contents }
  }

  *#requestsUntil(share: number, contents: LoadContents): Generator<LoadRequest> {
    for (let stream = this.#mostBehind(share); stream !== null; stream = this.#mostBehind(share))
      yield stream.next(share, contents)
  }

  /** Leaves out all calls before a load, from 0. What was put aside to follow a call later is kept. */
  skipTo(load: number): void {
    this.#load = load
    for (const stream of this.#streams) stream.skipTo(load / this.#loads)
  }

  /**
   * The calls up to a load, from 0, in the same order, each with its late report right behind it and without repeats:
   * for filling.
   */
  *callsWithLate(until = this.#loads): Generator<{ tenant: Tenant; calls: Record<string, unknown>[][] }> {
    const share = until / this.#loads
    for (let stream = this.#mostBehind(share); stream !== null; stream = this.#mostBehind(share))
      yield stream.nextCalls(share)
  }

  #mostBehind(share: number): TenantStream | null {
    let behind: TenantStream | null = null
    for (const stream of this.#streams)
      if (!stream.isAt(share) && (behind === null || stream.share < behind.share)) behind = stream
    return behind
  }
}

interface Later {
  /** Behind which call it is sent. */
  dueAfter: number
  kind: 'late' | 'repeats'
  record: Record<string, unknown>
}

class TenantStream {
  readonly #plan: Plan
  readonly #tenant: Tenant
  #n = 0
  #later: Later[] = []

  constructor(plan: Plan, tenant: Tenant) {
    this.#plan = plan
    this.#tenant = tenant
  }

  /** How far it has got, 0 to 1. */
  get share(): number {
    return this.#n / this.#tenant.calls
  }

  isAt(share: number): boolean {
    return this.#n >= this.#end(share)
  }

  /** The next request, with no call beyond a share of all. */
  next(share: number, contents: LoadContents): LoadRequest {
    const end = this.#end(share)
    const records: Record<string, unknown>[] = []
    for (; this.#n < end && records.length < RECORDS_A_REQUEST; this.#n += 1) {
      records.push(this.#call(this.#n))
      for (const record of this.#due(this.#n, contents)) records.push(record)
      contents.calls += 1
    }
    if (this.#n === this.#tenant.calls) records.push(...this.#due(Number.POSITIVE_INFINITY, contents))
    return { tenant: this.#tenant, records }
  }

  skipTo(share: number): void {
    this.#n = this.#end(share)
  }

  /** The next calls, each with its late report where it has one, and none beyond a share of all. */
  nextCalls(share: number): { tenant: Tenant; calls: Record<string, unknown>[][] } {
    const end = this.#end(share)
    const calls: Record<string, unknown>[][] = []
    for (; this.#n < end && calls.length < RECORDS_A_REQUEST; this.#n += 1) {
      const late = this.#after(this.#n).late
      calls.push(late ? [this.#callAt(this.#n), this.#lateAt(this.#n)] : [this.#callAt(this.#n)])
    }
    return { tenant: this.#tenant, calls }
  }

  #end(share: number): number {
    return Math.round(this.#tenant.calls * share)
  }

  /** The n-th call; what follows it later is put aside. */
  #call(n: number): Record<string, unknown> {
    const record = this.#callAt(n)
    const { dueAfter, late, repeated } = this.#after(n)
    if (late) this.#later.push({ dueAfter, kind: 'late', record: this.#lateAt(n) })
    if (repeated) this.#later.push({ dueAfter, kind: 'repeats', record })
    return record
  }

  #callAt(n: number): Record<string, unknown> {
    return (this.#tenant.kind === 'center' ? centerCallAt : callAt)(this.#plan, this.#tenant, n)
  }

  #lateAt(n: number): Record<string, unknown> {
    return (this.#tenant.kind === 'center' ? lateCenterReportOf : lateReportOf)(this.#plan, this.#tenant, n)
  }

  /** What comes after the n-th call. */
  #after(n: number): { dueAfter: number; late: boolean; repeated: boolean } {
    const random = new Random(this.#plan.seed, this.#tenant.no, n, 2)
    const dueAfter = n + random.below(RECORDS_A_REQUEST * 1.5) + RECORDS_A_REQUEST / 2
    return { dueAfter, late: random.chance(LATE_SHARE), repeated: random.chance(REPEAT_SHARE) }
  }

  /** In no order but by when it is due: looked through once in a hundred calls. */
  #due(n: number, contents: LoadContents): Record<string, unknown>[] {
    if (n % 100 !== 99 && n !== Number.POSITIVE_INFINITY) return []
    const due = this.#later.filter(({ dueAfter }) => dueAfter <= n)
    this.#later = this.#later.filter(({ dueAfter }) => dueAfter > n)
    for (const { kind } of due) contents[kind] += 1
    return due.map(({ record }) => record)
  }
}
