import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { folderPaths, makeFolder } from '../folder/folder.ts'
import { SCHEMA_VERSION } from '../folder/schema.ts'
import { syncFolder } from '../segments/segment-files.ts'
import { copyBytes, copyDatabase, linkFile, rawState, type Step } from './backup-copy.ts'
import type { BackupGate } from './backup-gate.ts'
import { type BackupFile, MANIFEST, type Manifest, manifestText } from './backup-manifest.ts'
import { type HeldDatabase, type HeldRaw, type Moment, takeMoment } from './backup-moment.ts'
import { storeId } from './backup-store-id.ts'
import { backupsIn, freeName, lastBackup, type MadeBackup, PARTIAL } from './backup-target.ts'

export interface BackupOptions {
  folder: string
  /** The folder that backups are made in, one folder each; made where it is missing. */
  target: string
  /** Copies every file, also those that the last backup has. */
  full: boolean
  /** The version of Calltrail that says so in the manifest. */
  calltrail: string
}

/** What a backup has come to. */
export interface BackupMade {
  /** The folder of the new backup. */
  path: string
  no: number
  takenAt: string
  previous: string | null
  files: number
  bytes: number
  /** Of these, copied; the others are shared with the backup before. */
  copiedFiles: number
  copiedBytes: number
  /** Milliseconds that no call could be committed. */
  heldMs: number
}

/** How far a backup is, in bytes. */
export type OnProgress = (state: { doneBytes: number; totalBytes: number }) => void

/**
 * Backs a folder up that this process has opened, while calls arrive. The backup's folder appears under its name once it
 * is whole and on the disk. `askHold` has the writer come to the gate. Rejects where it was stopped, and leaves nothing then.
 */
export async function takeBackup(
  options: BackupOptions,
  given: { gate: BackupGate; askHold: () => void; nowUs: () => number; onProgress: OnProgress },
): Promise<BackupMade> {
  const { folder, full } = options
  const target = resolve(options.target)
  makeFolder(target)
  const store = storeId(folderPaths(folder).meta)
  const backups = backupsIn(target, () => {}) // from one that is damaged nothing is shared
  const last = lastBackup(backups, store)
  const partial = join(target, `${store}${PARTIAL}`)
  rmSync(partial, { recursive: true, force: true }) // of one that was killed
  const moment = takeMoment(folder, given)
  try {
    for (const path of [partial, join(partial, 'segments'), join(partial, 'raw')]) mkdirSync(path, { mode: 0o750 })
    const files = await copyAll(moment, { ...given, partial, target, last: full ? null : last })
    const takenAt = new Date(moment.takenAtUs / 1000).toISOString()
    const shares = files.some(({ shared }) => shared)
    const manifest: Manifest = {
      format: 1,
      calltrail: options.calltrail,
      schema: SCHEMA_VERSION,
      store,
      no: (last?.manifest.no ?? 0) + 1,
      taken_at: takenAt,
      last_change: moment.lastChange,
      reserved: moment.reserved,
      previous: shares ? (last as MadeBackup).name : null,
      files,
    }
    const path = finish(partial, { target, manifest })
    return { path, no: manifest.no, takenAt, previous: manifest.previous, heldMs: moment.heldMs, ...sums(files) }
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw error
  } finally {
    moment.close()
  }
}

interface Copying {
  gate: BackupGate
  onProgress: OnProgress
  partial: string
  target: string
  /** Whose unchanged files are shared. */
  last: MadeBackup | null
}

/** One file after another, each given back as soon as it is copied. */
async function copyAll(moment: Moment, copying: Copying): Promise<BackupFile[]> {
  const totalBytes = sum([...moment.databases, ...moment.raw].map(({ bytes }) => bytes))
  let doneBytes = 0
  const step: Step = (bytes) => {
    if (copying.gate.stopped) throw new Error('the backup was stopped')
    doneBytes += bytes
    copying.onProgress({ doneBytes, totalBytes })
  }
  const files: BackupFile[] = []
  for (const held of moment.databases) {
    files.push(await backUp(held, { ...copying, state: held.state, copy: (to) => copyDatabase(held, to, step), step }))
    held.close()
  }
  for (const held of moment.raw) {
    const copy = (to: string) => copyBytes(held.fd, to, { bytes: held.bytes, step })
    files.push(await backUp(held, { ...copying, state: rawState(held), copy, step }))
    held.close()
  }
  return files
}

/** Shares a file with the last backup, where it has not changed since, or copies it. */
async function backUp(
  { name, bytes }: HeldDatabase | HeldRaw,
  given: Copying & { state: string | null; copy: (to: string) => string | Promise<string>; step: Step },
): Promise<BackupFile> {
  const { last, state } = given
  const to = join(given.partial, name)
  const before = last?.manifest.files.find((file) => file.name === name)
  if (last !== null && before !== undefined && state !== null && before.state === state)
    if (linkFile(join(given.target, last.name, name), to, before.bytes)) {
      given.step(bytes)
      return { ...before, shared: true }
    }
  const sha256 = await given.copy(to)
  return { name, bytes: statSync(to).size, sha256, state, shared: false }
}

/** The manifest, then every name on the disk, then the backup's own name. */
function finish(partial: string, { target, manifest }: { target: string; manifest: Manifest }): string {
  const path = join(target, freeName(target, manifest.taken_at))
  writeFileSync(join(partial, MANIFEST), manifestText(manifest), { mode: 0o640, flag: 'wx', flush: true })
  for (const folder of [join(partial, 'segments'), join(partial, 'raw'), partial]) syncFolder(folder)
  renameSync(partial, path)
  for (const folder of [target, dirname(target)]) syncFolder(folder)
  return path
}

function sums(files: readonly BackupFile[]) {
  const copied = files.filter(({ shared }) => !shared)
  return {
    files: files.length,
    bytes: sum(files.map(({ bytes }) => bytes)),
    copiedFiles: copied.length,
    copiedBytes: sum(copied.map(({ bytes }) => bytes)),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
