/** Does the same again and again while the server runs, and never twice at once: a round that takes long leaves others out. */
export class Rounds {
  readonly #work: () => Promise<unknown>
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #round: Promise<unknown> | null = null

  /** `onError` is told of a round that failed; the next one tries again. */
  constructor({ work, onError }: { work: () => Promise<unknown>; onError: (error: unknown) => void }) {
    this.#work = work
    this.#onError = onError
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => this.#tick(), everyMs)
    this.#timer.unref()
  }

  /** No more rounds; resolves when the one under way is done. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#round
  }

  #tick(): void {
    if (this.#round !== null) return
    this.#round = this.#work()
      .catch(this.#onError)
      .finally(() => {
        this.#round = null
      })
  }
}
