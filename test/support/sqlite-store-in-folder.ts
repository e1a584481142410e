import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AccountSettings, defaultSettings } from '../../src/record/account.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import { openSqliteStore, type SqliteCallStore, type SqliteStoreOptions } from '../../src/store/sqlite/sqlite-store.ts'

const SETTINGS = defaultSettings('Anybody')

/** The server's own derivation, but for a call to the number `poison`, which nothing can be derived for. */
const DERIVE = new URL('./derive-but-poison.ts', import.meta.url).href

/** A real store in a folder of its own; every account that is asked for exists. */
export class SqliteStoreInFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'calltrail-store-'))
  readonly #options: Partial<SqliteStoreOptions>
  readonly #opened: CallStore[] = []

  constructor(options: Partial<SqliteStoreOptions> = {}) {
    this.#options = options
  }

  async open(options: Partial<SqliteStoreOptions> = {}): Promise<SqliteCallStore> {
    const store = await openSqliteStore({
      folder: this.folder,
      deriveModule: DERIVE,
      readerThreads: 1,
      settingsOf: (): AccountSettings => SETTINGS,
      ...this.#options,
      ...options,
    })
    this.#opened.push(store)
    return store
  }

  async remove(): Promise<void> {
    for (const store of this.#opened) await store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
