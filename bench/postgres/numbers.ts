import type { ClientBase, Pool } from 'pg'

const BLOCK = 1000

/** Numbers of a sequence that counts in thousands: one round trip gives a thousand of them. */
export class Numbers {
  readonly #sequence: 'call_ids' | 'changes'
  #next = 0
  #left = 0

  constructor(sequence: 'call_ids' | 'changes') {
    this.#sequence = sequence
  }

  /** Makes sure that `count` numbers can be taken. */
  async reserve(client: ClientBase | Pool, count: number): Promise<void> {
    if (this.#left >= count) return
    // Numbers left over are skipped: a block is only whole.
    const blocks = Math.ceil(count / BLOCK)
    const { rows } = await client.query<{ first: number }>({
      name: `reserve ${this.#sequence}`,
      text: `SELECT min(nextval('${this.#sequence}')) AS first FROM generate_series(1, $1)`,
      values: [blocks],
    })
    this.#next = Number(rows[0]?.first)
    this.#left = blocks * BLOCK
  }

  take(): number {
    if (this.#left === 0) throw new Error(`no number of ${this.#sequence} was reserved`)
    this.#left -= 1
    return this.#next++
  }
}
