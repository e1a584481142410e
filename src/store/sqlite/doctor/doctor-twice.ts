import type { DatabaseSync } from 'node:sqlite'
import { bytesToUuid } from '../../../record/identity.ts'
import { type ExaminedFile, type Finding, isGone, ok, openToExamine, problem, warning } from './doctor-finding.ts'

/** A call that lies in more than one place. */
export interface Twice {
  account: number
  uuid: Uint8Array
  /** The names of the files, one for each place. */
  files: string[]
}

/** Calls that lie in two segments, or twice in one. Reads the index of UUIDs of every file, side by side. */
export function* examineTwice(files: readonly ExaminedFile[], journal: JournalledMoves): Generator<Finding> {
  const found: Twice[] = []
  const opened: { db: DatabaseSync; name: string }[] = []
  try {
    for (const file of files) {
      const db = openSmall(file)
      if (db !== null) opened.push({ db, name: file.name })
    }
    for (const twice of callsTwice(opened)) found.push(twice)
  } finally {
    for (const { db } of opened) db.close()
  }
  // On a folder that is being served, a call may have moved while its files were read one after the other.
  const still = found.filter((twice) => placesOf(files, twice) > 1)
  const [settled, wrong] = [still.filter((call) => journal.has(call)), still.filter((call) => !journal.has(call))]
  if (settled.length > 0)
    yield warning(
      'segments',
      `${settled.length} calls lie in two segments: they were moving when the server was killed`,
      'start the server: it keeps the later state of each',
    )
  const [example] = wrong
  if (example !== undefined)
    yield problem(
      'segments',
      `${wrong.length} calls are there twice, such as ${bytesToUuid(example.uuid)} in ${example.files.join(' and ')}`,
      'report it, with this output',
    )
  if (still.length === 0) yield ok('segments', 'no call lies in two segments')
}

/** Calls that were about to move from one segment to another. */
export class JournalledMoves {
  readonly #keys: ReadonlySet<string>

  constructor(meta: DatabaseSync) {
    const known = meta.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'moves'").get() !== undefined
    const moves = known ? meta.prepare('SELECT account, uuid FROM moves').all() : []
    this.#keys = new Set(moves.map(({ account, uuid }) => keyOf(account as number, uuid as Uint8Array)))
  }

  get size(): number {
    return this.#keys.size
  }

  has({ account, uuid }: { account: number; uuid: Uint8Array }): boolean {
    return this.#keys.has(keyOf(account, uuid))
  }
}

interface Cursor {
  name: string
  rows: Iterator<{ uuid: Uint8Array; account: number }>
  row: { uuid: Uint8Array; account: number }
}

/** Goes through all files in the order of UUIDs at once, so that it takes no memory, however many calls there are. */
export function* callsTwice(files: readonly { db: DatabaseSync; name: string }[]): Generator<Twice> {
  const cursors: Cursor[] = []
  for (const { db, name } of files) {
    const rows = db
      .prepare('SELECT uuid, account FROM calls ORDER BY uuid')
      .iterate()
      [Symbol.iterator]() as Cursor['rows']
    const first = rows.next()
    if (!first.done) push(cursors, { name, rows, row: first.value })
  }
  let group: { uuid: Uint8Array; account: number; file: string }[] = []
  for (let least = cursors[0]; least !== undefined; least = cursors[0]) {
    const { row, name, rows } = least
    if (group.length > 0 && Buffer.compare(row.uuid, (group[0] as { uuid: Uint8Array }).uuid) !== 0) {
      yield* sameIn(group)
      group = []
    }
    group.push({ ...row, file: name })
    const next = rows.next()
    if (next.done) removeFirst(cursors)
    else {
      least.row = next.value
      sink(cursors, 0)
    }
  }
  yield* sameIn(group)
}

/** Accounts may have calls of the same UUID; within an account it is one call. */
function* sameIn(group: readonly { uuid: Uint8Array; account: number; file: string }[]): Generator<Twice> {
  if (group.length < 2) return
  for (const account of new Set(group.map((call) => call.account))) {
    const places = group.filter((call) => call.account === account)
    const [first] = places
    if (first !== undefined && places.length > 1)
      yield { account, uuid: first.uuid, files: places.map(({ file }) => file) }
  }
}

/** The cursors are a heap: none is behind the two at twice its place and one or two further. */
function push(heap: Cursor[], cursor: Cursor): void {
  heap.push(cursor)
  for (let at = heap.length - 1; at > 0; ) {
    const above = (at - 1) >> 1
    if (!isBefore(heap, at, above)) return
    swap(heap, at, above)
    at = above
  }
}

function removeFirst(heap: Cursor[]): void {
  const last = heap.pop() as Cursor
  if (heap.length === 0) return
  heap[0] = last
  sink(heap, 0)
}

function sink(heap: Cursor[], from: number): void {
  for (let at = from; ; ) {
    let least = at
    for (const below of [2 * at + 1, 2 * at + 2]) if (below < heap.length && isBefore(heap, below, least)) least = below
    if (least === at) return
    swap(heap, at, least)
    at = least
  }
}

function isBefore(heap: readonly Cursor[], a: number, b: number): boolean {
  return Buffer.compare((heap[a] as Cursor).row.uuid, (heap[b] as Cursor).row.uuid) < 0
}

function swap(heap: Cursor[], a: number, b: number): void {
  const held = heap[a] as Cursor
  heap[a] = heap[b] as Cursor
  heap[b] = held
}

function placesOf(files: readonly ExaminedFile[], { account, uuid }: Twice): number {
  let places = 0
  for (const file of files) {
    const db = openSmall(file)
    if (db === null) continue
    places += Number(db.prepare('SELECT count(*) AS n FROM calls WHERE uuid = ? AND account = ?').get(uuid, account)?.n)
    db.close()
  }
  return places
}

/** Null where the server has written the segment anew meanwhile. */
function openSmall(file: ExaminedFile): DatabaseSync | null {
  try {
    const db = openToExamine(file)
    db.exec('PRAGMA cache_size = -1024')
    return db
  } catch (error) {
    if (isGone(file)) return null
    throw error
  }
}

function keyOf(account: number, uuid: Uint8Array): string {
  return `${account} ${bytesToUuid(uuid)}`
}
