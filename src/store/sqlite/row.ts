import { statedPaths, stateOf } from '../../record/assemble.ts'
import {
  ATTESTATIONS,
  CALL_TYPES,
  DIRECTIONS,
  HANGUP_BY,
  HANGUP_SIDES,
  LEGS,
  STATES,
  VERIFICATIONS,
} from '../../record/call-record.ts'
import { DERIVABLE, type Facts, type Json } from '../../record/facts.ts'
import { bytesToUuid, uuidToBytes } from '../../record/identity.ts'
import type { CallState } from '../../record/merge.ts'
import type { Scalar } from '../query.ts'
import { frozen } from './frozen.ts'
import { rawAddresses, reportsBlob } from './raw-addresses.ts'
import type { RawAddress } from './raw-log.ts'
import { type Document, parseDocument, readDocument, readStamps, writeDocument } from './row-document.ts'
import { hasCenter } from './row-members.ts'

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

const AT = Object.fromEntries(ROW_COLUMNS.map((name, index) => [name, index])) as Record<
  (typeof ROW_COLUMNS)[number],
  number
>

/** Bits of the column `flags`. `srtp` and `secure` take two bits each: 0 unknown, 1 no, 2 yes. */
export const FLAG = { endInferred: 1, srtpShift: 1, secureShift: 3, primary: 32, onTrunk: 64, center: 128 } as const
/** The bits that entries of `member` have too; those of all its `MEMBER_FIELDS`. */
export const MEMBER_FLAGS = 127

/** Facts that are a column of their own, as they are. */
const PLAIN: Record<string, (typeof ROW_COLUMNS)[number]> = {
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
const AFTER_START = { answeredAtUs: 'answered_after', rangAtUs: 'rang_after' } as const

const PLAIN_PLACES = Object.entries(PLAIN).map(([path, column]) => ({ path, at: AT[column] }))
const CODED_PLACES = Object.entries(CODED).map(([path, { column, values }]) => ({ path, at: AT[column], values }))
const AFTER_START_PLACES = Object.entries(AFTER_START).map(([path, column]) => ({ path, at: AT[column] }))

const IN_COLUMNS = new Set([
  ...Object.keys(PLAIN),
  ...Object.keys(CODED),
  ...Object.keys(AFTER_START),
  'startedAtUs',
  'endedAtUs',
  'endInferred',
  'trunk.srtp',
  'trunk.secure',
  'center.callTypes',
  'source',
])

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

export function encodeRow({ head, state, raw }: StoredCall, derived: Facts): Row {
  const stated = state.facts
  const facts: Facts = { ...stated, ...derived }
  const startedAtUs = facts.startedAtUs as number
  const row: Row = new Array(ROW_COLUMNS.length).fill(null)
  row[AT.account] = head.account
  row[AT.started_at] = startedAtUs
  row[AT.id] = head.id
  row[AT.ended_at] = (facts.endedAtUs as number) ?? null
  row[AT.seq] = head.seq
  row[AT.uuid] = uuidToBytes(head.callUuid)
  row[AT.source] = head.source
  for (const { path, at } of PLAIN_PLACES) row[at] = (facts[path] as SqlValue) ?? null
  for (const { path, at, values } of CODED_PLACES)
    row[at] = facts[path] === undefined ? null : values.indexOf(facts[path] as string)
  row[AT.answered_after] = after(facts.answeredAtUs, startedAtUs)
  row[AT.rang_after] = after(facts.rangAtUs, startedAtUs)
  row[AT.state] = STATES.indexOf(stateOf(facts))
  row[AT.flags] = flagsOf(facts)
  row[AT.call_types] = callTypeMask(facts['center.callTypes'])
  row[AT.stated] = statedMask(stated)
  row[AT.received_after] = state.receivedAtUs - startedAtUs
  row[AT.updated_after] = state.updatedAtUs - state.receivedAtUs
  row[AT.reports] = reportsBlob(state.reports, raw)
  row[AT.doc] = writeDocument(facts, state, IN_COLUMNS)
  return row
}

function after(time: Json | undefined, startedAtUs: number): number | null {
  return time === undefined ? null : (time as number) - startedAtUs
}

const yesNo = (value: Json | undefined) => (value === undefined ? 0 : value === true ? 2 : 1)

/** The bits of `flags`; primary and onTrunk are the rules `isPrimary` and `crossedTrunk` of the query. */
function flagsOf(facts: Facts): number {
  const named = facts['trunk.id'] !== undefined || facts['trunk.domain'] !== undefined
  const bLeg = facts.leg === 'b'
  return (
    (facts.endInferred === true ? FLAG.endInferred : 0) |
    (yesNo(facts['trunk.srtp']) << FLAG.srtpShift) |
    (yesNo(facts['trunk.secure']) << FLAG.secureShift) |
    (bLeg ? 0 : FLAG.primary) |
    (named || (!bLeg && facts.direction !== 'internal') ? FLAG.onTrunk : 0) |
    (hasCenter(facts) ? FLAG.center : 0)
  )
}

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

function statedMask(stated: Facts): number {
  return statedPaths(stated).reduce((mask, path) => mask | (1 << DERIVABLE.indexOf(path)), 0)
}

/** Every fact of a row, stated and derived. */
export function rowFacts(row: Row, source: string): Facts {
  return factsOf(row, source, parseDocument(row[AT.doc] as string | null))
}

function factsOf(row: Row, source: string, document: Document): Facts {
  const facts: Facts = { source }
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
  const types = row[AT.call_types] as number | null
  if (types !== null) facts['center.callTypes'] = callTypes(types)
  if (facts['from.number'] !== undefined) facts['from.asSent'] = facts['from.number']
  if (facts['to.number'] !== undefined) facts['to.asSent'] = facts['to.number']
  readDocument(document, facts)
  return facts
}

function readFlags(flags: number, facts: Facts): void {
  if (flags & FLAG.endInferred) facts.endInferred = true
  const srtp = (flags >> FLAG.srtpShift) & 3
  const secure = (flags >> FLAG.secureShift) & 3
  if (srtp > 0) facts['trunk.srtp'] = srtp === 2
  if (secure > 0) facts['trunk.secure'] = secure === 2
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
export const rowSource = (row: Row): number => row[AT.source] as number
export const rowReports = (row: Row): Uint8Array => row[AT.reports] as Uint8Array

/** What the reports of a row say, so that another can be folded in. */
export function rowState(row: Row, source: string): CallState {
  const document = parseDocument(row[AT.doc] as string | null)
  const facts = factsOf(row, source, document)
  const stated = new Set(rowStated(row))
  for (const path of DERIVABLE) if (!stated.has(path)) delete facts[path]
  const { receivedAtUs, updatedAtUs } = rowHead(row)
  return {
    facts,
    ...readStamps(document, facts, receivedAtUs),
    reports: [...rawAddresses(rowReports(row)).keys()],
    receivedAtUs,
    updatedAtUs,
  }
}
