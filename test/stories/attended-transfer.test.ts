import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'
import { at, isTheSameInAnyOrder, lines, reported, type Step, StoryAccount } from '../support/story.ts'

const CALLER = 'c0000000-0000-4000-8000-000000000001'
const CONSULTATION = 'a0000000-0000-4000-8000-000000000002'
const SESSION = 'attended 1'

const ann = { id: 7, alias: 'Ann', started_at: at('10:00:01') }
const bob = { id: 8, alias: 'Bob', started_at: at('10:01:00') }

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
      center: { agents: [ann] },
    }),
    state: 'ringing',
  },
  {
    report: reported('10:00:30', CALLER, {
      kind: 'update',
      answered_at: at('10:00:30'),
      center: { agents: [{ ...ann, answered_at: at('10:00:30') }] },
    }),
    state: 'answered',
  },
  // Ann puts the caller on hold and rings Bob: a call of its own between two phones of the PBX.
  {
    report: reported('10:01:00', CONSULTATION, {
      kind: 'start',
      session_id: SESSION,
      leg: 'b',
      parent_uuid: CALLER,
      direction: 'internal',
      from: { number: '101' },
      to: { number: '102' },
      started_at: at('10:01:00'),
    }),
    state: 'answered',
  },
  { report: reported('10:01:04', CONSULTATION, { kind: 'update', answered_at: at('10:01:04') }), state: 'answered' },
  {
    report: reported('10:01:04', CALLER, {
      kind: 'update',
      center: { agents: [{ ...bob, answered_at: at('10:01:04') }] },
    }),
    state: 'answered',
  },
  // Ann completes the transfer: the caller goes on with Bob.
  {
    report: reported('10:01:40', CONSULTATION, {
      kind: 'end',
      ended_at: at('10:01:40'),
      hangup: { side: 'caller', end_reason: 'ATTENDED_TRANSFER_COMPLETE' },
    }),
    state: 'answered',
  },
  {
    report: reported('10:01:40', CALLER, {
      kind: 'update',
      center: { agents: [{ ...ann, ended_at: at('10:01:40'), transfer: 'warm' }] },
    }),
    state: 'answered',
  },
  {
    report: reported('10:05:00', CALLER, {
      kind: 'end',
      ended_at: at('10:05:00'),
      hangup: { side: 'callee', sip_status: 200 },
      center: { agents: [{ ...bob, ended_at: at('10:05:00') }] },
    }),
    state: 'ended',
  },
]

describe('an attended transfer: Ann asks Bob first, and then puts the caller through to him', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ plivoHorizonDays: null })
  })
  after(() => server.stop())

  it('is one conversation; the consultation is a leg of it, and no call of its own', async () => {
    const account = new StoryAccount(server)
    await account.watch(SESSION, STORY)
    const told = await account.session(SESSION)
    assert.deepEqual(lines(told), [
      '10:00:00 started a',
      '10:00:01 agent_rang Ann',
      '10:00:30 answered a',
      '10:00:30 agent_answered Ann',
      '10:01:00 started b',
      '10:01:00 agent_rang Bob',
      '10:01:04 answered b',
      '10:01:04 agent_answered Bob',
      '10:01:40 transferred warm Ann to Bob',
      '10:01:40 agent_left Ann',
      '10:01:40 ended b by caller',
      '10:05:00 agent_left Bob',
      '10:05:00 ended a by callee',
    ])
    // Half a minute is more than the 20 seconds of the service level.
    assert.deepEqual(told.call_types, [
      'all_inbound',
      'inbound_answered',
      'inbound_answered_but_not_within_sla',
      'warm_transfer',
    ])
    assert.deepEqual([told.wait_seconds, told.talk_seconds], [30, 270])
    assert.deepEqual([told.counted, await account.totals()], [1, { native: 1, primary: 1, plivo: 1 }])
    assert.equal((await account.get('/calls?call_types=transfer')).total, 0)
    assert.equal((await account.get('/calls?call_types__in=transfer,warm_transfer')).total, 1)
  })

  it('is the same conversation in whatever order its reports come', () =>
    isTheSameInAnyOrder(server, { sessionId: SESSION, steps: STORY }))
})
