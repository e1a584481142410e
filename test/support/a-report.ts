import { derive } from '../../src/ingest/derive.ts'
import { type Arrival, readReport } from '../../src/ingest/native/read-report.ts'
import { type Account, type AccountSettings, defaultSettings } from '../../src/record/account.ts'
import { assemble, statedPaths } from '../../src/record/assemble.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import type { Report } from '../../src/record/report.ts'
import { readTime } from '../../src/record/time.ts'
import { ALICE } from './directory-in-folder.ts'

export const CALL_UUID = '90b6eb07-796c-4d86-a4fd-44ed11667ddb'

/** 2024-01-15T14:35:00Z, three minutes after the call of `aBody` ended. */
export const ARRIVED_AT_US = 1_705_329_300_000_000

export type Body = Record<string, unknown>

/** An ended inbound call of three minutes in the native wire form; `null` takes a field away. */
export function aBody(over: Body = {}): Body {
  return {
    call_uuid: CALL_UUID,
    direction: 'inbound',
    from: { number: '+12025551234' },
    to: { number: '+13128574907' },
    started_at: '2024-01-15T14:28:48Z',
    answered_at: '2024-01-15T14:29:00Z',
    ended_at: '2024-01-15T14:32:00Z',
    ...over,
  }
}

/** The call of `aBody` while people still talk. */
export function aLiveBody(over: Body = {}): Body {
  return aBody({ ended_at: null, ...over })
}

export function anAccount({ id = ALICE, ...settings }: { id?: string } & Partial<AccountSettings> = {}): Account {
  return { id, settings: { ...defaultSettings('Alice'), ...settings }, createdAtUs: 0 }
}

export type ArrivalOver = Partial<Omit<Arrival, 'account'>> & { account?: Account; accountId?: string }

/** What reading the body gives; arrived from the source `fs-london` at `ARRIVED_AT_US` unless `over` says otherwise. */
export function reading(body: unknown, { accountId, ...over }: ArrivalOver = {}) {
  return readReport(body, {
    account: anAccount(accountId === undefined ? {} : { id: accountId }),
    source: 'fs-london',
    arrivedAtUs: ARRIVED_AT_US,
    raw: JSON.stringify(body),
    ...over,
  })
}

/** A report of exactly these fields. Throws where the body cannot be read: that is the test's mistake. */
export function reportOf(body: Body, over: ArrivalOver = {}): Report {
  const made = reading(body, over)
  if (!made.ok) throw new Error(`${made.fault.field} ${made.fault.reason}: ${JSON.stringify(body)}`)
  return made.report
}

/** The report of `aBody`, with what a test is about in place of it. */
export function aReport(body: Body = {}, over: ArrivalOver = {}): Report {
  return reportOf(aBody(body), over)
}

export function aLiveReport(body: Body = {}, over: ArrivalOver = {}): Report {
  return reportOf(aLiveBody(body), over)
}

/** What these reports together say; null for none. */
export function stateOf(reports: readonly Report[]): CallState | null {
  return reports.reduce<CallState | null>(fold, null)
}

/** The record of a state, derived as the server derives it; `id` and `changeSeq` are 1. */
export function recordOf(state: CallState, { account = anAccount(), callUuid = CALL_UUID } = {}): CallRecord {
  const { facts, receivedAtUs, updatedAtUs } = state
  const head = { id: 1, callUuid, accountId: account.id, receivedAtUs, updatedAtUs, changeSeq: 1 }
  return assemble(head, { ...derive(facts, account.settings), ...facts }, statedPaths(facts))
}

/** The record of one call, made of the bodies of its reports in this order. */
export function aCall(...bodies: Body[]): CallRecord {
  const state = stateOf((bodies.length === 0 ? [{}] : bodies).map((body) => aReport(body)))
  return recordOf(state as CallState)
}

/** Epoch microseconds of a written time; UTC where it names no zone. */
export function us(written: string): number {
  const timeUs = readTime(written, 'UTC')
  if (timeUs === null) throw new Error(`${written} is no time`)
  return timeUs
}
