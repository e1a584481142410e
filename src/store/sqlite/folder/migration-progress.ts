/** How far the files of an older version have been brought up to this one. */
export interface Migration {
  /** Files that were of an older version when it began, and the calls in them. */
  files: number
  calls: number
  /** Calls of which that is done; all of them once it is over. */
  done: number
}

const TOLD_EVERY_MS = 3000

/** Tells how far it is: at first, every few seconds, and at the end. */
export class MigrationProgress {
  readonly #of: { files: number; calls: number }
  readonly #tell: (migration: Migration) => void
  /** Milliseconds, from any point on. */
  readonly #now: () => number
  #toldAtMs: number
  #done = 0

  constructor(
    of: { files: number; calls: number },
    tell: (migration: Migration) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#of = of
    this.#tell = tell
    this.#now = now
    this.#toldAtMs = now()
    tell({ ...of, done: 0 })
  }

  add(calls: number): void {
    this.#done = Math.min(this.#of.calls, this.#done + calls)
    const nowMs = this.#now()
    if (nowMs - this.#toldAtMs < TOLD_EVERY_MS) return
    this.#toldAtMs = nowMs
    this.#tell({ ...this.#of, done: this.#done })
  }

  finish(): void {
    this.#tell({ ...this.#of, done: this.#of.calls })
  }
}
