/** Bits of the filter for each call that it is made for. */
const BITS_PER_CALL = 16
/** A block is what one call's bits lie in: 64 octets, one line of the processor's cache. */
const BLOCK_WORDS = 16
const HEAD_WORDS = 16
const UUID_BYTES = 16

/** Places in the head, words: how many keys were added, whether it is whole, and how many it was made for. */
const KEYS = 0
const IS_WHOLE = 1
const CAPACITY = 2
/** And doubles: the least and greatest id and the latest start, each plus one, as each thread has added them. */
const FIRST_ID = 2
const LAST_ID = 4
const LAST_START = 6

/** Who adds to a filter: two threads may, at the same time. */
export const ADDER = { writer: 0, maintenance: 1 } as const
export type Adder = (typeof ADDER)[keyof typeof ADDER]

/** What a UUID looks like to every filter: made once, asked of many. */
export interface Fingerprint {
  block: number
  low: number
  high: number
}

/** Of any 16 octets, those from `at` on, however little they differ: UUIDs of some switches are counted up. */
export function fingerprint(uuids: Uint8Array, at = 0): Fingerprint {
  const [a, b, c, d] = [word(uuids, at), word(uuids, at + 4), word(uuids, at + 8), word(uuids, at + 12)]
  let low = mix(a ^ Math.imul(b, 0x9e3779b1))
  let high = mix(c ^ Math.imul(d, 0x85ebca6b) ^ low)
  low = mix(low ^ Math.imul(high, 0xc2b2ae35) ^ d)
  high = mix(high ^ Math.imul(low, 0x27d4eb2f) ^ b)
  return { block: mix(low ^ Math.imul(high, 0x165667b1)) >>> 0, low, high }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

/** The finaliser of MurmurHash3, which spreads every bit over all others. */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/**
 * Tells which UUIDs a segment does not hold, in memory that threads share: a blocked Bloom filter, eight bits for each
 * call, all in one block. It never denies a call that was added; of others it takes one in about a thousand for one, as
 * long as no more were added than it was made for. Also the least and the greatest id that were added.
 */
export class IdentityFilter {
  readonly shared: SharedArrayBuffer
  readonly #head: Int32Array
  readonly #bounds: Float64Array
  readonly #bits: Int32Array
  readonly #blocks: number
  readonly #by: Adder
  #isWhole = false

  /** Two filters over the same memory are the same one; only one of them adds by each name. */
  constructor(shared: SharedArrayBuffer, by: Adder = ADDER.writer) {
    this.shared = shared
    this.#by = by
    this.#head = new Int32Array(shared, 0, HEAD_WORDS)
    this.#bounds = new Float64Array(shared, 0, HEAD_WORDS / 2)
    this.#bits = new Int32Array(shared, HEAD_WORDS * 4)
    this.#blocks = this.#bits.length / BLOCK_WORDS
  }

  /** An empty one, made for so many calls; not whole, until somebody says so. */
  static make(calls: number, by: Adder = ADDER.writer): IdentityFilter {
    const blocks = Math.max(1, Math.ceil((calls * BITS_PER_CALL) / (BLOCK_WORDS * 32)))
    const filter = new IdentityFilter(new SharedArrayBuffer((HEAD_WORDS + blocks * BLOCK_WORDS) * 4), by)
    filter.#head[CAPACITY] = calls
    return filter
  }

  /** How many keys were added, those added twice counted twice. */
  get keys(): number {
    return Atomics.load(this.#head, KEYS)
  }

  /** How many calls it was made for. */
  get capacity(): number {
    return this.#head[CAPACITY] as number
  }

  /** The latest start that was added, epoch microseconds; -1 where none was. */
  get lastStartUs(): number {
    return Math.max(this.#bounds[LAST_START] as number, this.#bounds[LAST_START + 1] as number) - 1
  }

  /** Whether every call of the segment was added. Until then it tells nothing. */
  get isWhole(): boolean {
    this.#isWhole ||= Atomics.load(this.#head, IS_WHOLE) === 1 // once, because it lies elsewhere than the bits
    return this.#isWhole
  }

  markWhole(): void {
    Atomics.store(this.#head, IS_WHOLE, 1)
  }

  add(print: Fingerprint, { id, startedAtUs }: { id: number; startedAtUs: number }): void {
    this.#set(print)
    Atomics.add(this.#head, KEYS, 1)
    this.#bound(id, startedAtUs)
  }

  /** Adds calls, 16 octets for each; among them are the least and the greatest id, and the latest start. */
  addAll(uuids: Uint8Array, bounds: { firstId: number; lastId: number; lastStartUs: number }): void {
    for (let at = 0; at < uuids.length; at += UUID_BYTES) this.#set(fingerprint(uuids, at))
    Atomics.add(this.#head, KEYS, uuids.length / UUID_BYTES)
    this.#bound(bounds.firstId, bounds.lastStartUs)
    this.#bound(bounds.lastId, bounds.lastStartUs)
  }

  #set(print: Fingerprint): void {
    const block = this.#blockOf(print)
    for (let lane = 0; lane < 8; lane += 1) {
      const bit = bitOf(print, lane)
      Atomics.or(this.#bits, block + 2 * lane + (bit >> 5), 1 << (bit & 31))
    }
  }

  #bound(id: number, startedAtUs: number): void {
    const [firstAt, lastAt, startAt] = [FIRST_ID + this.#by, LAST_ID + this.#by, LAST_START + this.#by]
    const first = this.#bounds[firstAt] as number
    if (first === 0 || id + 1 < first) this.#bounds[firstAt] = id + 1
    if (id + 1 > (this.#bounds[lastAt] as number)) this.#bounds[lastAt] = id + 1
    if (startedAtUs + 1 > (this.#bounds[startAt] as number)) this.#bounds[startAt] = startedAtUs + 1
  }

  /** False only where no call with this UUID was ever added. */
  mayHold(print: Fingerprint): boolean {
    if (!this.isWhole) return true
    const first = this.#blockOf(print)
    for (let lane = 0; lane < 8; lane += 1) {
      const bit = bitOf(print, lane)
      if (((this.#bits[first + 2 * lane + (bit >> 5)] as number) & (1 << (bit & 31))) === 0) return false
    }
    return true
  }

  /** False only where no call with this id was ever added. */
  mayHoldId(id: number): boolean {
    if (!this.isWhole) return true
    return this.#holdsId(id, ADDER.writer) || this.#holdsId(id, ADDER.maintenance)
  }

  #blockOf({ block }: Fingerprint): number {
    return Math.floor((block / 4_294_967_296) * this.#blocks) * BLOCK_WORDS
  }

  #holdsId(id: number, by: Adder): boolean {
    const first = this.#bounds[FIRST_ID + by] as number
    return first !== 0 && id + 1 >= first && id + 1 <= (this.#bounds[LAST_ID + by] as number)
  }
}

/** The bit of a lane, 0 to 63: six bits of the fingerprint for each of the eight. */
function bitOf({ low, high }: Fingerprint, lane: number): number {
  return lane < 4 ? (low >>> (6 * lane)) & 63 : (high >>> (6 * (lane - 4))) & 63
}
