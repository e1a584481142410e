import type { ByteSource } from './byte-source.ts'

const FHCRC = 2
const FEXTRA = 4
const FNAME = 8
const FCOMMENT = 16

/** Takes the header of one gzip member (RFC 1952, 2.3); false where the input ends within it or it is none. */
export async function takeGzipHeader(source: ByteSource): Promise<boolean> {
  const head = await source.take(10)
  if (head.length < 10 || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) return false
  const flags = head[3] as number
  if (flags & FEXTRA) {
    const length = await source.take(2)
    if (length.length < 2 || (await source.take(length.readUInt16LE())).length < length.readUInt16LE()) return false
  }
  if (flags & FNAME && !(await takeUntilZero(source))) return false
  if (flags & FCOMMENT && !(await takeUntilZero(source))) return false
  return !(flags & FHCRC) || (await source.take(2)).length === 2
}

/** Names and comments have no length in the format; 64 KiB is more than any has. */
async function takeUntilZero(source: ByteSource): Promise<boolean> {
  for (let taken = 0; taken < 65_536; ) {
    const chunk = await source.next()
    if (chunk === null) return false
    const zero = chunk.indexOf(0)
    if (zero >= 0) {
      source.unread(chunk.subarray(zero + 1))
      return true
    }
    taken += chunk.length
  }
  return false
}
