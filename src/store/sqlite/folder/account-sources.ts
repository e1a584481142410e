import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Refs } from './refs.ts'

/** Source names that one account may use: who makes a new one for every call shall not slow down everybody. */
export const MOST_SOURCES = 1000

/** The names are used up; of a report that is refused for it nothing else is wrong. */
export class TooManySourcesError extends Error {
  constructor(name: string) {
    super(`source: this account has calls of ${MOST_SOURCES} sources already, and ${name} would be one more`)
  }
}

/** Which sources each account has calls of, in `meta.db`: a call is looked for under these and no other names. */
export class AccountSources {
  readonly #sources: Refs
  readonly #of: StatementSync
  readonly #add: StatementSync
  /** Of the accounts that were asked for so far. */
  readonly #known = new Map<number, Set<number>>()

  constructor(meta: DatabaseSync, sources: Refs, { writable }: { writable: boolean }) {
    this.#sources = sources
    this.#of = meta.prepare('SELECT source FROM account_sources WHERE account = ?')
    this.#add = meta.prepare(writable ? 'INSERT OR IGNORE INTO account_sources VALUES (?, ?)' : 'SELECT ?, ?')
  }

  /** The number of a source of an account, given now when it has none; on disk before it returns. */
  refFor(account: number, name: string): number {
    let known = this.#known.get(account)
    if (known === undefined) {
      known = new Set(this.#read(account))
      this.#known.set(account, known)
    }
    const ref = this.#sources.refOf(name)
    if (ref !== null && known.has(ref)) return ref
    if (known.size >= MOST_SOURCES) throw new TooManySourcesError(name)
    const made = this.#sources.refFor(name)
    this.#add.run(account, made)
    known.add(made)
    return made
  }

  names(account: number): string[] {
    return this.#read(account).map((ref) => this.#sources.nameOf(ref))
  }

  #read(account: number): number[] {
    return this.#of.all(account).map(({ source }) => Number(source))
  }
}

/** Fills the table of a folder that has calls and was written before there was one. */
export function fillAccountSources(meta: DatabaseSync, files: readonly DatabaseSync[]): void {
  if (meta.prepare('SELECT 1 FROM account_sources LIMIT 1').get() !== undefined) return
  const add = meta.prepare('INSERT OR IGNORE INTO account_sources VALUES (?, ?)')
  meta.exec('BEGIN IMMEDIATE')
  for (const file of files)
    for (const { account, source } of file.prepare('SELECT DISTINCT account, source FROM calls').all())
      add.run(Number(account), Number(source))
  meta.exec('COMMIT')
}
