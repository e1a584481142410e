import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LoadContents, Loads } from './loads.ts'
import { planFor } from './plan.ts'

const plan = planFor({ calls: 20_000, seed: 1, nowUs: 1_705_328_928_000_000 })

interface Line {
  kind: string
  call_uuid: string
}

/** Every load of the plan: what it says it holds, and the lines of its requests as they are sent. */
function allLoads(): { contents: LoadContents; requests: { key: string; records: number; lines: string[] }[] }[] {
  const loads = new Loads(plan)
  return Array.from({ length: plan.loads }, () => {
    const load = loads.next()
    assert.ok(load)
    const requests = load.requests.map(({ key, body, records }) => ({
      key,
      records,
      lines: body.toString().trimEnd().split('\n'),
    }))
    return { contents: load.contents, requests }
  })
}

const loads = allLoads()
const lines = loads.flatMap(({ requests }) => requests.flatMap((request) => request.lines))

describe('the loads of a plan', () => {
  it('are as many as planned', () => {
    const made = new Loads(plan)
    for (let no = 0; no < plan.loads; no += 1) assert.notEqual(made.next(), null)
    assert.equal(made.next(), null)
  })

  it('are the same whenever they are made', () => {
    assert.deepEqual(allLoads(), loads)
  })

  it('hold every call of the plan', () => {
    const uuids = lines.map((line) => JSON.parse(line) as Line).filter(({ kind }) => kind === 'cdr')
    assert.equal(new Set(uuids.map(({ call_uuid }) => call_uuid)).size, plan.calls)
  })

  it('say how many calls, late reports and repeats they hold', () => {
    const count = (name: keyof LoadContents) => loads.reduce((sum, { contents }) => sum + contents[name], 0)
    const repeated = lines.length - new Set(lines).size
    const late = lines.filter((line) => (JSON.parse(line) as Line).kind !== 'cdr').length
    assert.deepEqual(
      { calls: count('calls'), late: count('late'), repeats: count('repeats') },
      { calls: plan.calls, late, repeats: repeated },
    )
  })

  it('repeat one call in a hundred and report late on five', () => {
    const late = lines.filter((line) => (JSON.parse(line) as Line).kind !== 'cdr').length
    assert.ok(Math.abs(late / plan.calls - 0.05) < 0.01)
    assert.ok(Math.abs((lines.length - new Set(lines).size) / plan.calls - 0.01) < 0.004)
  })

  it('never report late before the call', () => {
    const seen = new Set<string>()
    for (const { requests } of loads)
      for (const request of requests)
        for (const line of request.lines) {
          const { kind, call_uuid } = JSON.parse(line) as Line
          if (kind === 'cdr') seen.add(call_uuid)
          else assert.ok(seen.has(call_uuid))
        }
  })

  it('count the records of each request right', () => {
    for (const { requests } of loads)
      for (const request of requests) assert.equal(request.records, request.lines.length)
  })
})
