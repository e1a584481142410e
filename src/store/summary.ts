import { DIRECTIONS } from '../record/call-record.ts'

/** Most buckets of one summary. */
export const MOST_BUCKETS = 1000

/** What a summary is asked. */
export interface SummaryQuery {
  accountId: string
  /** The time that says which bucket a call is in. By the end, a call that has none is in no bucket. */
  by: 'startedAtUs' | 'endedAtUs'
  /**
   * Where buckets begin, ascending, and where the last one ends: 2 to `MOST_BUCKETS` + 1 times, epoch microseconds.
   * Bucket n, from 0, holds the times from edge n on and before edge n + 1.
   */
  edgesUs: readonly number[]
  /** `primary` counts each conversation once; `all` its B legs too. */
  legs: 'primary' | 'all'
}

/** The calls of one bucket and direction: only those that there are. */
export interface SummaryRow {
  bucket: number
  direction: (typeof DIRECTIONS)[number]
  calls: number
  answered: number
  /** Whole seconds, of the calls that have them. */
  durationS: number
  billedS: number
  /** Amounts added up that do not come to 0, by currency in order of their code units, those of none first. */
  amounts: { currency: string | null; micros: bigint }[]
}

/** What of one or many calls is added to a summary; `micros` are of `currency`. */
export type Addend = Omit<SummaryRow, 'amounts'> & { currency: string | null; micros: bigint }

/** Adds a summary up, whatever its parts come from. */
export class SummaryRows {
  readonly #rows = new Map<number, Omit<SummaryRow, 'amounts'> & { amounts: Map<string | null, bigint> }>()

  add({ bucket, direction, calls, answered, durationS, billedS, currency, micros }: Addend): void {
    const key = bucket * DIRECTIONS.length + DIRECTIONS.indexOf(direction)
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = { bucket, direction, calls: 0, answered: 0, durationS: 0, billedS: 0, amounts: new Map() }
      this.#rows.set(key, row)
    }
    row.calls += calls
    row.answered += answered
    row.durationS += durationS
    row.billedS += billedS
    if (micros !== 0n) row.amounts.set(currency, (row.amounts.get(currency) ?? 0n) + micros)
  }

  /** By bucket, and then by direction in the order of `DIRECTIONS`. */
  rows(): SummaryRow[] {
    const rows = [...this.#rows].sort(([a], [b]) => a - b)
    return rows.map(([, { amounts, ...row }]) => {
      const told = [...amounts].filter(([, micros]) => micros !== 0n).sort(([a], [b]) => compare(a, b))
      return { ...row, amounts: told.map(([currency, micros]) => ({ currency, micros })) }
    })
  }
}

function compare(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return a < b ? -1 : Number(a > b)
}
