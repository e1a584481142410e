const CODE_0 = 48
const SECOND_US = 1_000_000
const DAY_S = 86_400
const POINT = 46
const COLON = 58
const Z = 90

/** Which characters below U+0080 a text may have: 1 where it may. */
export type Allowed = Uint8Array

/** Every character from U+0020 to U+007E but these. */
export function allBut(forbidden: string): Allowed {
  return Uint8Array.from({ length: 128 }, (_, code) =>
    code >= 32 && code < 127 && !forbidden.includes(String.fromCharCode(code)) ? 1 : 0,
  )
}

/** These characters. */
export function only(characters: string): Allowed {
  return Uint8Array.from({ length: 128 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0))
}

/** UTF-8 that grows at its end; figures and times are written without a text of their own being made. */
export class TextBuffer {
  #bytes: Buffer<ArrayBuffer>
  #at = 0

  constructor(capacity = 64 * 1024) {
    this.#bytes = Buffer.from(new ArrayBuffer(capacity))
  }

  /** Octets so far. */
  get length(): number {
    return this.#at
  }

  text(text: string): void {
    const { length } = text
    this.#room(length * 3)
    if (length > 40) {
      this.#at += this.#bytes.write(text, this.#at)
      return
    }
    const bytes = this.#bytes
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      if (code > 127) {
        this.#at += bytes.write(text, this.#at)
        return
      }
      bytes[this.#at + at] = code
    }
    this.#at += length
  }

  /** Writes a text whose first character is one of `first` and whose others are `allowed`; writes nothing of another. */
  textOf(text: string, allowed: Allowed, first: Allowed = allowed): boolean {
    const { length } = text
    this.#room(length)
    const bytes = this.#bytes
    let may = first
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      if (code > 127 || may[code] === 0) return false
      bytes[this.#at + at] = code
      may = allowed
    }
    this.#at += length
    return true
  }

  /** UTF-8 as it is. */
  octets(octets: Uint8Array): void {
    const { length } = octets
    this.#room(length)
    const bytes = this.#bytes
    if (length > 40) bytes.set(octets, this.#at)
    else for (let at = 0; at < length; at++) bytes[this.#at + at] = octets[at] as number
    this.#at += length
  }

  /** One character below U+0080. */
  character(code: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = code
  }

  /** Any number, as `String` writes it. */
  number(value: number): void {
    if (value >= 0 && value <= 0x3fff_ffff && Number.isInteger(value)) this.#digits(value, digitsOf(value))
    else if (Number.isSafeInteger(value) && value > 0) {
      const high = Math.floor(value / 1_000_000_000)
      this.number(high)
      this.#digits(value - high * 1_000_000_000, 9)
    } else this.text(String(value))
  }

  /** `2024-01-15T14:28:48.000000Z`, as `formatRfc3339` writes it. */
  time(timeUs: number): void {
    const timeS = Math.floor(timeUs / SECOND_US)
    const day = Math.floor(timeS / DAY_S)
    const date = dateOf(day)
    this.#room(27)
    const bytes = this.#bytes
    const at = this.#at
    for (let part = 0; part < 11; part++) bytes[at + part] = date[part] as number
    const secondOfDay = timeS - day * DAY_S
    const hour = (secondOfDay / 3600) | 0
    const minute = ((secondOfDay - hour * 3600) / 60) | 0
    const micros = timeUs - timeS * SECOND_US
    const millis = (micros / 1000) | 0
    twoDigits(bytes, at + 11, hour)
    bytes[at + 13] = COLON
    twoDigits(bytes, at + 14, minute)
    bytes[at + 16] = COLON
    twoDigits(bytes, at + 17, secondOfDay - hour * 3600 - minute * 60)
    bytes[at + 19] = POINT
    threeDigits(bytes, at + 20, millis)
    threeDigits(bytes, at + 23, micros - millis * 1000)
    bytes[at + 26] = Z
    this.#at += 27
  }

  /** Forgets what has been written, and keeps its room. */
  clear(): void {
    this.#at = 0
  }

  /** What has been written, as a text. */
  toString(): string {
    return this.#bytes.toString('utf8', 0, this.#at)
  }

  /** What has been written; the buffer is not used again. */
  taken(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at)
  }

  #digits(value: number, count: number): void {
    this.#room(count)
    const bytes = this.#bytes
    let left = value | 0
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const tenth = (left / 10) | 0
      bytes[at] = CODE_0 + left - tenth * 10
      left = tenth
    }
    this.#at += count
  }

  #room(octets: number): void {
    if (this.#at + octets <= this.#bytes.length) return
    const larger = Buffer.from(new ArrayBuffer(Math.max(this.#bytes.length * 2, this.#at + octets)))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
  }
}

function digitsOf(value: number): number {
  let count = 1
  for (let bound = 10; value >= bound && count < 10; bound *= 10) count += 1
  return count
}

const dates = new Map<number, Uint8Array>()
const MOST_DATES = 10_000

/** `2024-01-15T`, of a day since the epoch: a call's times are of few days, but not of one. */
function dateOf(day: number): Uint8Array {
  let date = dates.get(day)
  if (date === undefined) {
    if (dates.size >= MOST_DATES) dates.clear()
    date = Buffer.from(`${new Date(day * DAY_S * 1000).toISOString().slice(0, 10)}T`)
    dates.set(day, date)
  }
  return date
}

/** 0..99. */
function twoDigits(bytes: Uint8Array, at: number, value: number): void {
  const tens = (value / 10) | 0
  bytes[at] = CODE_0 + tens
  bytes[at + 1] = CODE_0 + value - tens * 10
}

/** 0..999. */
function threeDigits(bytes: Uint8Array, at: number, value: number): void {
  const hundreds = (value / 100) | 0
  bytes[at] = CODE_0 + hundreds
  twoDigits(bytes, at + 1, value - hundreds * 100)
}
