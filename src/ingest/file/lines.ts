import { isUtf8 } from 'node:buffer'
import { isFault, type Piece, type StreamFault } from './stream-fault.ts'
import { MAX_RECORD_BYTES, NOT_UTF8, type TextItem, TOO_LONG } from './text-item.ts'

const LF = 10
/** What is kept of a line that is too long, for the quarantine. */
const KEPT_BYTES = 4096

/**
 * The lines of a stream, in batches of those that one piece completed, and the fault that ended it, if one did. Ends
 * of lines are LF or CRLF; a byte order mark at the very beginning is none of the first line; blank lines are counted
 * but not given. The last line needs no end, but where the stream was cut a line without one is half a line and is not
 * given. `from` is where the stream begins in the file.
 */
export async function* splitLines(
  pieces: AsyncIterable<Piece>,
  from: { line: number; offset: number },
): AsyncGenerator<TextItem[] | StreamFault, void> {
  const held = new HeldLine()
  let { line, offset } = from
  for await (const piece of pieces) {
    if (isFault(piece)) {
      if (piece.fault === 'trailing_garbage' && held.length > 0) yield [held.item(line, offset)].filter(isNotBlank)
      return yield piece
    }
    const items: TextItem[] = []
    const valid = isUtf8(piece.subarray(0, piece.lastIndexOf(LF) + 1))
    for (let start = 0; start < piece.length; ) {
      const stop = piece.indexOf(LF, start)
      if (stop < 0) {
        held.add(piece.subarray(start))
        offset += piece.length - start
        break
      }
      offset += stop + 1 - start
      if (held.length > 0) {
        held.add(piece.subarray(start, stop))
        items.push(held.item(line, offset))
      } else items.push(itemOf(piece.subarray(start, stop), { line, end: offset, valid }))
      line++
      start = stop + 1
    }
    const given = items.filter(isNotBlank)
    if (given.length > 0) yield given
  }
  if (held.length > 0) yield [held.item(line, offset)].filter(isNotBlank)
}

function isNotBlank({ text, problem }: TextItem): boolean {
  return problem !== null || text.trim() !== ''
}

function itemOf(bytes: Buffer, { line, end, valid }: { line: number; end: number; valid: boolean }): TextItem {
  const isLong = bytes.length > MAX_RECORD_BYTES
  const text = (isLong ? bytes.subarray(0, KEPT_BYTES) : bytes).toString('utf8')
  const problem = isLong ? TOO_LONG : valid || isUtf8(bytes) ? null : NOT_UTF8
  return {
    line,
    end,
    nextLine: line + 1,
    text: text.slice(line === 1 && text.startsWith('\uFEFF') ? 1 : 0).replace(/\r$/, ''),
    problem,
  }
}

/** A line whose end has not come yet; of one that is too long only the beginning is kept. */
class HeldLine {
  #parts: Buffer[] = []
  length = 0

  add(bytes: Buffer): void {
    if (this.length <= MAX_RECORD_BYTES) this.#parts.push(bytes)
    else if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts).subarray(0, KEPT_BYTES)]
    this.length += bytes.length
  }

  /** The line as it stands; begins the next one. */
  item(line: number, end: number): TextItem {
    const bytes = Buffer.concat(this.#parts)
    const isLong = this.length > MAX_RECORD_BYTES
    this.#parts = []
    this.length = 0
    if (!isLong) return itemOf(bytes, { line, end, valid: false })
    return { line, end, nextLine: line + 1, text: bytes.subarray(0, KEPT_BYTES).toString('utf8'), problem: TOO_LONG }
  }
}
