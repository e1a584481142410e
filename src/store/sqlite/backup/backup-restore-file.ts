import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { callsTwice } from '../doctor/doctor-twice.ts'
import { folderPaths, lockFolder, openForReading, openMeta, readingMeta, readRanges } from '../folder/folder.ts'
import { ASIDE } from '../folder/folder-check.ts'
import { NUMBER_INDEXES_DDL } from '../folder/schema.ts'
import { LIFE, type Life } from '../folder/segment-sizes.ts'
import { rawFileNumbers } from '../raw/raw-log.ts'
import { filterPath } from '../segments/identity-filter-file.ts'
import { syncFolder } from '../segments/segment-files.ts'
import { copyChecked } from './backup-copy.ts'
import { NoBackupError, readManifest } from './backup-manifest.ts'

/** One file cannot be put back into this folder; the message says why, and that a whole restore can. */
export class NotReplaceableError extends Error {}

export interface RestoredFile {
  takenAt: string
  bytes: number
  /** Where what lay there was moved to; null where nothing did. */
  kept: string | null
  /** Calls that lie in another segment as well, because they moved after the backup: the next start settles them. */
  twice: number
}

/**
 * Puts one file of a backup in the place of a damaged or missing one, in a folder that nobody serves: a segment that the
 * range map still has, a file of the raw log, or `live.db`. What lay there is put aside. What was written to the file after
 * the backup is lost; what other files hold is not touched. Throws `NoBackupError`, `NotReplaceableError`, and
 * `FolderLockedError` where the folder is being served.
 */
export function restoreFile(backup: string, { name, into }: { name: string; into: string }): RestoredFile {
  const manifest = readManifest(backup)
  const file = manifest.files.find((one) => one.name === name)
  if (file === undefined)
    throw new NoBackupError(`${backup} has no ${name}: it was made before the file was, or after it went`)
  if (!existsSync(folderPaths(into).meta))
    throw new NotReplaceableError(`${into} has no meta.db: restore the whole backup`)
  const lock = lockFolder(into)
  try {
    const life = requireReplaceable(into, name)
    const to = join(into, name)
    const aside = join(into, ASIDE)
    if (!existsSync(aside)) mkdirSync(aside, { mode: 0o750 })
    const coming = join(aside, 'coming')
    rmSync(coming, { force: true })
    copyChecked(file, { from: join(backup, name), to: coming, step: () => {} })
    if (life !== LIFE.open) buildIndexes(coming)
    if (name.startsWith('raw/')) beginAnother(into, name)
    const kept = putAside(into, name)
    renameSync(coming, to)
    syncFolder(dirname(to))
    const twice = name.startsWith('segments/') ? journalTwice(into, name) : 0
    return { takenAt: manifest.taken_at, bytes: file.bytes, kept, twice }
  } finally {
    lock.release()
  }
}

/** What the range map says of the segment; that it is open, where the file is none. */
function requireReplaceable(into: string, name: string): Life {
  if (name === 'meta.db')
    throw new NotReplaceableError('meta.db has to be of one time with all other files: restore the whole backup')
  if (!name.startsWith('segments/')) return LIFE.open
  const ranges = readingMeta(into, (meta) => readRanges(meta, into))
  const range = ranges.find(({ path }) => path === join(into, name))
  if (range !== undefined) return range.life
  throw new NotReplaceableError(
    `${name} is of ${into} no more: its calls were written into other segments since; restore the whole backup`,
  )
}

/** The backup may be from before the segment had the indexes that the map promises to readers. */
function buildIndexes(path: string): void {
  const db = new DatabaseSync(path)
  try {
    db.exec(`PRAGMA synchronous = FULL; ${NUMBER_INDEXES_DDL}`)
  } finally {
    db.close()
  }
}

/** A file that is shorter than it was is not written to again: calls would find other reports where theirs were. */
function beginAnother(into: string, name: string): void {
  const { raw } = folderPaths(into)
  const no = Number(/(\d+)\.zlog$/.exec(name)?.[1])
  if (rawFileNumbers(raw).some((other) => other > no)) return
  closeSync(openSync(join(raw, `${String(no + 1).padStart(6, '0')}.zlog`), 'a', 0o640))
  syncFolder(raw)
}

/** A file, and what SQLite and the store keep beside it and would take for part of the file that comes. */
function putAside(into: string, name: string): string | null {
  const path = join(into, name)
  const beside = name.endsWith('.db') ? ['-wal', '-shm', '-journal'].map((ending) => `${path}${ending}`) : []
  if (name.startsWith('segments/')) rmSync(filterPath(path), { force: true })
  const there = [path, ...beside].filter((one) => existsSync(one))
  if (there.length === 0) return null
  const folder = freeFolder(join(into, ASIDE))
  for (const one of there) renameSync(one, join(folder, basename(one)))
  syncFolder(folder)
  syncFolder(dirname(path))
  return join(folder, basename(path))
}

/** A new folder `1`, `2` and so on. */
function freeFolder(above: string): string {
  const taken = readdirSync(above).filter((name) => statSync(join(above, name)).isDirectory())
  const folder = join(above, String(1 + Math.max(0, ...taken.map(Number).filter(Number.isInteger))))
  mkdirSync(folder, { mode: 0o750 })
  syncFolder(above)
  return folder
}

/** Has the next start look at the calls that lie in another segment too, as at those of a move that a crash cut short. */
function journalTwice(into: string, name: string): number {
  const meta = openMeta(folderPaths(into).meta)
  const opened: { db: DatabaseSync; name: string }[] = []
  try {
    for (const { path } of readRanges(meta, into))
      if (existsSync(path)) opened.push({ db: openForReading(path, 1024), name: path })
    const journal = meta.prepare('INSERT OR IGNORE INTO moves VALUES (?, ?)')
    let twice = 0
    meta.exec('BEGIN IMMEDIATE')
    for (const { account, uuid, files } of callsTwice(opened)) {
      if (!files.includes(join(into, name))) continue
      journal.run(account, uuid)
      twice += 1
    }
    meta.exec('COMMIT')
    return twice
  } finally {
    for (const { db } of opened) db.close()
    meta.close()
  }
}
