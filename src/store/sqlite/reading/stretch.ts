import { type Sql, sql } from '../folder/sql.ts'
import type { TimeRange } from './time-range.ts'

/** Where a row stands among others that lie by a time and then by id. */
export interface Place {
  value: number
  id: number
}

/** Rows in one direction: behind `after`, up to `upTo`, that one included. */
export interface Stretch {
  descending: boolean
  after: Place
  upTo: Place
}

/** Below every id, and above every one. */
const FIRST_ID = -1
const LAST_ID = Number.MAX_SAFE_INTEGER

/** Every row of a range of times. */
export function stretchOf({ fromUs, beforeUs }: TimeRange, descending: boolean): Stretch {
  const first: Place = { value: fromUs, id: FIRST_ID }
  const end: Place = { value: beforeUs, id: FIRST_ID }
  return descending
    ? { descending, after: end, upTo: first }
    : { descending, after: first, upTo: { value: beforeUs - 1, id: LAST_ID } }
}

/** What of a stretch lies behind a place. */
export function behind(stretch: Stretch, place: Place): Stretch {
  const ahead = comparePlaces(place, stretch.after) * (stretch.descending ? -1 : 1)
  return ahead > 0 ? { ...stretch, after: place } : stretch
}

/** Behind every row that has the same time as this one. */
export function behindTies({ value }: Place, descending: boolean): Place {
  return { value, id: descending ? FIRST_ID : LAST_ID }
}

/**
 * The condition that rows lie in a stretch, given the columns of the time and of the id. Of the time alone where the id
 * does not matter: SQLite compares pairs much more slowly.
 */
export function within({ descending, after, upTo }: Stretch, column: string, id = 'id'): Sql {
  const above = descending ? bound(column, id, '>=', upTo) : bound(column, id, '>', after)
  const below = descending ? bound(column, id, '<', after) : bound(column, id, '<=', upTo)
  return sql(above, ' AND ', below)
}

function bound(column: string, id: string, op: '<' | '<=' | '>' | '>=', place: Place): Sql {
  if (place.id === FIRST_ID) return { text: `${column} ${op[0]}${op[0] === '>' ? '=' : ''} ?`, values: [place.value] }
  if (place.id === LAST_ID) return { text: `${column} ${op[0]}${op[0] === '<' ? '=' : ''} ?`, values: [place.value] }
  return { text: `(${column}, ${id}) ${op} (?, ?)`, values: [place.value, place.id] }
}

function comparePlaces(a: Place, b: Place): number {
  return a.value - b.value || a.id - b.id
}
