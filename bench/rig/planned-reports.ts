import { derive } from '../../src/ingest/derive.ts'
import { readReport } from '../../src/ingest/native/read-report.ts'
import { type Account, type AccountSettings, defaultSettings } from '../../src/record/account.ts'
import type { CallType } from '../../src/record/call-record.ts'
import type { Report } from '../../src/record/report.ts'
import { Loads } from './loads.ts'
import type { Plan, Tenant } from './plan.ts'
import type { Stretch } from './side.ts'

/**
 * The reports of a plan's calls of a kind, some hundred calls at a time in order of time: of each call its CDR, and its
 * late report where it has one. Read and checked by the reader that HTTP uses.
 */
export function* plannedReports(plan: Plan, { kind, fromLoad, untilLoad }: Stretch): Generator<Report[][]> {
  const loads = new Loads(plan, kind)
  loads.skipTo(fromLoad)
  for (const { tenant, calls } of loads.callsWithLate(untilLoad)) {
    const account = { id: tenant.accountId, settings: settingsOf(tenant.accountId), createdAtUs: 0 }
    const arrivedAtUs = Date.now() * 1000
    yield calls.map((records) => records.map((record) => reportOf(record, { account, arrivedAtUs })))
  }
}

function reportOf(record: object, { account, arrivedAtUs }: { account: Account; arrivedAtUs: number }): Report {
  const read = readReport(record, { account, source: 'api', arrivedAtUs, raw: JSON.stringify(record) })
  if (!read.ok) throw new Error(JSON.stringify(read))
  return read.report
}

/** The types that a contact centre's call has once it is stored. */
export function plannedTypes({ accountId }: Tenant, call: object): readonly CallType[] {
  const account = { id: accountId, settings: settingsOf(accountId), createdAtUs: 0 }
  const { facts, lists } = reportOf(call, { account, arrivedAtUs: Date.now() * 1000 })
  return (derive(facts, account.settings, lists)['center.callTypes'] ?? []) as CallType[]
}

const settings = new Map<string, AccountSettings>()

/** What the benchmark's tenants have set: nothing. The same object each time, so that it is told on once. */
export function settingsOf(accountId: string): AccountSettings {
  const known = settings.get(accountId) ?? defaultSettings(accountId)
  settings.set(accountId, known)
  return known
}
