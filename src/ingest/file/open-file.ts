import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decompress, type Packing, packingOf, type UnpackLimits } from './decompress.ts'
import { SNIFFED_BYTES } from './sniff.ts'
import { isFault, type Piece } from './stream-fault.ts'

/** A file to read calls from: its unpacked beginning and, from any place on, its unpacked bytes. */
export interface CallFile {
  packing: Packing
  head: Buffer
  /** Bytes read from the disk so far, for a progress bar beside the file's size. */
  bytesRead(): number
  /** The unpacked bytes from `offset` on. What is packed has to be unpacked from its beginning all the same. */
  pieces(offset: number): AsyncGenerator<Piece, void>
}

/** Opens a file once to look at its beginning. Rejects as node:fs does where it cannot be read. */
export async function openCallFile(path: string, limits: UnpackLimits): Promise<CallFile> {
  const first = await firstBytes(path)
  const packing = packingOf(first)
  let bytesRead = 0
  const count = (bytes: number) => {
    bytesRead += bytes
  }
  return {
    packing,
    head: packing === 'none' ? first : await unpackedHead(path, limits),
    bytesRead: () => bytesRead,
    async *pieces(offset) {
      if (packing === 'none') {
        count(offset)
        yield* decompress(chunksOf(path, { start: offset, count }), limits)
        return
      }
      yield* skip(decompress(chunksOf(path, { start: 0, count }), limits), offset)
    },
  }
}

/** Files of calls in a folder, by name: `*.cdr.json`, JSON, NDJSON and CSV, packed or not. Folders in it are left out. */
export async function callFilesIn(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile() && CALL_FILE.test(entry.name)).map(({ name }) => name)
  return Promise.all(
    names.sort().map(async (name) => ({ path: join(folder, name), bytes: (await stat(join(folder, name))).size })),
  )
}

const CALL_FILE = /\.(?:json|jsonl|ndjson|csv)(?:\.(?:gz|zst))?$/i

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function unpackedHead(path: string, limits: UnpackLimits): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const piece of decompress(chunksOf(path, { start: 0, count() {} }), limits)) {
    if (isFault(piece)) break
    parts.push(piece)
    length += piece.length
    if (length >= SNIFFED_BYTES) break
  }
  return Buffer.concat(parts).subarray(0, SNIFFED_BYTES)
}

async function* chunksOf(
  path: string,
  { start, count }: { start: number; count: (bytes: number) => void },
): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { start, highWaterMark: 256 * 1024 })) {
    count(chunk.length)
    yield chunk
  }
}

async function* skip(pieces: AsyncGenerator<Piece, void>, bytes: number): AsyncGenerator<Piece, void> {
  let left = bytes
  for await (const piece of pieces) {
    if (isFault(piece) || left === 0) yield piece
    else if (piece.length > left) {
      yield piece.subarray(left)
      left = 0
    } else left -= piece.length
  }
}
