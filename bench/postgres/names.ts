import type { Pool } from 'pg'

/** Account and source names stand in the rows as small numbers, held in memory here as on our side. */
export class Names {
  readonly #pool: Pool
  readonly #table: 'accounts' | 'sources'
  readonly #byName = new Map<string, number>()
  readonly #byRef = new Map<number, string>()

  constructor(pool: Pool, table: 'accounts' | 'sources') {
    this.#pool = pool
    this.#table = table
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{ ref: number; name: string }>(`SELECT ref, name FROM ${this.#table}`)
    for (const { ref, name } of rows) this.#keep(ref, name)
  }

  refOf(name: string): number | null {
    return this.#byName.get(name) ?? null
  }

  nameOf(ref: number): string {
    return this.#byRef.get(ref) ?? ''
  }

  names(): Iterable<string> {
    return this.#byName.keys()
  }

  /** Gives numbers to those of the names that have none. */
  async ensure(names: Iterable<string>): Promise<void> {
    for (const name of new Set(names)) {
      if (this.#byName.has(name)) continue
      const { rows } = await this.#pool.query<{ ref: number }>(
        `INSERT INTO ${this.#table} (name) VALUES ($1) RETURNING ref`,
        [name],
      )
      this.#keep(rows[0]?.ref as number, name)
    }
  }

  #keep(ref: number, name: string): void {
    this.#byName.set(name, ref)
    this.#byRef.set(ref, name)
  }
}
