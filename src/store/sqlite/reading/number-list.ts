import type { Expr, Leaf } from '../../query.ts'
import { MEMBER_FIELDS } from '../folder/schema.ts'
import { type Sql, sql } from '../folder/sql.ts'
import { compileExpr, type SourceRefs } from './compile.ts'
import { asksOnly } from './conjuncts.ts'
import { type Stretch, within } from './stretch.ts'

/** The index of `NUMBER_INDEXES_DDL` on a side, for files that have it. */
const INDEX_OF = { 'from.number': 'calls_from', 'to.number': 'calls_to' } as const

interface Branch {
  index: string
  condition: Sql
}

/** Calls with certain numbers, of which every match must be. */
export interface NumberList {
  /** Each finds some of them by an index; a call may be found by several. */
  branches: readonly Branch[]
  /** What else is asked of them that the indexes tell. */
  within: Sql | null
  /** What only the rows tell. */
  others: readonly Expr[]
}

/** The lists of numbers that the conditions of a query ask for, each with what the other conditions ask. */
export function numberLists(conditions: readonly Expr[], sources: SourceRefs): NumberList[] {
  return conditions.flatMap((expr) => {
    const leaves = leavesOf(expr)
    if (leaves === null) return []
    const rest = conditions.filter((other) => other !== expr)
    const told = rest.filter((other) => asksOnly(other, ({ field }) => MEMBER_FIELDS.has(field)))
    const others = rest.filter((other) => !told.includes(other))
    const branches = leaves.map((leaf) => ({
      index: INDEX_OF[leaf.field as keyof typeof INDEX_OF],
      condition: compileExpr(leaf, sources),
    }))
    return {
      branches,
      within: told.length === 0 ? null : compileExpr({ op: 'and', of: told }, sources),
      others,
    }
  })
}

/** A number, one of some, or the beginning of one, on one side or on either; null for any other condition. */
function leavesOf(expr: Expr): Leaf[] | null {
  if (expr.op === 'or') {
    const all = expr.of.map(leavesOf)
    return all.length === 0 || all.includes(null) ? null : all.flatMap((leaves) => leaves ?? [])
  }
  if (!('field' in expr) || expr.op === 'member' || !(expr.field in INDEX_OF)) return null
  if (expr.op === 'in') return [expr]
  if (expr.op === 'eq') return expr.value === null ? null : [expr]
  return expr.op === 'prefix' && /^[\x20-\x7d]+$/.test(expr.value) ? [expr] : null
}

/** `FROM … WHERE …` of the list's entries in a stretch of starts, each call once, with account, started_at, id and flags. */
export function numberEntries({ branches }: NumberList, account: number, stretch: Stretch): Sql {
  const found = branches.map(({ index, condition }) =>
    sql(
      `SELECT account, started_at, id, flags FROM calls INDEXED BY ${index} WHERE account = `,
      { text: '?', values: [account] },
      ' AND ',
      within(stretch, 'started_at'),
      ' AND ',
      condition,
    ),
  )
  return sql('FROM (', ...found.flatMap((one, at) => (at === 0 ? [one] : [' UNION ', one])), ') WHERE 1')
}

/** How many entries the list has in all, but no more than `atMost`; a call that several find counts as often. */
export function probeOf({ branches }: NumberList, account: number, atMost: number): Sql {
  const found = branches.map(({ index, condition }) =>
    sql(
      `SELECT 1 FROM calls INDEXED BY ${index} WHERE account = `,
      { text: '?', values: [account] },
      ' AND ',
      condition,
    ),
  )
  const all = sql(...found.flatMap((one, at) => (at === 0 ? [one] : [' UNION ALL ', one])))
  return sql('SELECT count(*) FROM (SELECT 1 FROM (', all, ') LIMIT ', { text: '?', values: [atMost] }, ')')
}
