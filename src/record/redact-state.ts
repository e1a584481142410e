import { type Facts, type Json, pathsOf } from './facts.ts'
import type { CallState } from './merge.ts'
import { type NumberSearch, replaceNumbers } from './numbers-in-text.ts'
import { countryOf } from './phone.ts'

/** The stamp of what was erased: no report is newer, so that nothing is said there again. */
export const ERASED = Number.MAX_SAFE_INTEGER

/** Facts that are a number and nothing else: they go, where in others a token stands in for the number. */
const NUMBERS = ['from.number', 'to.number', 'destination', 'did', 'outboundCallerId', 'serviceNumber']
/** Never a person's number: names of our own, and UUIDs, whose digits are no number. */
const UNTOUCHED = new Set(['source', 'parentUuid', 'center.originalCallUuid', 'center.callTypes'])
const CONTACT = 'center.contact'
const LONGEST_GROWING = 100

/** Whether something of the call was erased. */
export function isErased({ stamps }: Pick<CallState, 'stamps'>): boolean {
  for (const group in stamps) if (stamps[group] === ERASED) return true
  return false
}

/**
 * The state without the numbers that are looked for, and without what tells of their owner: the name beside a number and
 * that of the contact, the links of recordings and the PASSporT of the call. What went is stamped so that no later report
 * brings it back; in other texts and in keys of lists a token stands in for the number. The country of a number stays, as
 * if a source had stated it. The same state where nothing is found; in the result nothing is found again.
 */
export function redactState(state: CallState, search: NumberSearch): CallState {
  if (!holdsNumber(state.facts, search)) return state
  const next = withTokens(state, search)
  for (const path of NUMBERS) if (isFound(state.facts[path], search)) eraseNumber(next, path, state)
  eraseGroup(next, 'stir.verification', ['stir.origId', 'stir.evidence'])
  eraseLinks(next)
  eraseContact(next, state.facts[CONTACT] as unknown as Contact | undefined, search)
  return next
}

/** The state without the links of its recordings, for good; the same state where it has none. */
export function withoutLinks(state: CallState): CallState {
  if (!Object.keys(state.facts).some((path) => path.startsWith('recordings#') && path.endsWith('.url'))) return state
  const next = { ...state, facts: { ...state.facts }, stamps: { ...state.stamps } }
  eraseLinks(next)
  return next
}

/** Whether a number that is looked for stands anywhere in the facts, their lists' keys included. */
export function holdsNumber(facts: Facts, search: NumberSearch): boolean {
  for (const path in facts)
    if (!UNTOUCHED.has(path) && (renamed(path, search) !== path || isFound(facts[path], search))) return true
  return false
}

function isFound(value: Json | undefined, search: NumberSearch): boolean {
  return value !== undefined && redacted(value, search) !== value
}

/** A text, or the texts within a list or an object, with tokens for numbers; the same value where there are none. */
function redacted(value: Json, search: NumberSearch): Json {
  if (typeof value === 'string') {
    const text = replaceNumbers(value, search)
    return text === value ? value : text.slice(0, Math.max(value.length, LONGEST_GROWING))
  }
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([name, inner]) => [name, redacted(inner, search)] as const)
  if (entries.every(([name, inner]) => inner === (value as Record<string, Json>)[name])) return value
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}

/** The path of an entry of a list, with tokens for numbers in its key. */
function renamed(path: string, search: NumberSearch): string {
  const hash = path.indexOf('#')
  if (hash < 0) return path
  const dot = path.lastIndexOf('.')
  return `${path.slice(0, hash + 1)}${replaceNumbers(path.slice(hash + 1, dot), search)}${path.slice(dot)}`
}

/** Of two entries that become one, each field has the value of the newer report. */
function withTokens(state: CallState, search: NumberSearch): CallState {
  const next: CallState = { ...state, facts: {}, stamps: {} }
  for (const group in state.stamps) {
    const stampUs = state.stamps[group] as number
    const to = renamed(group, search)
    if ((next.stamps[to] ?? -1) > stampUs) continue
    next.stamps[to] = stampUs
    for (const path of pathsOf(group)) {
      const value = state.facts[path]
      if (value !== undefined)
        next.facts[to === group ? path : to] = UNTOUCHED.has(path) ? value : redacted(value, search)
    }
  }
  return next
}

function eraseGroup({ facts, stamps }: CallState, group: string, paths: readonly string[]): void {
  for (const path of paths) delete facts[path]
  stamps[group] = ERASED
}

function eraseNumber(next: CallState, path: string, was: CallState): void {
  eraseGroup(next, path, pathsOf(path))
  if (path !== 'from.number' && path !== 'to.number') return
  const side = path.slice(0, path.indexOf('.'))
  eraseGroup(next, `${side}.name`, [`${side}.name`])
  const country = countryOf(was.facts[path] as string)
  if (country === null || next.facts[`${side}.country`] !== undefined) return
  next.facts[`${side}.country`] = country
  next.stamps[`${side}.country`] = was.stamps[path] as number
}

/** Recordings stay as many as they were where they have an id. */
function eraseLinks({ facts, stamps }: CallState): void {
  for (const path in stamps) {
    const isLink = path.startsWith('recordings#') && (path.endsWith('.url') || path.startsWith('recordings#u'))
    if (!isLink) continue
    delete stamps[path]
    delete facts[path]
  }
  stamps.recordings = ERASED
}

interface Contact {
  id: number | null
  fullName: string | null
  number: string | null
  countryCode: string | null
  nationalNumber: string | null
  listIds: number[]
}

/** The contact is who was erased where the number is theirs, or where none says whose it is. */
function eraseContact(next: CallState, contact: Contact | undefined, search: NumberSearch): void {
  if (contact === undefined) return
  const { id, number, countryCode, nationalNumber, listIds } = contact
  const numbers = [number, nationalNumber, `+${countryCode}${nationalNumber}`]
  if (number !== null && !numbers.some((form) => isFound(form, search))) return
  const nobody: Contact = { id, fullName: null, number: null, countryCode: null, nationalNumber: null, listIds }
  next.facts[CONTACT] = nobody as unknown as Json
  next.stamps[CONTACT] = ERASED
}
