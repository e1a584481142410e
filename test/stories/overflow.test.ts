import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { at, isTheSameInAnyOrder, lines, reported, type Step, StoryAccount } from '../support/story.ts'

const CALLER = 'c0000000-0000-4000-8000-000000000001'
const TO_ANN = 'a0000000-0000-4000-8000-000000000002'
const TO_BOB = 'b0000000-0000-4000-8000-000000000003'
const SESSION = 'overflow-1'

const sales = { ring_group: { id: 1, name: 'Sales' }, queued_at: at('10:00:02') }
const desk = { ring_group: { id: 2, name: 'Front desk' }, queued_at: at('10:00:32') }
const ann = { id: 7, alias: 'Ann', started_at: at('10:00:04') }
const bob = { id: 8, alias: 'Bob', started_at: at('10:00:33') }
const leg = { session_id: SESSION, leg: 'b', parent_uuid: CALLER, direction: 'internal' }

const STORY: Step[] = [
  {
    report: reported('10:00:00', CALLER, {
      kind: 'start',
      session_id: SESSION,
      leg: 'a',
      direction: 'inbound',
      from: { number: '+12025550101' },
      to: { number: '+12025550102' },
      started_at: at('10:00:00'),
    }),
    state: 'ringing',
  },
  { report: reported('10:00:02', CALLER, { kind: 'update', center: { queues: [sales] } }), state: 'queued' },
  {
    report: reported('10:00:04', CALLER, {
      kind: 'update',
      center: { queues: [{ ...sales, distributed_at: at('10:00:04') }], agents: [ann] },
    }),
    state: 'queued',
  },
  {
    report: reported('10:00:04', TO_ANN, { ...leg, kind: 'start', to: { number: '101' }, started_at: at('10:00:04') }),
    state: 'queued',
  },
  // Ann does not answer within half a minute: the caller goes on to the front desk.
  {
    report: reported('10:00:32', TO_ANN, { kind: 'end', ended_at: at('10:00:32'), hangup: { side: 'platform' } }),
    state: 'queued',
  },
  {
    report: reported('10:00:32', CALLER, {
      kind: 'update',
      center: {
        queues: [{ ...sales, left_at: at('10:00:32'), left_by: 'overflow' }, desk],
        agents: [{ ...ann, ended_at: at('10:00:32'), hangup_reason: 'NO_ANSWER' }],
      },
    }),
    state: 'queued',
  },
  {
    report: reported('10:00:33', CALLER, {
      kind: 'update',
      center: { queues: [{ ...desk, distributed_at: at('10:00:33') }], agents: [bob] },
    }),
    state: 'queued',
  },
  {
    report: reported('10:00:33', TO_BOB, { ...leg, kind: 'start', to: { number: '102' }, started_at: at('10:00:33') }),
    state: 'queued',
  },
  {
    report: reported('10:00:40', CALLER, {
      kind: 'update',
      answered_at: at('10:00:40'),
      center: {
        queues: [{ ...desk, left_at: at('10:00:40'), left_by: 'answer' }],
        agents: [{ ...bob, answered_at: at('10:00:40') }],
      },
    }),
    state: 'answered',
  },
  { report: reported('10:00:40', TO_BOB, { kind: 'update', answered_at: at('10:00:40') }), state: 'answered' },
  {
    report: reported('10:02:00', CALLER, {
      kind: 'end',
      ended_at: at('10:02:00'),
      hangup: { side: 'caller', sip_status: 200 },
      center: { agents: [{ ...bob, ended_at: at('10:02:00') }] },
    }),
    state: 'answered',
  },
  // Bob's phone is the last to notice.
  { report: reported('10:02:01', TO_BOB, { kind: 'end', ended_at: at('10:02:01') }), state: 'ended' },
]

describe('Sales does not answer, the call overflows to the front desk, and Bob answers there', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ plivoHorizonDays: null })
  })
  after(() => server.stop())

  it('is one conversation, answered and overflowed, which waited since the first queue', async () => {
    const account = new StoryAccount(server)
    await account.watch(SESSION, STORY)
    const told = await account.session(SESSION)
    assert.deepEqual(lines(told), [
      '10:00:00 started a',
      '10:00:02 queued Sales',
      '10:00:04 started b',
      '10:00:04 distributed Sales',
      '10:00:04 agent_rang Ann',
      '10:00:32 left_queue Sales by overflow',
      '10:00:32 queued Front desk',
      '10:00:32 agent_left Ann',
      '10:00:32 ended b by platform',
      '10:00:33 started b',
      '10:00:33 distributed Front desk',
      '10:00:33 agent_rang Bob',
      '10:00:40 answered a',
      '10:00:40 answered b',
      '10:00:40 left_queue Front desk by answer',
      '10:00:40 agent_answered Bob',
      '10:02:00 agent_left Bob',
      '10:02:00 ended a by caller',
      '10:02:01 ended b',
    ])
    assert.deepEqual(told.call_types, [
      'all_inbound',
      'inbound_answered',
      'inbound_answered_but_not_within_sla',
      'overflowed',
    ])
    assert.deepEqual([told.wait_seconds, told.talk_seconds], [38, 80])
    assert.deepEqual([told.counted, await account.totals()], [1, { native: 1, primary: 1, plivo: 1 }])
    // The call is the last queue's.
    assert.equal((await account.get('/calls?center.ring_group.id=2')).total, 1)
    assert.equal((await account.get('/calls?center.ring_group.id=1')).total, 0)
  })

  it('is the same conversation in whatever order its reports come', () =>
    isTheSameInAnyOrder(server, { sessionId: SESSION, steps: STORY }))
})
