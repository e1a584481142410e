import { type Facts, type Json, ringGroupOfKey, UNITED_LISTS } from './facts.ts'

/** One entry of a united list: all its fields in the schema's order, null where nothing is known. */
export type Entry = Record<string, Json>

/** The entries of one united list, each under its key, in the order in which they lie among the facts. */
export interface UnitedEntries {
  /** The path of the list, `center.agents`. */
  path: string
  entries: { key: string; entry: Entry }[]
}

/** What is said of united lists, each of them once: what facts say flat, `center.agents#17/5.alias`, as objects. */
export type Lists = readonly UnitedEntries[]

export const NO_LISTS: Lists = []

const FIELDS = new Map(UNITED_LISTS.map(({ path, fields }) => [path, fields]))

/** The united lists that facts tell of. */
export function listsOf(facts: Facts): Lists {
  let lists: UnitedEntries[] | null = null
  for (const path in facts) {
    const hash = path.indexOf('#')
    if (hash < 0) continue
    lists ??= []
    const dot = path.lastIndexOf('.')
    const { entry } = placeIn(lists, path.slice(0, hash), path.slice(hash + 1, dot))
    entry[path.slice(dot + 1)] = facts[path] as Json
  }
  return lists ?? NO_LISTS
}

function placeIn(lists: UnitedEntries[], path: string, key: string): UnitedEntries['entries'][number] {
  const last = lists.at(-1)
  let list = last?.path === path ? last : lists.find((one) => one.path === path)
  if (list === undefined) {
    list = { path, entries: [] }
    lists.push(list)
  }
  const latest = list.entries.at(-1)
  let keyed = latest?.key === key ? latest : list.entries.find((one) => one.key === key)
  if (keyed === undefined) {
    keyed = { key, entry: emptyEntry(path) }
    list.entries.push(keyed)
  }
  return keyed
}

/** An entry of a list that nothing is known of yet. */
export function emptyEntry(path: string): Entry {
  const entry: Entry = {}
  for (const name of FIELDS.get(path) ?? []) entry[name] = null
  return entry
}

/**
 * Makes V8 keep an object as a hash table. Do so before it gets paths of entries: each of them is new to the process, and
 * objects that share shapes would make a new shape for each.
 */
export function keepAsTable(object: Record<string, unknown>): void {
  object['#'] = 0
  object['##'] = 0
  delete object['#'] // what makes it one: not the last to be put in is the first to go
  delete object['##']
}

/** Puts what lists say among the facts: a path for each field of an entry that is not null. */
export function addFlat(lists: Lists, facts: Facts): void {
  if (lists.length > 0) keepAsTable(facts)
  for (const { path, entries } of lists)
    for (const { key, entry } of entries) {
      const before = `${path}#${key}.`
      for (const name in entry) if (entry[name] != null) facts[before + name] = entry[name]
    }
}

/** Facts without those of united lists, these as lists, and behind how many of the others they stood. */
export function withListsApart(flat: Facts): { facts: Facts; lists: Lists; listsBehind: number } {
  const lists = listsOf(flat)
  if (lists.length === 0) return { facts: flat, lists, listsBehind: 0 }
  const facts: Facts = {}
  for (const path in flat) if (!path.includes('#')) facts[path] = flat[path] as Json
  return { facts, lists, listsBehind: Object.keys(flat).findIndex((path) => path.includes('#')) }
}

const NOTHING_UNITED: ReadonlyMap<string, Entry[]> = new Map()

/** The entries of united lists as a record shows them, by the path of the list: oldest first and then by key. */
export function unitedEntries(lists: Lists): ReadonlyMap<string, Entry[]> {
  if (lists.length === 0) return NOTHING_UNITED
  const united = new Map<string, Entry[]>()
  for (const { path, entries } of lists)
    united.set(path, path === 'center.queues' ? unitedQueues(entries) : inOrder(entries))
  return united
}

/** The ring group of the last queue that a call was in; null where it was in none that has one. */
export function lastRingGroup(queues: readonly Entry[] | undefined): { id: number; name: string | null } | null {
  return (queues?.findLast(({ ringGroup }) => ringGroup !== null)?.ringGroup ?? null) as never
}

type Keyed = UnitedEntries['entries']

function unitedQueues(queues: Keyed): Entry[] {
  const stays = queues.length > 1 && queues.some(isEndAlone) ? withEnds(queues) : queues
  const named = stays.map(({ key, entry }) => ({
    key,
    entry: entry.ringGroup === null ? { ...entry, ringGroup: ringGroupOfKey(key) } : entry,
  }))
  return inOrder(named)
}

/** Whether an entry is of an end that does not say of which stay in a queue it is one. */
function isEndAlone({ key, entry }: Keyed[number]): boolean {
  return key.startsWith('/') && entry.leftAtUs !== null
}

/** Such an end is that of the last stay that began by then. */
function withEnds(queues: Keyed): Keyed {
  const stays = new Map(queues.map(({ key, entry }) => [key, { ...entry }]))
  for (const { key, entry: end } of queues.filter(isEndAlone)) {
    let last: Entry | null = null
    for (const [other, stay] of stays) {
      const queuedAtUs = Number(stay.queuedAtUs)
      if (other === key || !other.endsWith(key) || queuedAtUs > Number(end.leftAtUs)) continue
      if (last === null || queuedAtUs > Number(last.queuedAtUs)) last = stay
    }
    if (last === null) continue
    for (const [name, value] of Object.entries(end)) last[name] ??= value
    stays.delete(key)
  }
  return [...stays].map(([key, entry]) => ({ key, entry }))
}

function inOrder(entries: Keyed): Entry[] {
  if (entries.length === 1) return [(entries[0] as Keyed[number]).entry]
  const when = ({ queuedAtUs, startedAtUs, id }: Entry) => Number(queuedAtUs ?? startedAtUs ?? id ?? 0)
  return [...entries]
    .sort((one, other) => when(one.entry) - when(other.entry) || (one.key < other.key ? -1 : 1))
    .map(({ entry }) => entry)
}
