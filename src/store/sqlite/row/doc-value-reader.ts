import type { Json } from '../../../record/facts.ts'
import { bytesToUuid } from '../../../record/identity.ts'
import { WORDS } from './doc-codes.ts'
import { KIND, type RowTexts, SPECIAL } from './doc-value.ts'

/** Reads what `ValueWriter` wrote. Throws where the octets are no such values. */
export class ValueReader {
  readonly #bytes: Uint8Array
  /** The same, made when a text is to be read. */
  #buffer: Buffer | null = null
  readonly #texts: RowTexts
  #at: number

  constructor(bytes: Uint8Array, texts: RowTexts, from = 0) {
    this.#bytes = bytes
    this.#texts = texts
    this.#at = from
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  octet(): number {
    const octet = this.#bytes[this.#at++]
    if (octet === undefined) throw new Error("a row's document ends in the middle of a value")
    return octet
  }

  value(): Json {
    const first = this.octet()
    const number = this.#number(first & 31)
    switch (first >> 5) {
      case KIND.natural:
        return number
      case KIND.negative:
        return -1 - number
      case KIND.digits:
        return String(number)
      case KIND.text:
        return this.#plain(number)
      case KIND.list:
        return this.#list(number)
      case KIND.object:
        return this.#object(number)
      case KIND.word:
        return WORDS[number] ?? this.#unknown()
      default:
        return this.#special(number)
    }
  }

  /** Passes a value over. */
  skip(): void {
    const first = this.octet()
    const number = this.#number(first & 31)
    const kind = first >> 5
    if (kind === KIND.text) this.#at += number
    else if (kind === KIND.list) for (let left = number; left > 0; left--) this.skip()
    else if (kind === KIND.object) for (let left = 2 * number; left > 0; left--) this.skip()
    else if (kind !== KIND.special || number <= SPECIAL.nothing) return
    else if (number === SPECIAL.double) this.#at += 8
    else if (number === SPECIAL.uuid) this.#at += 16
    else this.skip()
  }

  /** How many values follow, where the next one is a list, which is entered; null for any other value, which is not. */
  enterList(): number | null {
    const first = this.#bytes[this.#at] ?? 0
    if (first >> 5 !== KIND.list) return null
    this.#at += 1
    return this.#number(first & 31)
  }

  #number(low: number): number {
    if (low < 24) return low
    let number = 0
    for (let left = low - 23; left > 0; left--) number = number * 256 + this.octet()
    return number
  }

  #plain(length: number): string {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error("a row's document ends in the middle of a text")
    const text = this.#octets().toString('utf8', this.#at, end)
    this.#at = end
    return text
  }

  #octets(): Buffer {
    this.#buffer ??= Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
    return this.#buffer
  }

  #list(length: number): Json[] {
    const list: Json[] = []
    for (let left = length; left > 0; left--) list.push(this.value())
    return list
  }

  #object(pairs: number): Json {
    const object: Record<string, Json> = {}
    for (let left = pairs; left > 0; left--) object[this.value() as string] = this.value()
    return object
  }

  #special(special: number): Json {
    switch (special) {
      case SPECIAL.no:
        return false
      case SPECIAL.yes:
        return true
      case SPECIAL.nothing:
        return null
      case SPECIAL.double:
        this.#at += 8
        return this.#octets().readDoubleBE(this.#at - 8)
      case SPECIAL.tenths:
        return (this.value() as number) / 10
      case SPECIAL.thousandths:
        return (this.value() as number) / 1000
      case SPECIAL.uuid:
        this.#at += 16
        return bytesToUuid(this.#bytes, this.#at - 16)
      case SPECIAL.endOfFrom:
        return this.#texts.from.slice(this.value() as number)
      case SPECIAL.endOfTo:
        return this.#texts.to.slice(this.value() as number)
      case SPECIAL.behindTrunk:
        return this.#texts.trunk + (this.value() as string)
      default:
        return this.#unknown()
    }
  }

  #unknown(): never {
    throw new Error(`a row's document has at octet ${this.#at} what this Calltrail does not know`)
  }
}
