import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LoadContents, Loads } from './loads.ts'
import { planFor, storedCalls, storedTenants, TENANT_KINDS, type TenantKind } from './plan.ts'

const plan = planFor({ calls: 20_000, seed: 1, nowUs: 1_705_328_928_000_000 })

interface Line {
  kind: string
  call_uuid: string
}

/** Every load of a kind: what it says it holds, and its requests as they are sent. */
function allLoads(kind: TenantKind): { contents: LoadContents; requests: { key: string; lines: string[] }[] }[] {
  const loads = new Loads(plan, kind)
  return Array.from({ length: plan.loads[kind] }, () => {
    const load = loads.next()
    assert.ok(load)
    const requests = [...load.requests].map(({ tenant, records }) => ({
      key: tenant.key,
      lines: records.map((record) => JSON.stringify(record)),
    }))
    return { contents: load.contents, requests }
  })
}

for (const kind of TENANT_KINDS) {
  const loads = allLoads(kind)
  const lines = loads.flatMap(({ requests }) => requests.flatMap((request) => request.lines))
  const calls = storedCalls(plan, kind)
  const lateLines = lines.filter((line) => (JSON.parse(line) as Line).kind !== 'cdr')

  describe(`the loads of ${kind} calls`, () => {
    it('are as many as planned', () => {
      const made = new Loads(plan, kind)
      for (let no = 0; no < plan.loads[kind]; no += 1) assert.notEqual(made.next(), null)
      assert.equal(made.next(), null)
    })

    it('can be left out, or filled in, without changing those that follow', () => {
      const made = new Loads(plan, kind)
      made.skipTo(1)
      const second = [...(made.next()?.requests ?? [])].flatMap(({ records }) => records as unknown as Line[])
      const filled = new Loads(plan, kind)
      filled.skipTo(1)
      const calls = [...filled.callsWithLate(2)].flatMap((some) => some.calls.map(([call]) => call as unknown as Line))
      const uuids = (lines: Line[]) => new Set(lines.map(({ call_uuid }) => call_uuid))
      assert.deepEqual(uuids(calls), uuids(second))
      assert.ok(calls.length < storedCalls(plan, kind))
    })

    it('are the same whenever they are made', () => {
      assert.deepEqual(allLoads(kind), loads)
    })

    it('hold every call of the plan, under the keys of its tenants', () => {
      const uuids = lines.map((line) => JSON.parse(line) as Line).filter((line) => line.kind === 'cdr')
      assert.equal(new Set(uuids.map(({ call_uuid }) => call_uuid)).size, calls)
      const keys = new Set(loads.flatMap(({ requests }) => requests.map(({ key }) => key)))
      assert.deepEqual(
        [...keys].sort(),
        storedTenants(plan, kind)
          .map(({ key }) => key)
          .sort(),
      )
    })

    it('say how many calls, late reports and repeats they hold', () => {
      const count = (name: keyof LoadContents) => loads.reduce((sum, { contents }) => sum + contents[name], 0)
      const repeated = lines.length - new Set(lines).size
      assert.deepEqual(
        { calls: count('calls'), late: count('late'), repeats: count('repeats') },
        { calls, late: lateLines.length, repeats: repeated },
      )
    })

    it('repeat one call in a hundred and report late on five', () => {
      assert.ok(Math.abs(lateLines.length / calls - 0.05) < 0.01)
      assert.ok(Math.abs((lines.length - new Set(lines).size) / calls - 0.01) < 0.004)
    })

    it('never report late before the call', () => {
      const seen = new Set<string>()
      for (const line of lines) {
        const { kind: report, call_uuid } = JSON.parse(line) as Line
        if (report === 'cdr') seen.add(call_uuid)
        else assert.ok(seen.has(call_uuid))
      }
    })

    it('mix the tenants as time goes', () => {
      const [first] = loads
      assert.equal(new Set(first?.requests.map(({ key }) => key)).size, storedTenants(plan, kind).length)
    })
  })
}
