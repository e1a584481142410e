/**
 * Counts events per key in a sliding window made of two fixed ones: the count of the window before fades as the
 * current one fills. Memory is bounded by the keys seen in two windows.
 */
export class RateCounter {
  readonly #limit: number | null
  readonly #windowMs: number
  readonly #now: () => number
  #windowStart = 0
  #current = new Map<string, number>()
  #before = new Map<string, number>()

  /** `limit` null never refuses. `now` is epoch milliseconds. */
  constructor(given: { limit: number | null; windowMs: number; now: () => number }) {
    this.#limit = given.limit
    this.#windowMs = given.windowMs
    this.#now = given.now
  }

  /** Whole seconds to wait when the key is at its limit, else null. Counts nothing. */
  retryAfterS(key: string): number | null {
    if (this.#limit === null) return null
    this.#turn()
    const fading = 1 - (this.#now() - this.#windowStart) / this.#windowMs
    const used = (this.#current.get(key) ?? 0) + (this.#before.get(key) ?? 0) * fading
    if (used < this.#limit) return null
    return Math.max(1, Math.ceil((this.#windowMs * fading) / 1000))
  }

  count(key: string): void {
    if (this.#limit === null) return
    this.#turn()
    this.#current.set(key, (this.#current.get(key) ?? 0) + 1)
  }

  #turn(): void {
    const elapsed = this.#now() - this.#windowStart
    if (elapsed >= 0 && elapsed < this.#windowMs) return
    this.#before = elapsed >= 0 && elapsed < 2 * this.#windowMs ? this.#current : new Map()
    this.#current = new Map()
    this.#windowStart = elapsed >= 0 && elapsed < 2 * this.#windowMs ? this.#windowStart + this.#windowMs : this.#now()
  }
}
