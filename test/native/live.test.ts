import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Reaper } from '../../src/ingest/reaper.ts'
import { EventStream } from '../support/event-stream.ts'
import { KEY, RunningServer } from '../support/running-server.ts'
import { uuidOf } from '../support/varied-calls.ts'

type Json = Record<string, unknown>

describe('GET /calls/live', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    const started = (n: number) => `2024-01-15T14:0${n}:00Z`
    const calls = [1, 2, 3, 4, 5].map((n) => ({
      call_uuid: uuidOf(n),
      kind: 'start',
      direction: n % 2 === 0 ? 'outbound' : 'inbound',
      from: { number: `+1202555010${n}` },
      started_at: started(n),
      ...(n === 4 ? { answered_at: started(4) } : {}),
    }))
    const leg = { ...calls[0], call_uuid: uuidOf(6), leg: 'b', parent_uuid: uuidOf(1) }
    await server.post([...calls, leg, { call_uuid: uuidOf(5), kind: 'end', ended_at: started(9) }])
  })
  after(() => server.stop())

  const live = async (query = ''): Promise<{ ids: number[]; body: Json }> => {
    const body = (await (await server.native(`/calls/live${query}`)).json()) as Json
    return { ids: ((body.calls ?? []) as Json[]).map((call) => Number(String(call.call_uuid).slice(-2))), body }
  }

  it('lists what has not ended, newest first, each conversation once', async () => {
    const { ids, body } = await live()
    assert.deepEqual([ids, body.total], [[4, 3, 2, 1], 4])
    assert.deepEqual((await live('?legs=all&order=started_at')).ids, [1, 6, 2, 3, 4])
  })

  it('takes the filters of the list', async () => {
    assert.deepEqual((await live('?direction=inbound')).ids, [3, 1])
    assert.deepEqual((await live('?state=answered')).ids, [4])
    assert.deepEqual((await live('?from=%2B12025550102')).ids, [2])
    assert.deepEqual((await live(`?call_uuid=${uuidOf(5)}`)).ids, [])
  })

  it('pages by cursor, which is none of the list of all calls', async () => {
    const first = await live('?limit=3')
    const second = await live(`?limit=3&cursor=${first.body.next_cursor}`)
    assert.deepEqual([first.ids, second.ids, second.body.next_cursor], [[4, 3, 2], [1], null])
    assert.equal((await server.native(`/calls?limit=3&cursor=${first.body.next_cursor}`)).status, 400)
  })

  const refused: [path: string, method: string, status: number][] = [
    ['?limit=0', 'GET', 400],
    ['?nonsense=1', 'GET', 400],
    ['?as=plivo', 'GET', 400],
    ['', 'POST', 405],
    ['', 'HEAD', 200],
  ]
  for (const [query, method, status] of refused)
    it(`answers ${status} to ${method} /calls/live${query}`, async () => {
      assert.equal((await server.native(`/calls/live${query}`, { method })).status, status)
    })
})

describe('one call, watched from its first ring to its end', () => {
  const UUID = '2b6f1c52-9a3e-4df4-8a49-6f0f3d4f1a10'
  const start = {
    call_uuid: UUID,
    kind: 'start',
    direction: 'inbound',
    from: { number: '+12025550101' },
    to: { number: '+12025550102' },
    started_at: '2024-01-15T14:00:00Z',
    reported_at: '2024-01-15T14:00:00Z',
  }
  const reports = [
    { report: start, state: 'ringing' },
    { report: { kind: 'update', rang_at: '2024-01-15T14:00:01Z' }, state: 'ringing' },
    {
      report: { kind: 'update', center: { queues: [{ ring_group: { id: 1 }, queued_at: '2024-01-15T14:00:02Z' }] } },
      state: 'queued',
    },
    {
      report: {
        kind: 'update',
        answered_at: '2024-01-15T14:00:09Z',
        center: {
          queues: [
            {
              ring_group: { id: 1 },
              queued_at: '2024-01-15T14:00:02Z',
              left_at: '2024-01-15T14:00:09Z',
              left_by: 'answer',
            },
          ],
        },
      },
      state: 'answered',
    },
    {
      report: { kind: 'end', ended_at: '2024-01-15T14:01:09Z', hangup: { side: 'caller', sip_status: 200 } },
      state: 'ended',
    },
  ]

  it('is on the list of live calls until it ends, and then where ended calls are; the stream shows each step', async (t) => {
    const server = await RunningServer.start({ plivoHorizonDays: null })
    t.after(() => server.stop())
    const stream = await EventStream.open(server)
    await stream.next()
    for (const { report, state } of reports) {
      await server.post({ call_uuid: UUID, ...report })
      const shown = await stream.call()
      assert.deepEqual([shown.call_uuid, shown.state], [UUID, state])
      const { calls, total } = (await (await server.native('/calls/live')).json()) as { calls: Json[]; total: number }
      assert.deepEqual(calls, state === 'ended' ? [] : [shown])
      assert.equal(total, state === 'ended' ? 0 : 1)
      assert.equal(await plivoStatus(server), state === 'ended' ? 200 : 404)
      assert.equal(await portsipTotal(server), state === 'ended' ? 1 : 0)
      assert.equal(await nectardeskTotal(server), 1)
    }
    const call = (await (await server.native(`/calls/${UUID}`)).json()) as Json
    assert.deepEqual(
      [call.duration, call.call_types],
      [60, ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla']],
    )
  })

  it('whose end never comes is ended by the reaper on all of them, until the end comes after all', async (t) => {
    const server = await RunningServer.start()
    t.after(() => server.stop())
    const stream = await EventStream.open(server)
    await stream.next()
    await server.post(start)
    assert.equal((await stream.call()).state, 'ringing')
    const { calls, now } = server.calltrail
    const onError = (error: unknown) => assert.fail(String(error))
    await new Reaper({ calls, now: () => now() + 2_000_000, silentCallS: 1, onError }).reap()
    const inferred = await stream.call()
    assert.deepEqual([inferred.state, inferred.end_inferred], ['ended', true])
    assert.equal(((await (await server.native('/calls/live')).json()) as Json).total, 0)
    await server.post({ call_uuid: UUID, kind: 'end', ended_at: '2024-01-15T14:01:09Z' })
    const ended = await stream.call()
    assert.deepEqual([ended.end_inferred, ended.ended_at], [false, '2024-01-15T14:01:09.000000Z'])
  })

  const plivoStatus = async (server: RunningServer) => (await server.plivo(`/Zentrunk/Call/${UUID}/`)).status

  async function portsipTotal(server: RunningServer): Promise<unknown> {
    const headers = { authorization: `Bearer ${KEY}` }
    const body = (await (await fetch(`${server.url}/api/calllogs?count=true`, { headers })).json()) as Json
    return body.count
  }

  async function nectardeskTotal(server: RunningServer): Promise<unknown> {
    const headers = { 'access-token': KEY }
    const answer = await fetch(`${server.url}/api/v1/calls/?dateFrom=2024-01-15&dateTo=2024-01-15`, { headers })
    return ((await answer.json()) as { meta?: Json }).meta?.total
  }
})
