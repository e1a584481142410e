import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { DAY_US, FAMILY, NO_VALUE, QUARTER_US } from '../folder/schema.ts'
import { FLAG } from '../row/row-columns.ts'
import { sumOfHighParts, sumOfLowParts } from './amount-parts.ts'

/** The bits of `flags` that counts are kept by. */
export const COUNTED_FLAGS = FLAG.primary | FLAG.onTrunk

interface Side {
  family: number
  bucket: number
  direction: number
  flags: number
}

/** By how much the counts of one row of `quarters` change. */
export interface QuarterChange extends Side {
  currency: number
  calls: number
  answered: number
  duration: number
  billedS: number
  /** What the low parts of amounts come to, and what the high ones do. */
  amount: number
  amountHigh: number
  /** What of `amount` is beyond what a number holds exactly; to be added to it. */
  over: bigint
}

/** By how much the count of one row of `days` changes. */
export interface DayChange extends Side {
  hangupCode: number
  callTypes: number
  calls: number
}

export type CountTable = 'quarters' | 'days'
export type Family = keyof typeof FAMILY

const FLAGS = `flags & ${COUNTED_FLAGS}`
/** What the rows of the two tables are told apart by beside account, family and bucket, and what they add up, of `calls`. */
export const COUNTED = {
  quarters: {
    widthUs: QUARTER_US,
    keys: { direction: 'direction', flags: FLAGS, currency: `ifnull(currency, ${NO_VALUE})` },
    sums: {
      calls: 'count(*)',
      answered: 'count(answered_after)',
      duration: 'ifnull(sum(duration), 0)',
      billed_s: 'ifnull(sum(billed_s), 0)',
      amount: sumOfLowParts('amount'),
      amount_high: sumOfHighParts('amount'),
    },
  },
  days: {
    widthUs: DAY_US,
    keys: {
      direction: 'direction',
      flags: FLAGS,
      hangup_code: `ifnull(hangup_code, ${NO_VALUE})`,
      call_types: `ifnull(call_types, ${NO_VALUE})`,
    },
    sums: { calls: 'count(*)' },
  },
} as const satisfies Record<CountTable, { widthUs: number; keys: Record<string, string>; sums: Record<string, string> }>

/** The column that each family goes by. */
export const TIME = { startedAt: 'started_at', endedAt: 'ended_at' } as const

/** What tells the rows of a table apart, in the order of its primary key. */
export function keysOf(table: CountTable): string[] {
  return ['account', 'family', 'bucket', ...Object.keys(COUNTED[table].keys)]
}

export function sumsOf(table: CountTable): string[] {
  return Object.keys(COUNTED[table].sums)
}

/** SQL that counts `calls` into rows of a table, in the order of its columns; `where` narrows it. */
export function countingSql(table: CountTable, family: Family, where = ''): string {
  const { widthUs, keys, sums } = COUNTED[table]
  const by = ['account', `${FAMILY[family]} AS family`, `${TIME[family]} / ${widthUs} AS bucket`, ...named(keys)]
  const groups = by.map((_, index) => index + 1).filter((place) => place !== 2)
  return `SELECT ${[...by, ...named(sums)].join(', ')} FROM calls WHERE ended_at IS NOT NULL ${where} GROUP BY ${groups.join(', ')}`
}

const named = (expressions: Record<string, string>) =>
  Object.entries(expressions).map(([name, expression]) => `${expression} AS ${name}`)

/**
 * Fills the tables of a file that has calls and no counts, in the caller's transaction; in a file that has counts it
 * fails.
 */
export function countAll(db: DatabaseSync): void {
  for (const table of ['quarters', 'days'] as const)
    for (const family of ['startedAt', 'endedAt'] as const)
      db.exec(`INSERT INTO ${table} (${[...keysOf(table), ...sumsOf(table)].join(', ')}) ${countingSql(table, family)}`)
}

/** Changes the two tables row by row; a row without calls is deleted, unless its sums tell that it was wrong. */
export class CountTables {
  readonly #addQuarter: StatementSync
  readonly #addDay: StatementSync
  readonly #dropQuarter: StatementSync
  readonly #dropDay: StatementSync

  constructor(db: DatabaseSync) {
    this.#addQuarter = db.prepare(addingSql('quarters'))
    this.#addDay = db.prepare(addingSql('days'))
    this.#dropQuarter = db.prepare(droppingSql('quarters'))
    this.#dropDay = db.prepare(droppingSql('days'))
  }

  changeQuarter(account: number, change: QuarterChange): void {
    const { family, bucket, direction, flags, currency, calls, answered, duration, billedS, amountHigh, over } = change
    const amount = over === 0n ? change.amount : BigInt(change.amount) + over
    const sums = [calls, answered, duration, billedS, amount, amountHigh]
    if (sums.every((sum) => Number(sum) === 0)) return
    this.#addQuarter.run(account, family, bucket, direction, flags, currency, ...sums)
    if (calls < 0) this.#dropQuarter.run(account, family, bucket, direction, flags, currency)
  }

  changeDay(account: number, { family, bucket, direction, flags, hangupCode, callTypes, calls }: DayChange): void {
    if (calls === 0) return
    this.#addDay.run(account, family, bucket, direction, flags, hangupCode, callTypes, calls)
    if (calls < 0) this.#dropDay.run(account, family, bucket, direction, flags, hangupCode, callTypes)
  }
}

function addingSql(table: CountTable): string {
  const columns = [...keysOf(table), ...sumsOf(table)]
  const sums = sumsOf(table).map((sum) => `${sum} = ${sum} + excluded.${sum}`)
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT DO UPDATE SET ${sums.join(', ')}`
}

function droppingSql(table: CountTable): string {
  const conditions = [...keysOf(table).map((key) => `${key} = ?`), ...sumsOf(table).map((sum) => `${sum} = 0`)]
  return `DELETE FROM ${table} WHERE ${conditions.join(' AND ')}`
}
