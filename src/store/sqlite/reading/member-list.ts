import type { Expr } from '../../query.ts'
import { MEMBER_FIELDS } from '../folder/schema.ts'
import { type Sql, sql } from '../folder/sql.ts'
import { KIND_OF_LIST } from '../row/row-members.ts'
import { compileExpr, type SourceRefs } from './compile.ts'
import { asksOnly } from './conjuncts.ts'
import { type Stretch, within } from './stretch.ts'

/** The calls of an agent, a contact list or a survey, or of any of several, whose entries in `member` lead to them. */
export interface MemberList {
  kind: number
  /** Of one, the entries lie in the order of lists. */
  refs: readonly number[]
  /** What else is asked of them that the entries tell. */
  within: Sql | null
  /** What only the rows tell. */
  others: readonly Expr[]
}

/**
 * Such a list of which every match must be, one of few rather than of many; null where the conditions, which must all
 * hold, ask for none.
 */
export function memberList(conditions: readonly Expr[], sources: SourceRefs): MemberList | null {
  const lists = conditions.map((expr) => ({ expr, list: listOf(expr) }))
  const [driving] = lists
    .filter(({ list }) => list !== null)
    .sort((a, b) => (a.list?.refs.length ?? 0) - (b.list?.refs.length ?? 0))
  if (driving === undefined || driving.list === null) return null
  const rest = conditions.filter((expr) => expr !== driving.expr)
  const told = rest.filter((expr) => asksOnly(expr, ({ field }) => MEMBER_FIELDS.has(field)))
  return {
    ...driving.list,
    within: told.length === 0 ? null : compileExpr({ op: 'and', of: told }, sources),
    others: rest.filter((expr) => !told.includes(expr)),
  }
}

function listOf(expr: Expr): Pick<MemberList, 'kind' | 'refs'> | null {
  if (expr.op === 'member') {
    const kind = KIND_OF_LIST[expr.field]
    return kind === undefined || typeof expr.value !== 'number' ? null : { kind, refs: [expr.value] }
  }
  if (expr.op !== 'or') return null
  const lists = expr.of.map(listOf)
  const [first = null] = lists
  if (first === null || lists.some((list) => list?.kind !== first.kind)) return null
  return { kind: first.kind, refs: [...new Set(lists.flatMap((list) => list?.refs ?? []))] }
}

/** `FROM … WHERE …` of the entries of a list in a stretch of starts, each call once. */
export function memberEntries({ kind, refs }: MemberList, account: number, stretch: Stretch): Sql {
  const places = refs.map(() => '?').join(', ')
  const own = `FROM member WHERE account = ? AND kind = ${kind} AND ref IN (${places}) AND `
  const entries = sql({ text: own, values: [account, ...refs] }, within(stretch, 'started_at'))
  if (refs.length === 1) return entries
  return sql('FROM (SELECT DISTINCT account, started_at, id, flags ', entries, ') WHERE 1')
}

/** The entries of each of several agents, contact lists or surveys; null for those of one. */
export function memberParts(list: MemberList, account: number): ((stretch: Stretch) => Sql[]) | null {
  if (list.refs.length === 1) return null
  return (stretch) => list.refs.map((ref) => memberEntries({ ...list, refs: [ref] }, account, stretch))
}
