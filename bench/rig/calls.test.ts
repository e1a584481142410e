import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readReport } from '../../src/ingest/native/read-report.ts'
import { defaultSettings } from '../../src/record/account.ts'
import { readTime } from '../../src/record/time.ts'
import { callAt, lateReportOf } from './calls.ts'
import { planFor, spanFromUs, storedCalls, tenantsOf, windowFromUs } from './plan.ts'

const NOW_US = 1_705_328_928_000_000
const plan = planFor({ calls: 10_000, seed: 1, nowUs: NOW_US })
const { big } = plan
const all = Array.from({ length: big.calls }, (_, n) => callAt(plan, big, n))
const us = (time: string) => readTime(time, 'UTC') as number
const share = (fits: (call: (typeof all)[number]) => boolean) => all.filter(fits).length / all.length

describe('a call of the benchmark', () => {
  it('is the same whenever it is made', () => {
    assert.deepEqual(callAt(plan, big, 1234), callAt(plan, big, 1234))
  })

  it('is another for another seed, another tenant and another place', () => {
    const other = planFor({ calls: 10_000, seed: 2, nowUs: NOW_US })
    const uuids = [callAt(plan, big, 5), callAt(other, big, 5), callAt(plan, plan.small[0] as never, 5), all[6]]
    assert.equal(new Set(uuids.map((call) => call?.call_uuid)).size, 4)
  })

  it('has a UUID that no other has', () => {
    assert.equal(new Set(all.map(({ call_uuid }) => call_uuid)).size, all.length)
  })

  it('can be read, and so can what comes later', () => {
    const account = { id: big.accountId, settings: defaultSettings('Big'), createdAtUs: 0 }
    for (let n = 0; n < 500; n += 1)
      for (const body of [callAt(plan, big, n), lateReportOf(plan, big, n)]) {
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

  it('is answered in seven of ten cases and outbound in six', () => {
    assert.ok(Math.abs(share((call) => 'answered_at' in call) - 0.7) < 0.03)
    assert.ok(Math.abs(share(({ direction }) => direction === 'outbound') - 0.6) < 0.03)
  })

  it('lies in the window that lists search in three of four cases', () => {
    assert.ok(Math.abs(share(({ started_at }) => us(started_at) >= windowFromUs(plan)) - 0.75) < 0.02)
  })
})

describe('a plan', () => {
  it('has as many calls as it was asked for, whatever their number', () => {
    for (const calls of [100, 2000, 99_999, 1_000_000, 10_000_000]) {
      const made = planFor({ calls, seed: 1, nowUs: NOW_US })
      assert.equal(storedCalls(made, 'plain') + storedCalls(made, 'center'), calls)
    }
  })

  it('gives a small tenant and a contact centre 33,000 calls in the window from a million on', () => {
    for (const calls of [1_000_000, 10_000_000]) {
      const { small, centers } = planFor({ calls, seed: 1, nowUs: NOW_US })
      for (const tenant of [small[0], centers[0]]) assert.ok(Math.abs((tenant?.calls ?? 0) * 0.75 - 33_000) < 2000)
    }
  })

  it('makes every fourth tenant beside the big one a contact centre', () => {
    for (const calls of [100, 1_000_000, 10_000_000]) {
      const { small, centers } = planFor({ calls, seed: 1, nowUs: NOW_US })
      assert.equal(centers.length, Math.floor((small.length + centers.length) / 4))
    }
  })

  it('names every tenant and key once, in the form of an account id', () => {
    const tenants = tenantsOf(planFor({ calls: 10_000_000, seed: 1, nowUs: NOW_US }))
    assert.equal(new Set(tenants.map(({ accountId }) => accountId)).size, tenants.length)
    assert.equal(new Set(tenants.map(({ key }) => key)).size, tenants.length)
    for (const { accountId } of tenants) assert.match(accountId, /^MA[A-Z0-9]{18}$/)
  })
})
