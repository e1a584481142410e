import { type Sql, sql } from '../folder/sql.ts'
import { type Stretch, within } from './stretch.ts'

/** The time that rows are read by. */
export type KeyColumn = 'started_at' | 'ended_at'

/** How a page is sorted: expressions over a row, and the last tie, the id. */
export interface PageOrder {
  /** What of a row is read. */
  columns: string
  by: readonly { sql: string; direction: 'ASC' | 'DESC' }[]
  idDirection: 'ASC' | 'DESC'
}

export interface PageOf {
  order: PageOrder
  limit: number
  offset: number
}

/** A way to the rows of one account in one file that may match a query. What it gives is SQL. */
export interface RowSource {
  /** Stretches are of this time. */
  key: KeyColumn
  /** Few enough to be read at once; else they lie in the order of `key`, and are read a stretch at a time. */
  isFew: boolean
  /** Every row of a stretch is a match, so that a page looks at no more rows than it shows. */
  isAll: boolean
  /** `SELECT … FROM … WHERE …` of all that has to be looked at: `key` and id, which an order by 1 and 2 costs nothing. */
  looked(stretch: Stretch): Sql
  /** `FROM … WHERE …` of the matches, to be counted. */
  matches(stretch: Stretch): Sql
  /** Matches as rows, each with the values that it is sorted by behind it. */
  page(stretch: Stretch, page: PageOf): Sql
  /** Of matches the values that they are sorted by, their start and their id. */
  sorted(stretch: Stretch, page: PageOf): Sql
}

/** The name that SQLite has for the key that `calls` is clustered by. */
const BY_START = 'INDEXED BY sqlite_autoindex_calls_1'

/** All rows, in the order of starts; null asks for nothing more. */
export function rowsByStart({ account, matching }: { account: number; matching: Sql | null }): RowSource {
  const all = (stretch: Stretch) =>
    sql(`FROM calls ${BY_START} WHERE account = `, bound(account), ' AND ', within(stretch, 'started_at'))
  const looked = (stretch: Stretch) => sql('SELECT started_at, id ', all(stretch))
  const matches = (stretch: Stretch) => (matching === null ? all(stretch) : sql(all(stretch), ' AND ', matching))
  return { key: 'started_at', isFew: false, isAll: matching === null, looked, matches, ...readDirectly(matches) }
}

/** The few rows that SQLite finds by an index on what the condition asks for, whichever time the list is sorted by. */
export function fewRows(given: { account: number; matching: Sql; key: KeyColumn }): RowSource {
  const { account, matching, key } = given
  const matches = (stretch: Stretch) =>
    sql('FROM calls WHERE +account = ', bound(account), ' AND ', within(stretch, `+${key}`), ' AND ', matching)
  const looked = (stretch: Stretch) => sql(`SELECT ${key}, id `, matches(stretch))
  return { key, isFew: true, isAll: false, looked, matches, ...readDirectly(matches) }
}

function readDirectly(matches: (stretch: Stretch) => Sql): Pick<RowSource, 'page' | 'sorted'> {
  return {
    page: (stretch, page) => sql(select(page.order), matches(stretch), orderBy(page.order), windowOf(page)),
    sorted: (stretch, page) => sql(selectKeys(page.order), matches(stretch), orderBy(page.order), windowOf(page)),
  }
}

/** Entries of an index or of `member`, which lead to rows by their key. */
export interface Entries {
  key: KeyColumn
  /** `FROM … WHERE …` of the entries in a stretch, with the columns account, started_at, id and `key`. */
  entries(stretch: Stretch): Sql
  /** The same in parts that each lie in the order of `key`, where all together do not. */
  parts?: ((stretch: Stretch) => readonly Sql[]) | null
  /** What else is asked of a match that the entries tell. */
  within: Sql | null
  /** What only its row tells. */
  others: Sql | null
  isFew?: boolean
}

/** Rows that entries lead to. Where entries tell every match, a count reads no row, and a page those that it shows. */
export function rowsOfEntries({ key, entries, parts = null, within: told, others, isFew = false }: Entries): RowSource {
  const known = (stretch: Stretch) => (told === null ? entries(stretch) : sql(entries(stretch), ' AND ', told))
  const keys = `SELECT account AS m_account, ${[...new Set(['started_at', key])].map((one) => `${one} AS m_${one}`)}, id AS m_id `
  const rowsOf = (found: Sql) =>
    sql(
      `FROM (${keys}`,
      found,
      ') CROSS JOIN calls ON account = m_account AND started_at = m_started_at AND id = m_id WHERE ',
      others ?? '1',
    )
  const matches = (stretch: Stretch) => (others === null ? known(stretch) : rowsOf(known(stretch)))
  const page = (stretch: Stretch, page: PageOf) => {
    const { order } = page
    const [first] = order.by
    if (first?.sql !== key) return sql(select(order), rowsOf(known(stretch)), orderBy(order), windowOf(page))
    const sorted = { ...order, by: [{ ...first, sql: `m_${key}` }, ...order.by.slice(1)] }
    if (others !== null || order.by.length > 1)
      return sql(select(order), rowsOf(known(stretch)), orderBy(sorted, 'm_id'), windowOf(page))
    const shown = sql(known(stretch), orderBy(order), windowOf(page))
    return sql(select(order), rowsOf(shown), orderBy(sorted, 'm_id'))
  }
  const sorted = (stretch: Stretch, page: PageOf) =>
    sql(selectKeys(page.order), rowsOf(known(stretch)), orderBy(page.order), windowOf(page))
  const looked = (stretch: Stretch) => {
    const selects = (parts?.(stretch) ?? [entries(stretch)]).map((part) => sql(`SELECT ${key}, id `, part))
    return sql(...selects.flatMap((one, at) => (at === 0 ? [one] : [' UNION ALL ', one])))
  }
  const isAll = parts === null && told === null && others === null
  return { key, isFew, isAll, looked, matches, page, sorted }
}

/** Reads one row by its place in the file, as a page does. */
export function rowAt(order: PageOrder): string {
  return `${select(order)}FROM calls WHERE account = ? AND started_at = ? AND id = ?`
}

function bound(value: number): Sql {
  return { text: '?', values: [value] }
}

function select({ columns, by }: PageOrder): string {
  return `SELECT ${[columns, ...by.map((one) => one.sql)].join(', ')} `
}

function selectKeys({ by }: PageOrder): string {
  return `SELECT ${[...by.map((one) => one.sql), 'started_at', 'id'].join(', ')} `
}

function orderBy({ by, idDirection }: PageOrder, id = 'id'): string {
  return ` ORDER BY ${[...by.map((one) => `${one.sql} ${one.direction}`), `${id} ${idDirection}`].join(', ')}`
}

function windowOf({ limit, offset }: PageOf): Sql {
  return { text: ' LIMIT ? OFFSET ?', values: [limit, offset] }
}
