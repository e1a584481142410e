import { FACTS, type Facts, type Json, UNITED_LISTS, type UnitedList } from '../../record/facts.ts'
import { type Lists, NO_LISTS, type UnitedEntries } from '../../record/united-lists.ts'
import type { Codec, WireFault } from '../../record/wire.ts'
import { readUnited } from './read-united.ts'

/** What to do with a key of a record. */
type Key =
  | { is: 'head' }
  | { is: 'fact'; place: number; path: string; at: string; codec: Codec }
  | { is: 'list'; list: UnitedList }
  | { is: 'container'; keys: Map<string, Key> }

/** Keys that are no facts, and that change nothing of how facts are read. */
const HEAD: readonly string[] = ['call_uuid', 'account_id', 'source', 'kind', 'reported_at', 'clear', 'id', 'state']
const ANSWERED: readonly string[] = ['call_types', 'received_at', 'updated_at', 'change_seq']

const KEYS = new Map<string, Key>([...HEAD, ...ANSWERED].map((key) => [key, { is: 'head' }]))
FACTS.forEach(({ path, wire, codec }, place) => {
  put(wire, { is: 'fact', place, path, at: wire.join('.'), codec })
})
for (const list of UNITED_LISTS) put(list.wire, { is: 'list', list })

function put([top, inner]: readonly string[], key: Key): void {
  if (inner === undefined) {
    KEYS.set(top as string, key)
    return
  }
  const known = KEYS.get(top as string)
  const container = known?.is === 'container' ? known : { is: 'container' as const, keys: new Map<string, Key>() }
  container.keys.set(inner, key)
  KEYS.set(top as string, container)
}

/** What a record says. */
export interface ReadFacts {
  facts: Facts
  lists: Lists
}

/**
 * The facts of a record, in the order of the schema: one look at each key that is there, where `readFacts` looks for
 * every key that there can be. Null where anything is unusual (an unknown key, a fault, an answer of ours that comes
 * back): `readFacts` then reads it and says what is wrong.
 */
export function quickFacts(given: Record<string, unknown>): ReadFacts | null {
  const reading: Reading = { facts: {}, lists: [], faults: [], last: -1, inOrder: true }
  if (!readKeys(given, KEYS, reading)) return null
  const facts = reading.inOrder ? reading.facts : ordered(reading.facts)
  if (reading.lists.length === 0) return { facts, lists: NO_LISTS }
  reading.lists.sort((a, b) => UNITED_LISTS.indexOf(a.list) - UNITED_LISTS.indexOf(b.list))
  const lists: UnitedEntries[] = []
  for (const { list, value } of reading.lists) {
    const entries = readUnited(value, list, reading.faults)
    if (reading.faults.length > 0) return null
    if (entries.length > 0) lists.push({ path: list.path, entries })
  }
  return { facts, lists }
}

interface Reading {
  facts: Facts
  lists: { list: UnitedList; value: unknown }[]
  faults: WireFault[]
  last: number
  inOrder: boolean
}

/** Reads the keys of one object; false where one of them is unusual. */
function readKeys(given: object, keys: Map<string, Key>, reading: Reading): boolean {
  for (const name in given) {
    const key = keys.get(name)
    if (key === undefined) return false
    const value = (given as Record<string, unknown>)[name]
    if (value == null) continue
    switch (key.is) {
      case 'head':
        break
      case 'fact':
        if (!readFact(value, key, reading)) return false
        break
      case 'list':
        reading.lists.push({ list: key.list, value })
        break
      case 'container':
        if (typeof value !== 'object' || Array.isArray(value)) return false
        if (!readKeys(value, key.keys, reading)) return false
    }
  }
  return true
}

function readFact(value: unknown, { place, path, at, codec }: Extract<Key, { is: 'fact' }>, reading: Reading): boolean {
  const read = codec.read(value, at, reading.faults)
  if (reading.faults.length > 0) return false
  if (read == null || (Array.isArray(read) && read.length === 0)) return true
  if (place < reading.last) reading.inOrder = false
  reading.last = place
  reading.facts[path] = read as Json
  return true
}

function ordered(facts: Facts): Facts {
  const sorted: Facts = {}
  for (const { path } of FACTS) {
    const value = facts[path]
    if (value !== undefined) sorted[path] = value
  }
  return sorted
}
