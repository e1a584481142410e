import type { Expr } from '../query.ts'
import { compileExpr, type SourceRefs, type Sql } from './compile.ts'
import { KIND_OF_LIST } from './row-members.ts'
import { MEMBER_FIELDS } from './schema.ts'

/** The calls of an agent, a contact list or a survey, or of any of several, whose entries in `member` lead to them. */
export interface MemberList {
  kind: number
  /** Of one, the entries lie in the order of lists. */
  refs: readonly number[]
  /** What else is asked of them that the entries tell. */
  within: Sql
  /** What only the rows tell; null when that is nothing. */
  others: Expr | null
}

/** The conditions that must all hold. */
export function conjuncts(expr: Expr): Expr[] {
  return expr.op === 'and' ? expr.of.flatMap(conjuncts) : [expr]
}

/** Such a list of which every match must be, one of few rather than of many; null where an expression asks for none. */
export function memberList(where: Expr | null, sources: SourceRefs): MemberList | null {
  if (where === null) return null
  const all = conjuncts(where)
  const lists = all.map((expr) => ({ expr, list: listOf(expr) }))
  const [driving] = lists
    .filter(({ list }) => list !== null)
    .sort((a, b) => (a.list?.refs.length ?? 0) - (b.list?.refs.length ?? 0))
  if (driving === undefined || driving.list === null) return null
  const rest = all.filter((expr) => expr !== driving.expr)
  const others = rest.filter((expr) => !isOfEntries(expr))
  return {
    ...driving.list,
    within: compileExpr({ op: 'and', of: rest.filter(isOfEntries) }, sources),
    others: others.length === 0 ? null : { op: 'and', of: others },
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

function isOfEntries(expr: Expr): boolean {
  switch (expr.op) {
    case 'and':
    case 'or':
      return expr.of.every(isOfEntries)
    case 'not':
      return isOfEntries(expr.of)
    default:
      return MEMBER_FIELDS.has(expr.field)
  }
}
