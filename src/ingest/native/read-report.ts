import type { Account } from '../../record/account.ts'
import { CALL_TYPES } from '../../record/call-record.ts'
import { DERIVABLE, FACTS, type Facts, groupOf, type Json, UNITED_LISTS, wirePath } from '../../record/facts.ts'
import { callUuidFor, isUuid } from '../../record/identity.ts'
import { normalizeNumber } from '../../record/phone.ts'
import { REPORT_KINDS, type Report, type ReportKind, reportHash } from '../../record/report.ts'
import { readTime } from '../../record/time.ts'
import type { UnitedEntries } from '../../record/united-lists.ts'
import { utcTimeUs } from '../../record/utc-time.ts'
import { refuseUnknown, type WireFault } from '../../record/wire.ts'
import { quickFacts, type ReadFacts } from './quick-facts.ts'
import { readUnited } from './read-united.ts'

/** What the pipeline knows about a record before it is read. */
export interface Arrival {
  account: Account
  /** The source instance, unless the record names one. */
  source: string
  arrivedAtUs: number
  /** Epoch us by which a time is of the future; that of the arrival unless given. */
  nowUs?: number
  /** The record as it came. */
  raw: string
  /** Which of several equal records of one file this is, from 0; only records without any id need it. */
  ordinal?: number
}

export type ReportReading = { ok: true; report: Report } | { ok: false; fault: WireFault }

/** Times further ahead than this are a wrong clock. */
export const FUTURE_US = 24 * 3600 * 1_000_000

/** Keys of the native form beside those of facts. `id` and the like come back in an export and say nothing new. */
const HEAD_KEYS = ['call_uuid', 'account_id', 'source', 'kind', 'reported_at', 'clear', 'stated']
const ANSWERED_KEYS = ['id', 'state', 'call_types', 'received_at', 'updated_at', 'change_seq']

const TOP = new Set([...HEAD_KEYS, ...ANSWERED_KEYS])
const CONTAINERS = new Map<string, Set<string>>()
for (const { wire } of [...FACTS, ...UNITED_LISTS]) {
  const [top, inner] = wire
  TOP.add(top)
  if (inner === undefined) continue
  if (!CONTAINERS.has(top)) CONTAINERS.set(top, new Set())
  CONTAINERS.get(top)?.add(inner)
}

/**
 * Reads one report in the native wire form: a call as `GET /calls` shows it, or any part of one, with `kind`,
 * `reported_at` and `clear` beside. Never throws: what is wrong comes back as the first faulty field and the reason.
 */
export function readReport(body: unknown, arrival: Arrival): ReportReading {
  const faults: WireFault[] = []
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { ok: false, fault: { field: 'record', reason: 'must be a JSON object' } }
  const given = body as Record<string, unknown>
  const quick = isExport(given) ? null : quickFacts(given)
  if (quick === null) for (const key of Object.keys(given)) if (!TOP.has(key)) refuseUnknown(faults, key)
  const head = readHead(given, arrival, faults)
  const { facts, lists } = quick ?? readFacts(given, faults)
  settle(facts)
  const clear = readClear(given.clear, faults)
  keepStated(given.stated, facts, faults)
  checkTimes(facts, head.eventAtUs, arrival.nowUs ?? arrival.arrivedAtUs, faults)
  checkKept(facts, arrival, faults)
  if (!isExport(given)) checkOrder(facts, faults)
  if (NEEDS_START.has(head.kind) && facts.startedAtUs === undefined && faults.length === 0)
    faults.push({ field: 'started_at', reason: `is needed in a report of kind ${head.kind}` })
  if (facts['hangup.code'] === undefined && facts['hangup.name'] !== undefined) delete facts['hangup.name']
  if (given.call_uuid == null && Object.keys(facts).length === 0 && lists.length === 0 && faults.length === 0)
    faults.push({ field: 'record', reason: 'says nothing of a call, not even which one' })
  const [fault] = faults
  if (fault !== undefined) return { ok: false, fault }
  const listsBehind = lists.length === 0 ? 0 : Object.keys(facts).length
  normalizeNumbers(facts, arrival.account)
  const { accountId, source, kind, eventAtUs } = head
  const { arrivedAtUs, raw } = arrival
  const told = { accountId, source, kind, eventAtUs, facts, lists, listsBehind, clear }
  const callUuid = identity(given, told, arrival)
  const startGuessUs = startGuess({ facts, eventAtUs, arrivedAtUs })
  return { ok: true, report: { ...told, callUuid, arrivedAtUs, startGuessUs, raw } }
}

const NEEDS_START = new Set<ReportKind>(['start', 'cdr'])

type Head = Pick<Report, 'accountId' | 'source' | 'kind' | 'eventAtUs'>

function readHead(given: Record<string, unknown>, { account, source }: Arrival, faults: WireFault[]): Head {
  const { call_uuid, account_id, kind, reported_at } = given
  if (call_uuid != null && (typeof call_uuid !== 'string' || !isUuid(call_uuid)))
    faults.push({ field: 'call_uuid', reason: 'must be a UUID; other ids go into source_id' })
  if (account_id != null && account_id !== account.id)
    faults.push({ field: 'account_id', reason: 'is not the account of this key' })
  if (kind != null && !REPORT_KINDS.includes(kind as ReportKind))
    faults.push({ field: 'kind', reason: `must be one of ${REPORT_KINDS.join(', ')}` })
  let eventAtUs: number | null = null
  if (reported_at != null) {
    eventAtUs = typeof reported_at === 'string' ? (utcTimeUs(reported_at) ?? readTime(reported_at, 'UTC')) : null
    if (eventAtUs === null) faults.push({ field: 'reported_at', reason: 'must be an RFC 3339 time' })
  }
  if (given.source != null && (typeof given.source !== 'string' || !SOURCE_NAME.test(given.source)))
    faults.push({ field: 'source', reason: 'must be 1 to 64 of a-z, 0-9, dot, dash and underscore' })
  return {
    accountId: account.id,
    source: typeof given.source === 'string' ? given.source : source,
    kind: (kind as ReportKind) ?? usualKind(given),
    eventAtUs: eventAtUs ?? exportedAtUs(given),
  }
}

function usualKind({ started_at, ended_at }: Record<string, unknown>): ReportKind {
  if (ended_at == null) return 'update'
  return started_at == null ? 'end' : 'cdr'
}

/** Whether a record is an answer of ours: only those say which of the derivable fields were stated. */
function isExport({ stated }: Record<string, unknown>): boolean {
  return Array.isArray(stated)
}

/** A call that was exported tells what was known at its last change: what came later is not undone by it. */
function exportedAtUs(given: Record<string, unknown>): number | null {
  const { updated_at } = given
  return isExport(given) && typeof updated_at === 'string' ? readTime(updated_at, 'UTC') : null
}

const SOURCE_NAME = /^[a-z0-9._-]{1,64}$/

function readFacts(given: Record<string, unknown>, faults: WireFault[]): ReadFacts {
  for (const [top, known] of CONTAINERS) {
    const container = given[top]
    if (container == null) continue
    if (typeof container !== 'object' || Array.isArray(container)) {
      faults.push({ field: top, reason: 'must be an object' })
      continue
    }
    for (const key of Object.keys(container)) if (!known.has(key)) refuseUnknown(faults, `${top}.${key}`)
  }
  const facts: Facts = {}
  for (const { path, wire, codec } of FACTS) {
    const value = wireValue(given, wire) ?? (path === 'center.callTypes' ? exportedTypes(given) : null)
    if (value == null) continue
    const read = codec.read(value, wire.join('.'), faults)
    if (read != null && !isNothing(read)) facts[path] = read as Json
  }
  const lists: UnitedEntries[] = []
  for (const list of UNITED_LISTS) {
    const entries = readUnited(wireValue(given, list.wire), list, faults)
    if (entries.length > 0) lists.push({ path: list.path, entries })
  }
  return { facts, lists }
}

/** What a fact says beyond its own form. */
function settle(facts: Facts): void {
  // Only an end can be inferred; false is what every other end is.
  if (facts.endInferred !== undefined && (facts.endInferred !== true || facts.endedAtUs === undefined))
    delete facts.endInferred
  // An empty id tells no call from another.
  if (facts.sourceId === '') delete facts.sourceId
  const types = facts['center.callTypes'] as string[] | undefined
  if (types !== undefined) facts['center.callTypes'] = CALL_TYPES.filter((type) => types.includes(type))
}

/** An export has the call types of a plain call too, beside the `center` that such a call does not have. */
function exportedTypes(given: Record<string, unknown>): unknown {
  return isExport(given) ? given.call_types : null
}

function wireValue(given: Record<string, unknown>, [top, inner]: readonly string[]): unknown {
  const value = given[top as string]
  if (inner === undefined || value == null) return value
  return typeof value === 'object' ? (value as Record<string, unknown>)[inner] : undefined
}

/** Empty lists are what a call has anyway. */
function isNothing(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

const NEVER_CLEARED = new Set(['startedAtUs', 'endedAtUs'])
const CLEARABLE = new Map([...FACTS, ...UNITED_LISTS].map(({ path, wire }) => [wire.join('.'), groupOf(path)]))

function readClear(clear: unknown, faults: WireFault[]): string[] {
  if (clear == null) return []
  if (!Array.isArray(clear) || clear.length > 100) {
    faults.push({ field: 'clear', reason: 'must be a list of field names' })
    return []
  }
  const groups = new Set<string>()
  for (const name of clear) {
    const group = CLEARABLE.get(String(name))
    if (group === undefined)
      faults.push({ field: 'clear', reason: `${String(name).slice(0, 80)} is not a field of a call` })
    else if (NEVER_CLEARED.has(group))
      faults.push({ field: 'clear', reason: `${name} cannot be emptied, only corrected` })
    else groups.add(group)
  }
  return [...groups].sort()
}

/** A call that came out of an export says which derivable fields were stated; the others are derived anew. */
function keepStated(stated: unknown, facts: Facts, faults: WireFault[]): void {
  if (stated == null) return
  if (!Array.isArray(stated)) {
    faults.push({ field: 'stated', reason: 'must be a list of field names' })
    return
  }
  const kept = new Set(stated)
  for (const path of DERIVABLE)
    if (!kept.has(wirePath(path)) && path !== 'direction' && path !== 'leg') delete facts[path]
}

const TIMES = ['startedAtUs', 'rangAtUs', 'answeredAtUs', 'endedAtUs'] as const

function checkTimes(facts: Facts, eventAtUs: number | null, nowUs: number, faults: WireFault[]): void {
  for (const path of TIMES) {
    const time = facts[path]
    if (typeof time === 'number' && time > nowUs + FUTURE_US)
      faults.push({ field: wirePath(path), reason: 'is more than 24 hours in the future: is a clock wrong?' })
  }
  if (eventAtUs !== null && eventAtUs > nowUs + FUTURE_US)
    faults.push({ field: 'reported_at', reason: 'is more than 24 hours in the future: is a clock wrong?' })
}

const DAY_US = 86_400_000_000

/** A call that its account would not keep any more: it may have been dropped already, and would come back as another. */
function checkKept(facts: Facts, { account, nowUs, arrivedAtUs }: Arrival, faults: WireFault[]): void {
  const { callDays } = account.settings.retention
  if (callDays === null) return
  const [latest] = TIMES.filter((path) => facts[path] !== undefined).sort((a, b) => Number(facts[b]) - Number(facts[a]))
  if (latest === undefined || Number(facts[latest]) >= (nowUs ?? arrivedAtUs) - callDays * DAY_US) return
  faults.push({ field: wirePath(latest), reason: `is older than this account keeps calls, ${callDays} days` })
}

/** Not asked of an export: reports that disagree can make such a call, and it must be possible to bring it back. */
function checkOrder({ startedAtUs, endedAtUs }: Facts, faults: WireFault[]): void {
  if (typeof startedAtUs === 'number' && typeof endedAtUs === 'number' && endedAtUs < startedAtUs)
    faults.push({ field: 'ended_at', reason: 'is before started_at' })
}

function startGuess({
  facts,
  eventAtUs,
  arrivedAtUs,
}: Pick<Report, 'facts' | 'eventAtUs' | 'arrivedAtUs'>): number | null {
  if (facts.startedAtUs !== undefined) return null
  const told = TIMES.map((path) => facts[path]).filter((time) => typeof time === 'number')
  return Math.min(...told, eventAtUs ?? arrivedAtUs)
}

function normalizeNumbers(facts: Facts, { settings }: Account): void {
  for (const side of ['from', 'to'] as const) {
    const number = facts[`${side}.number`] as string | undefined
    const asSent = facts[`${side}.asSent`] as string | undefined
    const written = number ?? asSent
    if (written === undefined) continue
    facts[`${side}.number`] = normalizeNumber(written, settings)
    facts[`${side}.asSent`] = asSent ?? written
  }
}

type Unidentified = Pick<
  Report,
  'accountId' | 'source' | 'kind' | 'eventAtUs' | 'facts' | 'lists' | 'listsBehind' | 'clear'
>

function identity({ call_uuid }: Record<string, unknown>, report: Unidentified, { ordinal = 0 }: Arrival): string {
  const sourceId = (report.facts.sourceId as string) ?? null
  return callUuidFor({
    accountId: report.accountId,
    callUuid: (call_uuid as string) ?? null,
    source: report.source,
    sourceId,
    ...(call_uuid == null && sourceId === null ? { contentHash: reportHash(report), ordinal } : {}),
  })
}
