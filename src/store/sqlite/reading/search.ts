import type { CallQuery, Expr } from '../../query.ts'
import type { CountTable } from '../counts/count-tables.ts'
import { END_INDEX_FIELDS } from '../folder/schema.ts'
import { type Sql, sql } from '../folder/sql.ts'
import { ROW_COLUMNS } from '../row/row-columns.ts'
import { compileExpr, compileOrder, type SourceRefs } from './compile.ts'
import { asksOnly } from './conjuncts.ts'
import { countsThatTell } from './count-plan.ts'
import { type MemberList, memberEntries, memberList, memberParts } from './member-list.ts'
import { type NumberList, numberEntries, numberLists, probeOf } from './number-list.ts'
import type { QueriedFile } from './queried-file.ts'
import { fewRows, type PageOrder, type RowSource, rowsByStart, rowsOfEntries } from './row-source.ts'
import { SLICE_ROWS } from './slices.ts'
import { within } from './stretch.ts'
import { type AskedTimes, askedTimes, covers, intersection, isEmpty, type TimeRange } from './time-range.ts'

/** The shortest and the longest time from start to end in a file, microseconds. */
export interface Span {
  shortest: number
  longest: number
}

/** The part of a query's times that is asked for now. */
export type Times = Pick<AskedTimes, 'starts' | 'ends'>

const WHOLE_ROW = ROW_COLUMNS.join(', ')

/** As many calls with the numbers asked for are read by an index on them; more are better read as they lie. */
const FEW_NUMBERS = 5000
/** A row of `calls` costs as much to look at as so many entries of the index on ends. */
const ROW_COST = 3

/** A query for one account, compiled: the ways to its rows in a file. `columns` are what of a row its pages have. */
export class Search {
  readonly account: number
  readonly query: CallQuery
  readonly order: PageOrder
  readonly times: Times
  /** The counts that tell every match among ended calls; null where only rows do. */
  readonly counts: CountTable | null
  /** What the counts are asked, beside the times; null for all. */
  readonly counted: Sql | null
  /** What beside the times every match must fulfil. */
  readonly #rest: readonly Expr[]
  /** That the call has a value to be sorted by; null where that goes without saying. */
  readonly #present: Sql | null
  readonly #sources: SourceRefs
  readonly #members: MemberList | null
  readonly #numbers: readonly NumberList[]
  readonly #isPoint: boolean
  /** What of the rest the index on ends tells, and what it does not. */
  readonly #toldByEnd: readonly Expr[]
  readonly #notToldByEnd: readonly Expr[]
  readonly #few = new Map<QueriedFile, NumberList | null>()
  readonly #compiled = new Map<readonly Expr[], Sql | null>()

  constructor(query: CallQuery, account: number, sources: SourceRefs, columns = WHOLE_ROW) {
    const { order } = query
    const { rest, starts, ends } = askedTimes(query.where)
    const { by, present } = compileOrder(order, sources)
    this.account = account
    this.query = query
    this.times = { starts, ends }
    this.order = { columns, by, idDirection: order.descending ? 'DESC' : 'ASC' }
    this.#rest = rest
    this.#sources = sources
    this.#present = present === '1' || order.by === 'endedAtUs' ? null : { text: present, values: [] }
    this.counts = this.#present === null ? countsThatTell(rest) : null
    this.counted = this.counts === null ? null : this.#compile(rest)
    this.#members = memberList(rest, sources)
    this.#numbers = this.#members === null ? numberLists(rest, sources) : []
    this.#isPoint = rest.some(isPoint)
    this.#toldByEnd = rest.filter((expr) => asksOnly(expr, isOfEndIndex))
    this.#notToldByEnd = rest.filter((expr) => !this.#toldByEnd.includes(expr))
  }

  /**
   * How stretches may be cut: ties of a list that sorts them by more than the id are kept together, and the more conditions
   * a row is asked, the fewer rows are looked at in one go.
   */
  get slicing(): { tiesTogether: boolean; most: number } {
    const most = Math.max(64, Math.floor(SLICE_ROWS / Math.max(1, conditionsOf(this.query.where))))
    return { tiesTogether: this.order.by.length > 1, most }
  }

  /** Whether the index on ends tells every match of ended calls. */
  get endsTellAll(): boolean {
    return this.#present === null && this.#notToldByEnd.length === 0
  }

  /** The way to count matches of ended and live calls. `times` is what of the query's own times is asked for. */
  toCount(file: QueriedFile, times: Times): RowSource {
    const few = this.#fewest(file, times, null)
    if (few !== null) return few
    const { starts, ends } = bounds(file, times)
    if (!file.isLive && this.endsTellAll && lengthOf(ends) < ROW_COST * lengthOf(starts))
      return this.#byEnd(file, times)
    return this.#byStart(file, times, null)
  }

  /** The way to a page in the order of starts, or to all matches where they are sorted anyhow. */
  toRows(file: QueriedFile, times: Times, beyond: Sql | null): RowSource {
    return this.#fewest(file, times, beyond) ?? this.#byStart(file, times, beyond)
  }

  /** The way to a page of ended calls in the order of ends; null where another time leads to the matches. */
  toRowsByEnd(file: QueriedFile, times: Times): RowSource | null {
    return this.#fewest(file, times, null) === null ? this.#byEnd(file, times) : null
  }

  /** Those that an agent, a list, a survey, a number or an id leads to. */
  #fewest(file: QueriedFile, times: Times, beyond: Sql | null): RowSource | null {
    const { account } = this
    const more = [this.#ended(times), this.#present, beyond]
    if (this.#isPoint)
      return fewRows({ account, matching: allOf([this.#compile(this.#rest), ...more]) ?? TRUE, key: 'started_at' })
    const list = this.#members
    if (list !== null)
      return rowsOfEntries({
        key: 'started_at',
        entries: (stretch) => memberEntries(list, account, stretch),
        parts: memberParts(list, account),
        within: list.within,
        others: allOf([this.#compile(list.others), ...more]),
      })
    const numbers = this.#fewNumbers(file)
    if (numbers === null) return null
    return rowsOfEntries({
      key: 'started_at',
      entries: (stretch) => numberEntries(numbers, account, stretch),
      within: numbers.within,
      others: allOf([this.#compile(numbers.others), ...more]),
      isFew: true,
    })
  }

  /** The numbers that few calls of the file have, where it has indexes on them. */
  #fewNumbers(file: QueriedFile): NumberList | null {
    let few = this.#few.get(file)
    if (few === undefined) {
      const isFew = (numbers: NumberList) => file.number(probeOf(numbers, this.account, FEW_NUMBERS + 1)) <= FEW_NUMBERS
      const isIndexed = !file.isLive && this.#numbers.length > 0 && file.hasNumberIndexes()
      few = (isIndexed ? this.#numbers.find(isFew) : null) ?? null
      this.#few.set(file, few)
    }
    return few
  }

  #byStart(file: QueriedFile, times: Times, beyond: Sql | null): RowSource {
    const ended = bounds(file, times).asksEnd ? this.#ended(times) : null
    const conditions = [this.#compile(this.#rest), ended, this.#present, beyond]
    return rowsByStart({ account: this.account, matching: allOf(conditions) })
  }

  #byEnd(file: QueriedFile, times: Times): RowSource {
    const started = bounds(file, times).asksStart ? inRange('started_at', times.starts) : null
    return rowsOfEntries({
      key: 'ended_at',
      entries: (stretch) =>
        sql(
          'FROM calls INDEXED BY calls_ended WHERE account = ',
          value(this.account),
          ' AND ',
          within(stretch, 'ended_at'),
        ),
      within: allOf([this.#compile(this.#toldByEnd), started]),
      others: allOf([this.#compile(this.#notToldByEnd), this.#present]),
    })
  }

  #ended({ ends }: Times): Sql | null {
    return ends === null ? null : inRange('ended_at', ends)
  }

  #compile(conditions: readonly Expr[]): Sql | null {
    let compiled = this.#compiled.get(conditions)
    if (compiled === undefined) {
      compiled = conditions.length === 0 ? null : compileExpr({ op: 'and', of: conditions }, this.#sources)
      this.#compiled.set(conditions, compiled)
    }
    return compiled
  }
}

/** What matches in a file can be. */
export interface Bounds {
  /** The ranges of their starts and of their ends: what is asked of one bounds the other. */
  starts: TimeRange
  ends: TimeRange
  /** Whether there can be calls in those ranges that do not have such a start, or such an end. */
  asksStart: boolean
  asksEnd: boolean
}

/** Of `live.db` the range of ends is empty. */
export function bounds(file: QueriedFile, { starts, ends }: Times): Bounds {
  const own = intersection(starts, file.starts)
  const asksStart = !covers(starts, file.starts)
  if (file.isLive) return { starts: own, ends: NEVER, asksStart, asksEnd: ends !== null }
  const ended = file.endsOf(own)
  if (ended === null || isEmpty(own)) return { starts: NEVER, ends: NEVER, asksStart, asksEnd: ends !== null }
  if (ends === null) return { starts: own, ends: ended, asksStart, asksEnd: false }
  return {
    starts: intersection(own, file.startsOf(ends) ?? NEVER),
    ends: intersection(ends, ended),
    asksStart,
    asksEnd: !covers(ends, ended),
  }
}

const NEVER: TimeRange = { fromUs: 0, beforeUs: 0 }
const TRUE: Sql = { text: '1', values: [] }

const isOfEndIndex = ({ field }: { field: string }) => END_INDEX_FIELDS.has(field)

/** An id or a UUID, or one of some, which an index leads to. */
function isPoint(expr: Expr): boolean {
  return (expr.op === 'eq' || expr.op === 'in') && (expr.field === 'id' || expr.field === 'callUuid')
}

function lengthOf({ fromUs, beforeUs }: TimeRange): number {
  return Math.max(0, beforeUs - fromUs)
}

function inRange(column: string, { fromUs, beforeUs }: TimeRange): Sql {
  return { text: `${column} >= ? AND ${column} < ?`, values: [fromUs, beforeUs] }
}

function value(one: number): Sql {
  return { text: '?', values: [one] }
}

/** All of the conditions; null for none. */
function allOf(conditions: readonly (Sql | null)[]): Sql | null {
  const given = conditions.filter((one) => one !== null)
  if (given.length === 0) return null
  return sql(...given.flatMap((one, at) => (at === 0 ? [one] : [' AND ', one])))
}

function conditionsOf(expr: Expr | null): number {
  if (expr === null) return 0
  if (expr.op === 'not') return conditionsOf(expr.of)
  if (expr.op !== 'and' && expr.op !== 'or') return 1
  return expr.of.reduce((sum, inner) => sum + conditionsOf(inner), 0)
}
