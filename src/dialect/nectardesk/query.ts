import { CALL_TYPES } from '../../record/call-record.ts'
import { formatRfc3339 } from '../../record/time.ts'
import type { Expr, Field, ListField } from '../../store/query.ts'
import { WrongParametersError } from './errors.ts'
import {
  addProblem,
  type Parameters,
  type Problems,
  readId,
  readIds,
  readParameters,
  readSpan,
  readWhole,
  readWord,
} from './parameters.ts'
import { NectarDeskListQuery } from './schema.ts'

/** Every parameter of the list; others are ignored. */
export const PARAMETERS = Object.keys(NectarDeskListQuery.properties)

/** Calls that started at or after `fromUs` and before `beforeUs`; null: no bound. Epoch microseconds. */
export interface StartWindow {
  fromUs: number | null
  beforeUs: number | null
}

/** A list request, read: `given` is what the links to other pages repeat. */
export interface ListRequest {
  given: Parameters
  window: StartWindow
  where: Expr
  page: number
  limit: number
}

/** A comma-separated list of ids, and one of surveys: each survey is a condition of its own, and a query has 100. */
export const MOST_IDS = 300
export const MOST_SURVEY_IDS = 80

/** With a page of 1000 the row number stays a safe integer. */
const LAST_PAGE = 1_000_000_000_000

/** One row a session: the legs that repeat a conversation are left out. */
const SHOWN: Expr = { op: 'eq', field: 'primary', value: true }

/** Reads a parsed query string; `zone` is that of dates. Throws `WrongParametersError` naming every wrong parameter. */
export function readListRequest(query: unknown, { zone }: { zone: string }): ListRequest {
  const problems: Problems = new Map()
  const given = readParameters(query, PARAMETERS, problems)
  const window = readWindow(given, zone, problems)
  const filters = readFilters(given, problems)
  const page = readWhole(given, 'page', { least: 1, most: LAST_PAGE, problems }) ?? 1
  const limit = readWhole(given, 'limit', { least: 1, most: 1000, problems }) ?? 100
  if (problems.size > 0) throw new WrongParametersError(problems)
  return { given, window, where: { op: 'and', of: [SHOWN, ...startedWithin(window), ...filters] }, page, limit }
}

function readWindow(given: Parameters, zone: string, problems: Problems): StartWindow {
  const from = readSpan(given, 'dateFrom', { zone, problems })
  const to = readSpan(given, 'dateTo', { zone, problems })
  if (from !== null && to !== null && from.fromUs >= to.beforeUs)
    addProblem(problems, 'dateFrom', 'must not be after dateTo')
  return { fromUs: from?.fromUs ?? null, beforeUs: to?.beforeUs ?? null }
}

function startedWithin({ fromUs, beforeUs }: StartWindow): Expr[] {
  const conditions: Expr[] = []
  if (fromUs !== null) conditions.push({ op: 'gte', field: 'startedAtUs', value: fromUs })
  if (beforeUs !== null) conditions.push({ op: 'lt', field: 'startedAtUs', value: beforeUs })
  return conditions
}

const ONE_ID: readonly (readonly [name: string, field: Field])[] = [
  ['ringGroupId', 'center.ringGroup.id'],
  ['ivrId', 'center.ivr.id'],
]
const ONE_MEMBER: readonly (readonly [name: string, field: ListField])[] = [
  ['listId', 'center.contact.listIds'],
  ['agentId', 'center.agents.id'],
]
const ANY_ID: readonly (readonly [name: string, field: Field])[] = [
  ['numberIds', 'center.number.id'],
  ['dispositionIds', 'center.disposition.id'],
]

function readFilters(given: Parameters, problems: Problems): Expr[] {
  const filters: Expr[] = []
  for (const [name, field] of ONE_ID) {
    const value = readId(given, name, problems)
    if (value !== null) filters.push({ op: 'eq', field, value })
  }
  for (const [name, field] of ONE_MEMBER) {
    const value = readId(given, name, problems)
    if (value !== null) filters.push({ op: 'member', field, value })
  }
  for (const [name, field] of ANY_ID) {
    const values = readIds(given, name, { most: MOST_IDS, problems })
    if (values !== null) filters.push({ op: 'in', field, values })
  }
  const type = readWord(given, 'callType', { words: CALL_TYPES, problems })
  if (type !== null) filters.push({ op: 'member', field: 'callTypes', value: type })
  const surveys = readIds(given, 'surveyIds', { most: MOST_SURVEY_IDS, problems })
  if (surveys !== null) filters.push(anySurvey(surveys))
  return filters
}

function anySurvey(ids: readonly number[]): Expr {
  const each = ids.map((value): Expr => ({ op: 'member', field: 'center.surveyIds', value }))
  return each.length === 1 ? (each[0] as Expr) : { op: 'or', of: each }
}

/** `Calltrail-Searched`: an ISO 8601 interval of RFC 3339 times, its end exclusive, `..` where there is none. */
export function searchedHeader({ fromUs, beforeUs }: StartWindow): string {
  const written = (timeUs: number | null) => (timeUs === null ? '..' : formatRfc3339(timeUs))
  return `${written(fromUs)}/${written(beforeUs)}`
}
