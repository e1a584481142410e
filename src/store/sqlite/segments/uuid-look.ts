import { DatabaseSync, type StatementSync } from 'node:sqlite'

const CACHE_KIB = 256

/**
 * Looks for calls in a segment's file by a connection that only reads. Of many segments some filter now and then lets a
 * call pass that is not there, and opening a file to be written takes milliseconds.
 */
export class UuidLook {
  readonly #db: DatabaseSync
  readonly #find: StatementSync

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    this.#db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
    this.#find = this.#db.prepare('SELECT 1 FROM calls INDEXED BY calls_uuid WHERE uuid = ? AND account = ?')
  }

  holds(uuid: Uint8Array, account: number): boolean {
    return this.#find.get(uuid, account) !== undefined
  }

  close(): void {
    this.#db.close()
  }
}
