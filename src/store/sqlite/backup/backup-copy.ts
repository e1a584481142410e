import { createHash, type Hash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { backup } from 'node:sqlite'
import { syncFile } from '../segments/segment-files.ts'
import { type BackupFile, NoBackupError } from './backup-manifest.ts'
import type { HeldDatabase, HeldRaw } from './backup-moment.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
/** Pages copied between two looks at whether to stop: 16 MiB. */
const PAGES_AT_ONCE = 2048

/** Called with the bytes done since the last time; what it throws ends the copying. */
export type Step = (bytes: number) => void

/** Copies a database as its snapshot has it, onto the disk. Resolves with the copy's SHA-256. */
export async function copyDatabase({ db, bytes }: HeldDatabase, to: string, step: Step): Promise<string> {
  closeSync(openSync(to, 'wx', 0o640))
  let done = 0
  await backup(db, to, {
    rate: PAGES_AT_ONCE,
    progress: ({ totalPages, remainingPages }) => {
      const now = Math.round((bytes * (totalPages - remainingPages)) / totalPages)
      step(now - done)
      done = now
    },
  })
  step(bytes - done)
  syncFile(to)
  return hashFile(to, () => {})
}

/** Copies the first octets of a file onto the disk; returns their SHA-256. */
export function copyBytes(from: number, to: string, { bytes, step }: { bytes: number; step: Step }): string {
  const fd = openSync(to, 'wx', 0o640)
  try {
    const hash = createHash('sha256')
    for (const chunk of chunksOf(from, bytes)) {
      hash.update(chunk)
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      step(chunk.length)
    }
    fsyncSync(fd)
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}

/** Copies a file of a backup onto the disk. Throws `NoBackupError` where it is gone, or is not as it was written. */
export function copyChecked(
  { name, bytes, sha256 }: BackupFile,
  { from, to, step }: { from: string; to: string; step: Step },
): void {
  let fd: number
  try {
    fd = openSync(from, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NoBackupError(`${from} is missing`)
    throw error
  }
  try {
    const { size } = fstatSync(fd)
    if (size !== bytes)
      throw new NoBackupError(`${from} is damaged: it has ${size} bytes, and was written with ${bytes}`)
    if (copyBytes(fd, to, { bytes, step }) === sha256) return
  } finally {
    closeSync(fd)
  }
  throw new NoBackupError(`${from} is damaged: its SHA-256 is not that of ${name} in the manifest; use another backup`)
}

/** SHA-256 of a whole file. */
export function hashFile(path: string, step: Step): string {
  const fd = openSync(path, 'r')
  try {
    const hash = createHash('sha256')
    for (const chunk of chunksOf(fd, fstatSync(fd).size)) {
      hash.update(chunk)
      step(chunk.length)
    }
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}

/** The first octets of a file in pieces; a piece is good until the next. Throws where the file is shorter. */
function* chunksOf(fd: number, bytes: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, bytes)))
  for (let at = 0; at < bytes; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, bytes - at), at)
    if (read === 0) throw new Error(`the file ends after ${at} of ${bytes} bytes`)
    yield buffer.subarray(0, read)
    at += read
  }
}

const HEADER_BYTES = 16
const MAGIC = 0x42525443 // 'CTRB'

/**
 * What a raw file's contents are known by: the SHA-256 of its blocks' headers, each of which has its block's length and
 * CRC. Null where not all of it is whole blocks; such a file is always copied.
 */
export function rawState({ fd, ino, bytes }: HeldRaw): string | null {
  const hash: Hash = createHash('sha256')
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  let at = 0
  while (at + HEADER_BYTES <= bytes) {
    if (readSync(fd, header, 0, HEADER_BYTES, at) < HEADER_BYTES || header.readUInt32LE(0) !== MAGIC) return null
    hash.update(header)
    at += HEADER_BYTES + header.readUInt32LE(4)
  }
  return at === bytes ? `${ino} ${bytes} ${hash.digest('hex')}` : null
}

/** Gives a file a second name. False where it is not there as it was, and where the file system has no such names. */
export function linkFile(from: string, to: string, bytes: number): boolean {
  if (statSync(from, { throwIfNoEntry: false })?.size !== bytes) return false
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EXDEV'].includes(code)) return false
    throw error
  }
}
