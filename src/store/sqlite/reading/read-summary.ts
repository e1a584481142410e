import { DIRECTIONS } from '../../../record/call-record.ts'
import { type SummaryQuery, type SummaryRow, SummaryRows } from '../../summary.ts'
import { microsOf, sumOfHighParts, sumOfLowParts } from '../counts/amount-parts.ts'
import { FAMILY, NO_VALUE, QUARTER_US } from '../folder/schema.ts'
import type { Sql } from '../folder/sql.ts'
import { currencyOf, OTHER_CURRENCY } from '../row/currency-code.ts'
import { factSql } from '../row/fact-functions.ts'
import { FLAG } from '../row/row-columns.ts'
import { wholeBuckets } from './count-plan.ts'
import type { QueriedFile } from './queried-file.ts'
import { isEmpty, type TimeRange } from './time-range.ts'

const FAMILY_OF = { startedAtUs: FAMILY.startedAt, endedAtUs: FAMILY.endedAt } as const
const COLUMN_OF = { startedAtUs: 'started_at', endedAtUs: 'ended_at' } as const

interface Asked extends Pick<SummaryQuery, 'by' | 'edgesUs' | 'legs'> {
  account: number
}

/**
 * Adds up calls by bucket: whole quarters of an hour from a segment's counts, what is left at the edges of a bucket from
 * its rows, and calls that have not ended from theirs. Yields after each look at a file.
 */
export function* readSummary(files: readonly QueriedFile[], asked: Asked): Generator<void, SummaryRow[]> {
  const sums = new SummaryRows()
  for (const file of files)
    for (const { bucket, range } of bucketsIn(file, asked))
      for (const piece of piecesOf(file, range)) {
        addUp(file, { asked, bucket, piece, sums })
        yield
      }
  return sums.rows()
}

/** The buckets that calls of a file can be in. */
function* bucketsIn(file: QueriedFile, { by, edgesUs }: Asked): Generator<{ bucket: number; range: TimeRange }> {
  const all = by === 'startedAtUs' ? file.starts : file.isLive ? null : file.endsOf(file.starts)
  if (all === null) return
  for (let bucket = 0; bucket + 1 < edgesUs.length; bucket += 1) {
    const range = { fromUs: edgesUs[bucket] as number, beforeUs: edgesUs[bucket + 1] as number }
    if (range.fromUs < all.beforeUs && range.beforeUs > all.fromUs) yield { bucket, range }
  }
}

/** A part of a bucket: whole quarters, the last excluded, or a rest that only rows tell. */
type Piece = { from: number; before: number } | { rows: TimeRange }

function piecesOf(file: QueriedFile, range: TimeRange): Piece[] {
  const { from, before, head, tail } = wholeBuckets(range, QUARTER_US)
  if (file.isLive || from >= before) return [{ rows: range }]
  const rest = [head, tail].filter((one) => !isEmpty(one)).map((rows) => ({ rows }))
  return [{ from, before }, ...rest]
}

interface Part {
  asked: Asked
  bucket: number
  piece: Piece
  sums: SummaryRows
}

function addUp(file: QueriedFile, { asked, bucket, piece, sums }: Part): void {
  const found = 'rows' in piece ? sumsOfRows(asked, piece.rows) : sumsOfQuarters(asked, piece)
  for (const [side, code, calls, answered, durationS, billedS, low, high] of file.read(found)) {
    const direction = DIRECTIONS[side as number] as (typeof DIRECTIONS)[number]
    const isOther = code === OTHER_CURRENCY
    const currency = code === NO_VALUE || isOther ? null : currencyOf(code as number)
    const micros = isOther ? 0n : microsOf(low as string, high as string)
    const counted = { calls, answered, durationS, billedS } as Record<
      'calls' | 'answered' | 'durationS' | 'billedS',
      number
    >
    sums.add({ bucket, direction, ...counted, currency, micros })
    if (!isOther) continue
    for (const other of file.read(otherAmounts(asked, { side: side as number, piece })))
      sums.add({
        ...NOTHING,
        bucket,
        direction,
        currency: other[0] as string | null,
        micros: microsOf(other[1] as string, other[2] as string),
      })
  }
}

const NOTHING = { calls: 0, answered: 0, durationS: 0, billedS: 0 } as const

/** What the amounts of rows come to, in two parts. */
const AMOUNTS = `CAST(${sumOfLowParts('amount')} AS TEXT), CAST(${sumOfHighParts('amount')} AS TEXT)`

function sumsOfQuarters({ account, by, legs }: Asked, { from, before }: { from: number; before: number }): Sql {
  const text = `SELECT direction, currency, sum(calls), sum(answered), sum(duration), sum(billed_s),
      CAST(sum(amount) AS TEXT), CAST(sum(amount_high) AS TEXT) FROM quarters
    WHERE account = ? AND family = ${FAMILY_OF[by]} AND bucket >= ? AND bucket < ?${flagsOf(legs)}
    GROUP BY direction, currency`
  return { text, values: [account, from, before] }
}

function sumsOfRows({ account, by, legs }: Asked, { fromUs, beforeUs }: TimeRange): Sql {
  const text = `SELECT direction, ifnull(currency, ${NO_VALUE}) AS code, count(*), count(answered_after),
      ifnull(sum(duration), 0), ifnull(sum(billed_s), 0), ${AMOUNTS} FROM calls
    WHERE account = ? AND ${COLUMN_OF[by]} >= ? AND ${COLUMN_OF[by]} < ?${flagsOf(legs)}
    GROUP BY direction, code`
  return { text, values: [account, fromUs, beforeUs] }
}

/** The amounts whose currency is not three capital letters, by what it is. */
function otherAmounts({ account, by, legs }: Asked, { side, piece }: { side: number; piece: Piece }): Sql {
  const { fromUs, beforeUs } =
    'rows' in piece ? piece.rows : { fromUs: piece.from * QUARTER_US, beforeUs: piece.before * QUARTER_US }
  const text = `SELECT ${factSql('cost.currency')} AS currency, ${AMOUNTS} FROM calls
    WHERE account = ? AND ${COLUMN_OF[by]} >= ? AND ${COLUMN_OF[by]} < ?
      AND direction = ? AND +currency = ${OTHER_CURRENCY}${flagsOf(legs)}
    GROUP BY 1`
  return { text, values: [account, fromUs, beforeUs, side] }
}

const flagsOf = (legs: Asked['legs']) => (legs === 'primary' ? ` AND flags & ${FLAG.primary}` : '')
