import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/**
 * Reports as they came, for good: append-only files of zstd blocks. A block is a header of 16 octets (the letters
 * `CTRB`, and as 32-bit little endian numbers the octets that follow, the reports in it, and the CRC-32 of what
 * follows) and one zstd frame of its reports, each behind its length (32 bit, little endian).
 */
const MAGIC = 0x42525443 // 'CTRB' as a little-endian number
const HEADER_BYTES = 16
const FILE_BYTES = 256 * 1024 * 1024
const BLOCK_REPORTS = 128
const BLOCK_BYTES = 1024 * 1024
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Where one report lies. `file` and `offset` find the block, `index` the report in it. */
export interface RawAddress {
  file: number
  offset: number
  index: number
}

/** The one writer's end of the log. Not for two at once. */
export class RawLogWriter {
  readonly #folder: string
  readonly #fileBytes: number
  #file: number
  #fd: number
  #size: number
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** Files that were written to and not synced since; those but the current one are closed with the next sync. */
  readonly #unsynced = new Set<number>()
  #named = true

  /**
   * Opens the newest file and cuts off what a crash left half written behind its last whole block. Where whole blocks
   * lie behind what cannot be read, the file is damaged, not torn: it is left alone, and a new one begins. Files end at
   * `fileBytes`, 256 MiB unless a test wants less.
   */
  constructor(folder: string, { fileBytes = FILE_BYTES } = {}) {
    this.#folder = folder
    this.#fileBytes = fileBytes
    this.#file = Math.max(1, ...rawFiles(folder))
    this.#fd = openSync(rawPath(folder, this.#file), 'a+', 0o640)
    this.#size = wholeBlocksBytes(this.#fd)
    if (this.#size < fstatSync(this.#fd).size) this.#mend()
    syncFolder(folder)
  }

  /** Takes a report in and says where it will lie once `sync` has returned. Throws when it cannot be written. */
  add(raw: string): RawAddress {
    const bytes = Buffer.from(raw)
    if (this.#pending.length === 0 && this.#size >= this.#fileBytes) this.#nextFile()
    const address = { file: this.#file, offset: this.#size, index: this.#pending.length }
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pending.length >= BLOCK_REPORTS || this.#pendingBytes >= BLOCK_BYTES) this.flush()
    return address
  }

  /** Writes what was taken in. When that throws, the file is as before, and what was taken in is to be discarded. */
  flush(): void {
    if (this.#pending.length === 0) return
    const block = packBlock(this.#pending, this.#pendingBytes)
    this.#unsynced.add(this.#fd)
    try {
      writeWhole(this.#fd, block)
    } catch (error) {
      ftruncateSync(this.#fd, this.#size)
      throw error
    }
    this.#size += block.length
    this.discard()
  }

  /** Forgets what was taken in and not written yet. */
  discard(): void {
    this.#pending = []
    this.#pendingBytes = 0
  }

  /** Returns once everything taken in is on the disk. What it throws is final: nobody knows what is there. */
  sync(): void {
    this.flush()
    for (const fd of this.#unsynced) {
      fdatasyncSync(fd)
      if (fd !== this.#fd) closeSync(fd)
    }
    this.#unsynced.clear()
    if (this.#named) return
    syncFolder(this.#folder)
    this.#named = true
  }

  close(): void {
    this.sync()
    closeSync(this.#fd)
  }

  #mend(): void {
    if (hasBlockBehind(this.#fd, this.#size)) this.#nextFile()
    else ftruncateSync(this.#fd, this.#size)
  }

  #nextFile(): void {
    const next = openSync(rawPath(this.#folder, this.#file + 1), 'a+', 0o640)
    if (!this.#unsynced.has(this.#fd)) closeSync(this.#fd)
    this.#file += 1
    this.#fd = next
    this.#size = 0
    this.#named = false
  }
}

function packBlock(reports: readonly Buffer[], bytesOfAll: number): Buffer {
  const plain = Buffer.allocUnsafe(bytesOfAll + 4 * reports.length)
  let at = 0
  for (const bytes of reports) {
    at = plain.writeUInt32LE(bytes.length, at)
    at += bytes.copy(plain, at)
  }
  const packed = zstdCompressSync(plain, COMPRESSION)
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt32LE(packed.length, 4)
  header.writeUInt32LE(reports.length, 8)
  header.writeUInt32LE(crc32(packed), 12)
  return Buffer.concat([header, packed])
}

/** The report at an address, or null when its file is gone (its retention is its own) or the block is damaged. */
export function readRaw(folder: string, { file, offset, index }: RawAddress): string | null {
  const path = rawPath(folder, file)
  if (!existsSync(path)) return null
  const fd = openSync(path, 'r')
  try {
    const block = readBlock(fd, offset)
    if (block === null || index >= block.reports) return null
    const plain = zstdDecompressSync(block.packed)
    let at = 0
    for (let skipped = 0; skipped < index; skipped += 1) at += 4 + plain.readUInt32LE(at)
    return plain.toString('utf8', at + 4, at + 4 + plain.readUInt32LE(at))
  } finally {
    closeSync(fd)
  }
}

/** The numbers of the files that there are, lowest first; lower ones may have been deleted by their retention. */
export function rawFileNumbers(folder: string): number[] {
  return rawFiles(folder).sort((a, b) => a - b)
}

/** Every whole block of a file up to the first that is not, where it begins and how many reports it holds. */
export function* rawBlocks(folder: string, file: number): Generator<{ offset: number; reports: number }> {
  const fd = openSync(rawPath(folder, file), 'r')
  try {
    let offset = 0
    for (let block = readBlock(fd, 0); block !== null; block = readBlock(fd, offset)) {
      yield { offset, reports: block.reports }
      offset += HEADER_BYTES + block.packed.length
    }
  } finally {
    closeSync(fd)
  }
}

function rawPath(folder: string, file: number): string {
  return join(folder, `${String(file).padStart(6, '0')}.zlog`)
}

function rawFiles(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^\d{6}\.zlog$/.test(name))
    .map((name) => Number(name.slice(0, 6)))
}

function wholeBlocksBytes(fd: number): number {
  let size = 0
  for (let block = readBlock(fd, 0); block !== null; block = readBlock(fd, size))
    size += HEADER_BYTES + block.packed.length
  return size
}

/** Whether a whole block begins anywhere behind a place. */
function hasBlockBehind(fd: number, from: number): boolean {
  const rest = readAt(fd, from, fstatSync(fd).size - from) ?? Buffer.alloc(0)
  for (let at = rest.indexOf('CTRB', 1); at >= 0; at = rest.indexOf('CTRB', at + 1))
    if (readBlock(fd, from + at) !== null) return true
  return false
}

/** The block at a place, or null when there is none that is whole. */
function readBlock(fd: number, offset: number): { packed: Buffer; reports: number } | null {
  const header = readAt(fd, offset, HEADER_BYTES)
  if (header === null || header.readUInt32LE(0) !== MAGIC) return null
  const packed = readAt(fd, offset + HEADER_BYTES, header.readUInt32LE(4))
  if (packed === null || crc32(packed) !== header.readUInt32LE(12)) return null
  return { packed, reports: header.readUInt32LE(8) }
}

function readAt(fd: number, offset: number, length: number): Buffer | null {
  if (offset + length > fstatSync(fd).size) return null
  const buffer = Buffer.allocUnsafe(length)
  return readSync(fd, buffer, 0, length, offset) === length ? buffer : null
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}

/** Makes a new file's name itself durable. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  fsyncSync(fd)
  closeSync(fd)
}
