import type { Expr } from '../../store/query.ts'
import { badRequest } from '../fault.ts'
import { HANGUP_SOURCES, SHOWN_DIRECTIONS, whereBillS, whereDirection, whereHangupSource } from './call.ts'
import { type Parameters, readChoice, readCount } from './parameters.ts'
import { STIR_VERIFICATIONS, whereStir } from './stir.ts'

const BILL_DURATION = {
  bill_duration: 'eq',
  bill_duration__gt: 'gt',
  bill_duration__gte: 'gte',
  bill_duration__lt: 'lt',
  bill_duration__lte: 'lte',
} as const

/** The filters that both dialects take, the times apart. */
export const FILTERS = [
  'from_number',
  'to_number',
  'call_direction',
  'hangup_cause_code',
  'hangup_source',
  'stir_verification',
  ...(Object.keys(BILL_DURATION) as (keyof typeof BILL_DURATION)[]),
] as const

/** The conditions of a request's filters; throws `bad_request` naming the filter whose value is none. */
export function readFilters(given: Parameters): Expr[] {
  const where: Expr[] = []
  const add = <T>(value: T | null, condition: (value: T) => Expr) => {
    if (value !== null) where.push(condition(value))
  }
  add(readDigits(given, 'from_number'), (digits) => whereNumber('from.number', digits))
  add(readDigits(given, 'to_number'), (digits) => whereNumber('to.number', digits))
  add(readChoice(given, 'call_direction', SHOWN_DIRECTIONS), whereDirection)
  add(readCount(given, 'hangup_cause_code'), (value) => ({ op: 'eq', field: 'hangup.code', value }))
  add(readChoice(given, 'hangup_source', HANGUP_SOURCES), whereHangupSource)
  add(readChoice(given, 'stir_verification', STIR_VERIFICATIONS), whereStir)
  for (const [name, op] of Object.entries(BILL_DURATION)) {
    add(readCount(given, name), (seconds) => whereBillS(op, seconds))
  }
  return where
}

/** The digits of a number, without a leading + and what people write between them. */
function readDigits(given: Parameters, name: string): string | null {
  const value = given.get(name)
  if (value === undefined) return null
  const digits = value.replaceAll(/[\s().-]/g, '').replace(/^\+/, '')
  if (!/^[0-9*#]+$/.test(digits))
    throw badRequest(name, 'must be a number or the beginning of one, such as 12025551234')
  return digits
}

/**
 * Numbers that begin with the digits, so also the very number. International ones are stored with a +, which Plivo's
 * clients leave out or send; the others as the switch wrote them.
 */
function whereNumber(field: 'from.number' | 'to.number', digits: string): Expr {
  return {
    op: 'or',
    of: [
      { op: 'prefix', field, value: `+${digits}` },
      { op: 'prefix', field, value: digits },
    ],
  }
}
