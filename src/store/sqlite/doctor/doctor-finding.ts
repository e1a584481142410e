import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { basename, dirname, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { folderPaths, openForReading, readRanges } from '../folder/folder.ts'
import { restoreFile, restoreWhole } from '../folder/folder-check.ts'
import { addFactFunctions } from '../row/fact-functions.ts'

/** What an examination of a data folder or a backup has found, and what to do about it. */
export interface Finding {
  /** What was looked at: `integrity`, `raw log`. */
  check: string
  /** `problem`: data are missing or wrong, or will be; `warning`: worth a look; `ok`: as it should be. */
  level: 'ok' | 'warning' | 'problem'
  what: string
  /** Null where there is nothing to do. */
  todo: string | null
}

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what, todo: null }
}

export function problem(check: string, what: string, todo: string): Finding {
  return { check, level: 'problem', what, todo }
}

export function warning(check: string, what: string, todo: string): Finding {
  return { check, level: 'warning', what, todo }
}

/** One database of a data folder, to be looked at and not to be changed. */
export interface ExaminedFile {
  folder: string
  path: string
  /** `000001.db`: what findings call it. */
  name: string
  /** Nobody writes to the folder meanwhile. */
  isStill: boolean
}

export function examinedFile(path: string, given: { folder: string; isStill: boolean }): ExaminedFile {
  return { ...given, path, name: basename(path) }
}

/** How a file that is gone or damaged comes back. What `meta.db` says has to be of one time with everything else. */
export function restoreOf({ folder, path }: Pick<ExaminedFile, 'folder' | 'path'>): string {
  const name = relative(folder, path)
  const how = name === 'meta.db' ? restoreWhole(folder) : restoreFile(folder, name)
  return `stop the server, keep a copy of the folder, and ${how}`
}

/** A file that SQLite cannot read is a finding like any other; one that the server has taken away meanwhile is none. */
export function* withFile(
  file: ExaminedFile,
  examine: (db: DatabaseSync) => Iterable<Finding>,
): Generator<Finding, void> {
  let db: DatabaseSync | null = null
  try {
    db = openToExamine(file)
    yield* examine(db)
  } catch (error) {
    if (isGone(file)) yield ok('files', `${file.name} has been written anew meanwhile, and is not examined any further`)
    else yield unreadable(file, error)
  } finally {
    db?.close()
  }
}

/**
 * Opens a file without leaving anything beside it where that can be: SQLite makes `-wal` and `-shm` even for who only
 * reads, so a file without a write-ahead log that nobody writes is opened as one that never changes.
 */
export function openToExamine({ path, isStill }: ExaminedFile): DatabaseSync {
  const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (!isStill || walBytes > 0) return openForReading(path, 16_384)
  const db = openUnchanging(path)
  addFactFunctions(db)
  db.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON')
  return db
}

/** Opens a database that nobody writes, and makes no file beside it. */
export function openUnchanging(path: string): DatabaseSync {
  return new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true })
}

/** Whether the file is a segment's that was merged, split or dropped since the range map was read. */
export function isGone({ folder, path, isStill }: Omit<ExaminedFile, 'name'>): boolean {
  if (isStill || existsSync(path)) return false
  try {
    const meta = openForReading(folderPaths(folder).meta, 1000)
    try {
      return readRanges(meta, folder).every((range) => range.path !== path)
    } finally {
      meta.close()
    }
  } catch {
    return false // what is wrong with meta.db is said elsewhere
  }
}

/** SQLite's code (sqlite.org/rescode.html) where it may not make the `-shm` that a write-ahead log is read with. */
const CANNOT_OPEN = 14

function unreadable(file: ExaminedFile, error: unknown): Finding {
  const { errcode, message } = error as { errcode?: number; message: string }
  const what = `${file.name} cannot be read: ${message}`
  if (errcode !== CANNOT_OPEN || !existsSync(file.path) || isWritable(dirname(file.path)))
    return problem('files', what, restoreOf(file))
  const todo =
    'copy the folder to where it can be written, and examine the copy: its write-ahead log cannot be read here'
  return problem('files', what, todo)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
