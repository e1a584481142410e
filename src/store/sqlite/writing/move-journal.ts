import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** A call that goes from one segment to another. */
export interface Move {
  account: number
  uuid: Uint8Array
}

/**
 * The calls that may be in two segments after a crash, in `meta.db`: noted before the first of the commits that move them.
 * Those of a group stay there until the next that moves some; one that has arrived does no harm.
 */
export class MoveJournal {
  readonly #meta: DatabaseSync
  readonly #insert: StatementSync

  constructor(meta: DatabaseSync) {
    this.#meta = meta
    this.#insert = meta.prepare('INSERT OR IGNORE INTO moves VALUES (?, ?)')
  }

  /** In place of what was noted before; on disk when it returns. */
  note(moves: readonly Move[]): void {
    this.#meta.exec('BEGIN IMMEDIATE')
    try {
      this.#meta.exec('DELETE FROM moves')
      for (const { account, uuid } of moves) this.#insert.run(account, uuid)
      this.#meta.exec('COMMIT')
    } catch (error) {
      if (this.#meta.isTransaction) this.#meta.exec('ROLLBACK')
      throw error
    }
  }

  noted(): Move[] {
    return this.#meta.prepare('SELECT account, uuid FROM moves').all() as unknown as Move[]
  }
}
