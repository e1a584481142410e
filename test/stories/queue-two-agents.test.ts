import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { at, isTheSameInAnyOrder, lines, reported, type Step, StoryAccount } from '../support/story.ts'

const CALLER = 'c0000000-0000-4000-8000-000000000001'
const TO_ANN = 'a0000000-0000-4000-8000-000000000002'
const TO_BOB = 'b0000000-0000-4000-8000-000000000003'
const SESSION = 'queue-1'

const sales = { ring_group: { id: 1, name: 'Sales' }, queued_at: at('10:00:05') }
const ann = { id: 7, alias: 'Ann', started_at: at('10:00:07') }
const bob = { id: 8, alias: 'Bob', started_at: at('10:00:07') }
const leg = { session_id: SESSION, leg: 'b', parent_uuid: CALLER, direction: 'internal', started_at: at('10:00:07') }

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
  // The menu answers for the switch; nobody has spoken to the caller yet.
  {
    report: reported('10:00:01', CALLER, {
      kind: 'update',
      answered_at: at('10:00:01'),
      center: { ivr: { id: 3, name: 'Main menu', entered_at: at('10:00:01') } },
    }),
    state: 'answered',
  },
  { report: reported('10:00:05', CALLER, { kind: 'update', center: { queues: [sales] } }), state: 'queued' },
  {
    report: reported('10:00:07', CALLER, {
      kind: 'update',
      center: { queues: [{ ...sales, distributed_at: at('10:00:07') }], agents: [ann, bob] },
    }),
    state: 'queued',
  },
  { report: reported('10:00:07', TO_ANN, { ...leg, kind: 'start', to: { number: '101' } }), state: 'queued' },
  { report: reported('10:00:07', TO_BOB, { ...leg, kind: 'start', to: { number: '102' } }), state: 'queued' },
  // Bob is faster, and Ann's phone stops ringing.
  { report: reported('10:00:15', TO_BOB, { kind: 'update', answered_at: at('10:00:15') }), state: 'queued' },
  {
    report: reported('10:00:15', CALLER, {
      kind: 'update',
      center: {
        queues: [{ ...sales, left_at: at('10:00:15'), left_by: 'answer' }],
        agents: [
          { ...bob, answered_at: at('10:00:15') },
          { ...ann, ended_at: at('10:00:15'), hangup_reason: 'LOSE_RACE' },
        ],
      },
    }),
    state: 'answered',
  },
  {
    report: reported('10:00:15', TO_ANN, { kind: 'end', ended_at: at('10:00:15'), hangup: { side: 'platform' } }),
    state: 'answered',
  },
  {
    report: reported('10:04:00', TO_BOB, { kind: 'end', ended_at: at('10:04:00'), hangup: { side: 'caller' } }),
    state: 'answered',
  },
  {
    report: reported('10:04:00', CALLER, {
      kind: 'end',
      ended_at: at('10:04:00'),
      hangup: { side: 'caller', sip_status: 200 },
      center: { agents: [{ ...bob, ended_at: at('10:04:00'), hangup_reason: 'NORMAL_CLEARING' }] },
    }),
    state: 'ended',
  },
]

describe('a queue rings Ann and Bob, and Bob answers', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ plivoHorizonDays: null })
  })
  after(() => server.stop())

  it('is one conversation: the caller waits until Bob answers, not until the menu does', async () => {
    const account = new StoryAccount(server)
    await account.watch(SESSION, STORY)
    const told = await account.session(SESSION)
    assert.deepEqual(lines(told), [
      '10:00:00 started a',
      '10:00:01 answered a',
      '10:00:01 ivr_entered',
      '10:00:05 queued Sales',
      '10:00:07 started b',
      '10:00:07 started b',
      '10:00:07 distributed Sales',
      '10:00:07 agent_rang Ann',
      '10:00:07 agent_rang Bob',
      '10:00:15 answered b',
      '10:00:15 left_queue Sales by answer',
      '10:00:15 agent_left Ann',
      '10:00:15 agent_answered Bob',
      '10:00:15 ended b by platform',
      '10:04:00 agent_left Bob',
      '10:04:00 ended a by caller',
      '10:04:00 ended b by caller',
    ])
    assert.deepEqual(told.call_types, ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla'])
    assert.deepEqual([told.wait_seconds, told.talk_seconds], [10, 225])
    assert.deepEqual([told.counted, await account.totals()], [1, { native: 1, primary: 1, plivo: 1 }])
    const rung = ['7', '8'].map((id) => account.get(`/calls?center.agents.id=${id}`))
    assert.deepEqual(
      (await Promise.all(rung)).map(({ total }) => total),
      [1, 1],
    )
    assert.equal((await account.get('/calls?center.ring_group.id=1&center.ivr.id=3')).total, 1)
  })

  it('is the same conversation in whatever order its reports come', () =>
    isTheSameInAnyOrder(server, { sessionId: SESSION, steps: STORY }))
})
