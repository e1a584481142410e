import type { CallStore } from './call-store.ts'

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
  #timer: NodeJS.Timeout | null = null
  #step: Promise<void> | null = null
  #isLarge = false

  constructor(parts: LogWatchParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS)
    this.#timer.unref()
  }

  /** No more looks; resolves when the one under way is done. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#step
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

  #tick(): void {
    if (this.#step !== null) return
    this.#step = this.look()
      .catch(this.#parts.onError)
      .finally(() => {
        this.#step = null
      })
  }
}
