import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { DAY_US, FAMILY, QUARTER_US } from '../folder/schema.ts'
import { type CountRow, comparedCounts, type Recounted, type Stretch } from './count-difference.ts'
import { COUNTED, type CountTable, countingSql, type Family, keysOf, sumsOf, TIME } from './count-tables.ts'

/** Recounts files of calls from their rows: the other way to the numbers that the writer adds up. */
export class Recount {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /**
   * Every stretch of a day that has calls or counts, recounted, one after the other; each sees calls and counts of one
   * moment, so that a writer may go on meanwhile.
   */
  *file(): Generator<Recounted, void> {
    for (let account = this.#nextAccount(-1); account !== null; account = this.#nextAccount(account))
      for (const family of ['startedAt', 'endedAt'] as const)
        for (let day = this.#nextDay(account, family, 0); day !== null; day = this.#nextDay(account, family, day + 1)) {
          const quarters = { fromBucket: day * QUARTERS_A_DAY, beforeBucket: (day + 1) * QUARTERS_A_DAY }
          yield this.stretch({ table: 'quarters', family, account, ...quarters })
          yield this.stretch({ table: 'days', family, account, fromBucket: day, beforeBucket: day + 1 })
        }
  }

  /** Recounts a stretch in one snapshot. */
  stretch(stretch: Stretch): Recounted {
    const { widthUs } = COUNTED[stretch.table]
    const steps = this.inSteps(stretch, (stretch.beforeBucket - stretch.fromBucket) * widthUs)
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) return value
    }
  }

  /** The same, a step of so many microseconds at a time: for a thread that has others to answer meanwhile. */
  *inSteps(stretch: Stretch, stepUs: number): Generator<void, Recounted> {
    this.#db.exec('BEGIN')
    try {
      const kept = this.#kept(stretch)
      const counted: CountRow[] = []
      const { widthUs } = COUNTED[stretch.table]
      for (let fromUs = stretch.fromBucket * widthUs; fromUs < stretch.beforeBucket * widthUs; fromUs += stepUs) {
        counted.push(...this.#counted(stretch, { fromUs, beforeUs: fromUs + stepUs }))
        yield
      }
      return comparedCounts(stretch, { kept, counted })
    } finally {
      this.#db.exec('ROLLBACK')
    }
  }

  /**
   * A bucket chosen by chance, null where the file has none: half the time among the calls, so that one whose counts are
   * missing is met too, and else among the counts, so that one without calls is.
   */
  randomBucket(random: () => number): Stretch | null {
    const table = random() < 0.5 ? 'quarters' : 'days'
    const family = random() < 0.5 ? 'startedAt' : 'endedAt'
    const found = random() < 0.5 ? this.#randomCall(family, random) : this.#randomCount(table, family, random)
    if (found === null) return null
    const bucket = Math.floor(found.atUs / COUNTED[table].widthUs)
    return { table, family, account: found.account, fromBucket: bucket, beforeBucket: bucket + 1 }
  }

  #randomCall(family: Family, random: () => number): { account: number; atUs: number } | null {
    const from = this.#randomOf('id', 'FROM calls', [], random)
    if (from === null) return null
    const sql = `SELECT account, ${TIME[family]} FROM calls WHERE id >= ? AND ended_at IS NOT NULL ORDER BY id LIMIT 1`
    const [account, atUs] = this.#row(sql, [from]) ?? []
    return account === undefined ? null : { account: Number(account), atUs: Number(atUs) }
  }

  #randomCount(table: CountTable, family: Family, random: () => number): { account: number; atUs: number } | null {
    const from = this.#randomOf('account', `FROM ${table}`, [], random)
    const account = from === null ? null : this.#number(`SELECT min(account) FROM ${table} WHERE account >= ?`, [from])
    if (account === null) return null
    const own = `FROM ${table} WHERE account = ? AND family = ${FAMILY[family]}`
    const fromBucket = this.#randomOf('bucket', own, [account], random)
    if (fromBucket === null) return null
    const bucket = this.#number(`SELECT min(bucket) ${own} AND bucket >= ?`, [account, fromBucket])
    return bucket === null ? null : { account, atUs: bucket * COUNTED[table].widthUs }
  }

  /** A number from the least to the most that a column has there; null where there is none. */
  #randomOf(column: string, where: string, values: number[], random: () => number): number | null {
    const least = this.#number(`SELECT min(${column}) ${where}`, values)
    const most = this.#number(`SELECT max(${column}) ${where}`, values)
    return least === null || most === null ? null : least + Math.floor(random() * (most - least + 1))
  }

  #nextAccount(after: number): number | null {
    return least(
      ['calls', 'quarters', 'days'].map((table) =>
        this.#number(`SELECT min(account) FROM ${table} WHERE account > ?`, [after]),
      ),
    )
  }

  #nextDay(account: number, family: Family, from: number): number | null {
    const of = `WHERE account = ? AND family = ${FAMILY[family]} AND bucket >= ?`
    const time = TIME[family]
    const call = this.#number(`SELECT min(${time}) FROM calls WHERE account = ? AND ${time} >= ?`, [
      account,
      from * DAY_US,
    ])
    const day = this.#number(`SELECT min(bucket) FROM days ${of}`, [account, from])
    const quarter = this.#number(`SELECT min(bucket) FROM quarters ${of}`, [account, from * QUARTERS_A_DAY])
    return least([
      call === null ? null : Math.floor(call / DAY_US),
      day,
      quarter === null ? null : Math.floor(quarter / QUARTERS_A_DAY),
    ])
  }

  #kept({ table, family, account, fromBucket, beforeBucket }: Stretch): CountRow[] {
    const keys = keysOf(table)
    const sql = `SELECT ${[...keys, ...sumsOf(table).map(asText)].join(', ')} FROM ${table}
      WHERE account = ? AND family = ${FAMILY[family]} AND bucket >= ? AND bucket < ?`
    return this.#statement(sql).all(account, fromBucket, beforeBucket) as unknown as CountRow[]
  }

  /** Counts the calls of a part of a stretch; a bucket may come in parts. */
  #counted(
    { table, family, account }: Stretch,
    { fromUs, beforeUs }: { fromUs: number; beforeUs: number },
  ): CountRow[] {
    const time = TIME[family]
    const counting = countingSql(table, family, `AND account = ? AND ${time} >= ? AND ${time} < ?`)
    const sql = `SELECT ${[...keysOf(table), ...sumsOf(table).map(asText)].join(', ')} FROM (${counting})`
    return this.#statement(sql).all(account, fromUs, beforeUs) as unknown as CountRow[]
  }

  #number(sql: string, values: number[]): number | null {
    return (this.#row(sql, values)?.[0] as number | null | undefined) ?? null
  }

  #row(sql: string, values: number[]): CountRow | null {
    return (this.#statement(sql).get(...values) as unknown as CountRow | undefined) ?? null
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      statement.setReturnArrays(true)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

const QUARTERS_A_DAY = DAY_US / QUARTER_US

/** A sum can be larger than a number holds exactly. */
const asText = (sum: string) => `CAST(${sum} AS TEXT)`

function least(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}
