import { type Facts, type Json, UNITED_LISTS } from '../../../record/facts.ts'

/** How a united list lies in a row's document: a short key, and the fields of an entry in the order they are written. */
interface PackedList {
  path: string
  key: string
  fields: readonly string[]
  keyOf: (typeof UNITED_LISTS)[number]['keyOf']
}

/** On the disk: a field keeps its place, and new ones are appended. */
const FIELDS: Readonly<Record<string, { key: string; fields: readonly string[] }>> = {
  'center.queues': { key: 'zq', fields: ['ringGroup', 'queuedAtUs', 'distributedAtUs', 'leftAtUs', 'leftBy'] },
  'center.agents': {
    key: 'zg',
    fields: ['id', 'userId', 'alias', 'sip', 'startedAtUs', 'answeredAtUs', 'endedAtUs', 'transfer', 'hangupReason'],
  },
  'center.externalNumbers': { key: 'ze', fields: ['number', 'transfer'] },
  recordings: { key: 'rc', fields: ['id', 'url'] },
}

/** The fields of an entry of each list, in the order they are written. */
export const LIST_FIELDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(FIELDS).map(([path, { fields }]) => [path, fields]),
)

const LISTS: readonly PackedList[] = UNITED_LISTS.map(({ path, keyOf }) => {
  const packed = FIELDS[path]
  if (packed === undefined) throw new Error(`${path} has no place in a row's document`)
  return { path, keyOf, ...packed }
})
const byPath = new Map(LISTS.map((list) => [list.path, list]))
const byKey = new Map(LISTS.map((list) => [list.key, list]))

/** Whether a key of a document is that of a list. */
export function isListKey(key: string): boolean {
  return byKey.has(key)
}

/**
 * The united lists of a call, by their keys: an entry is `[key, field, field, …]` without the nulls behind, its times
 * counted from the start of the call, and 0 for a key that follows from the fields.
 */
export function packLists(facts: Facts): Record<string, Json> {
  const entries = new Map<string, Map<string, Record<string, Json>>>()
  for (const path in facts) {
    const hash = path.indexOf('#')
    if (hash < 0) continue
    const dot = path.lastIndexOf('.')
    const listPath = path.slice(0, hash)
    const key = path.slice(hash + 1, dot)
    const ofList = entries.get(listPath) ?? new Map<string, Record<string, Json>>()
    const entry = ofList.get(key) ?? {}
    entry[path.slice(dot + 1)] = facts[path] as Json
    ofList.set(key, entry)
    entries.set(listPath, ofList)
  }
  const startedAtUs = facts.startedAtUs as number
  const packed: Record<string, Json> = {}
  for (const [path, ofList] of entries) {
    const list = byPath.get(path) as PackedList
    packed[list.key] = [...ofList].map(([key, entry]) => packEntry(list, { key, entry, startedAtUs }))
  }
  return packed
}

function packEntry(
  { fields, keyOf }: PackedList,
  { key, entry, startedAtUs }: { key: string; entry: Record<string, Json>; startedAtUs: number },
): Json[] {
  const values: Json[] = [keyOf(entry) === key ? 0 : key]
  for (const field of fields) {
    const value = entry[field] ?? null
    values.push(value !== null && isTime(field) ? (value as number) - startedAtUs : value)
  }
  while (values.at(-1) === null) values.pop()
  return values
}

/** Puts the entries of one list among the facts. */
export function unpackList(key: string, packed: Json, facts: Facts): void {
  const { path, fields, keyOf } = byKey.get(key) as PackedList
  const startedAtUs = facts.startedAtUs as number
  for (const [ownKey, ...values] of packed as Json[][]) {
    const entry: Record<string, Json> = {}
    values.forEach((value, at) => {
      const field = fields[at] as string
      if (value !== null) entry[field] = isTime(field) ? (value as number) + startedAtUs : value
    })
    const entryPath = `${path}#${ownKey === 0 ? keyOf(entry) : ownKey}`
    for (const field in entry) facts[`${entryPath}.${field}`] = entry[field] as Json
  }
}

function isTime(field: string): boolean {
  return field.endsWith('AtUs')
}
