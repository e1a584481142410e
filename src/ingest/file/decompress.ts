import { constants, crc32, createInflateRaw, createZstdDecompress } from 'node:zlib'
import { ByteSource } from './byte-source.ts'
import { takeGzipHeader } from './gzip-header.ts'
import type { Piece, StreamFault } from './stream-fault.ts'
import { type FrameEnd, unpackFrame } from './unpack-frame.ts'

export interface UnpackLimits {
  /** Most bytes to unpack to. */
  maxBytes: number
  /** Most bytes to unpack to for each byte of input; counts only past the first mebibyte. */
  maxRatio: number
}

export type Packing = 'gzip' | 'zstd' | 'none'

/** How a stream is packed, by its first four bytes. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (isZstd(head)) return 'zstd'
  return 'none'
}

/** A zstd frame, or one that a decoder skips (RFC 8878, 3.1). */
function isZstd([a, b, c, d]: Uint8Array): boolean {
  if (b === 0xb5 && a === 0x28) return c === 0x2f && d === 0xfd
  return a !== undefined && a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18
}

/**
 * The bytes of a stream that is packed with gzip or zstd, in one or several members or frames, or not packed at all,
 * piece by piece. Whatever could be unpacked before a fault comes before it; after it nothing. Zeros after the last
 * member are padding, as they are to gzip; anything else there is `trailing_garbage`. Never throws.
 */
export async function* decompress(input: AsyncIterable<Uint8Array>, limits: UnpackLimits): AsyncGenerator<Piece, void> {
  const source = new ByteSource(input)
  const gauge = { bytesOut: 0 }
  const fault = (kind: StreamFault['fault'], detail: string): StreamFault => ({
    fault: kind,
    detail,
    bytesIn: source.taken,
    bytesOut: gauge.bytesOut,
  })
  const grow = (piece: Buffer) => {
    gauge.bytesOut += piece.length
    return gauge.bytesOut <= limits.maxBytes && gauge.bytesOut <= Math.max(FREE_BYTES, source.taken * limits.maxRatio)
  }
  try {
    const packing = packingOf(await source.peek(4))
    if (packing === 'none') yield* plain(source, grow, fault)
    else yield* framed(source, { packing, grow, fault })
  } catch (error) {
    yield fault('unreadable', (error as NodeJS.ErrnoException).code ?? 'the input failed')
  } finally {
    await source.close().catch(() => {})
  }
}

const FREE_BYTES = 1024 * 1024

type Fault = (kind: StreamFault['fault'], detail: string) => StreamFault

async function* plain(source: ByteSource, grow: (piece: Buffer) => boolean, fault: Fault): AsyncGenerator<Piece, void> {
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
    if (!grow(chunk)) return yield fault('too_large', 'the input is larger than was allowed')
    yield chunk
  }
}

async function* framed(
  source: ByteSource,
  { packing, grow, fault }: { packing: 'gzip' | 'zstd'; grow: (piece: Buffer) => boolean; fault: Fault },
): AsyncGenerator<Piece, void> {
  for (;;) {
    const end = yield* packing === 'gzip' ? gzipMember(source, grow) : zstdFrame(source, grow)
    if (end === 'stopped') return yield fault('too_large', 'unpacks to more than was allowed')
    if (end === 'truncated' || end === 'corrupt') return yield fault(end, DETAILS[end])
    const next = await source.peek(4)
    if (next.length === 0) return
    if (end === 'whole' && packingOf(next) === packing) continue
    const garbageAt = source.taken
    if (await isZerosOnly(source)) return
    return yield {
      ...fault('trailing_garbage', `after the last ${packing} frame come bytes that are none`),
      bytesIn: garbageAt,
    }
  }
}

const DETAILS = { truncated: 'the stream stops in the middle', corrupt: 'the stream is damaged' }

function zstdFrame(source: ByteSource, grow: (piece: Buffer) => boolean): AsyncGenerator<Buffer, FrameEnd> {
  // 27 is what zstd itself allows unless told otherwise: a window of 128 MiB.
  const decoder = createZstdDecompress({ chunkSize: CHUNK, params: { [constants.ZSTD_d_windowLogMax]: 27 } })
  return unpackFrame(source, decoder, grow)
}

const CHUNK = 128 * 1024

/** By hand around raw deflate, because a Gunzip loses what it has unpacked when it meets garbage in the same chunk. */
async function* gzipMember(source: ByteSource, grow: (piece: Buffer) => boolean): AsyncGenerator<Buffer, FrameEnd> {
  if (!(await takeGzipHeader(source))) return (await source.peek(1)).length === 0 ? 'truncated' : 'corrupt'
  let sum = 0
  let length = 0
  const end = yield* unpackFrame(source, createInflateRaw({ chunkSize: CHUNK }), (piece) => {
    sum = crc32(piece, sum)
    length = (length + piece.length) % 2 ** 32
    return grow(piece)
  })
  if (end !== 'whole') return end
  const trailer = await source.take(8)
  if (trailer.length < 8) return 'truncated'
  return trailer.readUInt32LE(0) === sum && trailer.readUInt32LE(4) === length ? 'whole' : 'corrupt'
}

async function isZerosOnly(source: ByteSource): Promise<boolean> {
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next())
    if (chunk.some((byte) => byte !== 0)) return false
  return true
}
