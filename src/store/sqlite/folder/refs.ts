import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Account and source names stand in the rows as small numbers; `meta.db` holds which. Numbers are never given twice. */
export class Refs {
  readonly #byName = new Map<string, number>()
  readonly #byRef = new Map<number, string>()
  #last = 0
  readonly #all: StatementSync
  readonly #add: StatementSync | null

  constructor(meta: DatabaseSync, table: 'account_refs' | 'source_refs', given: { writable: boolean }) {
    this.#all = meta.prepare(`SELECT ref, name FROM ${table} WHERE ref > ?`)
    this.#add = given.writable ? meta.prepare(`INSERT INTO ${table} (name) VALUES (?)`) : null
    this.#load()
  }

  refOf(name: string): number | null {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    this.#load()
    return this.#byName.get(name) ?? null
  }

  /** The name's number, given now when it has none; on disk before it returns. */
  refFor(name: string): number {
    const known = this.refOf(name)
    if (known !== null) return known
    if (this.#add === null) throw new Error(`refs are read only, and ${name} is new`)
    const ref = Number(this.#add.run(name).lastInsertRowid)
    this.#keep(ref, name)
    return ref
  }

  nameOf(ref: number): string {
    const known = this.#byRef.get(ref)
    if (known !== undefined) return known
    this.#load()
    return this.#byRef.get(ref) ?? ''
  }

  names(): Iterable<string> {
    this.#load()
    return this.#byName.keys()
  }

  #load(): void {
    for (const { ref, name } of this.#all.all(this.#last) as { ref: number; name: string }[]) this.#keep(ref, name)
  }

  #keep(ref: number, name: string): void {
    this.#byName.set(name, ref)
    this.#byRef.set(ref, name)
    this.#last = Math.max(this.#last, ref)
  }
}
