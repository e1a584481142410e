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
  #file: number
  #fd: number
  #size: number
  #pending: Buffer[] = []
  #pendingBytes = 0
  #unsynced = false

  /** Opens the newest file and cuts off what a crash left half written behind its last whole block. */
  constructor(folder: string) {
    this.#folder = folder
    this.#file = Math.max(1, ...rawFiles(folder))
    this.#fd = openSync(rawPath(folder, this.#file), 'a+', 0o640)
    this.#size = wholeBlocksBytes(this.#fd)
    if (this.#size < fstatSync(this.#fd).size) ftruncateSync(this.#fd, this.#size)
    syncFolder(folder)
  }

  /** Takes a report in and says where it will lie once `sync` has returned. */
  add(raw: string): RawAddress {
    const bytes = Buffer.from(raw)
    if (this.#pending.length === 0 && this.#size >= FILE_BYTES) this.#nextFile()
    const address = { file: this.#file, offset: this.#size, index: this.#pending.length }
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pending.length >= BLOCK_REPORTS || this.#pendingBytes >= BLOCK_BYTES) this.#flush()
    return address
  }

  /** Writes what is pending and returns once it is on the disk. */
  sync(): void {
    this.#flush()
    if (!this.#unsynced) return
    fdatasyncSync(this.#fd)
    this.#unsynced = false
  }

  close(): void {
    this.sync()
    closeSync(this.#fd)
  }

  #flush(): void {
    if (this.#pending.length === 0) return
    const plain = Buffer.allocUnsafe(this.#pendingBytes + 4 * this.#pending.length)
    let at = 0
    for (const bytes of this.#pending) {
      at = plain.writeUInt32LE(bytes.length, at)
      at += bytes.copy(plain, at)
    }
    const packed = zstdCompressSync(plain, COMPRESSION)
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    header.writeUInt32LE(MAGIC, 0)
    header.writeUInt32LE(packed.length, 4)
    header.writeUInt32LE(this.#pending.length, 8)
    header.writeUInt32LE(crc32(packed), 12)
    writeWhole(this.#fd, Buffer.concat([header, packed]))
    this.#size += HEADER_BYTES + packed.length
    this.#pending = []
    this.#pendingBytes = 0
    this.#unsynced = true
  }

  #nextFile(): void {
    this.sync()
    closeSync(this.#fd)
    this.#file += 1
    this.#fd = openSync(rawPath(this.#folder, this.#file), 'a+', 0o640)
    this.#size = 0
    syncFolder(this.#folder)
  }
}

/** The report at an address, or null when its file is gone (its retention is its own) or the block is damaged. */
export function readRaw(folder: string, { file, offset, index }: RawAddress): string | null {
  const path = rawPath(folder, file)
  if (!existsSync(path)) return null
  const fd = openSync(path, 'r')
  try {
    const header = readAt(fd, offset, HEADER_BYTES)
    if (header === null || header.readUInt32LE(0) !== MAGIC) return null
    const packed = readAt(fd, offset + HEADER_BYTES, header.readUInt32LE(4))
    if (packed === null || crc32(packed) !== header.readUInt32LE(12)) return null
    const plain = zstdDecompressSync(packed)
    let at = 0
    for (let skipped = 0; skipped < index; skipped += 1) at += 4 + plain.readUInt32LE(at)
    return plain.toString('utf8', at + 4, at + 4 + plain.readUInt32LE(at))
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
  for (;;) {
    const header = readAt(fd, size, HEADER_BYTES)
    if (header === null || header.readUInt32LE(0) !== MAGIC) return size
    const packed = readAt(fd, size + HEADER_BYTES, header.readUInt32LE(4))
    if (packed === null || crc32(packed) !== header.readUInt32LE(12)) return size
    size += HEADER_BYTES + packed.length
  }
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
