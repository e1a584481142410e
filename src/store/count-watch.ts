import type { CallStore } from './call-store.ts'
import { Rounds } from './rounds.ts'

const EVERY_MS = 60_000

export interface CountWatchParts {
  calls: Pick<CallStore, 'checkCounts'>
  /** Told of a count that is wrong, in words that name it. */
  onWrong: (what: string) => void
  /** Told of a check that failed; the next one tries again. */
  onError: (error: unknown) => void
}

/**
 * Has the store recount a little of what it counts ahead, every minute while the server runs. A count that is wrong means
 * that totals and summaries are: it is told, and nothing is mended.
 */
export class CountWatch {
  readonly #parts: CountWatchParts
  readonly #rounds: Rounds
  #checked = 0
  #wrong = 0

  constructor(parts: CountWatchParts) {
    this.#parts = parts
    this.#rounds = new Rounds({ work: () => this.check(), onError: parts.onError })
  }

  /** Counts looked at since the start. */
  get checked(): number {
    return this.#checked
  }

  /** How often one of them was wrong; the same one again, when chance leads to it again. */
  get wrong(): number {
    return this.#wrong
  }

  start(): void {
    this.#rounds.start(EVERY_MS)
  }

  /** No more checks; resolves when the one under way is done. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  async check(): Promise<void> {
    const { counts, wrong } = await this.#parts.calls.checkCounts()
    this.#checked += counts
    this.#wrong += wrong.length
    for (const what of wrong) this.#parts.onWrong(what)
  }
}
