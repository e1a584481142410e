import { request } from 'undici'
import { WrongAnswerError } from './rig/answers.ts'
import { inTurns, type Question } from './rig/bench.ts'
import type { Tenant } from './rig/plan.ts'
import type { Side } from './rig/side.ts'
import { BESIDE, storeProbe, timesBesideOthers, VISIBLE_FIGURES } from './visible.ts'

const GIVE_UP_MS = 10_000
/** Behind the calls that `visible` stores. */
const FIRST = 100_000
const CALLS_A_ROUND = 1000

/** A call is sent while others stream in: how long from its first byte sent until the account's change stream tells it? */
export const visibleStream: Question = {
  name: 'visible-stream',
  asks: 'receipt to visible on the change stream',
  figures: VISIBLE_FIGURES,
  of: BESIDE,
  run(bench) {
    const { plan } = bench
    const [probe] = plan.spare as [Tenant, Tenant]
    return inTurns(bench, async (side, no) => {
      const told = await Told.by(side, probe)
      try {
        const nth = (at: number) => FIRST + no * CALLS_A_ROUND + at
        return await timesBesideOthers(bench, { side, from: (1000 + no) * 1_000_000, nth }, async (n) => {
          const { call_uuid, sentMs } = await storeProbe(side, plan, n)
          return (await told.at(call_uuid)) - sentMs
        })
      } finally {
        await told.end()
      }
    })
  },
}

/** What a change stream told, and when. */
class Told {
  readonly #side: Side
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #text = ''
  #heard = Promise.withResolvers<void>()

  /** Opens the stream of an account from now on, and returns once it has greeted. */
  static async by(side: Side, { key }: Tenant): Promise<Told> {
    const told = new Told(side, key)
    await told.#hear(performance.now() + GIVE_UP_MS)
    return told
  }

  private constructor(side: Side, key: string) {
    this.#side = side
    this.#ended = this.#listen(`${side.origin}/calltrail/v1/changes/stream`, key)
  }

  /** When the call was told of. */
  async at(callUuid: string): Promise<number> {
    const deadlineMs = performance.now() + GIVE_UP_MS
    while (!this.#text.includes(callUuid)) await this.#hear(deadlineMs)
    const atMs = performance.now()
    this.#text = ''
    return atMs
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  async #listen(url: string, key: string): Promise<void> {
    try {
      const headers = { authorization: `Bearer ${key}` }
      const { statusCode, body } = await request(url, { headers, signal: this.#stop.signal, bodyTimeout: 0 })
      if (statusCode !== 200) throw new WrongAnswerError(`${this.#side.name} answers ${url} with ${statusCode}`)
      body.setEncoding('utf8')
      for await (const text of body) {
        this.#text += text
        this.#heard.resolve()
        this.#heard = Promise.withResolvers()
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#heard.reject(error)
    }
  }

  async #hear(deadlineMs: number): Promise<void> {
    const tooLate = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => tooLate.reject(new WrongAnswerError(`${this.#side.name} tells nothing on its change stream`)),
      deadlineMs - performance.now(),
    )
    try {
      await Promise.race([this.#heard.promise, tooLate.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
