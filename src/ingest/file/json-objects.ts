import { isUtf8 } from 'node:buffer'
import { isFault, type Piece, type StreamFault } from './stream-fault.ts'
import { MAX_RECORD_BYTES, NOT_UTF8, type TextItem, TOO_LONG } from './text-item.ts'

const [LF, QUOTE, BACKSLASH, OPEN, CLOSE] = [10, 34, 92, 123, 125]

/**
 * The JSON objects of a stream that are not one a line: one printed over many lines, several one after another, or the
 * entries of a list. What lies between two of them (blanks, commas, brackets) is passed over. An object is not parsed
 * here, only found by its braces: a broken one takes with it what follows until the braces match again, at most
 * `MAX_RECORD_BYTES`.
 */
export async function* splitObjects(
  pieces: AsyncIterable<Piece>,
  from: { line: number; offset: number },
): AsyncGenerator<TextItem[] | StreamFault, void> {
  const finder = new ObjectFinder(from)
  for await (const piece of pieces) {
    if (isFault(piece)) {
      if (piece.fault === 'trailing_garbage') yield finder.rest()
      return yield piece
    }
    const items = finder.add(piece)
    if (items.length > 0) yield items
  }
  const rest = finder.rest()
  if (rest.length > 0) yield rest
}

class ObjectFinder {
  #line: number
  #offset: number
  #startLine = 0
  #parts: Buffer[] = []
  #length = 0
  #depth = 0
  #inString = false
  #isEscaped = false

  constructor({ line, offset }: { line: number; offset: number }) {
    this.#line = line
    this.#offset = offset
  }

  /** The objects that this piece completes. */
  add(piece: Buffer): TextItem[] {
    const items: TextItem[] = []
    let start = this.#depth > 0 ? 0 : -1
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] as number
      if (byte === LF) this.#line++
      if (this.#depth === 0 && byte === OPEN) {
        start = at
        this.#startLine = this.#line
      }
      this.#step(byte)
      if (start < 0 || (this.#depth > 0 && this.#length + at - start < MAX_RECORD_BYTES)) continue
      items.push(this.#take(piece.subarray(start, at + 1), this.#offset + at + 1))
      start = -1
    }
    this.#offset += piece.length
    if (start >= 0) this.#hold(piece.subarray(start))
    return items
  }

  /** What is left when the stream is over: an object that never ended. */
  rest(): TextItem[] {
    return this.#depth > 0 ? [{ ...this.#take(Buffer.alloc(0), this.#offset), problem: 'is not complete' }] : []
  }

  #step(byte: number): void {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) this.#inString = false
    } else if (byte === QUOTE) this.#inString = this.#depth > 0
    else if (byte === OPEN) this.#depth++
    else if (byte === CLOSE && this.#depth > 0) this.#depth--
  }

  #hold(bytes: Buffer): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  #take(last: Buffer, end: number): TextItem {
    this.#hold(last)
    const bytes = Buffer.concat(this.#parts)
    const problem = this.#depth > 0 ? TOO_LONG : isUtf8(bytes) ? null : NOT_UTF8
    this.#parts = []
    this.#length = 0
    this.#depth = 0
    this.#inString = false
    this.#isEscaped = false
    const text = bytes.subarray(0, problem === TOO_LONG ? 4096 : undefined).toString('utf8')
    return { line: this.#startLine, end, nextLine: this.#line, text, problem }
  }
}
