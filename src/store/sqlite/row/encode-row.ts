import { stateOf } from '../../../record/assemble.ts'
import { DIRECTIONS, LEGS, STATES } from '../../../record/call-record.ts'
import type { Facts, Json } from '../../../record/facts.ts'
import { uuidToBytes } from '../../../record/identity.ts'
import { type CallState, isLone } from '../../../record/merge.ts'
import { type Lists, listsOf, unitedEntries } from '../../../record/united-lists.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import { callTypeMask } from './call-type-mask.ts'
import { currencyCode, OTHER_CURRENCY } from './currency-code.ts'
import type { RowTexts } from './doc-value.ts'
import { PLACES, type Place } from './fact-places.ts'
import { addFact, addLists, beginDocument, endDocument, type Written } from './packed-document.ts'
import { reportsBlob } from './raw-addresses.ts'
import { AT, EMPTY_ROW, FLAG, type Row, type SqlValue } from './row-columns.ts'
import type { RowHead } from './row-head.ts'

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

/** Derived facts that nobody keeps: they follow from the row whenever it is read. */
const IMPLIED: ReadonlySet<string> = new Set(['hangup.name', 'quality.postDialDelayMs'])

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
