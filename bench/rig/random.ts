/**
 * Numbers that look random and are the same in every run: a small generator (Mulberry32) seeded by mixing any number
 * of integers, so that the n-th call of a tenant can be made without the calls before it.
 */
export class Random {
  #state: number

  constructor(...seeds: readonly number[]) {
    let mixed = 0x9e3779b9
    for (const seed of seeds) {
      mixed = Math.imul(mixed ^ (seed >>> 0), 0x85ebca6b)
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
      mixed ^= mixed >>> 16
    }
    this.#state = mixed >>> 0
  }

  /** 0 inclusive to 2^32 exclusive. */
  next32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** 0 inclusive to 1 exclusive. */
  share(): number {
    return this.next32() / 2 ** 32
  }

  /** A whole number from 0 inclusive to `below` exclusive. */
  below(below: number): number {
    return Math.floor(this.share() * below)
  }

  chance(share: number): boolean {
    return this.share() < share
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  /** A UUID in the form of version 4. */
  uuid(): string {
    const hex = [this.next32(), this.next32(), this.next32(), this.next32()]
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
