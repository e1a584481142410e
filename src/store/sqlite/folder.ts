import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fillAccountSources } from './account-sources.ts'
import { type FileNames, migrateCalls } from './migrate.ts'
import { Refs } from './refs.ts'
import { CALLS_DDL, LIVE_DDL, META_DDL, PAGE_SIZE, SCHEMA_VERSION } from './schema.ts'

/** Where everything lies in a data folder. */
export function folderPaths(folder: string) {
  return {
    lock: join(folder, 'lock.db'),
    meta: join(folder, 'meta.db'),
    live: join(folder, 'live.db'),
    segments: join(folder, 'segments'),
    raw: join(folder, 'raw'),
    control: join(folder, 'control.sock'),
  }
}

/**
 * Makes a folder and those above it, for their owner and group. Not by node's own `recursive`, which tries for ever where
 * the kernel refuses a name it does not know, as under /proc.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  const above = dirname(resolve(path))
  if (above !== resolve(path)) makeFolder(above)
  try {
    mkdirSync(path, { mode: 0o750 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process was faster
  }
}

/** The folder is being served by another process. */
export class FolderLockedError extends Error {
  constructor(folder: string) {
    super(`${folder} is in use by another Calltrail process`)
  }
}

/** The folder was written by a newer Calltrail. */
export class NewerSchemaError extends Error {
  constructor(file: string, version: number) {
    super(`${file} has schema ${version}, and this Calltrail knows only up to ${SCHEMA_VERSION}: use a newer one`)
  }
}

/**
 * Holds the folder until the process ends or `release` is called. SQLite's own lock on `lock.db` does it, so a
 * killed process leaves nothing behind that has to be cleaned up.
 */
export function lockFolder(folder: string): { release(): void } {
  makeFolder(folder)
  const lock = new DatabaseSync(folderPaths(folder).lock)
  try {
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode === 5) throw new FolderLockedError(folder)
    throw error
  }
  return { release: () => lock.close() }
}

/**
 * Opens a file for the one writer, creating it with the given tables. `migrate` brings the tables of an older version up
 * to this one, in the transaction that marks the file as being of this version.
 */
export function openForWriting(
  path: string,
  given: { ddl: string; cacheKib: number; migrate?: (db: DatabaseSync) => void },
): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 })
  try {
    db.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${given.cacheKib}; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY`)
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    if (version > SCHEMA_VERSION) throw new NewerSchemaError(path, version)
    db.exec('BEGIN IMMEDIATE')
    if (version > 0 && version < SCHEMA_VERSION) given.migrate?.(db)
    db.exec(`${given.ddl} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens a file of calls for the one writer: a segment with `CALLS_DDL`, `live.db` with `LIVE_DDL`. */
export function openCalls(path: string, given: { ddl: string; cacheKib: number; names: FileNames }): DatabaseSync {
  return openForWriting(path, { ...given, migrate: (db) => migrateCalls(db, given.names) })
}

/** The names that `meta.db` holds, to be read. */
export function namesOf(meta: DatabaseSync): FileNames {
  return {
    accounts: new Refs(meta, 'account_refs', { writable: false }),
    sources: new Refs(meta, 'source_refs', { writable: false }),
  }
}

export function openForReading(path: string, cacheKib: number): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  db.exec(`PRAGMA cache_size = -${cacheKib}; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON`)
  return db
}

/** A stretch of `started_at`, from inclusive, before exclusive, and the file that holds its ended calls. */
export interface SegmentRange {
  no: number
  fromUs: number
  beforeUs: number
  path: string
}

/**
 * Creates what is missing: the folders, `meta.db` with one segment for all time, `live.db`, the segment's file. Returns
 * the range map in order of time.
 */
export function prepareFolder(folder: string): SegmentRange[] {
  const paths = folderPaths(folder)
  makeFolder(paths.segments)
  makeFolder(paths.raw)
  const meta = openForWriting(paths.meta, { ddl: META_DDL, cacheKib: 2000 })
  meta
    .prepare('INSERT INTO segments SELECT 1, 0, ?, ? WHERE NOT EXISTS (SELECT 1 FROM segments)')
    .run(Number.MAX_SAFE_INTEGER, '000001.db')
  const ranges = readRanges(meta, folder)
  const names = namesOf(meta)
  const files = [
    ...ranges.map((range) => openCalls(range.path, { ddl: CALLS_DDL, cacheKib: 16_384, names })),
    openCalls(paths.live, { ddl: LIVE_DDL, cacheKib: 16_384, names }),
  ]
  fillAccountSources(meta, files)
  for (const file of files) file.close()
  meta.close()
  return ranges
}

export function readRanges(meta: DatabaseSync, folder: string): SegmentRange[] {
  const rows = meta.prepare('SELECT no, from_us, before_us, file FROM segments ORDER BY from_us').all() as {
    no: number
    from_us: number
    before_us: number
    file: string
  }[]
  const { segments } = folderPaths(folder)
  return rows.map((row) => ({
    no: row.no,
    fromUs: row.from_us,
    beforeUs: row.before_us,
    path: join(segments, row.file),
  }))
}
