import { FACTS } from '../../record/facts.ts'
import { wireName } from '../../record/wire.ts'
import { FIELDS, type Field, LIST_FIELDS, type ListField, ORDER_FIELDS, type OrderField } from '../../store/query.ts'

const wireOf = new Map(FACTS.map(({ path, wire }) => [path, wire.join('.')]))

/** The name of a field on the native wire: `hangup.code`, `started_at`, `cost.bill_seconds`, `center.agents.id`. */
export function fieldWire(field: Field | ListField): string {
  return wireOf.get(field) ?? field.split('.').map(wireName).join('.')
}

/** Every field that a native query can name, by its wire name. */
export const QUERY_FIELDS: ReadonlyMap<string, Field> = new Map(
  (Object.keys(FIELDS) as Field[]).map((field) => [fieldWire(field), field]),
)

/** Every list of which a native query can ask for a member. */
export const QUERY_LISTS: ReadonlyMap<string, ListField> = new Map(
  (Object.keys(LIST_FIELDS) as ListField[]).map((field) => [fieldWire(field), field]),
)

export const SORT_FIELDS: ReadonlyMap<string, OrderField> = new Map(
  ORDER_FIELDS.map((field) => [fieldWire(field), field]),
)
