import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { addFactFunctions } from '../row/fact-functions.ts'
import { fillAccountSources } from './account-sources.ts'
import { takeBack } from './broken-off.ts'
import { fileHead } from './file-head.ts'
import { namedDamage, requireWhole, requireWritable } from './folder-check.ts'
import { type FileNames, migrateCalls } from './migrate.ts'
import { type Migration, MigrationProgress } from './migration-progress.ts'
import { Refs } from './refs.ts'
import { CALLS_DDL, LIVE_DDL, META_DDL, PAGE_SIZE, SCHEMA_VERSION } from './schema.ts'
import { LIFE, type Life } from './segment-sizes.ts'

/** Where everything lies in a data folder. */
export function folderPaths(folder: string) {
  return {
    lock: join(folder, 'lock.db'),
    meta: join(folder, 'meta.db'),
    live: join(folder, 'live.db'),
    segments: join(folder, 'segments'),
    overall: join(folder, 'segments', 'all.filter'),
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
 * killed process leaves nothing behind that has to be cleaned up. Throws `FolderLockedError` where another holds it, and
 * `UnusableFolderError` where it cannot be written.
 */
export function lockFolder(folder: string): { release(): void } {
  makeFolder(folder)
  requireWritable(folder)
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
  given: { ddl: string; cacheKib: number; migrate?: (db: DatabaseSync, version: number) => void },
): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 })
  try {
    db.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${given.cacheKib}; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON`)
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    if (version > SCHEMA_VERSION) throw new NewerSchemaError(path, version)
    if (version === SCHEMA_VERSION) return db
    db.exec('BEGIN IMMEDIATE')
    if (version > 0 && version < SCHEMA_VERSION) given.migrate?.(db, version)
    db.exec(`${given.ddl} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
    return db
  } catch (error) {
    db.close()
    throw namedDamage(error, path)
  }
}

/** Opens `meta.db` for writing, and brings its tables up to date. */
export function openMeta(path: string): DatabaseSync {
  return openForWriting(path, { ddl: META_DDL, cacheKib: 2000, migrate: migrateMeta })
}

function migrateMeta(meta: DatabaseSync, version: number): void {
  if (version < 3) meta.exec('ALTER TABLE segments ADD COLUMN life INTEGER NOT NULL DEFAULT 0')
}

/** Opens a file of calls for the one writer: a segment with `CALLS_DDL`, `live.db` with `LIVE_DDL`. */
export function openCalls(
  path: string,
  given: { ddl: string; cacheKib: number; names: FileNames; progress?: MigrationProgress | null },
): DatabaseSync {
  const { names, progress = null } = given
  return openForWriting(path, { ...given, migrate: (db, version) => migrateCalls(db, { names, version, progress }) })
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
  try {
    addFactFunctions(db)
    db.exec(`PRAGMA cache_size = -${cacheKib}; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens a file for one reading, and closes it whatever comes of that. */
export function reading<T>(path: string, cacheKib: number, read: (db: DatabaseSync) => T): T {
  const db = openForReading(path, cacheKib)
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** The same of a folder's `meta.db`. */
export function readingMeta<T>(folder: string, read: (meta: DatabaseSync) => T): T {
  return reading(folderPaths(folder).meta, 1000, read)
}

/** A stretch of `started_at`, from inclusive, before exclusive, and the file that holds its ended calls. */
export interface SegmentRange {
  no: number
  fromUs: number
  beforeUs: number
  path: string
  life: Life
}

/**
 * Opens a segment's file to be read; null where the map does not name it any more, because it was merged, split or dropped
 * since `path` was read from there.
 */
export function openSegment(
  path: string,
  { meta, folder, cacheKib }: { meta: DatabaseSync; folder: string; cacheKib: number },
): DatabaseSync | null {
  try {
    return openForReading(path, cacheKib)
  } catch (error) {
    if (readRanges(meta, folder).some((range) => range.path === path)) throw error
    return null
  }
}

/**
 * Creates what is missing: the folders, `meta.db` with one segment for all time, `live.db`, the segment's file. Returns
 * the range map in order of time, once files of an older version are brought up to this one. Throws `UnusableFolderError` where a file that held calls is gone or damaged. For a folder
 * that nobody in this process has open: closing a file that was looked into drops the locks that the process holds on it.
 */
export function prepareFolder(
  folder: string,
  { onMigration = () => {} }: { onMigration?: ((migration: Migration) => void) | undefined } = {},
): SegmentRange[] {
  takeBack(folder)
  requireWhole(folder)
  const paths = folderPaths(folder)
  makeFolder(paths.segments)
  makeFolder(paths.raw)
  const meta = openMeta(paths.meta)
  meta
    .prepare('INSERT INTO segments SELECT 1, 0, ?, ?, 0 WHERE NOT EXISTS (SELECT 1 FROM segments)')
    .run(Number.MAX_SAFE_INTEGER, '000001.db')
  const ranges = readRanges(meta, folder)
  const names = namesOf(meta)
  const progress = migrationOf([...ranges.map(({ path }) => path), paths.live], onMigration)
  const isFilled = meta.prepare('SELECT 1 FROM account_sources LIMIT 1').get() !== undefined
  const files = [
    ...ranges
      .filter(({ path }) => !isFilled || fileHead(path)?.version !== SCHEMA_VERSION)
      .map((range) => openCalls(range.path, { ddl: CALLS_DDL, cacheKib: 16_384, names, progress })),
    openCalls(paths.live, { ddl: LIVE_DDL, cacheKib: 16_384, names, progress }),
  ]
  progress?.finish()
  if (!isFilled) fillAccountSources(meta, files)
  for (const file of files) file.close()
  meta.close()
  return ranges
}

/** Begins to tell of the files that are of an older version; null where none is that has calls. */
function migrationOf(paths: readonly string[], tell: (migration: Migration) => void): MigrationProgress | null {
  const counts = paths.flatMap((path) => {
    const version = fileHead(path)?.version ?? 0
    if (version === 0 || version >= SCHEMA_VERSION) return []
    return [reading(path, 1000, (db) => Number(db.prepare('SELECT count(*) AS calls FROM calls').get()?.calls))]
  })
  const calls = counts.reduce((sum, count) => sum + count, 0)
  return calls === 0 ? null : new MigrationProgress({ files: counts.length, calls }, tell)
}

export function readRanges(meta: DatabaseSync, folder: string): SegmentRange[] {
  // A folder of an older version has no `life`, and is read as it is by who may not write.
  const rows = meta.prepare('SELECT * FROM segments ORDER BY from_us').all() as {
    no: number
    from_us: number
    before_us: number
    file: string
    life?: Life
  }[]
  const { segments } = folderPaths(folder)
  return rows.map((row) => ({
    no: row.no,
    fromUs: row.from_us,
    beforeUs: row.before_us,
    path: join(segments, row.file),
    life: row.life ?? LIFE.open,
  }))
}
