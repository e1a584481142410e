import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readReport } from '../../src/ingest/native/read-report.ts'
import { defaultSettings } from '../../src/record/account.ts'
import { CALL_TYPES } from '../../src/record/call-record.ts'
import { readTime } from '../../src/record/time.ts'
import { AGENTS, CONTACT_LISTS, centerCallAt, lateCenterReportOf, SURVEYS } from './center-calls.ts'
import { planFor, spanFromUs, type Tenant } from './plan.ts'
import { plannedTypes } from './planned-reports.ts'

const NOW_US = 1_705_328_928_000_000
const plan = planFor({ calls: 20_000, seed: 1, nowUs: NOW_US })
const [center] = plan.centers as [Tenant]
const all = Array.from({ length: center.calls }, (_, n) => centerCallAt(plan, center, n))
const us = (time: string) => readTime(time, 'UTC') as number

describe("a contact centre's call of the benchmark", () => {
  it('is the same whenever it is made', () => {
    assert.deepEqual(centerCallAt(plan, center, 1234), centerCallAt(plan, center, 1234))
  })

  it('can be read, and so can what comes later', () => {
    const account = { id: center.accountId, settings: defaultSettings('Center'), createdAtUs: 0 }
    for (let n = 0; n < 500; n += 1)
      for (const body of [centerCallAt(plan, center, n), lateCenterReportOf(plan, center, n)]) {
        const read = readReport(body, { account, source: 'api', arrivedAtUs: NOW_US, raw: '' })
        assert.ok(read.ok, JSON.stringify(read))
      }
  })

  it('ends before the plan does, after it starts, and each starts later than the one before', () => {
    let before = spanFromUs(plan)
    for (const { started_at, ended_at } of all) {
      assert.ok(us(started_at) > before && us(ended_at) > us(started_at) && us(ended_at) < plan.endUs)
      before = us(started_at)
    }
  })

  it('is of every type in some case, and of none in more than seven of ten', () => {
    const counts = new Map<string, number>()
    for (const call of all) for (const type of plannedTypes(center, call)) counts.set(type, (counts.get(type) ?? 0) + 1)
    for (const type of CALL_TYPES) {
      const share = (counts.get(type) ?? 0) / all.length
      assert.ok(share > 0.005 && share < 0.7, `${type}: ${share}`)
    }
  })

  it('has agents, contact lists and surveys of the whole range', () => {
    const agents = new Set(all.flatMap(({ center: { agents } }) => (agents ?? []).map(({ id }) => id)))
    const lists = new Set(all.flatMap(({ center: { contact } }) => contact.list_ids))
    const surveys = new Set(all.flatMap(({ center: { survey_ids } }) => survey_ids ?? []))
    assert.deepEqual([agents.size, lists.size, surveys.size], [AGENTS, CONTACT_LISTS, SURVEYS])
  })

  it('is an automated callback of an earlier call of the same tenant', () => {
    const uuids = new Map(all.map(({ call_uuid }, n) => [call_uuid, n]))
    const callbacks = all.flatMap((call, n) => {
      const original = (call.center as { original_call_uuid?: string }).original_call_uuid
      return original === undefined ? [] : [{ n, original: uuids.get(original) ?? Number.NaN }]
    })
    assert.ok(callbacks.length > 0)
    for (const { n, original } of callbacks) assert.ok(original < n)
  })
})
