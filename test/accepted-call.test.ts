import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { FACTS, UNITED_LISTS } from '../src/record/facts.ts'
import { normalizeNumber } from '../src/record/phone.ts'
import type { Body } from './support/a-report.ts'
import { anyBody } from './support/any-body.ts'
import { KEY, RunningServer } from './support/running-server.ts'
import { uuidOf } from './support/varied-calls.ts'

const PLAN = { defaultCountry: null, dialOutPrefixes: [] }

/** Fields whose answer is not what was given, and what it is then. */
const ANSWERED: Record<string, (given: unknown, body: Body) => unknown> = {
  'from.number': (given) => normalizeNumber(given as string, PLAN),
  'to.number': (given) => normalizeNumber(given as string, PLAN),
  // An empty id is no id, and a name without its code says nothing.
  source_id: (given) => (given === '' ? null : given),
  'hangup.name': (given, { hangup }) => ((hangup as Body).code == null ? undefined : given),
  end_inferred: (given, { ended_at }) => given === true && ended_at !== undefined,
  // Types alone make no contact centre: they are the call's own then.
  'center.call_types': (given) => [...new Set(given as string[])].sort(),
}

function at(body: Body, [top, inner]: readonly string[]): unknown {
  const outer = body[top as string]
  return inner === undefined ? outer : (outer as Body | null | undefined)?.[inner]
}

const carriesNothing = (value: unknown) => value == null || (Array.isArray(value) && value.length === 0)

const sorted = (entries: unknown) => (entries as unknown[]).map((entry) => JSON.stringify(entry)).sort()

/** Whether a queue's end stands apart from its stay: the answer has them in one, which `assemble.test.ts` is about. */
const endsAStay = (entries: Body[]) =>
  entries.length > 1 &&
  entries.some(({ queued_at, left_at }) => queued_at === null && left_at !== null && left_at !== undefined)

/** Every field that was given is answered as it was given; absent, null and empty lists carry nothing. */
function assertComesBack(given: Body, answer: Body): number {
  let compared = 0
  for (const { wire } of FACTS) {
    const value = at(given, wire)
    if (carriesNothing(value)) continue
    const name = wire.join('.')
    const expected = ANSWERED[name] === undefined ? value : ANSWERED[name](value, given)
    if (expected === undefined) continue
    const answered = at(answer, name === 'center.call_types' && answer.center === null ? ['call_types'] : wire)
    assert.deepEqual(name === 'center.call_types' ? [...(answered as string[])].sort() : answered, expected, name)
    compared += 1
  }
  for (const { wire } of UNITED_LISTS) {
    const value = at(given, wire)
    if (carriesNothing(value) || endsAStay(value as Body[])) continue
    assert.deepEqual(sorted(at(answer, wire)), sorted(value), wire.join('.'))
    compared += 1
  }
  return compared
}

describe('an accepted call', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  const send = async (bodies: readonly Body[]) => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/calltrail/v1/calls',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' },
      payload: bodies.map((body) => JSON.stringify(body)).join('\n'),
    })
    return answer.json() as { received: number; stored: number; duplicates: number; rejected: unknown[] }
  }
  const get = async (path: string) => {
    const answer = await server.app.inject({ url: `/calltrail/v1${path}`, headers: { authorization: `Bearer ${KEY}` } })
    return answer.json() as Body & { calls: Body[] }
  }

  it('comes back equal, field by field, and the same from a list', async () => {
    let ordinal = 0
    let compared = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyBody({ share: 4 }), { minLength: 1, maxLength: 20 }), async (drawn) => {
        const bodies = drawn.map((body) => ({ ...body, call_uuid: uuidOf(++ordinal) }))
        const { received, stored, rejected } = await send(bodies)
        assert.deepEqual([received, stored, rejected], [bodies.length, bodies.length, []])
        for (const body of bodies) {
          const answer = await get(`/calls/${body.call_uuid}`)
          compared += assertComesBack(body, answer)
          const { calls } = await get(`/calls?legs=all&call_uuid=${body.call_uuid}`)
          assert.deepEqual(calls, [answer])
        }
        assert.deepEqual(await send(bodies), {
          ...{ received: bodies.length, stored: 0, updated: 0, duplicates: bodies.length, rejected: [] },
          rejected_total: 0,
        })
      }),
      { numRuns: 20 },
    )
    assert.ok(compared > 1000, `only ${compared} fields compared`)
  })

  it('goes through an export and back in as a duplicate or without a change', async () => {
    const bodies = fc.sample(anyBody({ share: 3 }), 40).map((body, n) => ({ ...body, call_uuid: uuidOf(50_000 + n) }))
    await send(bodies)
    const exported = async () => {
      const answer = await server.app.inject({
        url: '/calltrail/v1/calls/export?legs=all&order=id',
        headers: { authorization: `Bearer ${KEY}` },
      })
      const calls = answer.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Body)
      return calls.filter(({ call_uuid }) => bodies.some((body) => body.call_uuid === call_uuid))
    }
    const before = await exported()
    const { rejected, stored } = await send(before)
    assert.deepEqual([rejected, stored, before.length], [[], 0, 40])
    const unchanged = ({ updated_at: _, change_seq: __, ...call }: Body) => call
    assert.deepEqual((await exported()).map(unchanged), before.map(unchanged))
  })
})
