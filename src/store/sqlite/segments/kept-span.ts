import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Span } from '../reading/search.ts'

/** The writer's end of a file's `span`: grows with the calls, in the same transaction, and never shrinks. */
export class KeptSpan {
  readonly #read: StatementSync
  readonly #write: StatementSync
  #known: Span | null = null
  #hasGrown = false

  constructor(db: DatabaseSync) {
    this.#read = db.prepare('SELECT shortest, longest FROM span')
    this.#write = db.prepare('INSERT OR REPLACE INTO span VALUES (1, ?, ?)')
    this.reload()
  }

  /** Makes the span include a call of this length, microseconds; negative where clocks disagree. */
  include(lengthUs: number): void {
    const { shortest, longest } = this.#known ?? { shortest: lengthUs, longest: lengthUs }
    if (this.#known !== null && lengthUs >= shortest && lengthUs <= longest) return
    this.#known = { shortest: Math.min(shortest, lengthUs), longest: Math.max(longest, lengthUs) }
    this.#write.run(this.#known.shortest, this.#known.longest)
    this.#hasGrown = true
  }

  /** Whether it has grown since `told`: readers that remember it must hear of that. */
  get hasGrown(): boolean {
    return this.#hasGrown
  }

  told(): void {
    this.#hasGrown = false
  }

  /** Forgets what a transaction that was rolled back had included. */
  reload(): void {
    this.#hasGrown = false
    this.#known = (this.#read.get() as unknown as Span | undefined) ?? null
  }
}
