import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { StoryAccount } from '../support/story.ts'
import { uuidOf } from '../support/varied-calls.ts'

type Json = Record<string, unknown>
interface Bucket {
  from: string
  to: string
  directions: Record<string, { calls: number }>
}

/** A call that was answered at once, with its start and how many seconds it took. */
const call = (n: number, startedAt: string, seconds: number, over: Json = {}): Json => ({
  call_uuid: uuidOf(n),
  direction: 'inbound',
  started_at: startedAt,
  answered_at: startedAt,
  ended_at: new Date(Date.parse(startedAt) + seconds * 1000).toISOString(),
  ...over,
})

const CALLS = [
  call(1, '2024-03-30T22:59:59Z', 10, { cost: { amount: '0.5', currency: 'USD', billed_seconds: 60 } }),
  call(2, '2024-03-30T23:00:00Z', 3600, { cost: { amount: '1.25', currency: 'EUR', billed_seconds: 3600 } }),
  call(3, '2024-03-31T21:59:59Z', 20, { cost: { amount: '-0.000001', currency: 'USD' }, direction: 'outbound' }),
  call(4, '2024-03-31T22:00:00Z', 30),
  call(5, '2024-03-31T22:00:01Z', 30, { leg: 'b', parent_uuid: uuidOf(4) }),
  call(6, '2024-03-31T22:30:00Z', 30, { ended_at: null, answered_at: null }),
]

describe('GET /summary', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    await server.post(CALLS)
    await new StoryAccount(server).send([call(100, '2024-03-31T10:00:00Z', 5)])
  })
  after(() => server.stop())

  const ask = (query: Record<string, string>) => server.native(`/summary?${new URLSearchParams(query)}`)
  const BERLIN = { from: '2024-03-30', to: '2024-04-02', time_zone: 'Europe/Berlin' }
  const buckets = async (query: Record<string, string>) => {
    const answer = await ask({ ...BERLIN, ...query })
    assert.equal(answer.status, 200)
    return ((await answer.json()) as { buckets: Bucket[] }).buckets
  }
  /** Calls of each direction, bucket by bucket. */
  const counts = (found: Bucket[]) =>
    found.map(({ directions }) =>
      Object.entries(directions)
        .map(([direction, { calls }]) => `${direction} ${calls}`)
        .join(', '),
    )

  it('adds calls up by the days of a zone, of 23 hours where the clocks go forward', async () => {
    const answer = await ask(BERLIN)
    assert.deepEqual(await answer.json(), {
      by: 'started_at',
      interval: 'day',
      time_zone: 'Europe/Berlin',
      legs: 'primary',
      buckets: [
        {
          from: '2024-03-29T23:00:00.000000Z',
          to: '2024-03-30T23:00:00.000000Z',
          directions: {
            inbound: {
              calls: 1,
              answered: 1,
              duration: 10,
              billed_seconds: 60,
              amounts: [{ currency: 'USD', amount: '0.50000' }],
            },
          },
        },
        {
          from: '2024-03-30T23:00:00.000000Z',
          to: '2024-03-31T22:00:00.000000Z',
          directions: {
            inbound: {
              calls: 1,
              answered: 1,
              duration: 3600,
              billed_seconds: 3600,
              amounts: [{ currency: 'EUR', amount: '1.25000' }],
            },
            outbound: {
              calls: 1,
              answered: 1,
              duration: 20,
              billed_seconds: 20,
              amounts: [{ currency: 'USD', amount: '-0.000001' }],
            },
          },
        },
        {
          from: '2024-03-31T22:00:00.000000Z',
          to: '2024-04-01T22:00:00.000000Z',
          directions: { inbound: { calls: 2, answered: 1, duration: 30, billed_seconds: 30, amounts: [] } },
        },
      ],
    })
  })

  it('adds up by the end, every leg, and by any interval', async () => {
    assert.deepEqual(counts(await buckets({ by: 'ended_at' })), ['', 'inbound 2', 'inbound 1, outbound 1'])
    assert.deepEqual(counts(await buckets({ legs: 'all' })), ['inbound 1', 'inbound 1, outbound 1', 'inbound 3'])
    assert.deepEqual(counts(await buckets({ interval: 'month' })), ['inbound 2, outbound 1', 'inbound 2'])
    const hours = await buckets({ interval: 'hour' })
    assert.equal(hours.length, 24 + 23 + 24)
    const quarters = await buckets({ interval: '15m', from: '2024-04-01T00:00', to: '2024-04-01T00:20' })
    assert.deepEqual(counts(quarters), ['inbound 1', ''])
    assert.equal(quarters[1]?.to, '2024-03-31T22:20:00.000000Z')
  })

  it("takes the account's zone where none is named", async () => {
    const settings = { method: 'PATCH', body: JSON.stringify({ time_zone: 'America/New_York' }) }
    const changed = await server.native('/account', { ...settings, headers: { 'content-type': 'application/json' } })
    assert.equal(changed.status, 200)
    const answer = (await (await ask({ from: '2024-03-30', to: '2024-03-31' })).json()) as {
      buckets: Bucket[]
      time_zone: string
    }
    assert.deepEqual([answer.time_zone, answer.buckets[0]?.from], ['America/New_York', '2024-03-30T04:00:00.000000Z'])
    assert.deepEqual(counts(answer.buckets), ['inbound 2'])
  })

  it('tells nothing of another account', async () => {
    const found = await buckets({ from: '2024-03-31T10:00:00Z', to: '2024-03-31T11:00:00Z' })
    assert.deepEqual(counts(found), [''])
  })

  it('says the same as the total of the list', async () => {
    const from = '2024-03-30T22:59:59.000001Z'
    const to = '2024-03-31T22:00:00.000001Z'
    const query = new URLSearchParams({ started_at__gte: from, started_at__lt: to })
    const { total } = (await (await server.native(`/calls?${query}`)).json()) as { total: number }
    const found = await buckets({ from, to, interval: 'hour' })
    const calls = found.flatMap(({ directions }) => Object.values(directions).map((sums) => sums.calls))
    assert.equal(
      calls.reduce((sum, one) => sum + one, 0),
      total,
    )
    assert.equal(total, 3)
  })

  for (const [field, query] of [
    ['from', { to: '2024-01-02' }],
    ['to', { from: '2024-01-01' }],
    ['to', { from: '2024-01-01', to: '2024-01-01' }],
    ['from', { from: 'yesterday', to: '2024-01-02' }],
    ['by', { ...BERLIN, by: 'answered_at' }],
    ['interval', { ...BERLIN, interval: 'week' }],
    ['interval', { from: '2024-01-01', to: '2024-02-12', interval: 'hour' }],
    ['interval', { from: '1970-01-02', to: '2199-12-31', interval: '15m' }],
    ['time_zone', { ...BERLIN, time_zone: 'Mars/Olympus' }],
    ['legs', { ...BERLIN, legs: 'both' }],
    ['direction', { ...BERLIN, direction: 'inbound' }],
  ] as const)
    it(`refuses ${new URLSearchParams(query)} for its ${field}`, async () => {
      const answer = await ask(query)
      const { error } = (await answer.json()) as { error: { code: string; field: string } }
      assert.deepEqual([answer.status, error.code, error.field], [400, 'bad_request', field])
    })

  it('refuses a parameter that is given twice', async () => {
    const answer = await server.native('/summary?from=2024-01-01&to=2024-01-02&legs=all&legs=primary')
    assert.equal(answer.status, 400)
  })
})
