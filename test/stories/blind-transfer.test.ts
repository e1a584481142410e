import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { at, isTheSameInAnyOrder, lines, reported, type Step, StoryAccount } from '../support/story.ts'

const CALLER = 'c0000000-0000-4000-8000-000000000001'
const TO_ANN = 'a0000000-0000-4000-8000-000000000002'
const TO_BOB = 'b0000000-0000-4000-8000-000000000003'
const SESSION = 'blind/1'

const ann = { id: 7, alias: 'Ann', started_at: at('10:00:01') }
const bob = { id: 8, alias: 'Bob', started_at: at('10:01:00') }
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
  {
    report: reported('10:00:01', TO_ANN, { ...leg, kind: 'start', to: { number: '101' }, started_at: at('10:00:01') }),
    state: 'ringing',
  },
  { report: reported('10:00:08', TO_ANN, { kind: 'update', answered_at: at('10:00:08') }), state: 'ringing' },
  {
    report: reported('10:00:08', CALLER, {
      kind: 'update',
      answered_at: at('10:00:08'),
      center: { agents: [{ ...ann, answered_at: at('10:00:08') }] },
    }),
    state: 'answered',
  },
  // Ann presses transfer, dials 102 and hangs up.
  {
    report: reported('10:01:00', TO_ANN, { kind: 'end', ended_at: at('10:01:00'), hangup: { side: 'callee' } }),
    state: 'answered',
  },
  {
    report: reported('10:01:00', CALLER, {
      kind: 'update',
      center: { agents: [{ ...ann, ended_at: at('10:01:00'), transfer: 'blind' }, bob] },
    }),
    state: 'answered',
  },
  {
    report: reported('10:01:00', TO_BOB, { ...leg, kind: 'start', to: { number: '102' }, started_at: at('10:01:00') }),
    state: 'answered',
  },
  { report: reported('10:01:05', TO_BOB, { kind: 'update', answered_at: at('10:01:05') }), state: 'answered' },
  {
    report: reported('10:01:05', CALLER, {
      kind: 'update',
      center: { agents: [{ ...bob, answered_at: at('10:01:05') }] },
    }),
    state: 'answered',
  },
  { report: reported('10:03:00', TO_BOB, { kind: 'end', ended_at: at('10:03:00') }), state: 'answered' },
  {
    report: reported('10:03:00', CALLER, {
      kind: 'end',
      ended_at: at('10:03:00'),
      hangup: { side: 'caller', sip_status: 200 },
      center: { agents: [{ ...bob, ended_at: at('10:03:00'), transfer: 'none' }] },
    }),
    state: 'ended',
  },
]

describe('a blind transfer: Ann answers, and passes the caller on to Bob unannounced', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ plivoHorizonDays: null })
  })
  after(() => server.stop())

  it('is one conversation, live until the caller hangs up', async () => {
    const account = new StoryAccount(server)
    await account.watch(SESSION, STORY)
    const told = await account.session(SESSION)
    assert.deepEqual(lines(told), [
      '10:00:00 started a',
      '10:00:01 started b',
      '10:00:01 agent_rang Ann',
      '10:00:08 answered a',
      '10:00:08 answered b',
      '10:00:08 agent_answered Ann',
      '10:01:00 started b',
      '10:01:00 transferred blind Ann to Bob',
      '10:01:00 agent_left Ann',
      '10:01:00 agent_rang Bob',
      '10:01:00 ended b by callee',
      '10:01:05 answered b',
      '10:01:05 agent_answered Bob',
      '10:03:00 agent_left Bob',
      '10:03:00 ended a by caller',
      '10:03:00 ended b',
    ])
    assert.deepEqual(told.call_types, ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla', 'transfer'])
    assert.deepEqual([told.primary, told.counted, told.calls.length], [CALLER, 1, 3])
    assert.deepEqual([told.wait_seconds, told.talk_seconds], [8, 172])
    assert.deepEqual(await account.totals(), { native: 1, primary: 1, plivo: 1 })
    const transfers = await account.get('/calls?call_types=transfer&legs=all')
    assert.deepEqual([transfers.total, (await account.get('/calls?center.agents.id=8')).total], [1, 1])
  })

  it('is the same conversation in whatever order its reports come', () =>
    isTheSameInAnyOrder(server, { sessionId: SESSION, steps: STORY }))
})
