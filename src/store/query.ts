import type { CallRecord } from '../record/call-record.ts'

/**
 * What can be asked of calls: a tree over allow-listed fields. Each dialect builds one, each engine compiles one, and
 * `matches` says what it means. Two-valued: a comparison with a field that is null is false, and its `not` is true.
 */
export type Expr =
  | { op: 'and' | 'or'; of: readonly Expr[] }
  | { op: 'not'; of: Expr }
  | { op: 'member'; field: ListField; value: string | number }
  | Leaf

/** A condition on the one value of one field. */
export type Leaf = EqualLeaf | OrderLeaf | TextLeaf | { op: 'in'; field: Field; values: readonly Scalar[] }
export type EqualLeaf = { op: 'eq' | 'ne'; field: Field; value: Scalar | null }
export type OrderLeaf = { op: 'lt' | 'lte' | 'gt' | 'gte'; field: Field; value: Scalar }
export type TextLeaf = { op: 'prefix' | 'suffix' | 'contains'; field: Field; value: string }

export type Scalar = string | number | boolean

type Kind = 'text' | 'number' | 'time' | 'flag'

/** Every field a query may name, with the kind of its values; times are epoch microseconds. */
export const FIELDS = {
  callUuid: 'text',
  id: 'number',
  source: 'text',
  sourceId: 'text',
  sessionId: 'text',
  sipCallId: 'text',
  leg: 'text',
  parentUuid: 'text',
  direction: 'text',
  state: 'text',
  'from.number': 'text',
  'from.asSent': 'text',
  'from.name': 'text',
  'from.domain': 'text',
  'from.country': 'text',
  'from.carrier': 'text',
  'to.number': 'text',
  'to.asSent': 'text',
  'to.name': 'text',
  'to.domain': 'text',
  'to.country': 'text',
  'to.carrier': 'text',
  destination: 'text',
  did: 'text',
  outboundCallerId: 'text',
  serviceNumber: 'text',
  startedAtUs: 'time',
  rangAtUs: 'time',
  answeredAtUs: 'time',
  endedAtUs: 'time',
  endInferred: 'flag',
  durationS: 'number',
  'hangup.by': 'text',
  'hangup.side': 'text',
  'hangup.code': 'number',
  'hangup.name': 'text',
  'hangup.sipStatus': 'number',
  'hangup.q850': 'number',
  'hangup.endReason': 'text',
  'hangup.rerouteReason': 'text',
  'trunk.id': 'text',
  'trunk.name': 'text',
  'trunk.domain': 'text',
  'trunk.region': 'text',
  'trunk.transport': 'text',
  'trunk.srtp': 'flag',
  'trunk.secure': 'flag',
  'stir.verification': 'text',
  'stir.attestation': 'text',
  'cost.billS': 'number',
  'cost.billedS': 'number',
  'cost.amountMicros': 'number',
  'cost.account': 'text',
  'quality.mos': 'number',
  'quality.rttMs': 'number',
  'quality.jitterMs': 'number',
  'quality.packetLossPct': 'number',
  'quality.postDialDelayMs': 'number',
  'center.number.id': 'number',
  /** As the record shows it: as stated, else that of the last queue. */
  'center.ringGroup.id': 'number',
  'center.ivr.id': 'number',
  'center.campaign.id': 'number',
  'center.contact.id': 'number',
  'center.disposition.id': 'number',
  'center.requestedCallback': 'flag',
  'center.automatedCallback': 'flag',
  'center.originalCallUuid': 'text',
  userData: 'text',
  receivedAtUs: 'time',
  updatedAtUs: 'time',
  changeSeq: 'number',
  /** One leg of each conversation is primary: whole calls and A legs. Totals count these. */
  primary: 'flag',
  /** The leg crossed a trunk: what Plivo's dialects show. See `crossedTrunk`. */
  onTrunk: 'flag',
} as const satisfies Record<string, Kind>
export type Field = keyof typeof FIELDS

/** Fields with several values; `member` asks for one of them. The ids are of agents, contact lists and surveys. */
export const LIST_FIELDS = {
  tags: 'text',
  callTypes: 'text',
  'center.agents.id': 'number',
  'center.contact.listIds': 'number',
  'center.surveyIds': 'number',
} as const
export type ListField = keyof typeof LIST_FIELDS

/** Bounds of a tree, so that no request can make the compiler or the engine work without end. */
export const MAX_NODES = 100
export const MAX_DEPTH = 10
export const MAX_VALUES = 1000

/** What is wrong with a tree as a whole; null when nothing is. */
export function exprTooLarge(expr: Expr): string | null {
  let nodes = 0
  let values = 0
  const walk = (node: Expr, depth: number): boolean => {
    nodes += 1
    if (depth > MAX_DEPTH || nodes > MAX_NODES) return true
    if (node.op === 'in') values += node.values.length
    if (values > MAX_VALUES) return true
    if (node.op === 'and' || node.op === 'or') return node.of.some((inner) => walk(inner, depth + 1))
    return node.op === 'not' && walk(node.of, depth + 1)
  }
  return walk(expr, 1)
    ? `a query has at most ${MAX_NODES} nodes, ${MAX_DEPTH} levels and ${MAX_VALUES} listed values`
    : null
}

/** Fields that a list can be sorted by; the first two by index, the others up to `MAX_SORTED` matches. */
export const ORDER_FIELDS = [
  'startedAtUs',
  'endedAtUs',
  'answeredAtUs',
  'receivedAtUs',
  'updatedAtUs',
  'id',
  'durationS',
  'cost.billS',
  'cost.billedS',
  'cost.amountMicros',
  'hangup.code',
  'quality.mos',
  'from.number',
  'to.number',
  'from.asSent',
  'to.asSent',
  'from.name',
  'to.name',
  'from.domain',
  'to.domain',
  'rangAtUs',
  'hangup.sipStatus',
  'hangup.endReason',
  'trunk.name',
  'did',
  'destination',
] as const satisfies readonly Field[]
export type OrderField = (typeof ORDER_FIELDS)[number]

/** Most matches that are sorted by a field without an index. */
export const MAX_SORTED = 1_000_000

/**
 * What a list is sorted by. Ties fall by `thenBy`, then by id in the direction of `by`. Calls without a value for `by`
 * are left out, unless `blanks` asks for them: they sort before every value then, as in `thenBy`. A list with `blanks`
 * or `thenBy` is paged by offset only: its pages give no `next`, and `after` is refused.
 */
export interface Order {
  by: OrderField
  descending: boolean
  blanks?: boolean
  thenBy?: readonly { by: OrderField; descending: boolean }[]
}

export interface CallQuery {
  accountId: string
  /** null asks for every call of the account. */
  where: Expr | null
  /** Only calls that have not ended. */
  live?: boolean
  order: Order
  /** 1..1000. */
  limit: number
  offset?: number
  /** Where the page before ended: the sort value and id of its last call. */
  after?: { value: Scalar; id: number } | null
  /** Count every match as well. */
  total: boolean
}

/** A whole call or an A leg stands for the conversation; a B leg repeats it. */
export function isPrimary({ leg }: Pick<CallRecord, 'leg'>): boolean {
  return leg !== 'b'
}

/**
 * Whether a leg crossed a trunk: it says which, or it is not a B leg and not internal, so that a switch that does not
 * name its trunks still shows each conversation once.
 */
export function crossedTrunk({ leg, direction, trunk }: Pick<CallRecord, 'leg' | 'direction' | 'trunk'>): boolean {
  return trunk.id !== null || trunk.domain !== null || (leg !== 'b' && direction !== 'internal')
}

/** The value that a query sees under a field. */
export function fieldValue(call: CallRecord, field: Field): Scalar | null {
  if (field === 'primary') return isPrimary(call)
  if (field === 'onTrunk') return crossedTrunk(call)
  let value: unknown = call
  for (const name of field.split('.')) value = (value as Record<string, unknown> | null)?.[name] ?? null
  return value as Scalar | null
}

/** The values that a query sees in a list. */
export function listValues(call: CallRecord, field: ListField): readonly (string | number | null)[] {
  switch (field) {
    case 'tags':
    case 'callTypes':
      return call[field]
    case 'center.agents.id':
      return call.center?.agents.map(({ id }) => id) ?? []
    case 'center.contact.listIds':
      return call.center?.contact?.listIds ?? []
    case 'center.surveyIds':
      return call.center?.surveyIds ?? []
  }
}

/** What an expression means, on one call: the definition that every engine is held to. */
export function matches(expr: Expr, call: CallRecord): boolean {
  switch (expr.op) {
    case 'and':
      return expr.of.every((inner) => matches(inner, call))
    case 'or':
      return expr.of.some((inner) => matches(inner, call))
    case 'not':
      return !matches(expr.of, call)
    case 'member':
      return listValues(call, expr.field).includes(expr.value)
    default:
      return holds(expr, fieldValue(call, expr.field))
  }
}

function holds(expr: Leaf, value: Scalar | null): boolean {
  switch (expr.op) {
    case 'eq':
      return value === expr.value
    case 'ne':
      return value !== expr.value
    case 'in':
      return value !== null && expr.values.includes(value)
    case 'lt':
      return typeof value === typeof expr.value && compareScalars(value as Scalar, expr.value) < 0
    case 'lte':
      return typeof value === typeof expr.value && compareScalars(value as Scalar, expr.value) <= 0
    case 'gt':
      return typeof value === typeof expr.value && compareScalars(value as Scalar, expr.value) > 0
    case 'gte':
      return typeof value === typeof expr.value && compareScalars(value as Scalar, expr.value) >= 0
    case 'prefix':
      return typeof value === 'string' && value.startsWith(expr.value)
    case 'suffix':
      return typeof value === 'string' && value.endsWith(expr.value)
    case 'contains':
      return typeof value === 'string' && value.includes(expr.value)
  }
}

/** Order of two values of one field: numbers by size, text by UTF-8 bytes, false before true. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return Number(a) - Number(b)
}
