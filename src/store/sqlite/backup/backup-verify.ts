import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Finding, ok, openUnchanging, problem as problemOf } from '../doctor/doctor-finding.ts'
import { rangeFaults } from '../doctor/doctor-ranges.ts'
import { readRanges } from '../folder/folder.ts'
import { rawBlocks } from '../raw/raw-log.ts'
import type { OnProgress } from './backup.ts'
import { hashFile, type Step } from './backup-copy.ts'
import { type BackupFile, MANIFEST, type Manifest, NoBackupError, readManifest } from './backup-manifest.ts'

const ANOTHER = 'do not rely on this backup: restore another, and make a new one with --full'

/**
 * Examines a backup and writes nothing: its manifest, the size and SHA-256 of every file, SQLite's own check of every
 * database (`full`: with its indexes against its rows), the CRC of every block of the raw log, and whether the segments of
 * its range map cover all time and are all there.
 */
export function* verifyBackup(
  backup: string,
  { full, onProgress }: { full: boolean; onProgress: OnProgress },
): Generator<Finding, void> {
  let manifest: Manifest
  try {
    manifest = readManifest(backup)
  } catch (error) {
    if (!(error instanceof NoBackupError)) throw error
    yield problem('manifest', error.message)
    return
  }
  const { files, taken_at, calltrail, no } = manifest
  yield ok('manifest', `backup ${no}, of ${taken_at}, by Calltrail ${calltrail}`)
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let doneBytes = 0
  const step: Step = (bytes) => {
    doneBytes += bytes
    onProgress({ doneBytes, totalBytes })
  }
  const sound = new Set<string>()
  for (const file of files) {
    const faults = [...examineFile(backup, file, { full, step })]
    yield* faults
    if (faults.length === 0) sound.add(file.name)
  }
  if (sound.size === files.length)
    yield ok('files', `${files.length} files are as they were written, and each is sound in itself`)
  yield* examineStrangers(backup, files)
  if (sound.has('meta.db')) yield* examineMap(backup, manifest)
}

/** Nothing where the file is as it should be. */
function* examineFile(
  backup: string,
  { name, bytes, sha256 }: BackupFile,
  { full, step }: { full: boolean; step: Step },
): Generator<Finding> {
  const path = join(backup, name)
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) yield problem('files', `${name} is missing`)
  else if (size !== bytes) yield problem('files', `${name} has ${size} bytes, and was written with ${bytes}`)
  else if (hashFile(path, step) !== sha256)
    yield problem('files', `${name} is damaged: its SHA-256 is not that of the manifest`)
  else if (name.endsWith('.db')) yield* examineDatabase(path, { name, full })
  else yield* examineBlocks(path, name)
}

function* examineDatabase(path: string, { name, full }: { name: string; full: boolean }): Generator<Finding> {
  const db = openUnchanging(path)
  try {
    const said = db
      .prepare(`PRAGMA ${full ? 'integrity_check' : 'quick_check'}(10)`)
      .all()
      .map((row) => String(Object.values(row)[0]))
    if (said.join() !== 'ok')
      yield problem('integrity', `${name} was damaged before it was backed up: ${said.join('; ')}`)
  } catch (error) {
    yield problem('integrity', `${name} cannot be read: ${(error as Error).message}`)
  } finally {
    db.close()
  }
}

function* examineBlocks(path: string, name: string): Generator<Finding> {
  const no = Number(/(\d+)\.zlog$/.exec(name)?.[1])
  let whole = 0
  for (const { offset, bytes } of rawBlocks(join(path, '..'), no)) whole = offset + bytes
  const size = statSync(path).size
  if (whole < size)
    yield {
      check: 'raw log',
      level: 'warning',
      what: `${name} was damaged before it was backed up: no whole block at ${whole} of ${size} bytes`,
      todo: 'look at the folder that was backed up: calltrail doctor --full',
    }
}

function* examineStrangers(backup: string, files: readonly BackupFile[]): Generator<Finding> {
  const known = new Set([MANIFEST, ...files.map(({ name }) => name)])
  const strangers = readdirSync(backup, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(backup, join(entry.parentPath, entry.name)))
    .filter((name) => !known.has(name))
  if (strangers.length > 0)
    yield {
      check: 'files',
      level: 'warning',
      what: `not of this backup, and not restored: ${strangers.join(', ')}`,
      todo: 'nothing; or delete them',
    }
}

function* examineMap(backup: string, { files }: Manifest): Generator<Finding> {
  const meta = openUnchanging(join(backup, 'meta.db'))
  try {
    const ranges = readRanges(meta, backup)
    const names = new Set(files.map(({ name }) => name))
    const faults = rangeFaults(ranges)
    for (const { path } of ranges) {
      const name = relative(backup, path)
      if (!names.has(name)) faults.push(`${name} is in the range map and not in the backup`)
    }
    for (const fault of faults) yield problem('ranges', fault)
    if (faults.length === 0) yield ok('ranges', `all time is covered, by ${ranges.length} segments`)
  } finally {
    meta.close()
  }
}

function problem(check: string, what: string): Finding {
  return problemOf(check, what, ANOTHER)
}
