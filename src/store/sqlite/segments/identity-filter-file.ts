import { hash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { IdentityFilter } from './identity-filter.ts'
import { syncFolder } from './segment-files.ts'

/**
 * "CTF1", how many octets follow the head, their CRC-32 (4 each, little endian), and a stamp of 16: of which files, as they
 * were then, it is the filter.
 */
const MAGIC = 0x31465443
const STAMP_AT = 12
const HEAD_BYTES = 28

/** Where the filter of a segment's file is saved. */
export function filterPath(segmentPath: string): string {
  return `${segmentPath.slice(0, -'.db'.length)}.filter`
}

/**
 * Saves the whole filter of a segment, of which every change is in its file; on disk when it returns. What is saved holds
 * every call of the segment as long as it is there: `dropFilter` comes before the first that it does not hold.
 */
export function saveFilter(segmentPath: string, filter: IdentityFilter): void {
  save(filterPath(segmentPath), filter, stampOf(segmentPath))
}

/** What was saved; null where it is not there, is damaged, or is of the segment's file as it was at another time. */
export function loadFilter(segmentPath: string): IdentityFilter | null {
  return load(filterPath(segmentPath), () => stampOf(segmentPath))
}

/** Likewise a filter over all of these segments' files. */
export function saveOverall(path: string, segmentPaths: readonly string[], filter: IdentityFilter): void {
  save(path, filter, stampOfAll(segmentPaths))
}

/** What was saved; null where it is not there, is damaged, or is of other files, or of one as it was at another time. */
export function loadOverall(path: string, segmentPaths: readonly string[]): IdentityFilter | null {
  return load(path, () => stampOfAll(segmentPaths))
}

/** Whether the saved filter is of the segment's file as it is now, so that it need not be saved again. */
export function isFilterCurrent(segmentPath: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES)
  let file: number
  try {
    file = openSync(filterPath(segmentPath), 'r')
  } catch {
    return false
  }
  try {
    return readSync(file, head) === HEAD_BYTES && isStamped(head, stampOf(segmentPath))
  } finally {
    closeSync(file)
  }
}

/** Takes a saved filter away for good, before its segment gets a call that is not in it. */
export function dropFilter(segmentPath: string): void {
  const path = filterPath(segmentPath)
  rmSync(path, { force: true })
  syncFolder(dirname(path))
}

/** Nothing where there is no stamp, because a file is not there that it would be of. */
function save(path: string, filter: IdentityFilter, stamp: Buffer | null): void {
  if (stamp === null) return
  const bits = Buffer.from(filter.shared)
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(bits.length, 4)
  head.writeUInt32LE(crc32(bits), 8)
  stamp.copy(head, STAMP_AT)
  const draft = `${path}.new`
  try {
    const file = openSync(draft, 'w', 0o640)
    try {
      for (const part of [head, bits]) for (let at = 0; at < part.length; ) at += writeSync(file, part, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    rmSync(draft, { force: true }) // a full disk is not to be fuller
    throw error
  }
  renameSync(draft, path)
  syncFolder(dirname(path))
}

function load(path: string, stamp: () => Buffer | null): IdentityFilter | null {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  if (bytes.length <= HEAD_BYTES || bytes.readUInt32LE(0) !== MAGIC) return null
  if (!isStamped(bytes, stamp())) return null
  const bits = bytes.subarray(HEAD_BYTES)
  if (bits.length !== bytes.readUInt32LE(4) || crc32(bits) !== bytes.readUInt32LE(8)) return null
  const shared = new SharedArrayBuffer(bits.length)
  new Uint8Array(shared).set(bits)
  const filter = new IdentityFilter(shared)
  return filter.isWhole ? filter : null
}

function isStamped(head: Buffer, stamp: Buffer | null): boolean {
  return stamp?.equals(head.subarray(STAMP_AT, HEAD_BYTES)) ?? false
}

/** Size and time of the last change, nanoseconds: little endian, 8 octets each. Null where the file is not there. */
function stampOf(segmentPath: string): Buffer | null {
  const stats = statSync(segmentPath, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return null
  const stamp = Buffer.alloc(HEAD_BYTES - STAMP_AT)
  stamp.writeBigUInt64LE(stats.size, 0)
  stamp.writeBigUInt64LE(stats.mtimeNs, 8)
  return stamp
}

/** The head of a digest over the names and stamps of all. Null where one is not there. */
function stampOfAll(segmentPaths: readonly string[]): Buffer | null {
  const lines: string[] = []
  for (const path of segmentPaths) {
    const stamp = stampOf(path)
    if (stamp === null) return null
    lines.push(`${basename(path)} ${stamp.toString('hex')}`)
  }
  return hash('sha256', lines.join('\n'), 'buffer').subarray(0, HEAD_BYTES - STAMP_AT)
}
