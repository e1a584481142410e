import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

const TABLE = 'CREATE TABLE IF NOT EXISTS directory_meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT'

/** The name that backups know a store by; drawn and written to `meta.db` where there is none yet. */
export function storeId(meta: string): string {
  return withMeta(meta, (db) => {
    db.prepare("INSERT OR IGNORE INTO directory_meta VALUES ('store_id', ?)").run(randomUUID())
    return String(db.prepare("SELECT value FROM directory_meta WHERE name = 'store_id'").get()?.value)
  })
}

/** The name of a store, null where it never was backed up. */
export function storeIdIn(meta: DatabaseSync): string | null {
  if (meta.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'directory_meta'").get() === undefined) return null
  const row = meta.prepare("SELECT value FROM directory_meta WHERE name = 'store_id'").get()
  return row === undefined ? null : String(row.value)
}

/** Gives a restored store a name of its own: what it and the one that was backed up become may differ from now on. */
export function renameStore(db: DatabaseSync): void {
  db.exec(TABLE)
  db.prepare("INSERT OR REPLACE INTO directory_meta VALUES ('store_id', ?)").run(randomUUID())
}

function withMeta<T>(meta: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(meta, { timeout: 5000 })
  try {
    db.exec(`PRAGMA synchronous = FULL; ${TABLE}`)
    return work(db)
  } finally {
    db.close()
  }
}
