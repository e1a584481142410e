import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { at, StoryAccount } from '../support/story.ts'
import { uuidOf } from '../support/varied-calls.ts'

type Json = Record<string, unknown>

describe('GET /sessions/{session_id}', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  const aReport = (n: number, over: Json = {}): Json => ({
    call_uuid: uuidOf(n),
    session_id: 'one',
    direction: 'inbound',
    from: { number: '+12025550101' },
    started_at: at('10:00:00'),
    ended_at: at('10:00:10'),
    ...over,
  })
  const session = (id: string, init: RequestInit = {}) => server.native(`/sessions/${encodeURIComponent(id)}`, init)

  it('shows its legs as GET /calls/{call_uuid} does, and who and when as the calls do', async () => {
    await server.post([aReport(1), aReport(2, { leg: 'b', parent_uuid: uuidOf(1) })])
    const told = (await (await session('one')).json()) as Json
    const calls = await Promise.all([1, 2].map(async (n) => (await server.native(`/calls/${uuidOf(n)}`)).json()))
    assert.deepEqual(told.calls, calls)
    const [first] = calls as [Json]
    for (const name of [
      'session_id',
      'state',
      'direction',
      'from',
      'to',
      'started_at',
      'answered_at',
      'ended_at',
      'call_types',
    ])
      assert.deepEqual(told[name], first[name], name)
  })

  for (const [n, id] of ['a/b', 'ü ?&#%', '€'.repeat(256), `'; DROP TABLE calls; --`].entries())
    it(`finds a session by an id such as ${id.slice(0, 30)}`, async () => {
      await server.post(aReport(100 + n, { session_id: id }))
      const answer = await session(id)
      assert.equal(answer.status, 200)
      assert.equal(((await answer.json()) as Json).session_id, id)
    })

  it("knows neither a session that is not there nor another account's", async () => {
    const other = new StoryAccount(server)
    await other.send([aReport(200, { session_id: 'foreign' })])
    for (const id of ['none', 'foreign', 'x'.repeat(257), '\u0000']) {
      const answer = await session(id)
      assert.deepEqual([answer.status, ((await answer.json()) as { error: Json }).error.code], [404, 'not_found'], id)
    }
  })

  it('has the call that a callback goes back to, where it is a call of the account', async () => {
    const center = { automated_callback: true, original_call_uuid: uuidOf(200) }
    await server.post([
      aReport(300, { session_id: 'asks' }),
      aReport(301, { session_id: 'calls back', center: { ...center, original_call_uuid: uuidOf(300) } }),
      aReport(302, { session_id: 'calls back to nowhere', center }),
    ])
    const related = async (id: string) => ((await (await session(id)).json()) as { related: Json[] }).related
    assert.deepEqual(
      (await related('calls back')).map((call) => call.call_uuid),
      [uuidOf(300)],
    )
    assert.deepEqual(await related('calls back to nowhere'), [])
  })

  const refused: [path: string, method: string, status: number][] = [
    ['/sessions/one?limit=1', 'GET', 400],
    ['/sessions/one', 'DELETE', 405],
    ['/sessions/one', 'HEAD', 200],
    ['/sessions', 'GET', 404],
    ['/sessions/%zz', 'GET', 400],
  ]
  for (const [path, method, status] of refused)
    it(`answers ${status} to ${method} ${path}`, async () => {
      assert.equal((await server.native(path, { method })).status, status)
    })
})
