import type { CallStore } from './call-store.ts'
import { Rounds } from './rounds.ts'

const EVERY_MS = 60_000

export interface LogWatchParts {
  calls: Pick<CallStore, 'logBytes'>
  /** What the logs have together at most while all is well. */
  mostBytes: number
  /** Told once when they have more, and once when they have no more than that again. */
  onLarge: (bytes: number) => void
  onBack: (bytes: number) => void
  /** Told of a look that failed; the next one tries again. */
  onError: (error: unknown) => void
}

/**
 * Looks every minute how large the store's logs are. They grow without bound where what is in them cannot be written to
 * its place: a read that never ends keeps it there, or the disk refuses it, and nothing else tells of that.
 */
export class LogWatch {
  readonly #parts: LogWatchParts
  readonly #rounds: Rounds
  #isLarge = false

  constructor(parts: LogWatchParts) {
    this.#parts = parts
    this.#rounds = new Rounds({ work: () => this.look(), onError: parts.onError })
  }

  start(): void {
    this.#rounds.start(EVERY_MS)
  }

  /** No more looks; resolves when the one under way is done. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  async look(): Promise<void> {
    const { calls, mostBytes, onLarge, onBack } = this.#parts
    const bytes = await calls.logBytes()
    const isLarge = bytes !== null && bytes > mostBytes
    if (bytes === null || isLarge === this.#isLarge) return
    this.#isLarge = isLarge
    if (isLarge) onLarge(bytes)
    else onBack(bytes)
  }
}
