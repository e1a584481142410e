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
import type { RawReports } from '../../call-store.ts'
import { blankRaw, redoBlanking } from './raw-blanking.ts'
import { packBlock, type RawBlock, type RawReport, readBlock, textsOf } from './raw-block.ts'
import { isDamagedAt, type Place, type RawAddress, rawPath, syncFolder, wholeBlockAt } from './raw-files.ts'

/** Reports as they came: append-only files of blocks, in which single reports can be forgotten. */
const FILE_BYTES = 256 * 1024 * 1024
const BLOCK_REPORTS = 128
const BLOCK_BYTES = 1024 * 1024

/** The one writer's end of the log. Not for two at once. */
export class RawLogWriter {
  readonly #folder: string
  readonly #fileBytes: number
  #file: number
  #fd: number
  #size: number
  #pending: RawReport[] = []
  #pendingBytes = 0
  /** Files that were written to and not synced since; those but the current one are closed with the next sync. */
  readonly #unsynced = new Set<number>()
  #named = true
  /** A block was written in part and is to be cut off before the next, whose address says where the file ends. */
  #torn = false

  /**
   * Opens the newest file and cuts off what a crash left half written behind its last whole block. Where whole blocks
   * lie behind what cannot be read, the file is damaged, not torn: it is left alone, and a new one begins. Files end at
   * `fileBytes`, 256 MiB unless a test wants less.
   */
  constructor(folder: string, { fileBytes = FILE_BYTES } = {}) {
    this.#folder = folder
    this.#fileBytes = fileBytes
    redoBlanking(folder)
    this.#file = Math.max(1, ...rawFiles(folder))
    this.#fd = openSync(rawPath(folder, this.#file), 'a+', 0o640)
    this.#size = wholeBlocksBytes(this.#fd)
    if (this.#size < fstatSync(this.#fd).size) this.#mend()
    syncFolder(folder)
  }

  /** Takes a report in and says where it will lie once `sync` has returned. Throws when it cannot be written. */
  add(raw: string, from: { account: number; arrivedAtUs: number }): RawAddress {
    const text = Buffer.from(raw)
    if (this.#pending.length === 0 && this.#size >= this.#fileBytes) this.#nextFile()
    const address = { file: this.#file, offset: this.#size, index: this.#pending.length }
    this.#pending.push({ text, ...from })
    this.#pendingBytes += text.length
    if (this.#pending.length >= BLOCK_REPORTS || this.#pendingBytes >= BLOCK_BYTES) this.flush()
    return address
  }

  /** Writes what was taken in. When that throws, the file is as before, and what was taken in is to be discarded. */
  flush(): void {
    if (this.#pending.length === 0) return
    this.#write(packBlock(this.#pending))
    this.discard()
  }

  #write(block: Buffer): void {
    this.#unsynced.add(this.#fd)
    if (this.#torn) this.#cutOff()
    try {
      writeWhole(this.#fd, block)
    } catch (error) {
      this.#torn = true
      this.#cutOff()
      throw error
    }
    this.#size += block.length
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

  /** Forgets reports, in blocks that are on the disk; how many of them were there. Between two groups only. */
  forget(addresses: readonly RawAddress[]): number {
    return blankRaw(this.#folder, { addresses, append: (block) => this.#append(block) })
  }

  /** Puts a block at the end; on the disk when it returns. */
  #append(block: Buffer): Place {
    if (this.#size >= this.#fileBytes) this.#nextFile()
    const place = { file: this.#file, offset: this.#size }
    this.#write(block)
    this.sync()
    return place
  }

  /** Empties a whole file, which its retention is over for, on the disk when it returns. Not the one written to. */
  dropFile(file: number): boolean {
    if (file >= this.#file || !existsSync(rawPath(this.#folder, file))) return false
    const fd = openSync(rawPath(this.#folder, file), 'r+')
    try {
      ftruncateSync(fd, 0)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    return true
  }

  close(): void {
    this.sync()
    closeSync(this.#fd)
  }

  #cutOff(): void {
    ftruncateSync(this.#fd, this.#size)
    this.#torn = false
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

/**
 * The report at an address; null when it was forgotten, its file is gone (its retention is its own) or the block is
 * damaged.
 */
export function readRaw(folder: string, address: RawAddress): string | null {
  const found = wholeBlockAt(folder, address)
  return found === null ? null : (textsOf(found.block).texts[address.index]?.toString() ?? null)
}

/** The reports at some addresses, in the order of the log, and how many of them lie in damaged blocks. */
export function readRaws(folder: string, addresses: Iterable<RawAddress>): RawReports {
  const inOrder = [...addresses].filter(({ file }) => file > 0)
  inOrder.sort((a, b) => a.file - b.file || a.offset - b.offset || a.index - b.index)
  const found = inOrder.map((address) => ({ address, report: readRaw(folder, address) }))
  return {
    reports: found.map(({ report }) => report).filter((report) => report !== null),
    unreadable: found.filter(({ address, report }) => report === null && isDamagedAt(folder, address)).length,
  }
}

/** Whether there is a place for a report at an address, in a whole block, be the report forgotten or not. */
export function hasRaw(folder: string, address: RawAddress): boolean {
  return address.index < (wholeBlockAt(folder, address)?.block.reports ?? 0)
}

/** The numbers of the files that there are, lowest first; lower ones may have been deleted by their retention. */
export function rawFileNumbers(folder: string): number[] {
  return rawFiles(folder).sort((a, b) => a - b)
}

/** Every whole block of a file up to the first that is not: where it begins, its length, how many reports it holds. */
export function* rawBlocks(folder: string, file: number): Generator<RawBlock & { offset: number }> {
  const fd = openSync(rawPath(folder, file), 'r')
  try {
    let offset = 0
    for (let block = readBlock(fd, 0); block !== null; block = readBlock(fd, offset)) {
      yield { offset, ...block }
      offset += block.bytes
    }
  } finally {
    closeSync(fd)
  }
}

function rawFiles(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^\d{6}\.zlog$/.test(name))
    .map((name) => Number(name.slice(0, 6)))
}

function wholeBlocksBytes(fd: number): number {
  let size = 0
  for (let block = readBlock(fd, 0); block !== null; block = readBlock(fd, size)) size += block.bytes
  return size
}

/** Whether a whole block begins anywhere behind a place. */
function hasBlockBehind(fd: number, from: number): boolean {
  const rest = readRest(fd, from)
  for (let at = rest.indexOf('CTRB', 1); at >= 0; at = rest.indexOf('CTRB', at + 1))
    if (readBlock(fd, from + at) !== null) return true
  return false
}

function readRest(fd: number, from: number): Buffer {
  const rest = Buffer.alloc(fstatSync(fd).size - from)
  for (let at = 0; at < rest.length; ) {
    const got = readSync(fd, rest, at, rest.length - at, from + at)
    if (got === 0) break
    at += got
  }
  return rest
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}
