import { callAt, lateReportOf } from './calls.ts'
import type { Plan, Tenant } from './plan.ts'
import { Random } from './random.ts'

/** One `POST /calls`: NDJSON of one tenant. */
export interface IngestRequest {
  key: string
  body: Buffer
  records: number
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
 * The requests that store a plan, load by load. Of every hundred calls five get a second report, a quality report or a
 * correction, and one is sent again as it was: both between half a request and two requests later.
 */
export class Loads {
  readonly #plan: Plan
  readonly #streams: TenantStream[]
  #load = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#streams = [plan.big, ...plan.small].map((tenant) => new TenantStream(plan, tenant))
  }

  /** The next part of the plan, its tenants mixed as time goes; null after the last. */
  next(): { requests: IngestRequest[]; contents: LoadContents } | null {
    const { loads } = this.#plan
    if (this.#load >= loads) return null
    this.#load += 1
    const share = this.#load / loads
    const contents: LoadContents = { calls: 0, late: 0, repeats: 0 }
    const placed = this.#streams.flatMap((stream) => {
      const requests = stream.until(share, contents)
      return requests.map((request, at) => ({ request, place: (at + 1) / requests.length }))
    })
    placed.sort((a, b) => a.place - b.place)
    return { requests: placed.map(({ request }) => request), contents }
  }
}

interface Later {
  /** Behind which call it is sent. */
  dueAfter: number
  kind: 'late' | 'repeats'
  line: string
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

  until(share: number, contents: LoadContents): IngestRequest[] {
    const { calls, key } = this.#tenant
    const end = Math.round(calls * share)
    const requests: IngestRequest[] = []
    let lines: string[] = []
    const send = () => {
      if (lines.length > 0) requests.push({ key, body: Buffer.from(`${lines.join('\n')}\n`), records: lines.length })
      lines = []
    }
    for (; this.#n < end; this.#n += 1) {
      lines.push(this.#call(this.#n), ...this.#due(this.#n, contents))
      contents.calls += 1
      if (lines.length >= RECORDS_A_REQUEST) send()
    }
    if (share === 1) lines.push(...this.#due(Number.POSITIVE_INFINITY, contents))
    send()
    return requests
  }

  /** The call's line; what follows it later is put aside. */
  #call(n: number): string {
    const line = JSON.stringify(callAt(this.#plan, this.#tenant, n))
    const random = new Random(this.#plan.seed, this.#tenant.no, n, 2)
    const dueAfter = n + random.below(RECORDS_A_REQUEST * 1.5) + RECORDS_A_REQUEST / 2
    if (random.chance(LATE_SHARE)) {
      const late = JSON.stringify(lateReportOf(this.#plan, this.#tenant, n))
      this.#later.push({ dueAfter, kind: 'late', line: late })
    }
    if (random.chance(REPEAT_SHARE)) this.#later.push({ dueAfter, kind: 'repeats', line })
    return line
  }

  /** In no order but by when it is due: looked through once in a hundred calls. */
  #due(n: number, contents: LoadContents): string[] {
    if (n % 100 !== 99 && n !== Number.POSITIVE_INFINITY) return []
    const due = this.#later.filter(({ dueAfter }) => dueAfter <= n)
    this.#later = this.#later.filter(({ dueAfter }) => dueAfter > n)
    for (const { kind } of due) contents[kind] += 1
    return due.map(({ line }) => line)
  }
}
