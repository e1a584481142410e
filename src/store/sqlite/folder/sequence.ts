import type { DatabaseSync, StatementSync } from 'node:sqlite'

const BLOCK = 100_000

/**
 * Numbers that are handed out once: reserved on disk in blocks, so that a crash skips numbers but never repeats one.
 */
export class Sequence {
  readonly #name: string
  readonly #reserve: StatementSync
  #next: number
  #reserved: number

  constructor(meta: DatabaseSync, name: string) {
    this.#name = name
    const row = meta.prepare('SELECT reserved FROM sequences WHERE name = ?').get(name) as
      | { reserved: number }
      | undefined
    this.#next = (row?.reserved ?? 0) + 1
    this.#reserved = row?.reserved ?? 0
    this.#reserve = meta.prepare(
      'INSERT INTO sequences VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET reserved = excluded.reserved',
    )
  }

  /** Every number up to this one was handed out, or never will be. */
  get last(): number {
    return this.#next - 1
  }

  next(): number {
    if (this.#next > this.#reserved) {
      const reserved = this.#next + BLOCK - 1
      this.#reserve.run(this.#name, reserved)
      this.#reserved = reserved // Only now: where the disk refused, the next call has to ask it again.
    }
    return this.#next++
  }
}
