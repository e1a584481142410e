import type { Key } from '../../directory.ts'
import type { DirectoryFile } from './directory-file.ts'

const MINUTE_US = 60_000_000

/** When keys were last used: known at once in memory, on disk within a minute of use, never waiting for the disk. */
export class KeyUses {
  readonly #write: (keys: Iterable<Key>) => void
  readonly #unwritten = new Set<Key>()
  #writtenAtUs: number

  constructor({ db, note }: DirectoryFile, nowUs: number) {
    const update = db.prepare('UPDATE api_keys SET last_used_at_us = ? WHERE id = ?')
    this.#write = (keys) =>
      note(() => {
        for (const key of keys) update.run(key.lastUsedAtUs, key.id)
      })
    this.#writtenAtUs = nowUs
  }

  /** Notes a use, and once a minute writes down those of all keys. */
  add(key: Key, atUs: number): void {
    key.lastUsedAtUs = atUs
    this.#unwritten.add(key)
    if (Math.abs(atUs - this.#writtenAtUs) < MINUTE_US) return
    this.#writtenAtUs = atUs
    try {
      this.flush()
    } catch {
      // A full disk must not keep readers out; the uses stay noted, and the next minute or `flush` tries again.
    }
  }

  flush(): void {
    if (this.#unwritten.size === 0) return
    this.#write(this.#unwritten)
    this.#unwritten.clear()
  }
}
