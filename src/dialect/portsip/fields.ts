import { parseDecimal } from '../../record/decimal.ts'
import { readTimeRange } from '../../record/time.ts'
import type { Expr, Field, OrderField } from '../../store/query.ts'
import { DIRECTION_WORDS, END_REASON_SPELLINGS, END_REASONS, type EndReason, FIRST_SIP_ERROR } from './call.ts'
import {
  ALWAYS,
  allOf,
  anyOf,
  compared,
  isKnown,
  isNull,
  NEVER,
  not,
  numberHolds,
  textHolds,
  whereText,
} from './conditions.ts'
import type { Comparison, Literal, TextTest } from './filter-tree.ts'
import { decodeId, encodeId, foreignIds, ownId } from './ids.ts'
import type { CallLog } from './schema.ts'

/** A value that a field cannot be compared with; the message says what it can. */
export class WrongValue extends Error {}

type Op = Comparison | TextTest

/** What a filter and an order can do with a field of the body. */
export interface CallLogField {
  /** The calls whose shown value the condition holds of. Throws `WrongValue`. */
  where(op: Op, value: Literal): Expr
  /** What a list is sorted by, null where it cannot be. */
  order: OrderField | null
  /** Whether two calls can have none. */
  canBeBlank: boolean
}

/** Every field of a call log, by its name. */
export const CALL_LOG_FIELDS: Readonly<Record<keyof CallLog, CallLogField>> = {
  id: { where: (op, value) => whereId(op, value), order: 'id', canBeBlank: false },
  session_id: field((op, value) => whereSession(op, value)),
  caller: field((op, value) => whereNumber('from', op, textOf(value)), 'from.asSent'),
  caller_domain: text('from.domain', 'from.domain'),
  caller_display_name: text('from.name', 'from.name'),
  callee: field((op, value) => whereNumber('to', op, textOf(value)), 'to.asSent'),
  callee_domain: text('to.domain', 'to.domain'),
  callee_display_name: text('to.name', 'to.name'),
  started_at: { ...time('startedAtUs'), order: 'startedAtUs', canBeBlank: false },
  rang_at: time('rangAtUs'),
  answered_at: time('answeredAtUs'),
  ended_at: { ...time('endedAtUs'), canBeBlank: false },
  call_id: text('sipCallId'),
  direction: field((op, value) => whereDirection(op, textOf(value))),
  end_reason: field((op, value) => whereEndReason(op, textOf(value))),
  reroute_reason: text('hangup.rerouteReason'),
  status_code: number(whereStatusCode),
  destination: text('destination', 'destination'),
  outbound_caller_id: text('outboundCallerId'),
  did_cid: text('did', 'did'),
  trunk: text('trunk.name', 'trunk.name'),
  duration: {
    ...number((op, written) => compared('durationS', op, Number(written))),
    order: 'durationS',
    canBeBlank: false,
  },
  cost: { ...number(whereCost), order: 'cost.amountMicros' },
  billed_account: text('cost.account'),
  service_number: text('serviceNumber'),
  user_data: text('userData'),
}

function field(where: CallLogField['where'], order: OrderField | null = null): CallLogField {
  return { where, order, canBeBlank: true }
}

/** A text that is shown as it is, the empty one where there is none; null is the empty text. */
function text(name: Field, order: OrderField | null = null): CallLogField {
  return field((op, value) => whereText(name, op, textOf(value)), order)
}

function textOf(value: Literal): string {
  if (value === null) return ''
  if ('text' in value) return value.text
  throw new WrongValue(`is text: write it in single quotes, '${'number' in value ? value.number : value.boolean}'`)
}

/** Where there is no time the text is empty, and no other time is earlier or later than it. */
function time(name: OrderField & ('startedAtUs' | 'rangAtUs' | 'answeredAtUs' | 'endedAtUs')): CallLogField {
  const where = (op: Op, value: Literal): Expr => {
    if (isTest(op)) throw new WrongValue(`is a time, and ${op} is for texts`)
    const written = value === null ? '' : 'text' in value ? value.text : null
    if (written === '' && (op === 'eq' || op === 'ne')) return op === 'eq' ? isNull(name) : isKnown(name)
    // The reader of times also knows forms that only switches write; a client that sends one of those meant another.
    const timeUs =
      written !== null && /^\d{4}-\d\d-\d\d/.test(written) ? readTimeRange(written, 'UTC')?.fromUs : undefined
    if (timeUs === undefined)
      throw new WrongValue(`is a time such as '2024-08-20T06:00:59.457188Z'; eq and ne take null for none`)
    return compared(name, op, timeUs)
  }
  return field(where, name)
}

function number(where: (op: Comparison, written: string) => Expr): CallLogField {
  return field((op, value) => {
    if (isTest(op)) throw new WrongValue(`is a number, and ${op} is for texts`)
    // A number is never blank.
    if (value === null && (op === 'eq' || op === 'ne')) return op === 'eq' ? NEVER : ALWAYS
    if (value === null || !('number' in value)) throw new WrongValue('is a number: write it without quotes')
    if (!Number.isFinite(Number(value.number))) throw new WrongValue('is a number, and never that large')
    return where(op, value.number)
  })
}

function isTest(op: Op): op is TextTest {
  return op === 'startswith' || op === 'endswith' || op === 'contains'
}

/** As `shownNumber` shows it: of a URI the number that was read out of it, else what was sent. */
function whereNumber(side: 'from' | 'to', op: Op, given: string): Expr {
  if (op === 'ne') return not(whereNumber(side, 'eq', given))
  const sent: Field = `${side}.asSent`
  const isUri = anyOf({ op: 'contains', field: sent, value: ':' }, { op: 'contains', field: sent, value: '@' })
  const asSent = whereText(sent, op, given)
  // What equals a text without these marks has none of them.
  const plain = op === 'eq' && !/[:@]/.test(given) ? asSent : allOf(not(isUri), asSent)
  return anyOf(plain, allOf(isUri, whereText(`${side}.number`, op, given)))
}

function whereDirection(op: Op, given: string): Expr {
  if (op === 'ne') return not(whereDirection('eq', given))
  const words = Object.entries(DIRECTION_WORDS)
  if (op === 'eq') refuseUnknownWord(given, Object.values(DIRECTION_WORDS))
  return {
    op: 'in',
    field: 'direction',
    values: words.filter(([, word]) => textHolds(word, op, given)).map(([own]) => own),
  }
}

function whereEndReason(op: Op, given: string): Expr {
  if (op === 'ne') return not(whereEndReason('eq', given))
  if (op === 'eq' && END_REASON_SPELLINGS.has(given))
    return whereEndReasonIn([END_REASON_SPELLINGS.get(given) as EndReason])
  if (op === 'eq') refuseUnknownWord(given, [...END_REASONS, ''])
  const holds = (word: string) => textHolds(word, op, given)
  if (!holds('')) return whereEndReasonIn(END_REASONS.filter(holds))
  return not(whereEndReasonIn(END_REASONS.filter((word) => !holds(word))))
}

const STATED_REASON: Expr = { op: 'in', field: 'hangup.endReason', values: [...END_REASON_SPELLINGS.keys()] }

/** What `endReason` finds, asked the other way round. */
function whereEndReasonIn(wanted: readonly EndReason[]): Expr {
  if (wanted.length === 0) return NEVER
  const spellings = [...END_REASON_SPELLINGS]
    .filter(([, reason]) => wanted.includes(reason))
    .map(([spelling]) => spelling)
  const stated: Expr = { op: 'in', field: 'hangup.endReason', values: spellings }
  const follows: Partial<Record<EndReason, Expr>> = {
    CALLER_DISCONNECTED: allOf({ op: 'eq', field: 'hangup.side', value: 'caller' }, isKnown('answeredAtUs')),
    CALLEE_DISCONNECTED: allOf({ op: 'eq', field: 'hangup.side', value: 'callee' }, isKnown('answeredAtUs')),
    CANCELLED: allOf({ op: 'eq', field: 'hangup.side', value: 'caller' }, isNull('answeredAtUs')),
  }
  const derived = wanted.flatMap((reason) => follows[reason] ?? [])
  return derived.length === 0 ? stated : anyOf(stated, allOf(not(STATED_REASON), anyOf(...derived)))
}

function refuseUnknownWord(given: string, words: readonly string[]): void {
  if (words.includes(given)) return
  throw new WrongValue(`is one of ${words.map((word) => `'${word}'`).join(', ')}`)
}

/** What `statusCode` finds, asked the other way round. */
function whereStatusCode(op: Comparison, written: string): Expr {
  const value = Number(written)
  const failed = allOf(isNull('answeredAtUs'), compared('hangup.sipStatus', 'ge', FIRST_SIP_ERROR))
  const holdsOf = allOf(failed, compared('hangup.sipStatus', op, value))
  return numberHolds(0, op, value) ? anyOf(not(failed), holdsOf) : holdsOf
}

/** Amounts are kept in millionths; a value finer than that lies between two of them. */
function whereCost(op: Comparison, written: string): Expr {
  const micros = parseDecimal(written, 6) ?? Number(written) * 1_000_000
  const known = allOf(isKnown('cost.amountMicros'), compared('cost.amountMicros', op, micros))
  return numberHolds(0, op, Number(written)) ? anyOf(isNull('cost.amountMicros'), known) : known
}

/**
 * An id of ours, encoded or plain. What is none of ours, as PortSIP's own, of 18 digits, are not, is looked up as the id
 * that the source gave.
 */
function whereId(op: Op, value: Literal): Expr {
  refuseOrderOfIds(op)
  const id = textOf(value)
  const own = ownId(id)
  const found: Expr =
    own === null ? { op: 'in', field: 'sourceId', values: foreignIds(id) } : { op: 'eq', field: 'id', value: own }
  return op === 'ne' ? not(found) : found
}

/** As `shownSessionId` shows it, or the bare decimal in it. */
function whereSession(op: Op, value: Literal): Expr {
  refuseOrderOfIds(op)
  const id = textOf(value)
  const decimal = /^\d+$/.test(id) ? id : decodeId(id)
  const own = ownId(id)
  const forms = decimal === null ? [id] : [id, decimal, encodeId(decimal)]
  const stated: Expr = { op: 'in', field: 'sessionId', values: [...new Set(forms)] }
  const found = own === null ? stated : anyOf(stated, allOf(isNull('sessionId'), { op: 'eq', field: 'id', value: own }))
  return op === 'ne' ? not(found) : found
}

function refuseOrderOfIds(op: Op): void {
  if (op !== 'eq' && op !== 'ne') throw new WrongValue(`is an id, and ${op} says nothing of it: use eq or ne`)
}
