import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { StagingError } from '../writing/staging-error.ts'
import { blanked, pointerTo } from './raw-block.ts'
import { type Place, type RawAddress, rawPath, syncFolder, wholeBlockAt } from './raw-files.ts'

/**
 * Blocks that take their old places in the files of the raw log. They are written here first, whole and with a CRC, so
 * that a crash in the middle of a block is mended on the next start: file, offset and length (32 bit, little endian), and
 * the block; at the end the CRC-32 of all that.
 */
const JOURNAL = 'blanking.journal'
const ENTRY_BYTES = 12
/** Octets of one journal. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Forgets reports: each block keeps its place and its length, and each report its number in it. Returns how many were
 * there, once they are on no disk block of the files any more. Not beside the log's writer, but by it, between two groups.
 */
export function blankRaw(
  folder: string,
  { addresses, append }: { addresses: readonly RawAddress[]; append: (block: Buffer) => Place },
): number {
  const byBlock = new Map<string, { file: number; offset: number; indexes: Set<number> }>()
  for (const { file, offset, index } of addresses) {
    if (file === 0) continue
    const key = `${file} ${offset}`
    const block = byBlock.get(key) ?? { file, offset, indexes: new Set() }
    block.indexes.add(index)
    byBlock.set(key, block)
  }
  let forgotten = 0
  let entries: Buffer[] = []
  let bytes = 0
  const finish = () => {
    if (entries.length > 0) replace(folder, Buffer.concat(entries))
    entries = []
    bytes = 0
  }
  for (const { file, offset, indexes } of byBlock.values()) {
    const found = wholeBlockAt(folder, { file, offset })
    const made = found === null ? null : blanked(found.block, indexes)
    if (found === null || made === null) continue
    forgotten += made.reports
    // Where it does not fit it is on the disk elsewhere before its old place tells so.
    const block = made.fits ? made.block : pointerTo(found.block, append(made.block))
    entries.push(entryHead(found.file, found.offset, block.length), block)
    bytes += block.length
    if (bytes >= MOST_BYTES) finish()
  }
  finish()
  return forgotten
}

/** Does what a crash interrupted; at the start of the log's writer, before it looks at a file. */
export function redoBlanking(folder: string): void {
  const path = join(folder, JOURNAL)
  if (!existsSync(path)) return
  const journal = readFileSync(path)
  const end = journal.length - 4
  if (end > 0 && crc32(journal.subarray(0, end)) === journal.readUInt32LE(end)) apply(folder, journal.subarray(0, end))
  unlinkSync(path)
  syncFolder(folder)
}

function entryHead(file: number, offset: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(ENTRY_BYTES)
  head.writeUInt32LE(file, 0)
  head.writeUInt32LE(offset, 4)
  head.writeUInt32LE(length, 8)
  return head
}

/** The journal is emptied at the end: it holds reports of others. */
function replace(folder: string, entries: Buffer): void {
  const crc = Buffer.allocUnsafe(4)
  crc.writeUInt32LE(crc32(entries), 0)
  const fd = openSync(join(folder, JOURNAL), 'w', 0o640)
  try {
    writeJournal(fd, Buffer.concat([entries, crc]))
    fsyncSync(fd)
    syncFolder(folder)
    apply(folder, entries)
    ftruncateSync(fd, 0)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Throws `StagingError` where the disk is full: nothing was forgotten then. */
function writeJournal(fd: number, journal: Buffer): void {
  try {
    writeWhole(fd, journal, 0)
  } catch (error) {
    ftruncateSync(fd, 0)
    throw new StagingError(error)
  }
}

function apply(folder: string, entries: Buffer): void {
  const fds = new Map<number, number>()
  try {
    for (let at = 0; at < entries.length; ) {
      const file = entries.readUInt32LE(at)
      const length = entries.readUInt32LE(at + 8)
      const block = entries.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + length)
      if (fds.has(file) || existsSync(rawPath(folder, file))) {
        const fd = fds.get(file) ?? openSync(rawPath(folder, file), 'r+')
        fds.set(file, fd)
        writeWhole(fd, block, entries.readUInt32LE(at + 4))
      }
      at += ENTRY_BYTES + length
    }
    for (const fd of fds.values()) fdatasyncSync(fd)
  } finally {
    for (const fd of fds.values()) closeSync(fd)
  }
}

function writeWhole(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}
