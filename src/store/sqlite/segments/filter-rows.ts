import type { DatabaseSync } from 'node:sqlite'
import { ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import { ADDER, fingerprint, IdentityFilter } from './identity-filter.ts'

const UUID = ROW_COLUMNS.indexOf('uuid')
const ID = ROW_COLUMNS.indexOf('id')
const STARTED_AT = ROW_COLUMNS.indexOf('started_at')

/** A filter is made for so many more calls than there are. */
const ROOM = 1.25
/** Calls between two looks at whether to go on. */
const CHUNK = 10_000

export function addRow(row: Row, ...filters: readonly (IdentityFilter | null)[]): void {
  const call = { id: row[ID] as number, startedAtUs: row[STARTED_AT] as number }
  const print = fingerprint(row[UUID] as Uint8Array)
  for (const filter of filters) filter?.add(print, call)
}

/** An empty filter for a segment that will hold so many calls. */
export function filterFor(calls: number): IdentityFilter {
  return IdentityFilter.make(Math.ceil(calls * ROOM))
}

/** The filter of what is in a file now, whole. */
export function filterOf(db: DatabaseSync): IdentityFilter {
  const filter = IdentityFilter.make(Math.ceil(countOf(db) * ROOM), ADDER.maintenance)
  fill(filter, db)
  filter.markWhole()
  return filter
}

export function countOf(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS n FROM calls').get()?.n)
}

/** The latest change of any call in a file; 0 where there is none. */
export function lastSeqOf(db: DatabaseSync): number {
  return Number(db.prepare('SELECT max(seq) AS seq FROM calls').get()?.seq)
}

/**
 * Adds every call that was in a file when it was called; of those that come meanwhile some. `step` is called now and then,
 * and ends it by throwing.
 */
export function fill(filter: IdentityFilter, db: DatabaseSync, step: () => void = () => {}): void {
  const next = db.prepare(NEXT_CHUNK)
  for (let after: Uint8Array = new Uint8Array(); ; ) {
    const { hex, last, ...bounds } = next.get(after, CHUNK) as unknown as Chunk
    if (last === null) return
    step()
    filter.addAll(Buffer.from(hex, 'hex'), bounds)
    after = last
  }
}

interface Chunk {
  hex: string
  /** Null where there are no more. */
  last: Uint8Array | null
  firstId: number
  lastId: number
  lastStartUs: number
}

/** From the index on UUIDs alone, in its order; as one value it takes half the time of as many rows. */
const NEXT_CHUNK = `
  SELECT group_concat(hex(uuid), '') AS hex, max(uuid) AS last,
    min(id) AS firstId, max(id) AS lastId, max(started_at) AS lastStartUs
  FROM (SELECT uuid, id, started_at FROM calls INDEXED BY calls_uuid WHERE uuid > ? ORDER BY uuid LIMIT ?)`
