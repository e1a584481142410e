import type { Json } from '../../../record/facts.ts'
import { isUuid, uuidToBytes } from '../../../record/identity.ts'
import { WORDS } from './doc-codes.ts'

/**
 * Values in a row's document. A value begins with an octet of a kind (3 bits) and a number (5 bits): 0 to 23 are the
 * number itself, 24 to 30 say that it stands in the next 1 to 7 octets, the highest first. The kinds are after those of
 * CBOR (RFC 8949); what differs makes texts short that a call has already, that repeat, or that are digits.
 */
export const KIND = {
  /** The number. */
  natural: 0,
  /** -1 - the number. */
  negative: 1,
  /** A text: the number in decimal digits. */
  digits: 2,
  /** A text: so many octets of UTF-8 follow. */
  text: 3,
  /** So many values follow. */
  list: 4,
  /** So many pairs of a text and a value follow. */
  object: 5,
  /** The text at that place of `WORDS`. */
  word: 6,
  /** What `SPECIAL` says. */
  special: 7,
} as const

export const SPECIAL = {
  no: 0,
  yes: 1,
  nothing: 2,
  /** Eight octets: a double. */
  double: 3,
  /** A value follows: tenths, thousandths of it. */
  tenths: 4,
  thousandths: 5,
  /** 16 octets: a UUID in lower case. */
  uuid: 6,
  /** A value follows: the caller's number without so many characters in front, the callee's. */
  endOfFrom: 7,
  endOfTo: 8,
  /** A text follows that comes behind the trunk's id. */
  behindTrunk: 9,
} as const

/** Texts of the row's own columns, which others are often a part of. */
export interface RowTexts {
  from: string
  to: string
  trunk: string
}

/** Of a value that may not refer to them. */
export const NO_TEXTS: RowTexts = { from: '', to: '', trunk: '' }

const wordPlaces = new Map(WORDS.map((word, place) => [word, place]))
/** A text of fewer characters takes no less as a part of another. */
const SHORTEST_PART = 4

/** Writes values one after the other into memory that it reuses. */
export class ValueWriter {
  #bytes = Buffer.allocUnsafe(16_384)
  #at = 0
  #texts = NO_TEXTS

  begin(): void {
    this.#at = 0
    this.#texts = NO_TEXTS
  }

  /** From here on values may refer to these; `NO_TEXTS` ends that. */
  refer(texts: RowTexts): void {
    this.#texts = texts
  }

  get length(): number {
    return this.#at
  }

  /** A copy of what was written since `begin`. */
  taken(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#at)
  }

  octet(value: number): void {
    if (this.#at + 32 > this.#bytes.length) this.#grow(32)
    this.#bytes[this.#at++] = value
  }

  head(kind: number, number: number): void {
    if (this.#at + 32 > this.#bytes.length) this.#grow(32)
    const bytes = this.#bytes
    const first = kind << 5
    if (number < 24) bytes[this.#at++] = first | number
    else if (number < 0x100) {
      bytes[this.#at++] = first | 24
      bytes[this.#at++] = number
    } else {
      const octets = octetsOf(number)
      bytes[this.#at++] = first | (23 + octets)
      this.#at = bytes.writeUIntBE(octets > 6 ? Math.floor(number / 256) : number, this.#at, Math.min(octets, 6))
      if (octets > 6) bytes[this.#at++] = number % 256
    }
  }

  integer(value: number): void {
    if (value >= 0) this.head(KIND.natural, value)
    else this.head(KIND.negative, -1 - value)
  }

  value(value: Json): void {
    if (typeof value === 'string') this.text(value)
    else if (typeof value === 'number') this.number(value)
    else if (value === null) this.head(KIND.special, SPECIAL.nothing)
    else if (typeof value === 'boolean') this.head(KIND.special, value ? SPECIAL.yes : SPECIAL.no)
    else if (Array.isArray(value)) {
      this.head(KIND.list, value.length)
      for (const one of value) this.value(one)
    } else {
      const names = Object.keys(value)
      this.head(KIND.object, names.length)
      for (const name of names) {
        this.text(name)
        this.value(value[name] as Json)
      }
    }
  }

  number(value: number): void {
    if (Number.isSafeInteger(value)) {
      this.integer(value)
      return
    }
    for (const [special, parts] of [
      [SPECIAL.tenths, 10],
      [SPECIAL.thousandths, 1000],
    ] as const) {
      const scaled = Math.round(value * parts)
      if (!Number.isSafeInteger(scaled) || scaled / parts !== value) continue
      this.head(KIND.special, special)
      this.integer(scaled)
      return
    }
    this.head(KIND.special, SPECIAL.double)
    this.#at = this.#bytes.writeDoubleBE(value, this.#at)
  }

  text(text: string): void {
    const word = wordPlaces.get(text)
    if (word !== undefined) this.head(KIND.word, word)
    else if (text.length >= SHORTEST_PART && this.#texts.from.endsWith(text))
      this.#partOf(SPECIAL.endOfFrom, this.#texts.from.length - text.length)
    else if (text.length >= SHORTEST_PART && this.#texts.to.endsWith(text))
      this.#partOf(SPECIAL.endOfTo, this.#texts.to.length - text.length)
    else if (isPlainNumber(text)) this.head(KIND.digits, Number(text))
    else if (this.#texts.trunk.length >= SHORTEST_PART && text.startsWith(this.#texts.trunk)) {
      this.head(KIND.special, SPECIAL.behindTrunk)
      this.#plain(text.slice(this.#texts.trunk.length))
    } else if (text.length === 36 && isUuid(text) && text === text.toLowerCase()) {
      this.head(KIND.special, SPECIAL.uuid)
      this.#bytes.set(uuidToBytes(text), this.#at)
      this.#at += 16
    } else this.#plain(text)
  }

  #partOf(special: number, without: number): void {
    this.head(KIND.special, special)
    this.head(KIND.natural, without)
  }

  /** A text as it is, in UTF-8. */
  #plain(text: string): void {
    const length = Buffer.byteLength(text)
    this.head(KIND.text, length)
    if (this.#at + length + 32 > this.#bytes.length) this.#grow(length + 32)
    this.#at += this.#bytes.write(text, this.#at)
  }

  #grow(octets: number): void {
    const bytes = Buffer.allocUnsafe((this.#at + octets) * 2)
    this.#bytes.copy(bytes, 0, 0, this.#at)
    this.#bytes = bytes
  }
}

function octetsOf(number: number): number {
  let octets = 2
  for (let most = 0x1_0000; number >= most; most *= 256) octets += 1
  return octets
}

/** Digits without a zero in front, few enough to be a number exactly. */
function isPlainNumber(text: string): boolean {
  const length = text.length
  if (length === 0 || length > 15 || (length > 1 && text.charCodeAt(0) === 48)) return false
  for (let at = 0; at < length; at++) {
    const char = text.charCodeAt(at)
    if (char < 48 || char > 57) return false
  }
  return true
}
