import { type Facts, groupOf, type Json, pathsOf } from '../../../record/facts.ts'
import type { CallState } from '../../../record/merge.ts'
import { DOC_KEYS, docKey, docPath } from './doc-keys.ts'
import { isListKey, packLists, unpackList } from './row-lists.ts'

/**
 * The document of a row before version 3, in JSON: read where a file is brought up to date, or looked at as it is.
 */

export const STAMPS = '~'
export const TRUSTS = '^'

/** A row's document: the facts that have no column under their keys, and what the stamps and trusts of others differ by. */
export type Document = Record<string, Json>

export function parseDocument(text: string | null): Document {
  return text === null ? {} : (JSON.parse(text) as Document)
}

/** Puts the facts of a document among those of the columns; the start has to be there. */
export function readDocument(document: Document, facts: Facts): void {
  for (const key in document) {
    if (key === STAMPS || key === TRUSTS) continue
    if (isListKey(key)) unpackList(key, document[key] as Json, facts)
    else facts[docPath(key)] = document[key] as Json
  }
}

/** The document of a call, without the facts that are columns; null where there is nothing to say. */
export function writeDocument(facts: Facts, state: CallState, isColumn: (path: string) => boolean): string | null {
  const doc: Document = {}
  let keys = 0
  let hasLists = false
  for (const path in facts) {
    if (isColumn(path)) continue
    if (path === 'from.asSent' && facts[path] === facts['from.number']) continue
    if (path === 'to.asSent' && facts[path] === facts['to.number']) continue
    keys += 1
    const key = DOC_KEYS[path]
    if (key !== undefined) doc[key] = facts[path] as Json
    else hasLists = true
  }
  if (hasLists) Object.assign(doc, packLists(facts))
  const stamps = packStamps(state)
  if (stamps !== null) doc[STAMPS] = stamps
  const trusts = packTrusts(state)
  if (trusts !== null) doc[TRUSTS] = trusts
  return keys === 0 && stamps === null && trusts === null ? null : JSON.stringify(doc)
}

/** Nothing when every stamp is the time of arrival, 0 when the end of the call, else the common one and the others. */
function packStamps({ stamps, facts, receivedAtUs }: CallState): Json {
  const common = stamps.source ?? receivedAtUs
  const others: Record<string, Json> = {}
  let differing = 0
  for (const group in stamps) {
    if (stamps[group] === common && isCarried(group, facts)) continue
    others[docKey(group)] = stamps[group] as number
    differing += 1
  }
  if (differing > 0) return { '': common, ...others }
  if (common === receivedAtUs) return null
  return common === facts.endedAtUs ? 0 : common
}

/** A group that was emptied has a stamp and no facts. */
function isCarried(group: string, facts: Facts): boolean {
  return facts[group] !== undefined || pathsOf(group).some((path) => facts[path] !== undefined)
}

/** Nothing when the trusts are those of a single CDR. */
function packTrusts({ trusts, facts }: CallState): Json {
  const usual = usualTrusts(facts)
  const same =
    Object.keys(trusts).length === Object.keys(usual).length &&
    Object.entries(usual).every(([group, trust]) => trusts[group] === trust)
  return same ? null : { ...trusts }
}

function usualTrusts(facts: Facts): Record<string, number> {
  return facts.endedAtUs === undefined ? { source: 2, startedAtUs: 2 } : { source: 2, startedAtUs: 2, endedAtUs: 1 }
}

/** The stamps and trusts of a call, from its document and the facts that were stated. */
export function readStamps(
  document: Document,
  facts: Facts,
  receivedAtUs: number,
): Pick<CallState, 'stamps' | 'trusts'> {
  return {
    stamps: unpackStamps(document[STAMPS] ?? null, facts, receivedAtUs),
    trusts: (document[TRUSTS] as Record<string, number>) ?? usualTrusts(facts),
  }
}

function unpackStamps(packed: Json, facts: Facts, receivedAtUs: number): Record<string, number> {
  const others = packed !== null && typeof packed === 'object' ? (packed as Record<string, number>) : {}
  const common =
    packed === null ? receivedAtUs : packed === 0 ? (facts.endedAtUs as number) : (others[''] ?? (packed as number))
  const stamps: Record<string, number> = {}
  for (const path in facts) stamps[groupOf(path)] = common
  for (const key in others) if (key !== '') stamps[docPath(key)] = others[key] as number
  return stamps
}
