import assert from 'node:assert/strict'
import type { Seeded } from '../support/seeded.ts'
import type { ServerProcess } from '../support/server-process.ts'

/** What was sent about a call, and how much of it the server said that it has. */
interface Told {
  sent: string[]
  acknowledged: string[]
  /** Whether an end was sent, and whether it was acknowledged. */
  end: 'none' | 'sent' | 'acknowledged'
  /** Epoch seconds of every start that was sent of it. */
  starts: number[]
  /** A number that no other call has, and how far its erasure is. */
  number: string | null
  erased: 'no' | 'begun' | 'done'
}

interface Line {
  callUuid: string
  text: string
  ends: boolean
  /** The start and the number that it tells, where it does. */
  startedS?: number
  number?: string
}

const FIRST_S = Date.UTC(2024, 0, 1) / 1000
const SPAN_S = 1_000_000

/** Sends batches of new calls, of ends of live calls, of corrected starts, and of what was sent before, and keeps count. */
export class Load {
  readonly told = new Map<string, Told>()
  /** Numbers whose erasure came to its end. */
  erasures = 0
  /** Calls with an acknowledgement or an attempt since the last `newRound`. */
  #round = new Set<string>()
  #live: string[] = []
  #known: Line[] = []
  readonly #random: Seeded
  #ordinal = 0
  #answers = 0
  #wake: (() => void) | null = null

  constructor(random: Seeded) {
    this.#random = random
  }

  get acknowledgedCalls(): number {
    let count = 0
    for (const { acknowledged } of this.told.values()) if (acknowledged.length > 0) count += 1
    return count
  }

  /** The calls of this round; the next begins. */
  newRound(): Set<string> {
    const round = this.#round
    this.#round = new Set()
    return round
  }

  /** Resolves when that many batches more were answered, by any connection. */
  async answers(count: number): Promise<void> {
    const target = this.#answers + count
    while (this.#answers < target)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  /** One connection: batch after batch until the server is gone. */
  async run(server: ServerProcess): Promise<void> {
    for (;;) {
      const lines = this.#batch()
      for (const line of lines) this.#note(line)
      let answer: { received: number; rejected: unknown[] }
      try {
        const response = await server.send(lines.map(({ text }) => text).join('\n'))
        answer = (await response.json()) as typeof answer
        assert.equal(response.status, 200)
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        return // killed
      }
      assert.deepEqual([answer.received, answer.rejected], [lines.length, []])
      for (const line of lines) this.#acknowledge(line)
      this.#answers += 1
      this.#wake?.()
    }
  }

  #batch(): Line[] {
    const size = this.#random.oneOf([1, 1, 5, 30, 150]) ?? 1
    return Array.from({ length: size }, () => {
      const kind = this.#random.integer(0, 9)
      if (kind < 2 && this.#live.length > 0) return this.#endOf(this.#random.oneOf(this.#live) as string)
      if (kind < 3 && this.#known.length > 0) return this.#random.oneOf(this.#known) as Line
      if (kind < 4 && this.#known.length > 0)
        return this.#correctionOf((this.#random.oneOf(this.#known) as Line).callUuid)
      return this.#newCall({ live: kind < 6 })
    })
  }

  #newCall({ live }: { live: boolean }): Line {
    const ordinal = ++this.#ordinal
    const callUuid = `00000000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`
    const startedS = FIRST_S + this.#random.integer(0, SPAN_S)
    const rare = ordinal % 40 === 7 ? `+1303${5_000_000 + ordinal}` : null
    const body = {
      call_uuid: callUuid,
      kind: live ? 'start' : 'cdr',
      direction: ordinal % 4 === 0 ? 'outbound' : 'inbound',
      from: { number: rare ?? `+1202555${String(ordinal % 10_000).padStart(4, '0')}` },
      started_at: timeOf(startedS),
      ...(live ? {} : { answered_at: timeOf(startedS + 5), ended_at: timeOf(startedS + 65) }),
      user_data: `call ${ordinal}`,
      ...(ordinal % 3 === 0 ? { session_id: `session ${ordinal}`, center: { agents: [{ id: ordinal % 7 }] } } : {}),
    }
    return { callUuid, text: JSON.stringify(body), ends: !live, startedS, ...(rare === null ? {} : { number: rare }) }
  }

  /** Another start, by which the call moves to another place, and mostly to another segment. */
  #correctionOf(callUuid: string): Line {
    const startedS = FIRST_S + this.#random.integer(0, SPAN_S)
    const body = {
      call_uuid: callUuid,
      kind: 'correction',
      reported_at: new Date().toISOString(),
      started_at: timeOf(startedS),
    }
    return { callUuid, text: JSON.stringify(body), ends: false, startedS }
  }

  /** A number to be erased: one whose erasure was begun, else one of a call that was acknowledged; null for none. */
  numberToErase(): string | null {
    const open = [...this.told.values()].filter(({ number, erased, acknowledged }) => {
      return number !== null && erased !== 'done' && acknowledged.length > 0
    })
    const one = open.find(({ erased }) => erased === 'begun') ?? this.#random.oneOf(open)
    return one?.number ?? null
  }

  noteErasure(number: string, erased: 'begun' | 'done'): void {
    if (erased === 'done') this.erasures += 1
    for (const told of this.told.values()) if (told.number === number) told.erased = erased
  }

  #endOf(callUuid: string): Line {
    const body = { call_uuid: callUuid, kind: 'end', ended_at: '2024-02-01T00:00:00Z', hangup: { q850: 16 } }
    return { callUuid, text: JSON.stringify(body), ends: true }
  }

  #note({ callUuid, text, ends, startedS, number }: Line): void {
    const told: Told = this.told.get(callUuid) ?? {
      sent: [],
      acknowledged: [],
      end: 'none',
      starts: [],
      number: number ?? null,
      erased: 'no',
    }
    if (startedS !== undefined) told.starts.push(startedS)
    if (!told.sent.includes(text)) told.sent.push(text)
    if (ends && told.end === 'none') told.end = 'sent'
    this.told.set(callUuid, told)
    this.#round.add(callUuid)
  }

  #acknowledge(line: Line): void {
    const told = this.told.get(line.callUuid) as Told
    if (!told.acknowledged.includes(line.text)) told.acknowledged.push(line.text)
    if (line.ends) told.end = 'acknowledged'
    else if (told.end === 'none') this.#live.push(line.callUuid)
    this.#known.push(line)
    if (this.#live.length > 500) this.#live = this.#live.slice(-250)
    if (this.#known.length > 500) this.#known = this.#known.slice(-250)
  }
}

function timeOf(epochS: number): string {
  return new Date(epochS * 1000).toISOString()
}
