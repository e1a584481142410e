import { postDialDelayMs } from '../../../record/derive.ts'
import { DERIVABLE, type Facts, type Json } from '../../../record/facts.ts'
import { hangupName } from '../../../record/hangup-codes.ts'
import type { CallState } from '../../../record/merge.ts'
import { type Lists, type UnitedEntries, withListsApart } from '../../../record/united-lists.ts'
import { callTypes } from './call-type-mask.ts'
import { currencyOf, OTHER_CURRENCY } from './currency-code.ts'
import type { RowTexts } from './doc-value.ts'
import { unpackDocument, unpackStamps } from './packed-document.ts'
import { rawAddresses } from './raw-addresses.ts'
import { AFTER_START, AT, CODED, FLAG, PLAIN, type Row } from './row-columns.ts'
import { parseDocument, readDocument, readStamps } from './row-document.ts'
import { rowHead, rowReports } from './row-head.ts'

/** Every fact of a row, stated and derived. */
export function rowFacts(row: Row, source: string): Facts {
  const facts: Facts = { source }
  unpackRow(row, facts)
  return facts
}

/** The same, the united lists beside them: as a record shows them, without a path for each field of an entry in between. */
export function rowFactsAndLists(row: Row, source: string): { facts: Facts; lists: Lists } {
  const facts: Facts = { source }
  if (typeof row[AT.doc] === 'string') {
    unpackRow(row, facts)
    return withListsApart(facts)
  }
  const lists: UnitedEntries[] = []
  unpackRow(row, facts, lists)
  return { facts, lists }
}

/** What the reports of a row say, so that another can be folded in. */
export function rowState(row: Row, source: string): CallState {
  const facts: Facts = { source }
  const stampsOf = unpackRow(row, facts)
  const stated = new Set(rowStated(row))
  for (const path of DERIVABLE) if (!stated.has(path)) delete facts[path]
  const { receivedAtUs, updatedAtUs } = rowHead(row)
  return {
    facts,
    ...stampsOf(facts, receivedAtUs),
    reports: [...rawAddresses(rowReports(row)).keys()],
    receivedAtUs,
    updatedAtUs,
  }
}

/** The derivable paths of a row that were stated. */
export function rowStated(row: Row): string[] {
  const mask = row[AT.stated] as number
  return DERIVABLE.filter((_, bit) => mask & (1 << bit))
}

/** The texts of a row's columns that its document refers to. */
export function rowTexts(row: Row): RowTexts {
  const text = (at: number) => (row[at] as string | null) ?? ''
  return { from: text(AT.from_number), to: text(AT.to_number), trunk: text(AT.trunk_id) }
}

const PLAIN_PLACES = Object.entries(PLAIN).map(([path, column]) => ({ path, at: AT[column] }))
const CODED_PLACES = Object.entries(CODED).map(([path, { column, values }]) => ({ path, at: AT[column], values }))
const AFTER_START_PLACES = Object.entries(AFTER_START).map(([path, column]) => ({ path, at: AT[column] }))

/** Puts the facts of a row, stated and derived, among those that are there, and united lists into `apart` if it is given. */
function unpackRow(row: Row, facts: Facts, apart: UnitedEntries[] | null = null): StampsOf {
  const startedAtUs = row[AT.started_at] as number
  facts.startedAtUs = startedAtUs
  if (row[AT.ended_at] !== null) facts.endedAtUs = row[AT.ended_at] as number
  for (const { path, at } of PLAIN_PLACES) {
    const value = row[at] as Json
    if (value !== null) facts[path] = value
  }
  for (const { path, at, values } of CODED_PLACES) {
    const place = row[at]
    if (place !== null) facts[path] = values[place as number] as string
  }
  for (const { path, at } of AFTER_START_PLACES) {
    const value = row[at]
    if (value !== null) facts[path] = startedAtUs + (value as number)
  }
  readFlags(row[AT.flags] as number, facts)
  const currency = row[AT.currency] as number | null
  if (currency !== null && currency < OTHER_CURRENCY) facts['cost.currency'] = currencyOf(currency)
  const types = row[AT.call_types] as number | null
  if (types !== null) facts['center.callTypes'] = callTypes(types)
  if (facts['from.number'] !== undefined) facts['from.asSent'] = facts['from.number']
  if (facts['to.number'] !== undefined) facts['to.asSent'] = facts['to.number']
  const document = row[AT.doc] as Uint8Array | string | null
  if (typeof document === 'string') return readOldDocument(document, facts)
  const unpacked = unpackDocument(document, rowTexts(row), { facts, apart })
  const code = facts['hangup.code'] as number | undefined
  const name = code === undefined || facts.endedAtUs === undefined ? null : hangupName(code)
  if (name !== null) facts['hangup.name'] ??= name
  const delayMs = postDialDelayMs(facts)
  if (delayMs !== null) facts['quality.postDialDelayMs'] ??= delayMs
  return (stated, receivedAtUs) => unpackStamps(unpacked, stated, receivedAtUs)
}

/** The stamps and trusts of a row, given the facts that were stated. */
type StampsOf = (stated: Facts, receivedAtUs: number) => Pick<CallState, 'stamps' | 'trusts'>

/** A document of version 2 or before, which an older file has until it is brought up to date. */
function readOldDocument(text: string, facts: Facts): StampsOf {
  const document = parseDocument(text)
  readDocument(document, facts)
  return (stated, receivedAtUs) => readStamps(document, stated, receivedAtUs)
}

function readFlags(flags: number, facts: Facts): void {
  if (flags & FLAG.endInferred) facts.endInferred = true
  const srtp = (flags >> FLAG.srtpShift) & 3
  const secure = (flags >> FLAG.secureShift) & 3
  if (srtp > 0) facts['trunk.srtp'] = srtp === 2
  if (secure > 0) facts['trunk.secure'] = secure === 2
}
