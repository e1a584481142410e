import type { DatabaseSync } from 'node:sqlite'
import { DAY_US, FAMILY, NO_VALUE, QUARTER_US } from '../folder/schema.ts'
import { AT, FLAG, type Row } from '../row/row-columns.ts'
import { highPart, lowPart } from './amount-parts.ts'
import { COUNTED_FLAGS, CountTables, type DayChange, type QuarterChange } from './count-tables.ts'

/** What has changed of one account; a key is a number made of what tells its entries apart. */
interface Change {
  quarters: Map<number, QuarterChange>
  days: Map<number, DayChange>
}

// Bounds that keep the keys below 2^53, with times of the year 2199 and the -1 of no value.
const FLAG_SETS = COUNTED_FLAGS / FLAG.primary + 1
const SIDES = 4 * FLAG_SETS
const CURRENCIES = 2 ** 17
const TYPE_SETS = 2 ** 20
const PAIRS = 2 ** 24
/** The low part of an amount is below 10^12: added to less than this it stays exact. */
const EXACT = 2 ** 52

/**
 * The writer's end of a file's `quarters` and `days`: what a transaction changes is added up in memory, and written once
 * before its commit. A call that has not ended is not counted.
 */
export class KeptCounts {
  readonly #tables: CountTables
  readonly #changes = new Map<number, Change>()
  readonly #pairs = new Map<number, number>()

  constructor(db: DatabaseSync) {
    this.#tables = new CountTables(db)
  }

  /** Counts a row that is put into the file. */
  add(row: Row): void {
    this.#count(row, 1)
  }

  /** Takes back what was counted of a row that leaves the file, or is replaced in it. */
  subtract(row: Row): void {
    this.#count(row, -1)
  }

  /** Writes what has changed since the last time. */
  write(): void {
    if (this.#changes.size === 0) return
    for (const [account, { quarters, days }] of this.#changes) {
      for (const change of quarters.values()) this.#tables.changeQuarter(account, change)
      for (const change of days.values()) this.#tables.changeDay(account, change)
    }
    this.forget()
  }

  /** Forgets what has changed: its transaction is rolled back. */
  forget(): void {
    this.#changes.clear()
    this.#pairs.clear()
  }

  #count(row: Row, sign: 1 | -1): void {
    const endedAtUs = row[AT.ended_at] as number | null
    if (endedAtUs === null) return
    const account = row[AT.account] as number
    let change = this.#changes.get(account)
    if (change === undefined) {
      change = { quarters: new Map(), days: new Map() }
      this.#changes.set(account, change)
    }
    const pair = this.#pairOf(row)
    const startedAtUs = row[AT.started_at] as number
    countQuarter(change.quarters, row, { family: FAMILY.startedAt, atUs: startedAtUs, sign })
    countQuarter(change.quarters, row, { family: FAMILY.endedAt, atUs: endedAtUs, sign })
    countDay(change.days, row, { family: FAMILY.startedAt, atUs: startedAtUs, sign, pair })
    countDay(change.days, row, { family: FAMILY.endedAt, atUs: endedAtUs, sign, pair })
  }

  /** A small number that stands for a row's hangup code and call types together, until the changes are written. */
  #pairOf(row: Row): number {
    const key = (keyOf(row, AT.hangup_code) + 1) * TYPE_SETS + keyOf(row, AT.call_types) + 1
    let pair = this.#pairs.get(key)
    if (pair === undefined) {
      pair = this.#pairs.size
      this.#pairs.set(key, pair)
    }
    return pair
  }
}

interface Counted {
  family: number
  atUs: number
  sign: 1 | -1
}

function countQuarter(quarters: Map<number, QuarterChange>, row: Row, { family, atUs, sign }: Counted): void {
  const bucket = Math.floor(atUs / QUARTER_US)
  const currency = keyOf(row, AT.currency)
  const key = sideKey(row, bucket, family) * CURRENCIES + currency + 1
  let change = quarters.get(key)
  if (change === undefined) {
    change = {
      ...sideOf(row, bucket, family),
      currency,
      calls: 0,
      answered: 0,
      duration: 0,
      billedS: 0,
      amount: 0,
      amountHigh: 0,
      over: 0n,
    }
    quarters.set(key, change)
  }
  change.calls += sign
  if (row[AT.answered_after] !== null) change.answered += sign
  change.duration += sign * ((row[AT.duration] as number | null) ?? 0)
  change.billedS += sign * ((row[AT.billed_s] as number | null) ?? 0)
  const micros = sign * ((row[AT.amount] as number | null) ?? 0)
  change.amount += lowPart(micros)
  change.amountHigh += highPart(micros)
  if (change.amount > EXACT || change.amount < -EXACT) {
    change.over += BigInt(change.amount)
    change.amount = 0
  }
}

function countDay(
  days: Map<number, DayChange>,
  row: Row,
  { family, atUs, sign, pair }: Counted & { pair: number },
): void {
  const bucket = Math.floor(atUs / DAY_US)
  const key = sideKey(row, bucket, family) * PAIRS + pair
  let change = days.get(key)
  if (change === undefined) {
    const hangupCode = keyOf(row, AT.hangup_code)
    change = { ...sideOf(row, bucket, family), hangupCode, callTypes: keyOf(row, AT.call_types), calls: 0 }
    days.set(key, change)
  }
  change.calls += sign
}

function keyOf(row: Row, column: number): number {
  return (row[column] as number | null) ?? NO_VALUE
}

function sideKey(row: Row, bucket: number, family: number): number {
  const flags = ((row[AT.flags] as number) & COUNTED_FLAGS) / FLAG.primary
  return (bucket * 2 + family) * SIDES + (row[AT.direction] as number) * FLAG_SETS + flags
}

function sideOf(row: Row, bucket: number, family: number) {
  return { family, bucket, direction: row[AT.direction] as number, flags: (row[AT.flags] as number) & COUNTED_FLAGS }
}
