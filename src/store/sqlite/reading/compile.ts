import { STATES } from '../../../record/call-record.ts'
import { isUuid, uuidToBytes } from '../../../record/identity.ts'
import type { EqualLeaf, Expr, Field, Leaf, Order, OrderField, OrderLeaf, Scalar, TextLeaf } from '../../query.ts'
import { FIELDS, LIST_FIELDS } from '../../query.ts'
import { UPDATED_AT } from '../folder/schema.ts'
import type { Sql } from '../folder/sql.ts'
import { callTypeBit } from '../row/call-type-mask.ts'
import { factHasSql, factIdSql, factSql } from '../row/fact-functions.ts'
import { CODED, FLAG, PLAIN, type SqlValue } from '../row/row-columns.ts'
import { KIND_OF_LIST } from '../row/row-members.ts'

type MemberExpr = Extract<Expr, { op: 'member' }>

/** How a field reads in SQL, and how its values are written in it. */
interface Term {
  sql: string
  /** Null when no row can have the value. */
  bind(value: Scalar): SqlValue
}

/** What compiling needs to know of a folder. */
export interface SourceRefs {
  /** Source names stand in the rows as small numbers. */
  refOf(source: string): number | null
  names(): Iterable<string>
}

const same = (value: Scalar): SqlValue => (typeof value === 'boolean' ? Number(value) : value)

const COLUMNS: Partial<Record<Field, string>> = {
  id: 'id',
  startedAtUs: 'started_at',
  endedAtUs: 'ended_at',
  answeredAtUs: '(started_at + answered_after)',
  rangAtUs: '(started_at + rang_after)',
  receivedAtUs: '(started_at + received_after)',
  updatedAtUs: `(${UPDATED_AT})`,
  changeSeq: 'seq',
  ...PLAIN,
  'from.asSent': asSent('from'),
  'to.asSent': asSent('to'),
  endInferred: `((flags & ${FLAG.endInferred}) <> 0)`,
  primary: `((flags & ${FLAG.primary}) <> 0)`,
  onTrunk: `((flags & ${FLAG.onTrunk}) <> 0)`,
  'center.number.id': 'number_id',
  'center.ringGroup.id': 'ring_group_id',
  'center.ivr.id': 'ivr_id',
  'center.disposition.id': 'disposition_id',
  'center.campaign.id': idIn('center.campaign'),
  'center.contact.id': idIn('center.contact'),
  'hangup.name': `coalesce(${factSql('hangup.name')}, iif(ended_at IS NOT NULL, hangup_name(hangup_code), NULL))`,
  'quality.postDialDelayMs': `coalesce(${factSql('quality.postDialDelayMs')},
    iif(rang_after >= 0 AND rang_after < 86400000500, round(rang_after / 1000.0), NULL))`,
  'center.requestedCallback': centerFlag('center.requestedCallback'),
  'center.automatedCallback': centerFlag('center.automatedCallback'),
  'trunk.srtp': twoBits(FLAG.srtpShift),
  'trunk.secure': twoBits(FLAG.secureShift),
}

/** A number as sent is in the document only where it differs from the number. */
function asSent(side: 'from' | 'to'): string {
  return `coalesce(${factSql(`${side}.asSent`)}, ${side}_number)`
}

function idIn(path: string): string {
  return factIdSql(path)
}

/** False where a contact centre's call does not carry it; plain calls have no value. */
function centerFlag(path: string): string {
  return `iif((flags & ${FLAG.center}) <> 0, ifnull(${factSql(path)}, 0), NULL)`
}

function twoBits(shift: number): string {
  return `nullif((flags >> ${shift}) & 3, 0) - 1`
}

function termOf(field: Field, sources: SourceRefs): Term {
  const column = COLUMNS[field]
  if (column !== undefined) return { sql: column, bind: same }
  const coded = CODED[field]
  if (coded !== undefined) return { sql: coded.column, bind: (value) => place(coded.values, value) }
  if (field === 'state') return { sql: 'state', bind: (value) => place(STATES, value) }
  if (field === 'callUuid') return { sql: 'uuid', bind: uuidBytes }
  if (field === 'source')
    return { sql: 'source', bind: (value) => (typeof value === 'string' ? sources.refOf(value) : null) }
  return { sql: factSql(field), bind: same }
}

function place(values: readonly string[], value: Scalar): number | null {
  const found = values.indexOf(String(value))
  return found < 0 ? null : found
}

function uuidBytes(value: Scalar): Uint8Array | null {
  const uuid = String(value)
  return isUuid(uuid) && uuid === uuid.toLowerCase() ? uuidToBytes(uuid) : null
}

/** Fields held as a code or a name's number: only equality means something in SQL, so the rest goes value by value. */
function isCoded(field: Field): boolean {
  return CODED[field] !== undefined || field === 'state' || field === 'source' || field === 'callUuid'
}

/** The condition that holds exactly where `matches` does. */
export function compileExpr(expr: Expr, sources: SourceRefs): Sql {
  switch (expr.op) {
    case 'and':
    case 'or':
      return joined(
        expr.of.map((inner) => compileExpr(inner, sources)),
        expr.op,
      )
    case 'not': {
      const inner = compileExpr(expr.of, sources)
      return { text: `NOT ifnull(${inner.text}, 0)`, values: inner.values }
    }
    case 'member':
      return compileMember(expr)
    default:
      return compileLeaf(expr, sources)
  }
}

/** A condition on a list: of one that `member` has entries of, of call types, which are bits, or of tags. */
function compileMember({ field, value }: MemberExpr): Sql {
  if (typeof value !== (LIST_FIELDS[field] === 'text' ? 'string' : 'number')) return { text: '0', values: [] }
  const kind = KIND_OF_LIST[field]
  if (kind !== undefined) {
    const own = 'account = calls.account AND started_at = calls.started_at AND id = calls.id'
    return { text: `EXISTS (SELECT 1 FROM member WHERE kind = ${kind} AND ref = ? AND ${own})`, values: [value] }
  }
  if (field === 'callTypes') {
    const bit = callTypeBit(value)
    return { text: bit === null ? '0' : `((call_types & ${bit}) <> 0)`, values: [] }
  }
  return { text: factHasSql(field), values: [value] }
}

function joined(parts: Sql[], op: 'and' | 'or'): Sql {
  if (parts.length === 0) return { text: op === 'and' ? '1' : '0', values: [] }
  return {
    text: `(${parts.map((part) => part.text).join(op === 'and' ? ' AND ' : ' OR ')})`,
    values: parts.flatMap((part) => part.values),
  }
}

const COMPARE = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function compileLeaf(expr: Leaf, sources: SourceRefs): Sql {
  const term = termOf(expr.field, sources)
  switch (expr.op) {
    case 'eq':
    case 'ne':
      return compileEqual(expr, term)
    case 'in': {
      const values = expr.values.filter((value) => rightKind(expr.field, value)).map((value) => term.bind(value))
      const bound = values.filter((value) => value !== null)
      if (bound.length === 0) return { text: '0', values: [] }
      return { text: `(${term.sql} IN (${bound.map(() => '?').join(', ')}))`, values: bound }
    }
    default:
      if (expr.field === 'callUuid') return compileText(expr, UUID_TEXT)
      if (isCoded(expr.field)) return { text: codedText(expr, sources), values: [] }
      return compileText(expr, term.sql)
  }
}

function compileEqual({ op, field, value }: EqualLeaf, { sql, bind }: Term): Sql {
  const is = op === 'eq' ? 'IS' : 'IS NOT'
  if (value === null) return { text: `(${sql} ${is} NULL)`, values: [] }
  const held = rightKind(field, value) ? bind(value) : null
  if (held === null) return { text: op === 'eq' ? '0' : '1', values: [] }
  return { text: `(${sql} ${is} ?)`, values: [held] }
}

const UUID_TEXT = `lower(substr(hex(uuid), 1, 8) || '-' || substr(hex(uuid), 9, 4) || '-' || substr(hex(uuid), 13, 4)
  || '-' || substr(hex(uuid), 17, 4) || '-' || substr(hex(uuid), 21))`

/** SQLite would find 1 equal to true and '1' unequal to 1; the query's values are of their field's kind or match nothing. */
function rightKind(field: Field, value: Scalar): boolean {
  const kind = FIELDS[field]
  if (kind === 'text') return typeof value === 'string'
  return kind === 'flag' ? typeof value === 'boolean' : typeof value === 'number'
}

function compileText(expr: OrderLeaf | TextLeaf, sql: string): Sql {
  const { op, value, field } = expr
  if (op !== 'prefix' && op !== 'suffix' && op !== 'contains') {
    if (!rightKind(field, value)) return { text: '0', values: [] }
    return { text: `(${sql} ${COMPARE[op]} ?)`, values: [same(value)] }
  }
  if (FIELDS[field] !== 'text') return { text: '0', values: [] }
  const length = [...value].length
  if (length === 0) return { text: `(${sql} IS NOT NULL)`, values: [] }
  if (op === 'contains') return { text: `(instr(${sql}, ?) > 0)`, values: [value] }
  if (op === 'suffix') return { text: `(substr(${sql}, -${length}) = ?)`, values: [value] }
  const beyond = afterPrefix(value)
  if (beyond === null) return { text: `(substr(${sql}, 1, ${length}) = ?)`, values: [value] }
  return { text: `(${sql} >= ? AND ${sql} < ?)`, values: [value, beyond] }
}

/** The first text behind every text with the prefix, in UTF-8 order; only for ASCII, where it is simple. */
function afterPrefix(prefix: string): string | null {
  const last = prefix.charCodeAt(prefix.length - 1)
  if (last >= 0x7e || !/^[\x20-\x7e]*$/.test(prefix)) return null
  return prefix.slice(0, -1) + String.fromCharCode(last + 1)
}

/** A comparison of text on a coded column: decided for each value that the column can have. */
function codedText(expr: OrderLeaf | TextLeaf, sources: SourceRefs): string {
  if (!rightKind(expr.field, expr.value)) return '0'
  const names = expr.field === 'source' ? [...sources.names()] : (CODED[expr.field]?.values ?? STATES)
  const { sql, bind } = termOf(expr.field, sources)
  const places = names.filter((name) => textHolds(expr, name)).map((name) => Number(bind(name)))
  return places.length === 0 ? '0' : `(${sql} IN (${places.join(', ')}))`
}

function textHolds(expr: OrderLeaf | TextLeaf, name: string): boolean {
  if (expr.op === 'prefix') return name.startsWith(expr.value)
  if (expr.op === 'suffix') return name.endsWith(expr.value)
  if (expr.op === 'contains') return name.includes(expr.value)
  const order = name < String(expr.value) ? -1 : name > String(expr.value) ? 1 : 0
  return { lt: order < 0, lte: order <= 0, gt: order > 0, gte: order >= 0 }[expr.op]
}

/** What rows are sorted by, first to last, and the condition that leaves out calls without a value for the first. */
export interface SqlOrder {
  by: readonly { sql: string; direction: 'ASC' | 'DESC' }[]
  present: string
}

/** The order of a list, its last tie, the id, apart. SQLite sorts NULL before every value, as a query's order does. */
export function compileOrder({ by, descending, blanks = false, thenBy = [] }: Order, sources: SourceRefs): SqlOrder {
  const term = (one: { by: OrderField; descending: boolean }) =>
    ({ sql: termOf(one.by, sources).sql, direction: one.descending ? 'DESC' : 'ASC' }) as const
  const first = term({ by, descending })
  const present = blanks || by === 'startedAtUs' ? '1' : `${first.sql} IS NOT NULL`
  return { by: [first, ...thenBy.map(term)], present }
}
