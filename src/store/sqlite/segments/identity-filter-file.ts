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
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { IdentityFilter } from './identity-filter.ts'
import { syncFolder } from './segment-files.ts'

/**
 * "CTF1", how many octets follow the head, their CRC-32 (4 each), the size of the segment's file and when it was changed
 * last (8 each, nanoseconds): all little endian.
 */
const MAGIC = 0x31465443
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
  const path = filterPath(segmentPath)
  const bits = Buffer.from(filter.shared)
  const { size, mtimeNs } = statSync(segmentPath, { bigint: true })
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(bits.length, 4)
  head.writeUInt32LE(crc32(bits), 8)
  head.writeBigUInt64LE(size, 12)
  head.writeBigUInt64LE(mtimeNs, 20)
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o640)
  try {
    for (const part of [head, bits]) for (let at = 0; at < part.length; ) at += writeSync(file, part, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  syncFolder(dirname(path))
}

/** What was saved; null where it is not there, is damaged, or is of the segment's file as it was at another time. */
export function loadFilter(segmentPath: string): IdentityFilter | null {
  let bytes: Buffer
  try {
    bytes = readFileSync(filterPath(segmentPath))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  if (bytes.length <= HEAD_BYTES || bytes.readUInt32LE(0) !== MAGIC) return null
  if (!isOf(bytes, segmentPath)) return null
  const bits = bytes.subarray(HEAD_BYTES)
  if (bits.length !== bytes.readUInt32LE(4) || crc32(bits) !== bytes.readUInt32LE(8)) return null
  const shared = new SharedArrayBuffer(bits.length)
  new Uint8Array(shared).set(bits)
  const filter = new IdentityFilter(shared)
  return filter.isWhole ? filter : null
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
    return readSync(file, head) === HEAD_BYTES && isOf(head, segmentPath)
  } finally {
    closeSync(file)
  }
}

function isOf(head: Buffer, segmentPath: string): boolean {
  const stats = statSync(segmentPath, { bigint: true, throwIfNoEntry: false })
  return stats?.size === head.readBigUInt64LE(12) && stats.mtimeNs === head.readBigUInt64LE(20)
}

/** Takes a saved filter away for good, before its segment gets a call that is not in it. */
export function dropFilter(segmentPath: string): void {
  const path = filterPath(segmentPath)
  rmSync(path, { force: true })
  syncFolder(dirname(path))
}
