import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { uuidOf } from '../support/varied-calls.ts'

type Call = { call_uuid: string; change_seq: number; started_at: string }

const CALLS = 6000
/** More than the sockets between two processes of one machine hold, so that the export is under way when it is not read. */
const USER_DATA = 'x'.repeat(2000)

const startedAt = (s: number) => new Date(Date.UTC(2024, 0, 15) + s * 1000).toISOString()
const aCall = (n: number) => ({
  call_uuid: uuidOf(n),
  direction: 'inbound',
  started_at: startedAt(n),
  ended_at: startedAt(n + 60),
  user_data: USER_DATA,
})
const moved = (n: number, s: number) => ({
  kind: 'correction',
  call_uuid: uuidOf(n),
  reported_at: '2024-02-01T00:00:00Z',
  started_at: startedAt(s),
  ended_at: startedAt(s + 60),
})

describe('An export during which calls are moved in its order', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    for (let at = 0; at < CALLS; at += 500) await server.post(Array.from({ length: 500 }, (_, n) => aCall(at + n)))
  })
  after(() => server.stop())

  const linesOf = (text: string) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Call)
  const latest = (calls: readonly Call[]) => {
    const held = new Map<string, Call>()
    for (const call of calls)
      if ((held.get(call.call_uuid)?.change_seq ?? 0) <= call.change_seq) held.set(call.call_uuid, call)
    return [...held.values()].map(({ call_uuid, change_seq, started_at }) => ({ call_uuid, change_seq, started_at }))
  }

  it('is whole with the changes since it began, of each call the latest', async () => {
    const response = await server.native('/calls/export?legs=all&order=started_at')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const { value } = await reader.read()
    // Shown already and then once more; and away from what is still to be shown.
    await server.post([moved(0, CALLS + 100), moved(CALLS - 1, -100)])
    const chunks = [value as Uint8Array]
    for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value)
    const shown = linesOf(Buffer.concat(chunks).toString('utf8'))
    const times = (n: number) => shown.filter(({ call_uuid }) => call_uuid === uuidOf(n)).length
    assert.deepEqual([times(0), times(CALLS - 1)], [2, 0])

    const after = Number(response.headers.get('calltrail-changes-after'))
    const changes = (await (await server.native(`/changes?after=${after}`)).json()) as { calls: Call[] }
    assert.equal(changes.calls.length, 2)
    const again = linesOf(await (await server.native('/calls/export?legs=all')).text())
    const byUuid = (a: Call, b: Call) => a.call_uuid.localeCompare(b.call_uuid)
    assert.deepEqual(latest([...shown, ...changes.calls]).sort(byUuid), latest(again).sort(byUuid))
  })
})
