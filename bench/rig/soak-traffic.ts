import { Pool } from 'undici'
import type { Tenant } from './plan.ts'

const RECORDS = 100
const TICK_MS = 50
/** Requests that may wait for their answers; what is due beyond them is left out, and counted. */
const MOST_WAITING = 64
/** Calls that are told of a second time: by a late report, or again as they were. */
const KEPT = 20_000

/** What was sent and answered for so far, in reports. */
export interface Flowed {
  sent: number
  /** Due and left out, because the server did not keep up. */
  leftOut: number
}

/**
 * What switches send a server all day: calls that end now, one in ten of them told by a start and an end, with one late
 * report in twenty and one repeat in a hundred, in NDJSON of a hundred records.
 */
export class SoakTraffic {
  readonly #pool: Pool
  readonly #tenants: readonly Tenant[]
  readonly #kept: { line: string; uuid: string }[] = []
  #ends: string[] = []
  #ordinal: number

  /** `from`: no call of another traffic on the same folder has a number from here on. */
  constructor({ origin, tenants, from }: { origin: string; tenants: readonly Tenant[]; from: number }) {
    this.#pool = new Pool(origin, { connections: 8, headersTimeout: 120_000, bodyTimeout: 120_000 })
    this.#tenants = tenants
    this.#ordinal = from
  }

  /** As much as the server takes on eight connections, for so long: reports a second. */
  async peak(seconds: number): Promise<number> {
    const startedMs = performance.now()
    let sent = 0
    const one = async () => {
      while (performance.now() - startedMs < seconds * 1000) sent += await this.#send()
    }
    await Promise.all(Array.from({ length: 8 }, one))
    return sent / ((performance.now() - startedMs) / 1000)
  }

  /** An even pace until the signal. Rejects where a request is answered with anything but 200. */
  async flow(perS: number, { signal, flowed }: { signal: AbortSignal; flowed: Flowed }): Promise<void> {
    const startedMs = performance.now()
    const waiting = new Set<Promise<void>>()
    let failure: unknown = null
    let due = 0
    while (!signal.aborted && failure === null) {
      for (; due * RECORDS < ((performance.now() - startedMs) / 1000) * perS; due += 1) {
        if (waiting.size >= MOST_WAITING) {
          flowed.leftOut += RECORDS
          continue
        }
        const sending = this.#send().then(
          (sent) => {
            flowed.sent += sent
          },
          (error) => {
            failure = error
          },
        )
        const settled = sending.finally(() => waiting.delete(settled))
        waiting.add(settled)
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
    await Promise.all(waiting)
    if (failure !== null) throw failure
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async #send(): Promise<number> {
    const tenant = this.#tenants[this.#ordinal % this.#tenants.length] as Tenant
    const lines = Array.from({ length: RECORDS }, () => this.#line())
    const { statusCode, body } = await this.#pool.request({
      method: 'POST',
      path: '/calltrail/v1/calls',
      headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`POST /calls: ${statusCode} ${text.slice(0, 300)}`)
    return RECORDS
  }

  #line(): string {
    const turn = this.#ordinal % 100
    const end = turn % 10 === 5 ? this.#ends.shift() : undefined
    if (end !== undefined) {
      this.#ordinal += 1
      return end
    }
    const kept = this.#kept[(this.#ordinal * 7919) % Math.max(1, this.#kept.length)]
    if (kept !== undefined && turn === 99) return this.#again(kept.line)
    if (kept !== undefined && turn % 20 === 7)
      return this.#again(
        `{"call_uuid":"${kept.uuid}","kind":"quality","quality":{"mos":4.${turn % 10},"rtt_ms":${this.#ordinal % 900}}}`,
      )
    return this.#call({ live: turn % 10 === 3 })
  }

  #again(line: string): string {
    this.#ordinal += 1
    return line
  }

  #call({ live }: { live: boolean }): string {
    const n = this.#ordinal++
    const uuid = `50a50a50-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
    const nowMs = Date.now()
    const [started, ended] = [new Date(nowMs - 60_000).toISOString(), new Date(nowMs).toISOString()]
    const head = `{"call_uuid":"${uuid}","direction":"${n % 3 === 0 ? 'outbound' : 'inbound'}"`
    const numbers = `"from":{"number":"+1202${5_000_000 + (n % 900_000)}"},"to":{"number":"+1312${5_000_000 + (n % 700)}"}`
    if (live) {
      this.#ends.push(`{"call_uuid":"${uuid}","kind":"end","ended_at":"${ended}","hangup":{"q850":16}}`)
      return `${head},"kind":"start",${numbers},"started_at":"${started}"}`
    }
    const line = `${head},${numbers},"started_at":"${started}","ended_at":"${ended}","hangup":{"q850":16}}`
    this.#kept[n % KEPT] = { line, uuid }
    return line
  }
}
