import { FACTS, UNITED_LISTS } from '../../../record/facts.ts'
import { docCode, STAMPS, TRUSTS } from './doc-codes.ts'
import type { RowTexts } from './doc-value.ts'
import { ValueReader } from './doc-value-reader.ts'
import { factReader } from './packed-document.ts'

/** What of a document nobody asked for is passed over; what is no field of its own is not read here. */
const PASSED_OVER = -1
const NO_FIELD = -2

/** Reads some fields of a call out of its row's document, without the facts of it all in between. */
export class DocumentFields {
  /** Where the value of each entry goes, by its number. */
  readonly #places = new Int16Array(256).fill(NO_FIELD)
  readonly #readers = Array.from<ReturnType<typeof factReader>>({ length: 256 }).fill(null)

  constructor(fields: readonly string[]) {
    const united = new Set(UNITED_LISTS.map(({ path }) => path))
    for (const { path } of FACTS) {
      const code = docCode(path)
      if (code === undefined || united.has(path)) continue
      this.#places[code] = Math.max(PASSED_OVER, fields.indexOf(path))
      this.#readers[code] = factReader(path)
    }
    this.#places[STAMPS] = this.#places[TRUSTS] = PASSED_OVER
  }

  /**
   * Puts the fields that a document has among the values. False where it has what no field of its own is made of, such as
   * entries of a list that unite: then its call has to be read as a whole.
   */
  read(
    document: Uint8Array,
    given: { from: number; texts: RowTexts; startedAtUs: number },
    values: unknown[],
  ): boolean {
    const reader = new ValueReader(document, given.texts, given.from)
    while (reader.hasMore) {
      const code = reader.octet()
      const to = this.#places[code] as number
      if (to === NO_FIELD) return false
      if (to === PASSED_OVER) reader.skip()
      else {
        const value = reader.value()
        const read = this.#readers[code] as ReturnType<typeof factReader>
        values[to] = read === null ? value : read(value, given.startedAtUs)
      }
    }
    return true
  }
}
