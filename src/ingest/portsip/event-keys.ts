import { isNoTime, readTime } from '../../record/time.ts'
import { cleanText } from '../clean-text.ts'

export interface KeyFault {
  field: string
  detail: string
}

/**
 * The keys of one event, or of one target in it, read as tolerantly as PortSIP writes: figures come as text or as
 * numbers, and nothing as `""`, `"None"`, `"0"`, null or no key at all. What is there and cannot be read is a fault.
 */
export class EventKeys {
  readonly #keys: Record<string, unknown>
  readonly #at: string
  readonly faults: KeyFault[]

  /** `at` stands before a key's name in a fault: `call_targets[2].`. */
  constructor(keys: Record<string, unknown>, { at = '', faults = [] }: { at?: string; faults?: KeyFault[] } = {}) {
    this.#keys = keys
    this.#at = at
    this.faults = faults
  }

  /** Whether one of the keys is there, whatever it says: a key that says nothing differs from one that is not there. */
  has(...names: string[]): boolean {
    return names.some((name) => this.#keys[name] !== undefined)
  }

  raw(name: string): unknown {
    return this.#keys[name]
  }

  /** What the first of these keys that says something says; at most 256 characters unless `most` is given. */
  text(names: string | readonly string[], { most = 256, zero = false }: { most?: number; zero?: boolean } = {}) {
    for (const name of typeof names === 'string' ? [names] : names) {
      const text = cleanText(this.#written(name), most)
      if (text === null || NOTHING.has(text.toLowerCase()) || (!zero && text === '0')) continue
      return text
    }
    return null
  }

  /** A time as epoch us; null where it did not happen. PortSIP writes Unix seconds as text. */
  timeUs(name: string): number | null {
    const written = this.#written(name)
    if (typeof written !== 'string') return null
    const text = written.trim()
    if (NOTHING.has(text.toLowerCase()) || isNoTime(text)) return null
    const timeUs = readTime(text, 'UTC')
    if (timeUs === null) this.#fault(name, 'is not a time: Unix seconds such as "1735689600" are expected')
    return timeUs
  }

  /** A whole number of 0 or more, as number or text; null for anything else: none of these is worth an event. */
  count(name: string): number | null {
    const written = this.#written(name)
    return typeof written === 'string' && /^\s*\d{1,9}\s*$/.test(written) ? Number(written) : null
  }

  #written(name: string): unknown {
    const value = this.#keys[name]
    if (typeof value !== 'number') return value
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      this.#fault(name, 'is a number with too many digits to be exact: it must be text')
    return String(value)
  }

  #fault(name: string, detail: string): void {
    this.faults.push({ field: `${this.#at}${name}`, detail })
  }
}

const NOTHING = new Set(['', 'none', 'null'])
