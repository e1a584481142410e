import type { CallQuery, Scalar } from '../query.ts'
import { compileExpr, compileOrder, type SourceRefs, type Sql, type SqlOrder, withoutEndIndex } from './compile.ts'
import { type EndRange, endRange } from './end-range.ts'
import { type MemberList, memberList } from './member-list.ts'
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
  readonly #query: CallQuery
  readonly #order: SqlOrder
  /** Set where the entries of an agent, a contact list or a survey lead to the rows. */
  readonly #list: MemberList | null
  /** What must hold of a row, beside what the list has seen to. */
  readonly #matching: Sql
  /** Set where a file's rows are better read by start than by the index on ends. */
  readonly ends: EndRange | null

  constructor(query: CallQuery, account: number, sources: SourceRefs) {
    this.#account = account
    this.#query = query
    this.#order = compileOrder(query.order, sources)
    this.#list = memberList(query.where, sources)
    const where = this.#list === null ? query.where : this.#list.others
    const matching = where === null ? { text: '1', values: [] } : compileExpr(where, sources)
    this.#matching = joined(`${this.#order.present} AND `, matching)
    this.ends = this.#list === null ? endRange(query.where) : null
  }

  /** Counts matches. With a span: by reading the rows of all starts that can have the ends asked for. */
  count(span: Span | null): Sql {
    if (this.#list === null) return joined('SELECT count(*) ', this.#rows(span))
    const entries = this.#entries(this.#list)
    return joined('SELECT count(*) ', this.#isToldBy(this.#list) ? entries : this.#rowsOf(entries))
  }

  /**
   * Rows in the query's order, each with the values that it is sorted by behind it. With a span: read by start, then
   * sorted.
   */
  page(span: Span | null, { limit, offset }: { limit: number; offset: number }): Sql {
    const sorts = this.#order.by.map(({ sql }) => sql)
    const select = `SELECT ${[COLUMNS, ...sorts].join(', ')} `
    const window: Sql = { text: ' LIMIT ? OFFSET ?', values: [limit, offset] }
    if (this.#list !== null && this.#query.order.by === 'startedAtUs' && sorts.length === 1)
      return joined(select, this.#pageOf(this.#list, window))
    const rows = this.#list === null ? this.#rows(span) : this.#rowsOf(this.#entries(this.#list))
    const beyond = this.#beyond(sorts[0] as string)
    const isByEnd = span !== null && this.#query.order.by === 'endedAtUs'
    return joined(select, rows, beyond, ` ORDER BY ${isByEnd ? '+' : ''}${this.#orderBy(this.#order.by)}`, window)
  }

  /** Entries lie in the order of starts; where they tell every match, only those of the page lead to a row. */
  #pageOf(list: MemberList, window: Sql): Sql {
    const direction = this.#query.order.descending ? 'DESC' : 'ASC'
    const entries = joined(this.#entries(list), this.#beyond('started_at'))
    const order = ` ORDER BY m_started ${direction}, m_id ${direction}`
    if (!this.#isToldBy(list)) return joined(this.#rowsOf(entries), order, window)
    const few = joined(entries, ` ORDER BY started_at ${direction}, id ${direction}`, window)
    return joined(this.#rowsOf(few), order)
  }

  /** Whether entries alone tell the matches. */
  #isToldBy(list: MemberList): boolean {
    return list.others === null && this.#order.present === '1'
  }

  #entries({ kind, refs, within }: MemberList): Sql {
    const places = refs.map(() => '?').join(', ')
    const own = `FROM member WHERE account = ? AND kind = ${kind} AND ref IN (${places}) AND `
    const entries = joined({ text: own, values: [this.#account, ...refs] }, within)
    if (refs.length === 1) return entries
    return joined('FROM (SELECT DISTINCT account, started_at, id ', entries, ') WHERE 1')
  }

  /** The rows that entries lead to, each read by its key. */
  #rowsOf(entries: Sql): Sql {
    return joined(
      'FROM (SELECT account AS m_account, started_at AS m_started, id AS m_id ',
      entries,
      ') CROSS JOIN calls ON account = m_account AND started_at = m_started AND id = m_id WHERE ',
      this.#matching,
    )
  }

  #rows(span: Span | null): Sql {
    const own: Sql = { text: 'FROM calls WHERE account = ? AND ', values: [this.#account] }
    if (span === null || this.ends === null) return joined(own, this.#matching)
    const starts = [this.ends.fromUs - span.longest, this.ends.beforeUs - span.shortest]
    const within: Sql = { text: 'started_at >= ? AND started_at < ? AND ', values: starts }
    return joined(own, within, withoutEndIndex(this.#matching))
  }

  /** The condition on rows behind the place where the page before ended. */
  #beyond(sort: string): Sql {
    const { after, order } = this.#query
    if (!after) return { text: '', values: [] }
    return { text: ` AND (${sort}, id) ${order.descending ? '<' : '>'} (?, ?)`, values: [bound(after.value), after.id] }
  }

  #orderBy(by: SqlOrder['by']): string {
    const sorts = by.map(({ sql, direction }) => `${sql} ${direction}`)
    return [...sorts, `id ${this.#query.order.descending ? 'DESC' : 'ASC'}`].join(', ')
  }
}

function joined(...parts: (string | Sql)[]): Sql {
  const all = parts.map((part) => (typeof part === 'string' ? { text: part, values: [] } : part))
  return { text: all.map(({ text }) => text).join(''), values: all.flatMap(({ values }) => values) }
}

function bound(value: Scalar): SqlValue {
  return typeof value === 'boolean' ? Number(value) : value
}
