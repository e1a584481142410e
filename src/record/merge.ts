import { type Facts, groupOf, type Json, pathsOf, UNITED_LISTS } from './facts.ts'
import { type Report, type ReportKind, reportHash, startTrust } from './report.ts'
import { addFlat, keepAsTable } from './united-lists.ts'

/**
 * What a set of reports says of one call. It is a join: folding the same reports in any order, any of them any number
 * of times, gives the same state, so a replay is harmless and a late report finds its place.
 */
export interface CallState {
  facts: Facts
  /** Epoch us of the report that gave each group its value, or emptied it. */
  stamps: Record<string, number>
  /** Groups whose report's kind counts before its time; absent is 0. */
  trusts: Record<string, number>
  /** `reportHash` of every report folded. */
  reports: string[]
  /** Arrival of the first and the last of them, epoch us. */
  receivedAtUs: number
  updatedAtUs: number
}

/** How far a kind of report is to be believed about which source the call came from. */
const SOURCE_TRUST: Record<ReportKind, number> = { start: 2, cdr: 2, end: 1, update: 1, quality: 0, correction: 0 }

/** The state with one more report in it. The given state is not changed; it is returned itself for a repetition. */
export function fold(state: CallState | null, report: Report): CallState {
  const hash = reportHash(report)
  if (state === null || state.reports.includes(hash)) return state ?? first(report, hash)
  const { facts, stamps, trusts, ...others } = plainState(state)
  return foldOnto({ facts: { ...facts }, stamps: { ...stamps }, trusts: { ...trusts }, ...others }, report, hash)
}

/** `fold` of a report that is not in the state yet, by its hash, for who owns the state: it is changed, and not copied. */
export function foldOnto(state: CallState | null, report: Report, hash: string): CallState {
  return state === null ? first(report, hash) : foldInto(plainState(state), report, hash)
}

/**
 * What `foldOnto` makes of a report and no state, made when it is asked for: most calls are told by one CDR, and their
 * stamps are all the same.
 */
export class LoneState implements CallState {
  readonly report: Report
  readonly reports: string[]
  #facts: Facts | null = null
  #full: CallState | null = null

  constructor(report: Report, hash: string) {
    this.report = report
    this.reports = [hash]
  }

  get facts(): Facts {
    this.#facts ??= this.#full?.facts ?? this.#stated()
    return this.#facts
  }

  get stamps(): Record<string, number> {
    return this.whole.stamps
  }

  get trusts(): Record<string, number> {
    return this.whole.trusts
  }

  get receivedAtUs(): number {
    return this.report.arrivedAtUs
  }

  get updatedAtUs(): number {
    return this.report.arrivedAtUs
  }

  /** The stamp of every group, where `isLone` holds. */
  get stampUs(): number {
    return this.report.eventAtUs ?? this.report.arrivedAtUs
  }

  #stated(): Facts {
    return this.report.facts.startedAtUs === undefined ? this.whole.facts : factsOf(this.report)
  }

  /** The same as a state of its own. */
  get whole(): CallState {
    this.#full ??= first(this.report, this.reports[0] as string)
    return this.#full
  }
}

/** A state as a plain object, which can be copied field by field. */
export function plainState(state: CallState): CallState {
  return state instanceof LoneState ? state.whole : state
}

/**
 * Whether a state is that of one CDR and nothing else: one stamp for all, the usual trusts, and no facts but the source
 * beside those of the report.
 */
export function isLone(state: CallState): state is LoneState {
  if (!(state instanceof LoneState)) return false
  const { kind, facts, clear } = state.report
  return kind === 'cdr' && clear.length === 0 && facts.startedAtUs !== undefined && facts.endInferred !== true
}

function factsOf({ facts, lists, source }: Report): Facts {
  const all = { ...facts }
  addFlat(lists, all)
  all.source = source
  return all
}

function foldInto(state: CallState, report: Report, hash: string): CallState {
  const { arrivedAtUs } = report
  const stampUs = report.eventAtUs ?? arrivedAtUs
  state.reports = [...state.reports, hash].sort()
  state.receivedAtUs = Math.min(state.receivedAtUs, arrivedAtUs)
  state.updatedAtUs = Math.max(state.updatedAtUs, arrivedAtUs)
  for (const [group, values] of groupsOf(report)) {
    const united = unitedListOf(group)
    if (united !== null && stampUs < (state.stamps[united] ?? -1)) continue
    offer(state, { group, values, stampUs, trust: trustOf(group, report) })
  }
  if (report.facts.startedAtUs === undefined) offerStartGuess(state, report)
  for (const group of report.clear) empty(state, { group, stampUs, report })
  return state
}

/** The state of one report alone: what folding it into nothing gives, without comparing it with anything. */
function first(report: Report, hash: string): CallState {
  const { facts, arrivedAtUs } = report
  const stampUs = report.eventAtUs ?? arrivedAtUs
  const state: CallState = {
    facts: factsOf(report),
    stamps: { source: stampUs },
    trusts: {},
    reports: [hash],
    receivedAtUs: arrivedAtUs,
    updatedAtUs: arrivedAtUs,
  }
  if (report.lists.length > 0) keepAsTable(state.stamps)
  for (const path in state.facts) state.stamps[groupOf(path)] = stampUs
  for (const group of TRUSTED) {
    const trust = state.stamps[group] === undefined ? 0 : trustOf(group, report)
    if (trust > 0) state.trusts[group] = trust
  }
  if (facts.startedAtUs === undefined) offerStartGuess(state, report)
  for (const group of report.clear) empty(state, { group, stampUs, report })
  return state
}

interface Offer {
  group: string
  values: Facts
  stampUs: number
  trust: number
}

/** Trust first, then time, then canonical JSON: a total order, so the winner does not depend on who came first. */
function offer(state: CallState, { group, values, stampUs, trust }: Offer): void {
  const held = state.stamps[group]
  if (held !== undefined) {
    const byTrust = trust - (state.trusts[group] ?? 0)
    const byTime = byTrust || stampUs - held
    if (byTime < 0) return
    if (byTime === 0 && canonical(group, values) <= canonical(group, state.facts)) return
  }
  for (const path of pathsOf(group)) {
    const value = values[path]
    if (value === undefined) delete state.facts[path]
    else state.facts[path] = value
  }
  state.stamps[group] = stampUs
  if (trust > 0) state.trusts[group] = trust
  else delete state.trusts[group]
}

/** Of two guesses the earlier one is right, whenever it was made. */
function offerStartGuess(state: CallState, report: Report): void {
  const guessUs = report.startGuessUs ?? report.eventAtUs ?? report.arrivedAtUs
  const values = { startedAtUs: guessUs }
  offer(state, { group: 'startedAtUs', values, stampUs: Number.MAX_SAFE_INTEGER - guessUs, trust: startTrust(report) })
}

function empty(state: CallState, { group, stampUs, report }: { group: string; stampUs: number; report: Report }): void {
  const united = UNITED_LISTS.find(({ path }) => path === group)
  if (united === undefined) {
    if (pathsOf(group).some((path) => report.facts[path] !== undefined)) return // cleared and given: it was replaced
    offer(state, { group, values: {}, stampUs, trust: trustOf(group, report) })
    return
  }
  if (stampUs <= (state.stamps[group] ?? -1)) return
  state.stamps[group] = stampUs
  for (const path of Object.keys(state.stamps)) {
    if (!path.startsWith(`${group}#`) || (state.stamps[path] as number) >= stampUs) continue
    delete state.stamps[path]
    delete state.facts[path]
  }
}

/** The groups that a report carries, each with its values. */
function groupsOf({ facts, lists, source }: Report): Map<string, Facts> {
  const carried = new Map<string, Facts>([['source', { source }]])
  const ofLists: Facts = {}
  addFlat(lists, ofLists)
  for (const [path, value] of [...Object.entries(facts), ...Object.entries(ofLists)]) {
    const group = groupOf(path)
    const values = carried.get(group)
    if (values === undefined) carried.set(group, { [path]: value })
    else values[path] = value
  }
  return carried
}

/** `recordings#12.url` -> `recordings`; null for every other group. */
function unitedListOf(group: string): string | null {
  const hash = group.indexOf('#')
  return hash < 0 ? null : group.slice(0, hash)
}

const TRUSTED = ['source', 'startedAtUs', 'endedAtUs']

function trustOf(group: string, report: Report): number {
  if (group === 'source') return SOURCE_TRUST[report.kind]
  if (group === 'startedAtUs') return startTrust(report)
  // An end that a reaper inferred yields to any reported one.
  if (group === 'endedAtUs') return report.facts.endInferred === true ? 0 : 1
  return 0
}

function canonical(group: string, facts: Facts): string {
  return canonicalJson(pathsOf(group).map((path) => facts[path] ?? null))
}

/** JSON with the keys of every object sorted. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`)
  return `{${entries.join(',')}}`
}
