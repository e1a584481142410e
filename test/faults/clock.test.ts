import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoFaults } from './faults.ts'
import { ServedCalls } from './served-calls.ts'

const why = whyNoFaults()
if (why !== null) console.log(`skipped: ${why}`)

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S
const UUID = '00000000-0000-4000-8000-0000000c10c0'

interface Answer {
  stored: number
  rejected: { field: string; reason: string }[]
}

/** Sends one report, and answers with what became of it. */
async function tell({ server }: ServedCalls, body: Record<string, unknown>): Promise<Answer> {
  const answer = await server.send(JSON.stringify({ call_uuid: UUID, ...body }))
  assert.equal(answer.status, 200)
  return (await answer.json()) as Answer
}

async function read<T>({ server }: ServedCalls, path: string): Promise<T> {
  const answer = await server.ask(path)
  assert.equal(answer.status, 200, path)
  return (await answer.json()) as T
}

const inS = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

describe('a server whose clock jumps', { skip: why ?? false }, () => {
  it('back by two days quarantines what is a day ahead of it, and takes it once the clock is right', async () => {
    const calls = new ServedCalls({ clock: true })
    try {
      await calls.start()
      assert.equal(await calls.send(20, { live: true }), 200)
      calls.faults.set([], { aheadS: -2 * DAY_S })
      const call = { started_at: inS(-60), ended_at: inS(-10) }
      const refused = await tell(calls, call)
      assert.match(refused.rejected[0]?.reason ?? '', /24 hours in the future: is a clock wrong/)
      assert.equal(await calls.send(20, { live: true, ends: true }), 200)
      assert.equal(await calls.check(), 40)
      calls.faults.set([])
      const { entries } = await read<{ entries: { id: number }[] }>(calls, '/quarantine')
      const replayed = await calls.server.ask(`/quarantine/${entries[0]?.id}/replay`, { method: 'POST' })
      assert.equal(replayed.status, 200)
      assert.equal((await read<{ state: string }>(calls, `/calls/${UUID}`)).state, 'ended')
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it('ahead by two days and back keeps every call, and each change is after the one before it', async () => {
    const calls = new ServedCalls({ clock: true })
    try {
      await calls.start()
      let last = 0
      for (const aheadS of [0, 2 * DAY_S, -2 * DAY_S, 0]) {
        calls.faults.set([], { aheadS })
        assert.equal(await calls.send(20, { live: true, ends: true }), 200)
        const { calls: changed, next } = await read<{ calls: { change_seq: number }[]; next: number }>(
          calls,
          `/changes?after=${last}&limit=1000`,
        )
        assert.ok(changed.length >= 20)
        assert.ok(changed.every(({ change_seq }) => change_seq > last))
        last = next
      }
      assert.equal(await calls.check(), 80)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it('ahead by half a day infers the ends of live calls, and each yields to the end that is reported later', async () => {
    const calls = new ServedCalls({ clock: true })
    const state = () => read<{ state: string; end_inferred: boolean; ended_at: string }>(calls, `/calls/${UUID}`)
    try {
      await calls.start({ CALLTRAIL_SILENT_CALL_S: '600' })
      const startedAt = inS(-30)
      await tell(calls, { kind: 'start', started_at: startedAt })
      assert.equal((await state()).state, 'ringing')
      await calls.server.end('SIGTERM')
      calls.faults.set([], { aheadS: 12 * HOUR_S })
      await calls.start({ CALLTRAIL_SILENT_CALL_S: '4' }) // It looks every second.
      while ((await state()).state !== 'ended');
      assert.equal((await state()).end_inferred, true)
      calls.faults.set([])
      const endedAt = inS(5)
      await tell(calls, { kind: 'end', ended_at: endedAt })
      const call = await state()
      assert.deepEqual([call.end_inferred, Date.parse(call.ended_at)], [false, Date.parse(endedAt)])
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })
})
