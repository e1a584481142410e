import type { Expr } from '../../store/query.ts'
import { exprTooLarge } from '../../store/query.ts'
import { badRequest } from '../fault.ts'
import { readFilter } from './filter.ts'
import type { ListRequest } from './find.ts'
import { readOrder } from './order.ts'
import { whereFound } from './search.ts'

const MOST_ITEMS = 100

type Option = 'filter' | 'orderby' | 'top' | 'skip' | 'count' | 'search'

/**
 * The list request of a query string; options that are not known are ignored. Throws `bad_request` naming the option that
 * cannot be read.
 */
export function readListRequest(query: unknown): ListRequest {
  const given = (query ?? {}) as Record<string, unknown>
  readFlag(given)
  const where: Expr[] = []
  const filter = readText(given, 'filter')
  if (filter !== null) where.push(readFilter(filter))
  const search = readText(given, 'search')
  if (search !== null) where.push(whereFound(search))
  const problem = exprTooLarge({ op: 'and', of: where })
  if (problem !== null) throw badRequest('filter', `asks for too much at once: ${problem}`)
  return {
    where,
    order: readOrder(readText(given, 'orderby')),
    limit: readCount(given, 'top', { least: 1, most: MOST_ITEMS }) ?? MOST_ITEMS,
    offset: readCount(given, 'skip', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0,
  }
}

/** The value of an option, with or without the $ before its name; null where it is not given. */
function readOption(given: Record<string, unknown>, name: Option): string | null {
  const values = [given[name], given[`$${name}`]].filter((value) => value !== undefined)
  if (values.length === 0) return null
  const [value] = values
  if (values.length > 1 || typeof value !== 'string') throw badRequest(name, 'must be given only once')
  return value
}

/** A text option; one of nothing but blanks counts as not given. */
function readText(given: Record<string, unknown>, name: Option): string | null {
  const value = readOption(given, name)
  if (value === null || value.trim() === '') return null
  if (!value.isWellFormed() || value.includes('\u0000')) throw badRequest(name, 'has a character that no call can hold')
  return value
}

function readCount(
  given: Record<string, unknown>,
  name: Option,
  { least, most }: { least: number; most: number },
): number | null {
  const value = readOption(given, name)
  if (value === null) return null
  const count = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (count >= least && count <= most) return count
  const bounds = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`
  throw badRequest(name, `must be a whole number${bounds}`)
}

function readFlag(given: Record<string, unknown>): void {
  const value = readOption(given, 'count')
  if (value !== null && !/^(?:true|false)$/i.test(value)) throw badRequest('count', 'must be true or false')
}
