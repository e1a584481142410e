import { type CallQuery, type Expr, type Field, type Leaf, MAX_SORTED } from '../../src/store/query.ts'
import type { Names } from './names.ts'
import { COLUMNS } from './rows.ts'
import { columnOf, memberKey, Values, whereOf } from './where.ts'

/** What `call_members` knows of a call beside whose it is: a list by these alone is read from its key. */
const IN_MEMBERS: ReadonlySet<Field> = new Set<Field>([
  'startedAtUs',
  'id',
  'primary',
  'onTrunk',
  'endInferred',
  'trunk.srtp',
  'trunk.secure',
])

/** A query for one account as PostgreSQL's SQL: `count` and `page` share `values`. */
export class Search {
  /** Matches that may be sorted; null where an index is in the order. */
  readonly mostSorted: number | null
  readonly #query: CallQuery
  readonly #sort: string
  readonly #from: string
  readonly #ofMembers: boolean
  readonly #matching = new Values()

  constructor(query: CallQuery, { account, sources }: { account: number; sources: Names }) {
    const { by, blanks = false, thenBy = [] } = query.order
    this.#query = query
    this.#sort = columnOf(by)
    const indexed = by === 'startedAtUs' || (by === 'endedAtUs' && !blanks)
    this.mostSorted = indexed && thenBy.length === 0 ? null : MAX_SORTED
    const member =
      this.mostSorted === null && by === 'startedAtUs' && query.live !== true ? soleMember(query.where) : null
    this.#ofMembers = member !== null
    const values = this.#matching
    const own = `account = ${values.bind(account)}`
    if (member !== null) {
      const { kind, ref, others } = member
      const within = others.map((one) => ` AND ${whereOf(one, values, sources)}`).join('')
      this.#from = `FROM call_members WHERE ${own} AND kind = ${kind} AND ref = ${values.bind(ref)}${within}`
      return
    }
    const present = by === 'startedAtUs' || blanks ? '' : ` AND ${this.#sort} IS NOT NULL`
    const live = query.live === true ? ' AND ended_at IS NULL' : ''
    const where = query.where === null ? '' : ` AND ${whereOf(query.where, values, sources)}`
    this.#from = `FROM calls WHERE ${own}${present}${live}${where}`
  }

  count(): { text: string; values: unknown[] } {
    return { text: `SELECT count(*) ${this.#from}`, values: [...this.#matching.list] }
  }

  /**
   * Rows in the query's order, one more than the limit where there is one; behind their columns the sort value, and the
   * total where it is asked for. Page and total in one statement see the same calls.
   */
  page(): { text: string; values: unknown[] } {
    const values = new Values([...this.#matching.list])
    const { descending, blanks = false, thenBy = [] } = this.#query.order
    if (this.#query.after && (blanks || thenBy.length > 0))
      throw new Error('a list with blanks is paged by offset only')
    const { after, limit, offset = 0, total } = this.#query
    const beyond = after
      ? ` AND (${this.#sort}, id) ${descending ? '<' : '>'} (${values.bind(after.value)}, ${values.bind(after.id)})`
      : ''
    const order = [
      direction({ sql: this.#sort, descending, blanks }),
      ...thenBy.map((next) => direction({ sql: columnOf(next.by), descending: next.descending, blanks: true })),
      direction({ sql: 'id', descending, blanks: false }),
    ].join(', ')
    const range = `LIMIT ${values.bind(limit + 1)} OFFSET ${values.bind(offset)}`
    const counted = total ? `(SELECT count(*) ${this.#from})` : 'NULL'
    const page = this.#ofMembers
      ? `SELECT ${COLUMNS}, started_at AS sort_value FROM calls JOIN (SELECT account, started_at, id ${this.#from}${beyond} ` +
        `ORDER BY ${order} ${range}) AS few USING (account, started_at, id) ORDER BY ${order}`
      : `SELECT ${COLUMNS}, ${this.#sort} AS sort_value ${this.#from}${beyond} ORDER BY ${order} ${range}`
    return { text: `SELECT page.*, ${counted} FROM (${page}) AS page`, values: values.list }
  }
}

/** Calls without a value sort before every value. */
function direction(given: { sql: string; descending: boolean; blanks: boolean }): string {
  const { sql, descending, blanks } = given
  const way = descending ? 'DESC' : 'ASC'
  return blanks ? `${sql} ${way} NULLS ${descending ? 'LAST' : 'FIRST'}` : `${sql} ${way}`
}

/** Set for a list of one agent's calls, one contact list's or one survey's that asks nothing else but what is in its key. */
function soleMember(where: Expr | null): { kind: number; ref: number; others: Expr[] } | null {
  if (where === null) return null
  const all = conjuncts(where)
  const members = all.filter((one) => one.op === 'member')
  const [member] = members
  const key = member === undefined ? null : memberKey(member)
  if (key === null || members.length !== 1) return null
  const others = all.filter((one) => one !== member)
  return others.every(isInMembers) ? { ...key, others } : null
}

function conjuncts(expr: Expr): readonly Expr[] {
  return expr.op === 'and' ? expr.of.flatMap(conjuncts) : [expr]
}

function isInMembers(expr: Expr): boolean {
  if (expr.op === 'not') return isInMembers(expr.of)
  if (expr.op === 'or' || expr.op === 'and') return expr.of.every(isInMembers)
  return expr.op !== 'member' && IN_MEMBERS.has((expr as Leaf).field)
}
