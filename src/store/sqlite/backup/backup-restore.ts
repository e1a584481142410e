import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { folderPaths, lockFolder, makeFolder } from '../folder/folder.ts'
import { isRestoreUnfinished, RESTORING } from '../folder/folder-check.ts'
import { syncFile, syncFolder } from '../segments/segment-files.ts'
import type { OnProgress } from './backup.ts'
import { copyChecked, type Step } from './backup-copy.ts'
import { type BackupFile, type Manifest, readManifest } from './backup-manifest.ts'
import { renameStore } from './backup-store-id.ts'

/**
 * How far ids and places in the change sequence are moved ahead: more than a store gives out between its backup and its
 * loss, so that none that anybody has seen is given to another call or change. At 50,000 changes a second it lasts 230 days.
 */
const AHEAD = 1_000_000_000_000

/** A folder that is not there, or has nothing in it, is restored into; any other is refused. */
export class NotEmptyError extends Error {
  constructor(folder: string, name: string) {
    super(`${folder} is not empty: there is ${name} in it; restore into a folder that is new or empty`)
  }
}

export interface Restored {
  takenAt: string
  files: number
  bytes: number
  /** The last change that is in the folder now, and the least place in the change sequence of any to come. */
  changes: { last: number; next: number }
}

/**
 * Makes a data folder of a backup, checking every file against its SHA-256 on the way. Everything is written and made
 * durable under another name first, and `meta.db` comes to its place last: a folder half restored is not taken for one.
 * Rejects with `NoBackupError`, with `NotEmptyError`, with an error that names the damaged file, and with the signal's
 * reason.
 */
export async function restoreBackup(
  backup: string,
  { into, signal, onProgress }: { into: string; signal: AbortSignal; onProgress: OnProgress },
): Promise<Restored> {
  const manifest = readManifest(backup)
  makeFolder(into)
  refuseFull(into)
  const lock = lockFolder(into)
  try {
    clearUnfinished(into)
    const restoring = join(into, RESTORING)
    for (const path of [restoring, join(restoring, 'segments'), join(restoring, 'raw')])
      mkdirSync(path, { mode: 0o750 })
    try {
      await copyAll(manifest, { backup, restoring, signal, onProgress })
      moveAhead(join(restoring, 'meta.db'), manifest)
    } catch (error) {
      clearUnfinished(into)
      throw error
    }
    settle(into)
  } finally {
    lock.release()
  }
  return {
    takenAt: manifest.taken_at,
    files: manifest.files.length,
    bytes: sumOf(manifest.files),
    changes: { last: manifest.last_change, next: manifest.reserved.change + AHEAD + 1 },
  }
}

/** What may lie in a folder that is restored into: a file system's own folder, and what a restore itself leaves. */
const NO_MATTER = new Set(['lost+found', 'lock.db', 'lock.db-journal', RESTORING])

function refuseFull(into: string): void {
  if (isRestoreUnfinished(into)) return
  const [first] = readdirSync(into).filter((name) => !NO_MATTER.has(name))
  if (first !== undefined) throw new NotEmptyError(into, first)
}

function clearUnfinished(into: string): void {
  if (!isRestoreUnfinished(into)) return
  const { live, segments, raw } = folderPaths(into)
  for (const path of [live, segments, raw, join(into, RESTORING)]) rmSync(path, { recursive: true, force: true })
}

async function copyAll(
  { files }: Manifest,
  given: { backup: string; restoring: string; signal: AbortSignal; onProgress: OnProgress },
): Promise<void> {
  const totalBytes = sumOf(files)
  let doneBytes = 0
  const step: Step = (bytes) => {
    doneBytes += bytes
    given.onProgress({ doneBytes, totalBytes })
  }
  for (const file of files) {
    await setImmediate() // a signal is heard between two files
    given.signal.throwIfAborted()
    copyChecked(file, { from: join(given.backup, file.name), to: join(given.restoring, file.name), step })
  }
}

/** Nothing that was given out after the backup is given out again, and the store gets a name of its own. */
function moveAhead(meta: string, { reserved }: Manifest): void {
  const db = new DatabaseSync(meta)
  try {
    db.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE')
    const set = db.prepare('INSERT OR REPLACE INTO sequences VALUES (?, ?)')
    set.run('call id', reserved.call_id + AHEAD)
    set.run('change', reserved.change + AHEAD)
    renameStore(db)
    db.exec('COMMIT')
  } finally {
    db.close()
  }
  syncFile(meta)
}

/** Gives everything its place, `meta.db` last. */
function settle(into: string): void {
  const restoring = join(into, RESTORING)
  for (const path of [join(restoring, 'segments'), join(restoring, 'raw'), restoring]) syncFolder(path)
  for (const name of ['raw', 'segments', 'live.db']) renameSync(join(restoring, name), join(into, name))
  syncFolder(into)
  renameSync(join(restoring, 'meta.db'), join(into, 'meta.db'))
  syncFolder(into)
  rmdirSync(restoring)
  syncFolder(into)
}

function sumOf(files: readonly BackupFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}
