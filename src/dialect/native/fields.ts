import { FACTS } from '../../record/facts.ts'
import { FIELDS, type Field, LIST_FIELDS, type ListField, ORDER_FIELDS, type OrderField } from '../../store/query.ts'

const HEAD: Partial<Record<Field, string>> = {
  callUuid: 'call_uuid',
  id: 'id',
  source: 'source',
  state: 'state',
  receivedAtUs: 'received_at',
  updatedAtUs: 'updated_at',
  changeSeq: 'change_seq',
  primary: 'primary',
  onTrunk: 'on_trunk',
}
const wireOf = new Map(FACTS.map(({ path, wire }) => [path, wire.join('.')]))

/** The name of a field on the native wire: `hangup.code`, `started_at`, `cost.bill_seconds`. */
export function fieldWire(field: Field): string {
  return HEAD[field] ?? (wireOf.get(field) as string)
}

/** Every field that a native query can name, by its wire name. */
export const QUERY_FIELDS: ReadonlyMap<string, Field> = new Map(
  (Object.keys(FIELDS) as Field[]).map((field) => [fieldWire(field), field]),
)

export const QUERY_LISTS: ReadonlyMap<string, ListField> = new Map(
  (Object.keys(LIST_FIELDS) as ListField[]).map((field) => [field, field]),
)

export const SORT_FIELDS: ReadonlyMap<string, OrderField> = new Map(
  ORDER_FIELDS.map((field) => [fieldWire(field), field]),
)
