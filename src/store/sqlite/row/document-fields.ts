import { FACTS, type Facts, type Json, UNITED_LISTS } from '../../../record/facts.ts'
import type { UnitedEntries } from '../../../record/united-lists.ts'
import { codePath, docCode, STAMPS, TRUSTS } from './doc-codes.ts'
import type { RowTexts } from './doc-value.ts'
import { ValueReader } from './doc-value-reader.ts'
import { factReader, listReader } from './packed-document.ts'

/** What of a document nobody asked for is passed over; what fields are made of together is gathered. */
const PASSED_OVER = -1
const GATHERED = -2
const UNKNOWN = -3

/** What a document says of a contact centre, and its lists that unite. */
export interface Gathered {
  facts: Facts
  lists: UnitedEntries[]
}

/** Reads some fields of a call out of its row's document, without the facts of it all in between. */
export class DocumentFields {
  /** Where the value of each entry goes, by its number. */
  readonly #places = new Int16Array(256).fill(UNKNOWN)
  readonly #readers = Array.from<ReturnType<typeof factReader>>({ length: 256 }).fill(null)
  readonly #listReaders = new Map<number, ReturnType<typeof listReader>>()

  constructor(fields: readonly string[]) {
    const united = new Set(UNITED_LISTS.map(({ path }) => path))
    const asksCenter = fields.some((field) => field === 'center' || field.startsWith('center.'))
    for (const { path } of FACTS) {
      const code = docCode(path)
      if (code === undefined || united.has(path)) continue
      this.#places[code] = path.startsWith('center.')
        ? asksCenter
          ? GATHERED
          : PASSED_OVER
        : Math.max(PASSED_OVER, fields.indexOf(path))
      this.#readers[code] = factReader(path)
    }
    for (const path of united) {
      const code = docCode(path) as number
      this.#places[code] = fields.includes(path) || (asksCenter && path.startsWith('center.')) ? GATHERED : PASSED_OVER
      this.#listReaders.set(code, listReader(path))
    }
    this.#places[STAMPS] = this.#places[TRUSTS] = PASSED_OVER
  }

  /**
   * Puts the fields that a document has among the values, and gives what several fields are made of; null where there is
   * nothing of that. Throws where the document has what this Calltrail does not know.
   */
  read(
    document: Uint8Array,
    { from, texts, startedAtUs }: { from: number; texts: RowTexts; startedAtUs: number },
    values: unknown[],
  ): Gathered | null {
    const reader = new ValueReader(document, texts, from)
    let gathered: Gathered | null = null
    while (reader.hasMore) {
      const code = reader.octet()
      const to = this.#places[code] as number
      if (to === PASSED_OVER) {
        reader.skip()
        continue
      }
      const packed = reader.value()
      if (to >= 0) {
        const read = this.#readers[code] as ReturnType<typeof factReader>
        values[to] = read === null ? packed : read(packed, startedAtUs)
        continue
      }
      gathered ??= { facts: {}, lists: [] }
      this.#gather(code, packed, { gathered, startedAtUs })
    }
    return gathered
  }

  #gather(code: number, packed: Json, { gathered, startedAtUs }: { gathered: Gathered; startedAtUs: number }): void {
    const list = this.#listReaders.get(code)
    if (list !== undefined) {
      gathered.lists.push(list(packed, startedAtUs))
      return
    }
    const read = this.#readers[code] as ReturnType<typeof factReader>
    gathered.facts[codePath(code)] = read === null ? packed : read(packed, startedAtUs)
  }
}
