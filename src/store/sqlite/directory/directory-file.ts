import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { DiskRefusedError } from '../../call-store.ts'
import { isFull, isSyncError } from '../folder/disk-error.ts'

/** Step n brings the tables from version n to n + 1. A step that was released is never changed. */
const MIGRATIONS = [
  `CREATE TABLE accounts (
     id TEXT PRIMARY KEY, settings TEXT NOT NULL, created_at_us INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE api_keys (
     id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts, name TEXT NOT NULL, scopes TEXT NOT NULL,
     hash BLOB NOT NULL, created_at_us INTEGER NOT NULL, expires_at_us INTEGER, revoked_at_us INTEGER,
     last_used_at_us INTEGER
   ) STRICT;
   CREATE TABLE sources (
     name TEXT PRIMARY KEY, kind TEXT NOT NULL, time_zone TEXT NOT NULL, rules TEXT NOT NULL,
     created_at_us INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE quarantine (
     id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, account_id TEXT, arrived_at_us INTEGER NOT NULL,
     origin TEXT, field TEXT, reason TEXT NOT NULL, raw BLOB NOT NULL, mark TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE INDEX quarantine_by_account ON quarantine (account_id, id);`,
  `CREATE TABLE past_settings (
     account_id TEXT NOT NULL REFERENCES accounts, before_us INTEGER NOT NULL, settings TEXT NOT NULL,
     PRIMARY KEY (account_id, before_us)
   ) STRICT;
   ALTER TABLE sources ADD COLUMN access TEXT NOT NULL DEFAULT '{}';
   ALTER TABLE sources ADD COLUMN services TEXT NOT NULL DEFAULT '[]';`,
  `CREATE TABLE quarantine_forgotten (mark TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
]

/** The file was written by a Calltrail that knows more than this one. */
export class NewerDirectoryError extends Error {
  constructor(path: string, version: number) {
    super(
      `${path} holds accounts and keys of version ${version}, and this Calltrail knows versions up to ` +
        `${MIGRATIONS.length}: run the newer Calltrail that wrote it, or restore a backup from before the upgrade`,
    )
  }
}

export interface DirectoryFile {
  db: DatabaseSync
  /** 32 random bytes, made with the file: what ids of given keys are salted with. */
  salt: Uint8Array
  /** All of the work or none of it; on disk when this returns. Throws `DiskRefusedError` where the disk is full. */
  change<T>(work: () => T): T
  /** As `change`, without waiting for the disk: a power failure may undo it, never tear it. */
  note(work: () => void): void
}

/**
 * Opens the file and creates or updates the directory's tables in it; tables of others are left alone. `onFailure` is
 * called where the disk cannot sync: nobody knows then what is on it.
 */
export function openDirectoryFile(path: string, onFailure?: (error: Error) => void): DirectoryFile {
  const db = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true })
  const change = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      if (isSyncError(error)) onFailure?.(error as Error)
      throw isFull(error) ? new DiskRefusedError(`${path} cannot be written: the disk is full`) : error
    }
  }
  try {
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -2000; PRAGMA secure_delete = ON',
    )
    const salt = change(() => migrate(db, path))
    return { db, salt, change, note: (work) => unsynced(db, () => change(work)) }
  } catch (error) {
    db.close()
    throw error
  }
}

function migrate(db: DatabaseSync, path: string): Uint8Array {
  db.exec('CREATE TABLE IF NOT EXISTS directory_meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT')
  const read = db.prepare('SELECT value FROM directory_meta WHERE name = ?')
  const write = db.prepare('INSERT OR REPLACE INTO directory_meta VALUES (?, ?)')
  const version = Number(read.get('schema_version')?.value ?? 0)
  if (version > MIGRATIONS.length) throw new NewerDirectoryError(path, version)
  for (const step of MIGRATIONS.slice(version)) db.exec(step)
  if (version < MIGRATIONS.length) write.run('schema_version', MIGRATIONS.length)
  const salt = read.get('key_salt')?.value as Uint8Array | undefined
  if (salt !== undefined) return salt
  const made = randomBytes(32)
  write.run('key_salt', made)
  return made
}

function unsynced(db: DatabaseSync, work: () => void): void {
  db.exec('PRAGMA synchronous = NORMAL')
  try {
    work()
  } finally {
    db.exec('PRAGMA synchronous = FULL')
  }
}
