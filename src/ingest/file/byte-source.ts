/** Bytes that come in chunks of any size, taken as they are needed; what was taken too much is put back. */
export class ByteSource {
  readonly #input: AsyncIterator<Uint8Array>
  #held: Buffer[] = []
  #isOver = false
  /** Bytes taken and not put back. */
  taken = 0

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input[Symbol.asyncIterator]()
  }

  /** The next chunk, of at least one byte; null at the end. Rejects as the input does. */
  async next(): Promise<Buffer | null> {
    let chunk = this.#held.shift() ?? null
    while (chunk === null && !this.#isOver) {
      const { done, value } = await this.#input.next()
      if (done === true) this.#isOver = true
      else if (value.length > 0) chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    this.taken += chunk?.length ?? 0
    return chunk
  }

  /** Puts back the last bytes that were taken. */
  unread(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#held.unshift(bytes)
    this.taken -= bytes.length
  }

  /** The next `count` bytes, fewer where the input ends before. */
  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let missing = count
    while (missing > 0) {
      const chunk = await this.next()
      if (chunk === null) break
      parts.push(chunk.subarray(0, missing))
      this.unread(chunk.subarray(missing))
      missing -= Math.min(missing, chunk.length)
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }

  /** As `take`, but the bytes stay. */
  async peek(count: number): Promise<Buffer> {
    const bytes = await this.take(count)
    this.unread(bytes)
    return bytes
  }

  /** Lets go of the input. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#held = []
    await this.#input.return?.()
  }
}
