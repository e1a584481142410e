import type { CallQuery, Scalar } from '../query.ts'
import { compileExpr, compileOrder, type SourceRefs, type Sql, withoutEndIndex } from './compile.ts'
import { type EndRange, endRange } from './end-range.ts'
import { ROW_COLUMNS, type SqlValue } from './row.ts'

const COLUMNS = ROW_COLUMNS.join(', ')

/** The shortest and the longest time from start to end in a file, microseconds. */
export interface Span {
  shortest: number
  longest: number
}

/** A query for one account, compiled: the SQL that counts its matches in a file, and the SQL that reads a page. */
export class Search {
  readonly #account: number
  readonly #matching: Sql
  readonly #sort: string
  readonly #query: CallQuery
  /** Set where a file's rows are better read by start than by the index on ends. */
  readonly ends: EndRange | null

  constructor(query: CallQuery, account: number, sources: SourceRefs) {
    const order = compileOrder(query.order.by, sources)
    const where = query.where === null ? { text: '1', values: [] } : compileExpr(query.where, sources)
    this.#account = account
    this.#matching = { text: `${order.present} AND ${where.text}`, values: where.values }
    this.#sort = order.sql
    this.#query = query
    this.ends = endRange(query.where)
  }

  /** Counts matches. With a span: by reading the rows of all starts that can have the ends asked for. */
  count(span: Span | null): Sql {
    const { text, values } = this.#from(span)
    return { text: `SELECT count(*) ${text}`, values }
  }

  /** Rows in the query's order, each with its sort value behind it. With a span: read by start, then sorted. */
  page(span: Span | null, { limit, offset }: { limit: number; offset: number }): Sql {
    const { by, descending } = this.#query.order
    const direction = descending ? 'DESC' : 'ASC'
    const from = this.#from(span)
    const { after } = this.#query
    const beyond = after ? ` AND (${this.#sort}, id) ${descending ? '<' : '>'} (?, ?)` : ''
    const sort = span !== null && by === 'endedAtUs' ? `+${this.#sort}` : this.#sort
    return {
      text: `SELECT ${COLUMNS}, ${this.#sort} ${from.text}${beyond} ORDER BY ${sort} ${direction}, id ${direction} LIMIT ? OFFSET ?`,
      values: [...from.values, ...(after ? [bound(after.value), after.id] : []), limit, offset],
    }
  }

  #from(span: Span | null): Sql {
    if (span === null || this.ends === null) {
      const { text, values } = this.#matching
      return { text: `FROM calls WHERE account = ? AND ${text}`, values: [this.#account, ...values] }
    }
    const { text, values } = withoutEndIndex(this.#matching)
    const starts = [this.ends.fromUs - span.longest, this.ends.beforeUs - span.shortest]
    return {
      text: `FROM calls WHERE account = ? AND started_at >= ? AND started_at < ? AND ${text}`,
      values: [this.#account, ...starts, ...values],
    }
  }
}

function bound(value: Scalar): SqlValue {
  return typeof value === 'boolean' ? Number(value) : value
}
