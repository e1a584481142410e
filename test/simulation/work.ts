import type { Report } from '../../src/record/report.ts'
import { formatRfc3339 } from '../../src/record/time.ts'
import { type Body, reportOf } from '../support/a-report.ts'
import type { Seeded } from '../support/seeded.ts'
import { uuidOf } from '../support/varied-calls.ts'

const DAY_US = 86_400_000_000
const BEGAN_US = Date.UTC(2024, 0, 15, 12) * 1000
const CAUSES = [16, 17, 19, 31]
const NUMBERS = ['+12025550001', '+12025550002', '+442071838750', '1001', 'anonymous']

/** Each is of a few calls, and is erased once. */
const RARE = Array.from({ length: 200 }, (_, at) => `+1202556${String(at).padStart(4, '0')}`)

interface Known {
  callUuid: string
  accountId: string
  startedAtUs: number
  live: boolean
}

/** Random reports, the same for the same random numbers: what comes to a server in days, and what comes too late. */
export class Work {
  readonly #random: Seeded
  readonly #accounts: readonly string[]
  readonly #known: Known[] = []
  readonly #sent: Report[] = []
  #nowUs = BEGAN_US
  #ordinal = 0
  #arrival = 0
  #erased = 0

  constructor(random: Seeded, accounts: readonly string[]) {
    this.#random = random
    this.#accounts = accounts
  }

  /** The time by the clock of those who report. */
  get nowUs(): number {
    return this.#nowUs
  }

  /** A number that some calls may have, and that no new call will have. */
  takeRare(): string {
    return RARE[this.#erased++ % RARE.length] as string
  }

  batch(): Report[] {
    const size = this.#random.oneOf([1, 1, 3, 10, 40]) ?? 1
    return Array.from({ length: size }, () => this.#report())
  }

  #report(): Report {
    const kind = this.#random.integer(0, 99)
    const known = this.#known.length === 0 ? undefined : this.#random.oneOf(this.#known)
    const repeated = kind < 6 && this.#sent.length > 0 ? this.#random.oneOf(this.#sent) : undefined
    if (repeated !== undefined) return repeated
    if (known !== undefined && kind < 20) return this.#make(known, this.#late(known))
    if (known !== undefined && kind < 30) return this.#make(known, this.#correction(known))
    if (known !== undefined && kind < 45 && known.live) return this.#make(known, this.#end(known))
    return this.#newCall({ live: kind < 55 })
  }

  #make({ callUuid, accountId }: Known, body: Body): Report {
    this.#arrival += 1
    const report = reportOf(
      { call_uuid: callUuid, ...body, user_data: `report ${this.#arrival}` },
      {
        accountId,
        source: this.#random.oneOf(['fs-london', 'pbx']) ?? 'pbx',
        arrivedAtUs: this.#nowUs + this.#arrival,
      },
    )
    this.#sent.push(report)
    return report
  }

  /** Most calls come in the order of their starts; some are of days or years before. */
  #newCall({ live }: { live: boolean }): Report {
    this.#ordinal += 1
    this.#nowUs += this.#random.integer(0, 120_000_000)
    const known = {
      callUuid: uuidOf(this.#ordinal),
      accountId: this.#random.oneOf(this.#accounts) as string,
      startedAtUs: this.#random.integer(0, 9) === 0 ? this.#anyStart() : this.#nowUs,
      live,
    }
    this.#known.push(known)
    const { startedAtUs } = known
    const answered = this.#random.integer(0, 2) > 0
    const ends = live
      ? {}
      : {
          ...(answered ? { answered_at: at(startedAtUs + 5_000_000) } : {}),
          ended_at: at(startedAtUs + this.#random.integer(1, 7200) * 1_000_000),
          hangup: { q850: this.#random.oneOf(CAUSES) },
        }
    return this.#make(known, {
      kind: live ? 'start' : 'cdr',
      direction: this.#random.oneOf(['inbound', 'outbound', 'internal']),
      from: { number: this.#random.integer(0, 5) === 0 ? this.#rare() : this.#random.oneOf(NUMBERS) },
      to: { number: this.#random.oneOf(NUMBERS) },
      started_at: at(startedAtUs),
      ...ends,
      ...this.#extras(),
    })
  }

  #extras(): Body {
    const kind = this.#random.integer(0, 5)
    if (kind === 0) return { cost: { rate: '0.01', currency: this.#random.oneOf(['USD', 'EUR']) } }
    if (kind === 1) return { cost: { rate: '0.02' }, trunk: { id: `trunk ${this.#random.integer(1, 3)}` } }
    if (kind > 2) return {}
    const agents = [{ id: this.#random.integer(1, 4) }, { id: this.#random.integer(5, 6) }]
    return {
      session_id: `session ${this.#random.integer(1, 50)}`,
      leg: this.#random.oneOf(['whole', 'a', 'b']),
      center: { agents, contact: { id: 1, list_ids: [this.#random.integer(1, 3)] }, survey_ids: [1] },
    }
  }

  #rare(): string {
    return RARE[(this.#erased + this.#random.integer(0, 9)) % RARE.length] as string
  }

  #anyStart(): number {
    return this.#nowUs - this.#random.integer(0, 400) * DAY_US + this.#random.integer(-86_400, 3600) * 1_000_000
  }

  /** More about a call, with or without what was known before. */
  #late(known: Known): Body {
    const kind = this.#random.integer(0, 3)
    if (kind === 0) return { kind: 'quality', quality: { mos: 4, rtt_ms: this.#random.integer(1, 500) } }
    if (kind === 1) return { kind: 'update', tags: ['vip'], center: { survey_ids: [this.#random.integer(1, 9)] } }
    if (kind === 2) return { kind: 'update', clear: ['tags'], from: { number: this.#random.oneOf(NUMBERS) } }
    return { kind: 'update', rang_at: at(known.startedAtUs + 1_000_000), hangup: { q850: this.#random.oneOf(CAUSES) } }
  }

  /** Another start, mostly near the old one, or an end that lies elsewhere: the call moves in its segment, or to another. */
  #correction(known: Known): Body {
    const near = this.#random.integer(0, 2) > 0
    known.startedAtUs = near ? known.startedAtUs + this.#random.integer(-3600, 3600) * 1_000_000 : this.#anyStart()
    return { kind: 'correction', reported_at: at(this.#nowUs), started_at: at(known.startedAtUs) }
  }

  #end(known: Known): Body {
    known.live = false
    const endedAtUs = Math.max(known.startedAtUs, this.#nowUs)
    return { kind: 'end', ended_at: at(endedAtUs), hangup: { q850: this.#random.oneOf(CAUSES) } }
  }
}

function at(us: number): string {
  return formatRfc3339(us)
}
