import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { at, lines, reported, type Step, StoryAccount, shuffled, timeless } from '../support/story.ts'

const REQUEST = 'c0000000-0000-4000-8000-000000000001'
const CALLBACK = 'c0000000-0000-4000-8000-000000000002'
const ASKED = 'callback-request'
const CALLED = 'callback-call'

const sales = { ring_group: { id: 1, name: 'Sales' }, queued_at: at('10:00:02') }
const bob = { id: 8, alias: 'Bob', started_at: at('10:20:00') }

/** The caller waits, presses 1 to be called back, and hangs up. */
const THE_REQUEST: Step[] = [
  {
    report: reported('10:00:00', REQUEST, {
      kind: 'start',
      session_id: ASKED,
      direction: 'inbound',
      from: { number: '+12025550101' },
      to: { number: '+12025550102' },
      started_at: at('10:00:00'),
    }),
    state: 'ringing',
  },
  {
    report: reported('10:00:02', REQUEST, { kind: 'update', answered_at: at('10:00:02'), center: { queues: [sales] } }),
    state: 'queued',
  },
  {
    report: reported('10:00:50', REQUEST, {
      kind: 'update',
      center: { queues: [{ ...sales, left_at: at('10:00:50'), left_by: 'callback' }], requested_callback: true },
    }),
    state: 'answered',
  },
  {
    report: reported('10:00:55', REQUEST, {
      kind: 'end',
      ended_at: at('10:00:55'),
      hangup: { side: 'caller', sip_status: 200 },
    }),
    state: 'ended',
  },
]

/** When Bob is free, the platform calls back and puts him through. */
const THE_CALLBACK: Step[] = [
  {
    report: reported('10:20:00', CALLBACK, {
      kind: 'start',
      session_id: CALLED,
      direction: 'outbound',
      from: { number: '+12025550102' },
      to: { number: '+12025550101' },
      started_at: at('10:20:00'),
      center: { automated_callback: true, original_call_uuid: REQUEST, agents: [bob] },
    }),
    state: 'ringing',
  },
  {
    report: reported('10:20:12', CALLBACK, {
      kind: 'update',
      answered_at: at('10:20:12'),
      center: { agents: [{ ...bob, answered_at: at('10:20:12') }] },
    }),
    state: 'answered',
  },
  {
    report: reported('10:25:00', CALLBACK, {
      kind: 'end',
      ended_at: at('10:25:00'),
      hangup: { side: 'callee', sip_status: 200 },
      center: { agents: [{ ...bob, ended_at: at('10:25:00') }] },
    }),
    state: 'ended',
  },
]

describe('a caller asks to be called back, and is', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ plivoHorizonDays: null })
  })
  after(() => server.stop())

  it('is two conversations, of which the second knows the first', async () => {
    const account = new StoryAccount(server)
    await account.watch(ASKED, THE_REQUEST)
    await account.watch(CALLED, THE_CALLBACK)
    const [asked, called] = [await account.session(ASKED), await account.session(CALLED)]
    assert.deepEqual(lines(asked), [
      '10:00:00 started whole',
      '10:00:02 answered whole',
      '10:00:02 queued Sales',
      '10:00:50 left_queue Sales by callback',
      '10:00:55 ended whole by caller',
    ])
    assert.deepEqual(lines(called), [
      '10:20:00 started whole',
      '10:20:00 agent_rang Bob',
      '10:20:12 answered whole',
      '10:20:12 agent_answered Bob',
      '10:25:00 agent_left Bob',
      '10:25:00 ended whole by callee',
    ])
    assert.deepEqual(asked.call_types, ['all_inbound', 'callback'])
    assert.deepEqual(called.call_types, ['all_outbound', 'outbound_answered', 'automated_callback'])
    assert.deepEqual([asked.related, called.related], [[], asked.calls])
    const back = (await account.get(`/calls?center.original_call_uuid=${REQUEST}`)) as {
      calls: { call_uuid: string }[]
    }
    assert.deepEqual(
      back.calls.map((call) => call.call_uuid),
      [CALLBACK],
    )
    assert.deepEqual(await account.totals(), { native: 2, primary: 2, plivo: 2 })
  })

  it('is the same two conversations in whatever order the reports come', async () => {
    const steps = [...THE_REQUEST, ...THE_CALLBACK]
    const tell = async (reports: Record<string, unknown>[]) => {
      const account = new StoryAccount(server)
      await account.send(reports)
      assert.deepEqual(await account.totals(), { native: 2, primary: 2, plivo: 2 })
      return [timeless(await account.session(ASKED)), timeless(await account.session(CALLED))]
    }
    const expected = await tell(steps.map(({ report }) => report))
    for (let seed = 1; seed <= 6; seed += 1)
      assert.deepEqual(await tell(shuffled(steps, seed)), expected, `seed ${seed}`)
  })
})
