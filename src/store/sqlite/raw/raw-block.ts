import { fstatSync, readSync } from 'node:fs'
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/**
 * A block of the raw log: a header of 16 octets (the letters `CTRB`, and as 32-bit little endian numbers the octets that
 * follow, the reports in it, and the CRC-32 of what follows), then zstd: a skippable frame of 16 octets with the time at
 * which the newest report arrived (epoch us, a little-endian double), the frame of the reports, and, in a block of which
 * reports were forgotten, a skippable frame that fills it up to its old length. The reports are the numbers of their
 * accounts (32 bit each), and then each text behind its length (32 bit). A block without the first skippable frame, from
 * before there was one, has no numbers of accounts either. A report that was forgotten has no text, and all bits of its
 * length set. Where a block was longer without its forgotten reports than with them, it lies at the end of the log, with
 * another number for its first frame, and in its old place there is a skippable frame of 24 octets with the same time and
 * the file and offset of it.
 */
export const HEADER_BYTES = 16
const MAGIC = 0x42525443 // 'CTRB' as a little-endian number
const SKIPPABLE = 0x184d2a50
const STAMP = 0x184d2a50
const MOVED_STAMP = 0x184d2a51
const POINTER = 0x184d2a52
const STAMP_BYTES = 16
const POINTER_BYTES = 24
const SKIP_HEADER_BYTES = 8
const FORGOTTEN = 0xffffffff
const LEVELS = [1, 9, 19]

/** A report as it came, on its way into the log: whose it is, as the store numbers accounts, and when it arrived. */
export interface RawReport {
  text: Buffer
  account: number
  arrivedAtUs: number
}

/** A whole block as it lies in a file. */
export interface RawBlock {
  /** Octets of it in the file, its header included. */
  bytes: number
  reports: number
  /** When the newest of its reports arrived, epoch us; null where an older Calltrail wrote it. */
  newestUs: number | null
  /** Whether it lies here in the place of another. */
  isMoved: boolean
  /** Where it lies; null where that is here. There are no reports to be had from it then. */
  movedTo: { file: number; offset: number } | null
  /** What follows the header. */
  packed: Buffer
}

/** Where a block lies, and when the newest of its reports arrived; as its header says, whether it is whole or not. */
export interface RawHead {
  offset: number
  bytes: number
  newestUs: number | null
}

/** The blocks of a file by their headers alone, up to the first that is none. */
export function* rawHeads(fd: number): Generator<RawHead> {
  const { size } = fstatSync(fd)
  const head = Buffer.alloc(HEADER_BYTES + POINTER_BYTES)
  for (let offset = 0; offset + HEADER_BYTES <= size; ) {
    readSync(fd, head.fill(0), 0, head.length, offset)
    const bytes = HEADER_BYTES + head.readUInt32LE(4)
    if (head.readUInt32LE(0) !== MAGIC || offset + bytes > size) return
    const packed = head.subarray(HEADER_BYTES)
    yield { offset, bytes, newestUs: headOf(packed).newestUs }
    offset += bytes
  }
}

/** The reports of a block. */
export interface RawTexts {
  /** Whose they are; null where an older Calltrail wrote the block. */
  accounts: readonly number[] | null
  /** Null for one that was forgotten. */
  texts: readonly (Buffer | null)[]
}

export function packBlock(reports: readonly RawReport[]): Buffer {
  const newestUs = Math.max(...reports.map(({ arrivedAtUs }) => arrivedAtUs))
  const texts = reports.map(({ text }) => text)
  const plain = plainOf({ accounts: reports.map(({ account }) => account), texts })
  return withHeader(Buffer.concat([stampOf(STAMP, newestUs), compress(plain, 1)]), reports.length)
}

/** The block at a place, or null when there is none that is whole. */
export function readBlock(fd: number, offset: number): RawBlock | null {
  const header = readAt(fd, offset, HEADER_BYTES)
  if (header === null || header.readUInt32LE(0) !== MAGIC) return null
  const packed = readAt(fd, offset + HEADER_BYTES, header.readUInt32LE(4))
  if (packed === null || crc32(packed) !== header.readUInt32LE(12)) return null
  const bytes = HEADER_BYTES + packed.length
  return { bytes, reports: header.readUInt32LE(8), packed, ...headOf(packed) }
}

export function textsOf({ packed, reports }: RawBlock): RawTexts {
  const plain = zstdDecompressSync(isStamped(packed) ? packed.subarray(STAMP_BYTES) : packed)
  let at = 0
  const accounts: number[] = []
  if (isStamped(packed)) for (; accounts.length < reports; at += 4) accounts.push(plain.readUInt32LE(at))
  const texts: (Buffer | null)[] = []
  while (texts.length < reports) {
    const length = plain.readUInt32LE(at)
    at += 4
    texts.push(length === FORGOTTEN ? null : plain.subarray(at, at + length))
    if (length !== FORGOTTEN) at += length
  }
  return { accounts: isStamped(packed) ? accounts : null, texts }
}

/** A block without some of its reports: as long as it was, to take its old place, or longer, to be put elsewhere. */
export interface Blanked {
  block: Buffer
  fits: boolean
  /** How many reports went. */
  reports: number
}

/** The block without some of its reports; null where none of them is there any more. */
export function blanked(block: RawBlock, indexes: ReadonlySet<number>): Blanked | null {
  const { accounts, texts } = textsOf(block)
  const goes = (text: Buffer | null, index: number) => text !== null && indexes.has(index)
  const reports = texts.filter(goes).length
  if (reports === 0) return null
  const left = { accounts, texts: texts.map((text, index) => (goes(text, index) ? null : text)) }
  const plain = plainOf(left)
  const stamp = block.newestUs === null ? Buffer.alloc(0) : block.packed.subarray(0, STAMP_BYTES)
  for (const level of LEVELS) {
    const packed = Buffer.concat([stamp, compress(plain, level)])
    const gap = block.packed.length - packed.length
    if (gap >= 0)
      return { block: withHeader(Buffer.concat([packed, filling(gap)]), block.reports), fits: true, reports }
  }
  const moved = Buffer.concat([
    stampOf(MOVED_STAMP, block.newestUs ?? 0),
    compress(plainOf({ ...left, accounts: left.accounts ?? texts.map(() => 0) }), 19),
  ])
  return { block: withHeader(moved, block.reports), fits: false, reports }
}

/** What takes the old place of a block that lies elsewhere now. */
export function pointerTo(block: RawBlock, { file, offset }: { file: number; offset: number }): Buffer {
  const pointer = Buffer.alloc(POINTER_BYTES)
  pointer.writeUInt32LE(POINTER, 0)
  pointer.writeUInt32LE(POINTER_BYTES - SKIP_HEADER_BYTES, 4)
  pointer.writeDoubleLE(block.newestUs ?? 0, SKIP_HEADER_BYTES)
  pointer.writeUInt32LE(file, STAMP_BYTES)
  pointer.writeUInt32LE(offset, STAMP_BYTES + 4)
  const gap = block.packed.length - POINTER_BYTES
  if (gap < 0) throw new Error(`a block of ${block.bytes} bytes is shorter than where it lies can be written`)
  return withHeader(Buffer.concat([pointer, filling(gap)]), block.reports)
}

function plainOf({ accounts, texts }: RawTexts): Buffer {
  const length = texts.reduce((sum, text) => sum + 4 + (text?.length ?? 0), 4 * (accounts?.length ?? 0))
  const plain = Buffer.allocUnsafe(length)
  let at = 0
  for (const account of accounts ?? []) at = plain.writeUInt32LE(account, at)
  for (const text of texts) {
    at = plain.writeUInt32LE(text?.length ?? FORGOTTEN, at)
    at += text?.copy(plain, at) ?? 0
  }
  return plain
}

function compress(plain: Buffer, level: number): Buffer {
  return zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: level } })
}

function withHeader(packed: Buffer, reports: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt32LE(packed.length, 4)
  header.writeUInt32LE(reports, 8)
  header.writeUInt32LE(crc32(packed), 12)
  return Buffer.concat([header, packed])
}

function stampOf(kind: number, newestUs: number): Buffer {
  const stamp = Buffer.alloc(STAMP_BYTES)
  stamp.writeUInt32LE(kind, 0)
  stamp.writeUInt32LE(STAMP_BYTES - SKIP_HEADER_BYTES, 4)
  stamp.writeDoubleLE(newestUs, SKIP_HEADER_BYTES)
  return stamp
}

function isStamped(packed: Buffer): boolean {
  return packed.length >= STAMP_BYTES && [STAMP, MOVED_STAMP].includes(packed.readUInt32LE(0))
}

function headOf(packed: Buffer): Pick<RawBlock, 'newestUs' | 'isMoved' | 'movedTo'> {
  const kind = packed.length < STAMP_BYTES ? 0 : packed.readUInt32LE(0)
  const isKnown = [STAMP, MOVED_STAMP, POINTER].includes(kind)
  const newestUs = isKnown ? packed.readDoubleLE(SKIP_HEADER_BYTES) : null
  const movedTo =
    kind === POINTER && packed.length >= POINTER_BYTES
      ? { file: packed.readUInt32LE(STAMP_BYTES), offset: packed.readUInt32LE(STAMP_BYTES + 4) }
      : null
  return { newestUs, isMoved: kind === MOVED_STAMP, movedTo }
}

/** A gap that is too short for a frame stays zeros, which the decoder does not look at. */
function filling(bytes: number): Buffer {
  const filled = Buffer.alloc(bytes)
  if (bytes < SKIP_HEADER_BYTES) return filled
  filled.writeUInt32LE(SKIPPABLE, 0)
  filled.writeUInt32LE(bytes - SKIP_HEADER_BYTES, 4)
  return filled
}

function readAt(fd: number, offset: number, length: number): Buffer | null {
  if (offset + length > fstatSync(fd).size) return null
  const buffer = Buffer.allocUnsafe(length)
  // The system may give less at a time than it has: that is not the end of the file, where a torn block would be cut off.
  for (let at = 0; at < length; ) {
    const got = readSync(fd, buffer, at, length - at, offset + at)
    if (got === 0) return null
    at += got
  }
  return buffer
}
