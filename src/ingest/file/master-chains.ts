import { parseMasterLines } from '../asterisk/parse-master-lines.ts'
import { continuesChain, type MasterOptions, readMasterChain } from '../asterisk/read-master-csv.ts'
import type { Reading } from '../reading.ts'
import type { TextItem } from './text-item.ts'

/** A reading and the lines it was made of; `after` is the last line of what belongs together, null before its end. */
export interface ChainedReading {
  items: TextItem[]
  reading: Reading
  after: TextItem | null
}

/** More rows of one channel than this are read as several chains; a call centre's longest has a few dozen. */
const MAX_ROWS = 500

/** Brings the rows of one channel together, which stand one after another in the file. */
export class MasterChains {
  readonly #options: MasterOptions
  #rows: { item: TextItem; columns: string[] }[] = []

  constructor(options: MasterOptions) {
    this.#options = options
  }

  /** The readings that these lines complete. */
  add(items: readonly TextItem[]): ChainedReading[] {
    const parsed = parseMasterLines(items.map(({ text }) => text))
    const complete: ChainedReading[] = []
    items.forEach((item, index) => {
      const columns = item.problem === null ? (parsed[index] ?? null) : null
      const previous = this.#rows.at(-1)?.columns
      const continues = columns !== null && previous !== undefined && continuesChain(previous, columns)
      if (!continues || this.#rows.length >= MAX_ROWS) complete.push(...this.rest())
      if (columns === null) complete.push(unreadable(item))
      else this.#rows.push({ item, columns })
    })
    return complete
  }

  /** The readings of the rows that are still waiting for more of their channel. */
  rest(): ChainedReading[] {
    const rows = this.#rows
    this.#rows = []
    const readings =
      rows.length === 0
        ? []
        : readMasterChain(
            rows.map(({ columns }) => columns),
            this.#options,
          )
    return readings.map(({ rows: places, reading }, index) => ({
      items: places.map((place) => (rows[place] as { item: TextItem }).item),
      reading,
      after: index === readings.length - 1 ? (rows.at(-1)?.item ?? null) : null,
    }))
  }
}

function unreadable(item: TextItem): ChainedReading {
  const detail = item.problem ?? 'is not CSV'
  return { items: [item], reading: { ok: false, reason: 'unreadable', field: null, detail }, after: item }
}
