import { CALL_TYPES, STATES } from '../../src/record/call-record.ts'
import { type Expr, FIELDS, type Field, type Leaf, type ListField, type Scalar } from '../../src/store/query.ts'
import { docKey } from '../../src/store/sqlite/row/doc-keys.ts'
import { CODED, FLAG } from '../../src/store/sqlite/row/row-columns.ts'
import { CENTER_FIELDS, MEMBER_KINDS } from './center.ts'
import type { Names } from './names.ts'

/** Gathers the values of a statement and gives each its `$n`. */
export class Values {
  readonly list: unknown[]

  constructor(list: unknown[] = []) {
    this.list = list
  }

  bind(value: unknown): string {
    this.list.push(value)
    return `$${this.list.length}`
  }

  /** A number of any size beside a column of any width: a cast only where the column's own type could not hold it. */
  bindScalar(value: Scalar): string {
    return `${this.bind(value)}${castOf([value])}`
  }

  bindList(values: readonly Scalar[]): string {
    const cast = castOf(values)
    return `${this.bind(values)}${cast === '' ? '' : `${cast}[]`}`
  }
}

const SMALL = 32_767

function castOf(values: readonly Scalar[]): string {
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.every((value) => Number.isInteger(value) && Math.abs(value) <= SMALL)) return ''
  return numbers.every(Number.isSafeInteger) ? '::bigint' : '::double precision'
}

const COLUMNS: Partial<Record<Field, string>> = {
  id: 'id',
  callUuid: 'uuid',
  startedAtUs: 'started_at',
  endedAtUs: 'ended_at',
  answeredAtUs: '(started_at + answered_after)',
  rangAtUs: '(started_at + rang_after)',
  receivedAtUs: '(started_at + received_after)',
  updatedAtUs: '(started_at + received_after + updated_after)',
  changeSeq: 'seq',
  'from.number': 'from_number',
  'to.number': 'to_number',
  'from.country': 'from_country',
  'to.country': 'to_country',
  'from.asSent': `coalesce(doc->>'${docKey('from.asSent')}', from_number)`,
  'to.asSent': `coalesce(doc->>'${docKey('to.asSent')}', to_number)`,
  durationS: 'duration',
  'cost.billS': 'bill_s',
  'cost.billedS': 'billed_s',
  'cost.amountMicros': 'amount',
  'hangup.code': 'hangup_code',
  'hangup.sipStatus': 'sip_status',
  'hangup.q850': 'q850',
  'trunk.id': 'trunk_id',
  endInferred: `(flags & ${FLAG.endInferred} <> 0)`,
  primary: `(flags & ${FLAG.primary} <> 0)`,
  onTrunk: `(flags & ${FLAG.onTrunk} <> 0)`,
  'trunk.srtp': yesNo(FLAG.srtpShift),
  'trunk.secure': yesNo(FLAG.secureShift),
  ...CENTER_FIELDS,
}

function yesNo(shift: number): string {
  return `(CASE (flags >> ${shift}) & 3 WHEN 1 THEN false WHEN 2 THEN true END)`
}

/** Names that stand in the rows as numbers, with the number of each. */
function codesOf(field: Field, sources: Names): { column: string; codes: [string, number][] } | null {
  const coded = field === 'state' ? { column: 'state', values: STATES } : CODED[field]
  if (coded !== undefined) return { column: coded.column, codes: coded.values.map((name, code) => [name, code]) }
  if (field !== 'source') return null
  return { column: 'source', codes: [...sources.names()].map((name) => [name, sources.refOf(name) as number]) }
}

/** How a field reads in SQL. */
export function columnOf(field: Field): string {
  const column = COLUMNS[field]
  if (column !== undefined) return column
  const text = `(doc->>'${docKey(field)}')`
  return FIELDS[field] === 'text' ? text : `${text}::double precision`
}

/** The condition that holds where `matches` of the query does. */
export function whereOf(expr: Expr, values: Values, sources: Names): string {
  switch (expr.op) {
    case 'and':
      return expr.of.length === 0 ? 'true' : `(${expr.of.map((one) => whereOf(one, values, sources)).join(' AND ')})`
    case 'or':
      return expr.of.length === 0 ? 'false' : `(${expr.of.map((one) => whereOf(one, values, sources)).join(' OR ')})`
    case 'not':
      return `NOT coalesce(${whereOf(expr.of, values, sources)}, false)`
    case 'member':
      return memberOf(expr, values)
    default:
      return leafOf(expr, values, sources)
  }
}

function memberOf({ field, value }: { field: ListField; value: string | number }, values: Values): string {
  if (field === 'tags') return `coalesce(doc->'${docKey(field)}' ? ${values.bind(value)}, false)`
  if (field === 'callTypes') {
    const bit = (CALL_TYPES as readonly unknown[]).indexOf(value)
    return bit < 0 ? 'false' : `(coalesce(call_types, 0) & ${1 << bit} <> 0)`
  }
  const key = memberKey({ field, value })
  if (key === null) return 'false'
  const same = MEMBER_OF_CALL.map((name) => `member.${name} = calls.${name}`).join(' AND ')
  return `EXISTS (SELECT 1 FROM call_members AS member WHERE ${same} AND kind = ${key.kind} AND ref = ${values.bind(key.ref)})`
}

const MEMBER_OF_CALL = ['account', 'started_at', 'id'] as const

/** Where `call_members` has what is asked for; null where no call can have it. */
export function memberKey(given: { field: ListField; value: string | number }): { kind: number; ref: number } | null {
  const kind = MEMBER_KINDS[given.field]
  if (kind === undefined || !Number.isSafeInteger(given.value)) return null
  return { kind, ref: given.value as number }
}

function leafOf(leaf: Leaf, values: Values, sources: Names): string {
  const coded = codesOf(leaf.field, sources)
  if (coded !== null) return codedOf(leaf, coded)
  const column = columnOf(leaf.field)
  if (isTextLeaf(leaf) && FIELDS[leaf.field] !== 'text') return 'false'
  switch (leaf.op) {
    case 'eq':
      if (leaf.value === null) return `${column} IS NULL`
      return rightKind(leaf.field, leaf.value) ? `${column} = ${values.bindScalar(leaf.value)}` : 'false'
    case 'ne':
      if (leaf.value === null) return `${column} IS NOT NULL`
      return rightKind(leaf.field, leaf.value) ? `${column} IS DISTINCT FROM ${values.bindScalar(leaf.value)}` : 'true'
    case 'in': {
      const fitting = leaf.values.filter((value) => rightKind(leaf.field, value))
      return fitting.length === 0 ? 'false' : `${column} = ANY(${values.bindList(fitting)})`
    }
    case 'prefix':
      return `starts_with(${column}::text, ${values.bind(leaf.value)})`
    case 'suffix':
      return `right(${column}::text, ${values.bind([...leaf.value].length)}) = ${values.bind(leaf.value)}`
    case 'contains':
      return `strpos(${column}::text, ${values.bind(leaf.value)}) > 0`
    default:
      if (!rightKind(leaf.field, leaf.value)) return 'false'
      return `${column} ${COMPARE[leaf.op]} ${values.bindScalar(leaf.value)}`
  }
}

function isTextLeaf({ op }: Leaf): boolean {
  return op === 'prefix' || op === 'suffix' || op === 'contains'
}

const COMPARE = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function rightKind(field: Field, value: Scalar): boolean {
  const kind = FIELDS[field]
  if (field === 'callUuid') return typeof value === 'string' && UUID.test(value)
  if (kind === 'text') return typeof value === 'string'
  return kind === 'flag' ? typeof value === 'boolean' : typeof value === 'number'
}

/** Decided here for each name that the column can hold. */
function codedOf(leaf: Leaf, { column, codes }: { column: string; codes: [string, number][] }): string {
  if ((leaf.op === 'eq' || leaf.op === 'ne') && leaf.value === null)
    return `${column} IS ${leaf.op === 'eq' ? '' : 'NOT '}NULL`
  const fitting = codes.filter(([name]) => nameFits(leaf, name)).map(([, code]) => code)
  const within = fitting.length === 0 ? 'false' : `${column} IN (${fitting.join(', ')})`
  return leaf.op === 'ne' ? `(${column} IS NULL OR ${within})` : within
}

function nameFits(leaf: Leaf, name: string): boolean {
  switch (leaf.op) {
    case 'eq':
      return name === leaf.value
    case 'ne':
      return name !== leaf.value
    case 'in':
      return leaf.values.includes(name)
    case 'prefix':
      return name.startsWith(leaf.value)
    case 'suffix':
      return name.endsWith(leaf.value)
    case 'contains':
      return name.includes(leaf.value)
    case 'lt':
      return name < leaf.value
    case 'lte':
      return name <= leaf.value
    case 'gt':
      return name > leaf.value
    case 'gte':
      return name >= leaf.value
  }
}
