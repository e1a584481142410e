import type { Expr, Field } from '../../store/query.ts'
import { badRequest } from '../fault.ts'

const SEARCHED = [
  'from.asSent',
  'from.number',
  'from.name',
  'to.asSent',
  'to.number',
  'to.name',
  'did',
  'destination',
  'outboundCallerId',
  'serviceNumber',
  'trunk.name',
  'sipCallId',
] as const satisfies readonly Field[]

const MAX_LENGTH = 256

/** Calls that have the text in a number, a name, the trunk or the Call-ID; blanks around it are left out, case counts. */
export function whereFound(search: string): Expr {
  const value = search.trim()
  if (value.length > MAX_LENGTH) throw badRequest('search', `must have at most ${MAX_LENGTH} characters`)
  return { op: 'or', of: SEARCHED.map((field) => ({ op: 'contains' as const, field, value })) }
}
