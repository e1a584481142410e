import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hashFile } from '../backup/backup-copy.ts'
import { type BackupFile, type Manifest, readManifest } from '../backup/backup-manifest.ts'
import { stateOf } from '../backup/backup-moment.ts'
import { storeIdIn } from '../backup/backup-store-id.ts'
import { type ExaminedFile, type Finding, ok, problem, restoreOf, warning, withFile } from './doctor-finding.ts'

/** What SQLite's copying changes itself: the header of the first page. */
const HEADER_BYTES = 100
const CHUNK_BYTES = 1024 * 1024

/**
 * Compares the segments with a backup's, byte by byte: those that have not been written to since. SQLite keeps no checksum
 * of a page, so nothing else tells a bit that has turned in a row. Not in the process that has the folder open: to close a
 * file takes SQLite's locks on it away.
 */
export function* examineAgainst(
  backup: string,
  { meta, segments }: { meta: ExaminedFile; segments: readonly ExaminedFile[] },
): Generator<Finding> {
  const manifest = readManifest(backup)
  let store: string | null = null
  yield* withFile(meta, (db) => {
    store = storeIdIn(db)
    return []
  })
  if (store !== manifest.store) {
    const why = `${backup} is of another store, or of this one before it was restored: nothing can be compared with it`
    yield warning('backup', why, 'name a backup that was made of this folder')
    return
  }
  let same = 0
  let differing = 0
  for (const file of segments) {
    const found = unchangedIn(manifest, file)
    if (found === null) continue
    const { firstAt, isOfBackup } = compare(join(backup, found.name), { file, sha256: found.sha256 })
    if (firstAt === null) same += 1
    else {
      differing += 1
      const what = `${file.name} has not been written to since the backup, and differs from it at byte ${firstAt}`
      if (isOfBackup)
        yield problem('backup', `${what}: it is the backup's file that is damaged`, 'make a new one, with --full')
      else yield problem('backup', `${what}: it is damaged`, restoreOf(file))
    }
  }
  const other = segments.length - same - differing
  const changed = other === 0 ? '' : `; ${other} have changed since, or are new`
  if (differing === 0)
    yield ok('backup', `${same} segments are as the backup of ${manifest.taken_at} has them${changed}`)
}

/** The file of the backup, where the segment was not written to since and its file alone says all that it holds. */
function unchangedIn(manifest: Manifest, file: ExaminedFile): BackupFile | null {
  const found = manifest.files.find(({ name }) => name === `segments/${file.name}`)
  if (found === undefined || !existsSync(file.path)) return null
  if ((statSync(`${file.path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return null
  let state: string | null = null
  for (const _ of withFile(file, (db) => {
    state = stateOf(db, file.path)
    return []
  })) {
    // What cannot be read is told of elsewhere.
  }
  return state === found.state ? found : null
}

/** Where two files first differ, and whether it is the backup's that is not as it was written. */
function compare(
  copy: string,
  { file, sha256 }: { file: ExaminedFile; sha256: string },
): { firstAt: number | null; isOfBackup: boolean } {
  const firstAt = firstDifference(file.path, copy)
  const isOfBackup = firstAt !== null && (!existsSync(copy) || hashFile(copy, () => {}) !== sha256)
  return { firstAt, isOfBackup }
}

/** Null: none behind the header. */
function firstDifference(path: string, other: string): number | null {
  if (!existsSync(other)) return 0
  const [a, b] = [openSync(path, 'r'), openSync(other, 'r')]
  try {
    const [here, there] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)]
    for (let at = HEADER_BYTES; ; ) {
      const [read, wanted] = [readSync(a, here, 0, CHUNK_BYTES, at), readSync(b, there, 0, CHUNK_BYTES, at)]
      const length = Math.min(read, wanted)
      if (here.compare(there, 0, length, 0, length) !== 0) {
        let place = 0
        while (here[place] === there[place]) place += 1
        return at + place
      }
      if (read !== wanted) return at + length
      if (read === 0) return null
      at += read
    }
  } finally {
    closeSync(a)
    closeSync(b)
  }
}
