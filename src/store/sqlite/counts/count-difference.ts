import { formatRfc3339 } from '../../../record/time.ts'
import type { FileNames } from '../folder/migrate.ts'
import { microsOf } from './amount-parts.ts'
import { COUNTED, type CountTable, type Family, keysOf, sumsOf } from './count-tables.ts'

/** A stretch of whole buckets of one account. */
export interface Stretch {
  table: CountTable
  family: Family
  account: number
  fromBucket: number
  beforeBucket: number
}

export interface Recounted {
  /** Counts that were looked at. */
  counts: number
  differences: CountDifference[]
}

/** Counts of one key that are not what the calls say. */
export interface CountDifference {
  table: CountTable
  family: Family
  account: number
  /** When the bucket begins, epoch microseconds. */
  fromUs: number
  /** What else the counts are kept by, as the columns have it. */
  key: Record<string, number>
  /** What the table says, null where it has no such row; numbers as they are written, however large. */
  kept: Record<string, string> | null
  /** What the calls say, null where there is none. */
  counted: Record<string, string> | null
}

/** A row of a table of counts: its keys, and its sums as text, for they can be larger than a number holds exactly. */
export type CountRow = (number | string)[]

/** Compares what a table says of a stretch with what the calls say; rows of one key in the latter are added up. */
export function comparedCounts(stretch: Stretch, rows: { kept: CountRow[]; counted: CountRow[] }): Recounted {
  const kept = summed(stretch, rows.kept)
  const counted = summed(stretch, rows.counted)
  const differences: CountDifference[] = []
  for (const key of new Set([...kept.keys(), ...counted.keys()])) {
    const [was, is] = [kept.get(key), counted.get(key)]
    if (was === undefined || is === undefined || was.some((value, place) => value !== is[place]))
      differences.push(differenceOf(stretch, was, is))
  }
  return { counts: kept.size, differences }
}

/** The rows by their keys; those of one key are added up. */
function summed({ table }: Stretch, rows: CountRow[]): Map<string, CountRow> {
  const places = keysOf(table).length
  const sums = new Map<string, CountRow>()
  for (const row of rows) {
    const key = row.slice(0, places).join(' ')
    const known = sums.get(key)
    const sum = (value: number | string, place: number) =>
      place < places ? value : String(BigInt(value) + BigInt(known?.[place] ?? 0))
    sums.set(key, known === undefined ? row : row.map(sum))
  }
  return sums
}

function differenceOf(
  { table, family, account }: Stretch,
  was: CountRow | undefined,
  is: CountRow | undefined,
): CountDifference {
  const [, , bucket = 0, ...rest] = (was ?? is) as number[]
  const named = keysOf(table).slice(3)
  return {
    table,
    family,
    account,
    fromUs: bucket * COUNTED[table].widthUs,
    key: Object.fromEntries(named.map((name, place) => [name, rest[place] as number])),
    kept: sumsIn(table, was),
    counted: sumsIn(table, is),
  }
}

function sumsIn(table: CountTable, row: CountRow | undefined): Record<string, string> | null {
  if (row === undefined) return null
  const places = keysOf(table).length
  return Object.fromEntries(sumsOf(table).map((sum, place) => [sum, String(row[places + place])]))
}

/** Names the bucket, and says what it holds and should hold. */
export function describeDifference(difference: CountDifference, names: FileNames): string {
  const { table, family, account, fromUs, key, kept, counted } = difference
  const of = Object.entries(key).map(([name, value]) => `${name} ${value}`)
  const bucket = `the ${table === 'days' ? 'day' : 'quarter'} of ${formatRfc3339(fromUs)} by ${family === 'startedAt' ? 'start' : 'end'}`
  const [was, is] = [wholeAmount(kept), wholeAmount(counted)]
  const differing = Object.keys(was ?? is ?? {}).filter((sum) => was?.[sum] !== is?.[sum])
  const values = differing.map((sum) => `${sum} ${was?.[sum] ?? 'missing'} instead of ${is?.[sum] ?? 'nothing'}`)
  return `${names.accounts.nameOf(account)}, ${bucket} (${of.join(', ')}): ${values.join(', ')}`
}

/** Sums with the whole amount, micros, where its low part was. */
function wholeAmount(sums: Record<string, string> | null): Record<string, string> | null {
  const { amount, amount_high: high } = sums ?? {}
  return amount === undefined || high === undefined ? sums : { ...sums, amount: String(microsOf(amount, high)) }
}
