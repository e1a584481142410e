import { hash } from 'node:crypto'
import type { AccountSettings } from '../../record/account.ts'
import {
  ATTESTATIONS,
  CALL_TYPES,
  DIRECTIONS,
  HANGUP_BY,
  HANGUP_SIDES,
  LEGS,
  STATES,
  VERIFICATIONS,
} from '../../record/call-record.ts'
import { parseDecimal } from '../../record/decimal.ts'
import { searchForms } from '../../record/phone.ts'
import { formatRfc3339, readTimeRange } from '../../record/time.ts'
import {
  type CallQuery,
  type Expr,
  exprTooLarge,
  FIELDS,
  type Field,
  LIST_FIELDS,
  type ListField,
  type Scalar,
} from '../../store/query.ts'
import { badRequest } from '../fault.ts'
import { QUERY_FIELDS, QUERY_LISTS, SORT_FIELDS } from './fields.ts'

const OPS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'prefix', 'suffix', 'contains'] as const
type Op = (typeof OPS)[number]

const NUMBERS = new Set<Field>(['from.number', 'to.number', 'did', 'outboundCallerId', 'serviceNumber', 'destination'])
const CONTROLS = new Set(['limit', 'cursor', 'order', 'legs', 'where', 'format', 'as'])
const SHORT: Record<string, readonly Field[]> = {
  from: ['from.number'],
  to: ['to.number'],
  number: ['from.number', 'to.number'],
}

export type Parameters = Readonly<Record<string, string | string[] | undefined>>

/** What a native list or export asks, before paging. */
export type NativeQuery = Pick<CallQuery, 'where' | 'order' | 'live'> & {
  searched: { from: string | null; to: string | null }
}

/**
 * Reads the query of the native API. Every parameter is `field`, `field__op` (lt, lte, gt, gte, ne, in, prefix, suffix,
 * contains), a list such as `tags` or `call_types`, also with `__ne` and `__in`, `from`, `to`, `number`, or one of limit,
 * cursor, order, legs, where. All must hold. `where` is the same as JSON, with and, or, not. Throws `bad_request` naming
 * the parameter.
 */
export function readQuery(parameters: Parameters, settings: AccountSettings): NativeQuery {
  const all: Expr[] = []
  for (const [name, value] of Object.entries(parameters)) {
    if (CONTROLS.has(name) || value === undefined) continue
    if (Array.isArray(value)) throw badRequest(name, 'is given more than once')
    all.push(readCondition(name, value, settings))
  }
  const legs = single(parameters, 'legs') ?? 'primary'
  if (legs !== 'primary' && legs !== 'all') throw badRequest('legs', 'must be primary or all')
  const whereText = single(parameters, 'where')
  if (whereText !== undefined) all.push(readWhere(whereText, settings))
  const searched = searchedSpan(all)
  if (legs === 'primary') all.push({ op: 'eq', field: 'primary', value: true })
  const where: Expr = { op: 'and', of: all }
  const problem = exprTooLarge(where)
  if (problem !== null) throw badRequest('where', problem)
  return { where, order: readOrder(single(parameters, 'order')), searched }
}

function single(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name]
  if (Array.isArray(value)) throw badRequest(name, 'is given more than once')
  return value
}

/** `order=-duration`: a sortable field, with a minus for the largest first. Newest start first unless asked. */
function readOrder(order: string | undefined): CallQuery['order'] {
  if (order === undefined) return { by: 'startedAtUs', descending: true }
  const descending = order.startsWith('-')
  const by = SORT_FIELDS.get(descending ? order.slice(1) : order)
  if (by === undefined)
    throw badRequest('order', `must be one of ${[...SORT_FIELDS.keys()].join(', ')}, with - for descending`)
  return { by, descending }
}

/** 1..1000, 50 unless asked. */
export function readLimit(parameters: Parameters, { most = 1000, usual = 50 } = {}): number {
  const text = single(parameters, 'limit')
  if (text === undefined) return usual
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(limit >= 1 && limit <= most)) throw badRequest('limit', `must be a whole number from 1 to ${most}`)
  return limit
}

function readCondition(name: string, value: string, settings: AccountSettings): Expr {
  const [, fieldName = name, opName = 'eq'] = /^(.*?)(?:__([a-z]+))?$/s.exec(name) ?? []
  const list = QUERY_LISTS.get(fieldName)
  if (list !== undefined) return listCondition({ list, op: opName, value, name })
  const fields = SHORT[fieldName] ?? (QUERY_FIELDS.has(fieldName) ? [QUERY_FIELDS.get(fieldName) as Field] : [])
  if (fields.length === 0 || !OPS.includes(opName as Op))
    throw badRequest(name.slice(0, 100), 'is not a parameter of this request')
  const conditions = fields.map((field) => condition({ field, op: opName as Op, value, name, settings }))
  return conditions.length === 1 ? (conditions[0] as Expr) : { op: 'or', of: conditions }
}

/** `eq` and `member` ask for one value of a list, `in` for any of some, `ne` for lists without it. */
function listCondition(asked: { list: ListField; op: string; value: unknown; name: string }): Expr {
  const { list, op, value, name } = asked
  const member = (one: unknown): Expr => ({ op: 'member', field: list, value: memberOf(list, one, name) })
  if (op === 'eq' || op === 'member') return member(value)
  if (op === 'ne') return { op: 'not', of: member(value) }
  if (op !== 'in') throw badRequest(name.slice(0, 100), 'is a list, of which only a value, ne and in can be asked')
  const listed = Array.isArray(value) ? value : textOf(value, name).split(',')
  if (listed.length === 0) throw badRequest(name, 'is empty')
  return listed.length === 1 ? member(listed[0]) : { op: 'or', of: listed.map(member) }
}

function memberOf(list: ListField, value: unknown, name: string): string | number {
  if (LIST_FIELDS[list] === 'number') return numberOf(value, name)
  return list === 'callTypes' ? oneOfWords(textOf(value, name), { words: CALL_TYPES, name }) : textOf(value, name)
}

interface Asked {
  field: Field
  op: Op
  /** As text in a query string, as JSON in `where`; lists as a, b, c or as a JSON list. */
  value: unknown
  name: string
  settings: AccountSettings
}

function condition(asked: Asked): Expr {
  const { field, op, value, name } = asked
  if (op === 'in') return oneOf(asked)
  if (op === 'prefix' || op === 'suffix' || op === 'contains') {
    if (FIELDS[field] !== 'text') throw badRequest(name, `${op} asks for text, and this is no text`)
    const text = textOf(value, name)
    return { op, field, value: NUMBERS.has(field) ? text.replace(/[\s().-]/g, '') : text }
  }
  if (value === null || value === 'null') {
    if (op !== 'eq' && op !== 'ne') throw badRequest(name, 'null can only be asked for with eq and ne')
    return { op, field, value: null }
  }
  if (FIELDS[field] === 'time') return timeCondition({ ...asked, op })
  if (NUMBERS.has(field) && (op === 'eq' || op === 'ne')) {
    const found: Expr = { op: 'in', field, values: searchForms(textOf(value, name), asked.settings) }
    return op === 'eq' ? found : { op: 'not', of: found }
  }
  return { op, field, value: scalarOf(asked) } as Expr
}

function oneOf(asked: Asked): Expr {
  const { value, name, field, settings } = asked
  const listed = Array.isArray(value) ? value : textOf(value, name).split(',')
  if (FIELDS[field] === 'time')
    return { op: 'or', of: listed.map((one) => timeCondition({ ...asked, op: 'eq', value: one })) }
  if (NUMBERS.has(field))
    return { op: 'in', field, values: listed.flatMap((one) => searchForms(textOf(one, name), settings)) }
  return { op: 'in', field, values: listed.map((one) => scalarOf({ ...asked, value: one })) }
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw badRequest(name, 'must be text')
  if (value === '') throw badRequest(name, 'is empty')
  if (value.length > 512) throw badRequest(name, 'must have at most 512 characters')
  if (!value.isWellFormed() || value.includes('\u0000')) throw badRequest(name, 'has a character that no call can hold')
  return value
}

/** A time stands for its own precision: `2024-01-15` is that whole day in the account's zone. */
function timeCondition({
  field,
  op,
  value,
  name,
  settings,
}: Asked & { op: Exclude<Op, 'in' | 'prefix' | 'suffix' | 'contains'> }): Expr {
  const range = readTimeRange(textOf(value, name), settings.timeZone)
  if (range === null) throw badRequest(name, 'must be a time such as 2024-01-15T14:28:48Z or 2024-01-15')
  const from: Expr = { op: 'gte', field, value: range.fromUs }
  const before: Expr = { op: 'lt', field, value: range.beforeUs }
  switch (op) {
    case 'eq':
      return { op: 'and', of: [from, before] }
    case 'ne':
      return { op: 'not', of: { op: 'and', of: [from, before] } }
    case 'gte':
      return from
    case 'gt':
      return { op: 'gte', field, value: range.beforeUs }
    case 'lt':
      return { op: 'lt', field, value: range.fromUs }
    case 'lte':
      return before
  }
}

function scalarOf({ field, value, name }: Asked): Scalar {
  const kind = FIELDS[field]
  if (field.endsWith('Micros')) {
    const micros = parseDecimal(textOf(value, name), 6)
    if (micros === null) throw badRequest(name, 'must be a decimal such as 0.01500')
    return micros
  }
  if (kind === 'text') return wordOf(field, textOf(value, name), name)
  if (kind === 'flag') {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw badRequest(name, 'must be true or false')
  }
  return numberOf(value, name)
}

function numberOf(value: unknown, name: string): number {
  const number =
    typeof value === 'number'
      ? value
      : /^-?\d{1,16}(\.\d{1,9})?$/.test(textOf(value, name))
        ? Number(value)
        : Number.NaN
  if (!Number.isFinite(number)) throw badRequest(name, 'must be a number')
  return number
}

/** Fields that hold one of a few words; any other word is a mistake, not a search that finds nothing. */
const WORDS: Partial<Record<Field, readonly string[]>> = {
  direction: DIRECTIONS,
  leg: LEGS,
  state: STATES,
  'hangup.by': HANGUP_BY,
  'hangup.side': HANGUP_SIDES,
  'stir.verification': VERIFICATIONS,
  'stir.attestation': ATTESTATIONS,
}

function wordOf(field: Field, text: string, name: string): string {
  const words = WORDS[field]
  return words === undefined ? text : oneOfWords(text, { words, name })
}

function oneOfWords(text: string, { words, name }: { words: readonly string[]; name: string }): string {
  if (words.includes(text)) return text
  throw badRequest(name, `must be one of ${words.join(', ')}`)
}

/** `{"and": […]}`, `{"or": […]}`, `{"not": …}` or `{"field": "hangup.code", "op": "eq", "value": 3000}`. */
function readWhere(text: string, settings: AccountSettings): Expr {
  if (text.length > 16_384) throw badRequest('where', 'must have at most 16384 characters')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw badRequest('where', 'must be JSON')
  }
  return readNode(parsed, settings, 1)
}

function readNode(node: unknown, settings: AccountSettings, depth: number): Expr {
  if (depth > 12) throw badRequest('where', 'is nested too deep')
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    throw badRequest('where', 'must be made of objects')
  const given = node as Record<string, unknown>
  const keys = Object.keys(given)
  const [key] = keys
  if (keys.length === 1 && (key === 'and' || key === 'or')) {
    const inner = given[key]
    if (!Array.isArray(inner) || inner.length === 0) throw badRequest('where', `${key} must be a list of conditions`)
    return { op: key, of: inner.map((one) => readNode(one, settings, depth + 1)) }
  }
  if (keys.length === 1 && key === 'not') return { op: 'not', of: readNode(given.not, settings, depth + 1) }
  const unknown = keys.find((name) => !['field', 'op', 'value'].includes(name))
  if (unknown !== undefined)
    throw badRequest('where', `${unknown.slice(0, 80)} is not part of a condition: use field, op and value`)
  const { field: name, op = 'eq', value } = given
  const list = QUERY_LISTS.get(String(name))
  if (list !== undefined) return listCondition({ list, op: String(op).slice(0, 80), value, name: 'where' })
  const field = QUERY_FIELDS.get(String(name))
  if (field === undefined) throw badRequest('where', `${String(name).slice(0, 80)} is not a field of a call`)
  if (!OPS.includes(op as Op))
    throw badRequest('where', `${String(op).slice(0, 80)} is not one of ${OPS.join(', ')}, member`)
  if (value === undefined) throw badRequest('where', 'a condition needs a value')
  return condition({ field, op: op as Op, value, name: 'where', settings })
}

/** The span of `started_at` that conditions joined by and leave, for the answer to tell. */
function searchedSpan(all: readonly Expr[]): { from: string | null; to: string | null } {
  let fromUs: number | null = null
  let beforeUs: number | null = null
  const look = (expr: Expr): void => {
    if (expr.op === 'and') expr.of.forEach(look)
    else if (expr.op === 'gte' && expr.field === 'startedAtUs') fromUs = Math.max(fromUs ?? 0, Number(expr.value))
    else if (expr.op === 'lt' && expr.field === 'startedAtUs')
      beforeUs = Math.min(beforeUs ?? Number.MAX_SAFE_INTEGER, Number(expr.value))
  }
  all.forEach(look)
  return {
    from: fromUs === null ? null : formatRfc3339(fromUs),
    to: beforeUs === null ? null : formatRfc3339(beforeUs),
  }
}

/** A cursor is of the query it came from: its last sort value and id, and a mark of the query. */
export function writeCursor(query: NativeQuery, next: { value: Scalar; id: number }): string {
  return Buffer.from(JSON.stringify([mark(query), next.value, next.id])).toString('base64url')
}

/** Throws `bad_request` for what is no cursor, or another query's. */
export function readCursor(parameters: Parameters, query: NativeQuery): { value: Scalar; id: number } | null {
  const text = single(parameters, 'cursor')
  if (text === undefined) return null
  const broken = badRequest('cursor', 'is not a cursor that this server gave out')
  if (text.length > 1024) throw broken
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    throw broken
  }
  if (!Array.isArray(parsed) || parsed.length !== 3) throw broken
  const [queryMark, value, id] = parsed as [unknown, unknown, unknown]
  const wanted = FIELDS[query.order.by] === 'text' ? 'string' : 'number'
  if (typeof value !== wanted || !Number.isSafeInteger(id)) throw broken
  if (queryMark !== mark(query)) throw badRequest('cursor', 'belongs to a query with other parameters')
  return { value: value as Scalar, id: id as number }
}

function mark({ where, order, live = false }: NativeQuery): string {
  return hash('sha256', JSON.stringify([where, order, live])).slice(0, 12)
}
