import { stateOf } from '../../../record/assemble.ts'
import {
  ATTESTATIONS,
  CALL_TYPES,
  DIRECTIONS,
  HANGUP_BY,
  HANGUP_SIDES,
  LEGS,
  STATES,
  VERIFICATIONS,
} from '../../../record/call-record.ts'
import { postDialDelayMs } from '../../../record/derive.ts'
import { DERIVABLE, FACTS, type Facts, type Json } from '../../../record/facts.ts'
import { hangupName } from '../../../record/hangup-codes.ts'
import { bytesToUuid, uuidToBytes } from '../../../record/identity.ts'
import { type CallState, isLone } from '../../../record/merge.ts'
import { type Lists, listsOf, type UnitedEntries, unitedEntries, withListsApart } from '../../../record/united-lists.ts'
import type { Scalar } from '../../query.ts'
import { frozen } from '../folder/frozen.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import { currencyCode, currencyOf, OTHER_CURRENCY } from './currency-code.ts'
import { docCode } from './doc-codes.ts'
import type { RowTexts } from './doc-value.ts'
import {
  addFact,
  addLists,
  beginDocument,
  endDocument,
  unpackDocument,
  unpackStamps,
  type Written,
} from './packed-document.ts'
import { rawAddresses, reportsBlob } from './raw-addresses.ts'
import { parseDocument, readDocument, readStamps } from './row-document.ts'

export type SqlValue = string | number | null | Uint8Array

/** A row of `calls`, in the order of `ROW_COLUMNS`. */
export type Row = SqlValue[]

/** The columns that a call is read from. `CENTER_COLUMNS` are written with them. */
export const ROW_COLUMNS = [
  'account',
  'started_at',
  'id',
  'ended_at',
  'seq',
  'uuid',
  'direction',
  'leg',
  'state',
  'flags',
  'answered_after',
  'rang_after',
  'from_number',
  'to_number',
  'from_country',
  'to_country',
  'duration',
  'bill_s',
  'billed_s',
  'amount',
  'currency',
  'hangup_code',
  'hangup_by',
  'hangup_side',
  'sip_status',
  'q850',
  'verification',
  'attestation',
  'trunk_id',
  'source',
  'call_types',
  'stated',
  'received_after',
  'updated_after',
  'reports',
  'doc',
] as const

/** The place of each column in a row. */
export const AT = Object.fromEntries(ROW_COLUMNS.map((name, index) => [name, index])) as Record<
  (typeof ROW_COLUMNS)[number],
  number
>

/** Bits of the column `flags`. `srtp` and `secure` take two bits each: 0 unknown, 1 no, 2 yes. */
export const FLAG = { endInferred: 1, srtpShift: 1, secureShift: 3, primary: 32, onTrunk: 64, center: 128 } as const
/** The bits that entries of `member` have too; those of all its `MEMBER_FIELDS`. */
export const MEMBER_FLAGS = 127

/** Facts that are a column of their own, as they are. */
export const PLAIN: Record<string, (typeof ROW_COLUMNS)[number]> = {
  'from.number': 'from_number',
  'to.number': 'to_number',
  'from.country': 'from_country',
  'to.country': 'to_country',
  durationS: 'duration',
  'cost.billS': 'bill_s',
  'cost.billedS': 'billed_s',
  'cost.amountMicros': 'amount',
  'hangup.code': 'hangup_code',
  'hangup.sipStatus': 'sip_status',
  'hangup.q850': 'q850',
  'trunk.id': 'trunk_id',
}

/** Facts that are a column holding the place of the value in a list. */
export const CODED: Record<string, { column: (typeof ROW_COLUMNS)[number]; values: readonly string[] }> = {
  direction: { column: 'direction', values: DIRECTIONS },
  leg: { column: 'leg', values: LEGS },
  'hangup.by': { column: 'hangup_by', values: HANGUP_BY },
  'hangup.side': { column: 'hangup_side', values: HANGUP_SIDES },
  'stir.verification': { column: 'verification', values: VERIFICATIONS },
  'stir.attestation': { column: 'attestation', values: ATTESTATIONS },
}

/** Facts that are a column holding the microseconds since the start. */
export const AFTER_START = { answeredAtUs: 'answered_after', rangAtUs: 'rang_after' } as const

const PLAIN_PLACES = Object.entries(PLAIN).map(([path, column]) => ({ path, at: AT[column] }))
const CODED_PLACES = Object.entries(CODED).map(([path, { column, values }]) => ({ path, at: AT[column], values }))
const AFTER_START_PLACES = Object.entries(AFTER_START).map(([path, column]) => ({ path, at: AT[column] }))

/** Where a fact of a path goes. */
type Place = { stated: number; flags: number } & (
  | { in: 'column' | 'after start'; at: number }
  | { in: 'codes'; at: number; values: readonly string[] }
  | { in: 'flag'; yes: number; no: number }
  | { in: 'types' | 'nothing' }
  | { in: 'currency' | 'document'; code: number }
)

/** Whether a fact is a column, in whatever form. */
export function isColumn(path: string): boolean {
  const place = PLACES.get(path)
  return place !== undefined && place.in !== 'document'
}

/** Derived facts that nobody keeps: they follow from the row whenever it is read. */
const IMPLIED: ReadonlySet<string> = new Set(['hangup.name', 'quality.postDialDelayMs'])

const PLACES = new Map<string, Place>([...FACTS.map(({ path }) => path), 'source'].map((path) => [path, placeOf(path)]))

function placeOf(path: string): Place {
  const bit = DERIVABLE.indexOf(path)
  const stated = bit < 0 ? 0 : 1 << bit
  const isCenter = path.startsWith('center.') && path !== 'center.callTypes'
  const isTrunk = path === 'trunk.id' || path === 'trunk.domain'
  const own = { stated, flags: (isCenter ? FLAG.center : 0) | (isTrunk ? FLAG.onTrunk : 0) }
  const column = path === 'endedAtUs' ? 'ended_at' : PLAIN[path]
  const coded = CODED[path]
  if (column !== undefined) return { ...own, in: 'column', at: AT[column] }
  if (coded !== undefined) return { ...own, in: 'codes', at: AT[coded.column], values: coded.values }
  if (path === 'answeredAtUs' || path === 'rangAtUs') return { ...own, in: 'after start', at: AT[AFTER_START[path]] }
  if (path === 'endInferred') return { ...own, in: 'flag', yes: FLAG.endInferred, no: 0 }
  if (path === 'trunk.srtp') return { ...own, in: 'flag', yes: 2 << FLAG.srtpShift, no: 1 << FLAG.srtpShift }
  if (path === 'trunk.secure') return { ...own, in: 'flag', yes: 2 << FLAG.secureShift, no: 1 << FLAG.secureShift }
  if (path === 'center.callTypes') return { ...own, in: 'types' }
  if (path === 'startedAtUs' || path === 'source') return { ...own, in: 'nothing' }
  const code = docCode(path)
  if (code === undefined) throw new Error(`${path} has no place in a row's document`)
  return { ...own, in: path === 'cost.currency' ? 'currency' : 'document', code }
}

/** Where a call lies and what it has beside its facts. */
export interface RowHead {
  account: number
  source: number
  id: number
  seq: number
  callUuid: string
}

/** Everything the writer knows of a stored call. */
export interface StoredCall {
  head: RowHead
  state: CallState
  /** Where the raw report of each hash lies. */
  raw: Map<string, RawAddress>
}

/** `lists` are what the state says of united lists. */
export function encodeRow(call: StoredCall, derived: Facts, lists?: Lists): Row {
  return withHead(encodeCall(call.state, derived, lists), call)
}

/** The row with what the writer adds to what is in the facts. */
export function withHead(row: Row, { head, state, raw }: StoredCall): Row {
  row[AT.account] = head.account
  row[AT.id] = head.id
  row[AT.seq] = head.seq
  row[AT.uuid] = uuidToBytes(head.callUuid)
  row[AT.source] = head.source
  row[AT.reports] = reportsBlob(state.reports, raw)
  return row
}

/** A row without a value. */
export const EMPTY_ROW: readonly SqlValue[] = ROW_COLUMNS.map(() => null)

/** All of a row that follows from what its reports say; for `withHead`. `lists` are what they say of united lists. */
export function encodeCall(state: CallState, derived: Facts, lists?: Lists): Row {
  const row: Row = EMPTY_ROW.slice()
  const facts = isLone(state) ? state.report.facts : state.facts
  const startedAtUs = facts.startedAtUs as number
  row[AT.started_at] = startedAtUs
  row[AT.direction] = row[AT.leg] = row[AT.flags] = 0
  row[AT.received_after] = state.receivedAtUs - startedAtUs
  row[AT.updated_after] = state.updatedAtUs - state.receivedAtUs
  encodeFacts(row, { facts, derived, lists: lists ?? (isLone(state) ? state.report.lists : listsOf(facts)) })
  row[AT.doc] = endDocument(state)
  return row
}

/**
 * Fills in what follows from the facts; the start has to be there. What facts say of lists is taken from `lists`. The
 * document is begun, and not ended.
 */
function encodeFacts(row: Row, { facts, derived, lists }: { facts: Facts; derived: Facts; lists: Lists }): void {
  const texts = textsOf((path) => (facts[path] ?? derived[path]) as string | undefined)
  beginDocument()
  const seen: Seen = { texts, startedAtUs: row[AT.started_at] as number, stated: 0, flags: 0 }
  for (const path in facts) {
    const place = PLACES.get(path)
    if (place === undefined) continue
    seen.stated |= place.stated
    encodeFact(row, path, { place, value: facts[path] as Json, seen })
  }
  for (const path in derived) {
    const place = PLACES.get(path) as Place
    if (!IMPLIED.has(path)) encodeFact(row, path, { place, value: derived[path] as Json, seen })
  }
  if (lists.length > 0) addLists(lists, seen)
  if (lists.some(({ path }) => path.startsWith('center.'))) seen.flags |= FLAG.center
  row[AT.state] = row[AT.ended_at] === null ? STATES.indexOf(stateOf(facts, unitedEntries(lists))) : ENDED
  row[AT.flags] = seen.flags | legFlags(row, seen.flags)
  row[AT.stated] = seen.stated
}

/** What is gathered while the facts of a call are gone through. */
interface Seen extends Written {
  stated: number
  flags: number
}

const ENDED = STATES.indexOf('ended')

function encodeFact(row: Row, path: string, { place, value, seen }: { place: Place; value: Json; seen: Seen }): void {
  seen.flags |= place.flags
  switch (place.in) {
    case 'column':
      row[place.at] = value as SqlValue
      return
    case 'codes':
      row[place.at] = place.values.indexOf(value as string)
      return
    case 'after start':
      row[place.at] = (value as number) - (row[AT.started_at] as number)
      return
    case 'flag':
      seen.flags |= value === true ? place.yes : place.no
      return
    case 'types':
      row[AT.call_types] = callTypeMask(value)
      return
    case 'currency':
      row[AT.currency] = currencyCode(value as string)
      if (row[AT.currency] === OTHER_CURRENCY) addFact(place.code, path, value, seen)
      return
    case 'nothing':
      return
    default:
      if (path === 'from.asSent' ? value === seen.texts.from : path === 'to.asSent' && value === seen.texts.to) return
      addFact(place.code, path, value, seen)
  }
}

function textsOf(text: (path: string) => string | undefined): RowTexts {
  return { from: text('from.number') ?? '', to: text('to.number') ?? '', trunk: text('trunk.id') ?? '' }
}

/** The bits of `flags` that legs have; primary and onTrunk are the rules `isPrimary` and `crossedTrunk` of the query. */
function legFlags(row: Row, flags: number): number {
  if (row[AT.leg] === B_LEG) return 0
  const crossed = (flags & FLAG.onTrunk) !== 0 || row[AT.direction] !== INTERNAL
  return FLAG.primary | (crossed ? FLAG.onTrunk : 0)
}

const B_LEG = LEGS.indexOf('b')
const INTERNAL = DIRECTIONS.indexOf('internal')

const TYPE_BITS = new Map<string, number>(CALL_TYPES.map((type, at) => [type, 1 << at]))
const typesOfMask = new Map<number, Json>()

/** The types of a mask, in the order of `CALL_TYPES`; one list for all calls that have them. */
function callTypes(mask: number): Json {
  let types = typesOfMask.get(mask)
  if (types === undefined) {
    types = frozen(CALL_TYPES.filter((_, at) => mask & (1 << at)) as Json[])
    typesOfMask.set(mask, types)
  }
  return types
}

/** The bit of a call type in the column `call_types`; null for what is none. */
export function callTypeBit(type: Scalar): number | null {
  return TYPE_BITS.get(String(type)) ?? null
}

function callTypeMask(types: Json | undefined): number | null {
  if (types === undefined) return null
  return (types as string[]).reduce((mask, type) => mask | (TYPE_BITS.get(type) as number), 0)
}

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

/** The texts of a row's columns that its document refers to. */
export function rowTexts(row: Row): RowTexts {
  const text = (at: number) => (row[at] as string | null) ?? ''
  return { from: text(AT.from_number), to: text(AT.to_number), trunk: text(AT.trunk_id) }
}

/** The call types of a row; null where it has none. */
export function rowCallTypes(row: Row): Json {
  const types = row[AT.call_types] as number | null
  return types === null ? null : callTypes(types)
}

/** The derivable paths of a row that were stated. */
export function rowStated(row: Row): string[] {
  const mask = row[AT.stated] as number
  return DERIVABLE.filter((_, bit) => mask & (1 << bit))
}

export function rowHead(row: Row): Omit<RowHead, 'source'> & { receivedAtUs: number; updatedAtUs: number } {
  const receivedAtUs = (row[AT.started_at] as number) + (row[AT.received_after] as number)
  return {
    account: row[AT.account] as number,
    id: row[AT.id] as number,
    seq: row[AT.seq] as number,
    callUuid: bytesToUuid(row[AT.uuid] as Uint8Array),
    receivedAtUs,
    updatedAtUs: receivedAtUs + (row[AT.updated_after] as number),
  }
}

/** Whether it is a contact centre's call. */
export const rowIsCenter = (row: Row): boolean => ((row[AT.flags] as number) & FLAG.center) !== 0
/** The flags of the entries of a row in `member`. */
export const rowMemberFlags = (row: Row): number => (row[AT.flags] as number) & MEMBER_FLAGS
/** The end of a row's call, epoch us; null where it has not ended. */
export const rowEnd = (row: Row): number | null => row[AT.ended_at] as number | null
export const rowSource = (row: Row): number => row[AT.source] as number
export const rowReports = (row: Row): Uint8Array => row[AT.reports] as Uint8Array

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
