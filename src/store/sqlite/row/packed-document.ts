import { type Facts, groupOf, type Json, pathsOf, UNITED_LISTS, type UnitedList } from '../../../record/facts.ts'
import { type CallState, isLone } from '../../../record/merge.ts'
import {
  addFlat,
  type Entry,
  emptyEntry,
  keepAsTable,
  type Lists,
  type UnitedEntries,
} from '../../../record/united-lists.ts'
import { codePath, docCode, OBJECT_FIELDS, REFERRING, STAMPS, TRUSTS } from './doc-codes.ts'
import { KIND, NO_TEXTS, type RowTexts, ValueWriter } from './doc-value.ts'
import { ValueReader } from './doc-value-reader.ts'
import { LIST_FIELDS } from './row-lists.ts'

/**
 * A row's document: what of a call has no column, an entry after the other, each the number of its path (`doc-codes.ts`)
 * and a value (`doc-value.ts`). Objects are lists of their fields without the nulls behind; times in them are counted
 * from the start of the call. An entry of a united list is `[key, field, field, …]`, 0 for a key that follows from the
 * fields.
 */

/** A document taken apart: `stamps` and `trusts` are what those of the call differ by from the usual. */
export interface Unpacked {
  stamps: Json | undefined
  trusts: Json | undefined
}

const listByPath = new Map(UNITED_LISTS.map((list) => [list.path, list]))
type Keyed = UnitedEntries['entries'][number]

const fieldsOf = (path: string) => LIST_FIELDS[path] as readonly string[]

const writer = new ValueWriter()

/** Begins a document. Facts are added one by one; one document at a time. */
export function beginDocument(): void {
  writer.begin()
}

/** A call that a document is written of. */
export interface Written {
  texts: RowTexts
  startedAtUs: number
}

/** Adds a fact of a path that has a number. */
export function addFact(code: number, path: string, value: Json, { texts, startedAtUs }: Written): void {
  writer.octet(code)
  const fields = OBJECT_FIELDS[path]
  writer.refer(fields !== undefined || REFERRING.has(path) ? texts : NO_TEXTS)
  if (fields === undefined) writer.value(value)
  else if (Array.isArray(value)) {
    writer.head(KIND.list, value.length)
    for (const one of value) writeObject(one as Record<string, Json>, fields, startedAtUs)
  } else writeObject(value as Record<string, Json>, fields, startedAtUs)
}

/** An object of just these fields as a list; any other as it is. */
function writeObject(object: Record<string, Json>, fields: readonly string[], startedAtUs: number): void {
  let names = 0
  for (const _ in object) names += 1
  if (names !== fields.length || fields.some((field) => object[field] === undefined)) {
    writer.value(object)
    return
  }
  let length = fields.length
  while (length > 0 && object[fields[length - 1] as string] === null) length -= 1
  writer.head(KIND.list, length)
  for (let at = 0; at < length; at++)
    writeField(fields[at] as string, object[fields[at] as string] ?? null, startedAtUs)
}

function writeField(field: string, value: Json, startedAtUs: number): void {
  if (value !== null && isTime(field)) writer.integer((value as number) - startedAtUs)
  else if (value !== null && field === 'ringGroup')
    writeObject(value as Record<string, Json>, OBJECT_FIELDS.ringGroup as readonly string[], startedAtUs)
  else writer.value(value)
}

/** Adds the united lists of a call. */
export function addLists(lists: Lists, { texts, startedAtUs }: Written): void {
  writer.refer(texts)
  for (const { path, entries } of lists) {
    const list = listByPath.get(path) as UnitedList
    writer.octet(docCode(path) as number)
    writer.head(KIND.list, entries.length)
    for (const { key, entry } of entries) writeEntry(list, { key, entry, startedAtUs })
  }
}

function writeEntry(
  { path, keyOf }: UnitedList,
  { key, entry, startedAtUs }: { key: string; entry: Entry; startedAtUs: number },
): void {
  const fields = fieldsOf(path)
  let length = fields.length
  while (length > 0 && entry[fields[length - 1] as string] == null) length -= 1
  writer.head(KIND.list, length + 1)
  if (keyOf(entry) === key) writer.integer(0)
  else writer.text(key)
  for (let at = 0; at < length; at++) writeField(fields[at] as string, entry[fields[at] as string] ?? null, startedAtUs)
}

function isTime(field: string): boolean {
  return field.endsWith('AtUs')
}

/** Adds what the stamps and trusts of a call differ by, and gives the document; null where there is nothing to say. */
export function endDocument(state: CallState): Uint8Array | null {
  writer.refer(NO_TEXTS)
  if (isLone(state)) {
    if (state.stampUs !== state.receivedAtUs) {
      writer.octet(STAMPS)
      writer.integer(state.stampUs - baseOf(state.report.facts))
    }
    return writer.length === 0 ? null : writer.taken()
  }
  addStamps(state, baseOf(state.facts))
  addTrusts(state)
  return writer.length === 0 ? null : writer.taken()
}

/** What stamps are counted from. */
function baseOf(facts: Facts): number {
  return (facts.endedAtUs as number | undefined) ?? (facts.startedAtUs as number)
}

/** Nothing when every stamp is the time of arrival, else the common one and the others with their groups. */
function addStamps({ stamps, facts, receivedAtUs }: CallState, base: number): void {
  const common = stamps.source ?? receivedAtUs
  const others: Json[] = []
  for (const group in stamps) {
    if (stamps[group] === common && isCarried(group, facts)) continue
    others.push(docCode(group) ?? group, (stamps[group] as number) - base)
  }
  if (others.length === 0 && common === receivedAtUs) return
  writer.octet(STAMPS)
  writer.value(others.length === 0 ? common - base : [common - base, ...others])
}

/** A group that was emptied has a stamp and no facts. */
function isCarried(group: string, facts: Facts): boolean {
  return facts[group] !== undefined || pathsOf(group).some((path) => facts[path] !== undefined)
}

/** Nothing when the trusts are those of a single CDR. */
function addTrusts({ trusts, facts }: CallState): void {
  const usual = usualTrusts(facts)
  const groups = Object.keys(trusts)
  if (groups.length === Object.keys(usual).length && groups.every((group) => trusts[group] === usual[group])) return
  writer.octet(TRUSTS)
  writer.value(groups.flatMap((group) => [docCode(group) ?? group, trusts[group] as number]))
}

function usualTrusts(facts: Facts): Record<string, number> {
  return facts.endedAtUs === undefined ? { source: 2, startedAtUs: 2 } : { source: 2, startedAtUs: 2, endedAtUs: 1 }
}

/**
 * Puts the facts of a document among those of the columns; the start has to be there. United lists go to `apart`, or
 * among the facts where that is null.
 */
export function unpackDocument(
  document: Uint8Array | null,
  texts: RowTexts,
  { facts, apart }: { facts: Facts; apart: UnitedEntries[] | null },
): Unpacked {
  const unpacked: Unpacked = { stamps: undefined, trusts: undefined }
  if (document === null) return unpacked
  const reader = new ValueReader(document, texts)
  const startedAtUs = facts.startedAtUs as number
  const lists = apart ?? []
  while (reader.hasMore) {
    const code = reader.octet()
    const value = reader.value()
    if (code === STAMPS) unpacked.stamps = value
    else if (code === TRUSTS) unpacked.trusts = value
    else {
      const path = codePath(code)
      const list = listByPath.get(path)
      if (list === undefined) facts[path] = readFact(path, value, startedAtUs)
      else lists.push({ path, entries: readEntries(list, value as Json[][], startedAtUs) })
    }
  }
  if (apart === null) addFlat(lists, facts)
  return unpacked
}

/** Reads the values of a path that are packed; null for one whose values stand as they are. */
export function factReader(path: string): ((value: Json, startedAtUs: number) => Json) | null {
  if (OBJECT_FIELDS[path] === undefined) return null
  return (value, startedAtUs) => readFact(path, value, startedAtUs)
}

/** Reads the entries of a united list. */
export function listReader(path: string): (packed: Json, startedAtUs: number) => UnitedEntries {
  const list = listByPath.get(path) as UnitedList
  return (packed, startedAtUs) => ({ path, entries: readEntries(list, packed as Json[][], startedAtUs) })
}

function readFact(path: string, value: Json, startedAtUs: number): Json {
  const fields = OBJECT_FIELDS[path]
  if (fields === undefined || !Array.isArray(value)) return value
  if (path === 'quality.streams')
    return value.map((one) => (Array.isArray(one) ? readObject(one, fields, startedAtUs) : one))
  return readObject(value, fields, startedAtUs)
}

function readObject(values: Json[], fields: readonly string[], startedAtUs: number): Json {
  const object: Record<string, Json> = {}
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] as string
    object[field] = readField(field, values[at] ?? null, startedAtUs)
  }
  return object
}

function readField(field: string, value: Json, startedAtUs: number): Json {
  if (value === null) return null
  if (isTime(field)) return (value as number) + startedAtUs
  if (field === 'ringGroup') return readFact('ringGroup', value, startedAtUs)
  return value
}

/** Without those of which every field was emptied. */
function readEntries({ path, keyOf }: UnitedList, packed: readonly Json[][], startedAtUs: number): Keyed[] {
  const fields = fieldsOf(path)
  const entries: Keyed[] = []
  for (const values of packed) {
    const entry = emptyEntry(path)
    let isEmpty = true
    for (let at = 1; at < values.length; at++) {
      const value = values[at] as Json
      if (value === null) continue
      const field = fields[at - 1] as string
      entry[field] = readField(field, value, startedAtUs)
      isEmpty = false
    }
    if (!isEmpty) entries.push({ key: (values[0] === 0 ? keyOf(entry) : values[0]) as string, entry })
  }
  return entries
}

/** The stamps and trusts of a call, from its document and the facts that were stated. */
export function unpackStamps(
  { stamps, trusts }: Unpacked,
  facts: Facts,
  receivedAtUs: number,
): Pick<CallState, 'stamps' | 'trusts'> {
  const base = baseOf(facts)
  const [first = null, ...others] = Array.isArray(stamps) ? stamps : [stamps ?? null]
  const common = first === null ? receivedAtUs : (first as number) + base
  const stampUs: Record<string, number> = {}
  let hasLists = false
  for (const path in facts) {
    if (!hasLists && path.includes('#')) {
      keepAsTable(stampUs)
      hasLists = true
    }
    stampUs[groupOf(path)] = common
  }
  for (const [group, stamp] of pairsOf(others)) stampUs[group] = stamp + base
  return {
    stamps: stampUs,
    trusts: trusts === undefined ? usualTrusts(facts) : Object.fromEntries(pairsOf(trusts as Json[])),
  }
}

function pairsOf(values: readonly Json[]): [string, number][] {
  const pairs: [string, number][] = []
  for (let at = 0; at < values.length; at += 2) {
    const group = values[at] as string | number
    pairs.push([typeof group === 'number' ? codePath(group) : group, values[at + 1] as number])
  }
  return pairs
}
