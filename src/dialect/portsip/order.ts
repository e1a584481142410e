import type { Order, OrderField } from '../../store/query.ts'
import { badRequest } from '../fault.ts'
import { CALL_LOG_FIELDS } from './fields.ts'

interface Key {
  by: OrderField
  descending: boolean
}

const NEWEST_FIRST: Order = { by: 'startedAtUs', descending: true }
const MOST_KEYS = 5

const BY_NAME = new Map(Object.entries(CALL_LOG_FIELDS))
const SORTABLE = [...BY_NAME].filter(([, { order }]) => order !== null).map(([name]) => name)

/**
 * The order of an `orderby`: `caller asc, started_at desc`, ascending where a field says nothing; newest start first where
 * there is none. What is blank sorts before all else. Throws `bad_request` for a field that is none or cannot be sorted by.
 */
export function readOrder(orderby: string | null): Order {
  if (orderby === null) return NEWEST_FIRST
  const written = orderby.split(',').map((key) => key.trim())
  if (written.length > MOST_KEYS) throw badRequest('orderby', `must have at most ${MOST_KEYS} fields`)
  const names = new Set<string>()
  let canBeBlank = false
  const keys = written.map((key): Key => {
    const { name, descending } = readKey(key)
    if (names.has(name)) throw badRequest('orderby', `names ${name} twice`)
    names.add(name)
    const field = BY_NAME.get(name)
    if (field === undefined) throw badRequest('orderby', `${name.slice(0, 80)} is not a field of a call log`)
    if (field.order === null) throw badRequest('orderby', `${name} cannot be sorted by: ${SORTABLE.join(', ')} can`)
    canBeBlank ||= field.canBeBlank && names.size === 1
    return { by: field.order, descending }
  })
  const [first, ...thenBy] = uniqueAtLast(keys)
  if (first === undefined) return NEWEST_FIRST
  return { ...first, ...(canBeBlank ? { blanks: true } : {}), ...(thenBy.length === 0 ? {} : { thenBy }) }
}

function readKey(key: string): { name: string; descending: boolean } {
  const [name = '', direction = 'asc', ...rest] = key.split(/\s+/)
  const way = direction.toLowerCase()
  if (name === '' || rest.length > 0 || (way !== 'asc' && way !== 'desc'))
    throw badRequest('orderby', 'must be fields with asc or desc, such as caller asc, started_at desc')
  return { name, descending: way === 'desc' }
}

/** No two calls have one id: what comes behind it decides nothing. */
function uniqueAtLast(keys: readonly Key[]): Key[] {
  const id = keys.findIndex(({ by }) => by === 'id')
  return id < 0 ? [...keys] : keys.slice(0, id + 1)
}
