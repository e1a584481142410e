import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  aCdr,
  anonymous,
  type CdrGiven,
  type Event,
  liveEventsOf,
  PortsipPbx,
  shuffled,
  type Wire,
} from './support/portsip-pbx.ts'
import { Seeded } from './support/seeded.ts'

/** The menu that most of these calls go through, and the queue after it until a time. */
const MENU = { callee: '5100', at: 0, answered: 0, ended: 7, reason: 'referred' }
const queueUntil = (ended: number, reason = 'referred') => ({ callee: '8100', at: 7, answered: 7, ended, reason })

const clock = (time: string | null) =>
  time === null ? null : Number(time.slice(14, 16)) * 60 + Number(time.slice(17, 19)) - 600

/** What became of it in seconds from the start: `[id, rung, answered, ended, transfer, why]`. */
const agentsOf = ({ center }: Wire) =>
  center.agents.map((agent: Wire) => [
    agent.id,
    clock(agent.started_at),
    clock(agent.answered_at),
    clock(agent.ended_at),
    agent.transfer,
    agent.hangup_reason,
  ])
/** `[ring group, queued, distributed, left, by]`. */
const queuesOf = ({ center }: Wire) =>
  center.queues.map((queue: Wire) => [
    queue.ring_group?.id ?? null,
    clock(queue.queued_at),
    clock(queue.distributed_at),
    clock(queue.left_at),
    queue.left_by,
  ])
const hangupOf = ({ hangup: { side, sip_status, end_reason } }: Wire) => [side, sip_status, end_reason]

interface Story {
  title: string
  cdr: CdrGiven
  services?: object[]
  /** The conversation and its legs by number. */
  tells(call: Wire, legs: Wire[]): void
}

const stories: Story[] = [
  {
    title: 'an extension calls another, which answers: a plain call',
    cdr: {
      direction: 'ext',
      caller: '104',
      callee: '105',
      answered: 5,
      ended: 65,
      reason: 'callee_disconnect',
      targets: [{ callee: '105', at: 0, answered: 5, ended: 65, extra: { caller: '104' } }],
    },
    tells(call, [leg]) {
      assert.deepEqual([call.direction, call.center, call.call_types, call.duration], ['internal', null, [], 60])
      assert.deepEqual([leg?.from.number, leg?.to.number, leg?.hangup.side], ['104', '105', 'callee'])
    },
  },
  {
    title: 'an extension answers at once and hands an extension on: still plain, no menu',
    cdr: {
      direction: 'internal',
      caller: '104',
      callee: '105',
      answered: 0,
      ended: 65,
      reason: 'caller_disconnect',
      targets: [
        { callee: '105', at: 0, answered: 0, ended: 10, reason: 'referred' },
        { callee: '106', at: 10, answered: 14, ended: 65 },
      ],
    },
    tells: (call) => assert.equal(call.center, null),
  },
  {
    title: 'nobody answers a direct call, and the caller gives up',
    cdr: {
      callee: '105',
      ended: 12,
      reason: 'cancelled',
      code: 487,
      targets: [{ callee: '105', at: 0, ended: 12, reason: 'cancelled', code: 487 }],
    },
    tells(call, [leg]) {
      assert.deepEqual([call.answered_at, call.duration, call.center], [null, 0, null])
      assert.deepEqual(hangupOf(call), ['caller', 487, 'CANCELLED'])
      assert.deepEqual(hangupOf(leg as Wire), ['caller', 487, 'CANCELLED'])
      assert.deepEqual(call.call_types, ['all_inbound'])
    },
  },
  {
    title: 'a busy extension refuses with 486',
    cdr: {
      direction: 'ext',
      caller: '104',
      callee: '105',
      ended: 1,
      code: 486,
      targets: [{ callee: '105', at: 0, rang: null, ended: 1, code: 486 }],
    },
    tells(call, [leg]) {
      assert.deepEqual([hangupOf(call), call.hangup.code], [['callee', 486, null], 4410])
      assert.deepEqual([call.state, leg?.rang_at, leg?.answered_at], ['ended', null, null])
    },
  },
  {
    title: 'an agent hands the caller on to an outside number without asking',
    cdr: {
      direction: 'in',
      caller: '+442079460301',
      callee: '104',
      answered: 5,
      ended: 80,
      reason: 'caller_disconnect',
      targets: [
        { callee: '104', at: 0, answered: 5, ended: 30, reason: 'referred' },
        { callee: '+442079460555', at: 30, answered: 40, ended: 80 },
      ],
    },
    tells(call) {
      assert.deepEqual(call.center.external_numbers, [{ number: '+442079460555', transfer: 'blind' }])
      assert.ok(call.call_types.includes('transfer'))
    },
  },
  {
    title: 'an agent hands the caller on without asking: a blind transfer',
    cdr: {
      answered: 0,
      ended: 120,
      reason: 'callee_disconnect',
      targets: [
        MENU,
        queueUntil(15),
        { callee: '104', at: 8, answered: 15, ended: 60, reason: 'referred', type: 'queue_call' },
        { callee: '106', at: 60, answered: 64, ended: 120 },
      ],
    },
    tells(call) {
      assert.deepEqual(agentsOf(call), [
        [104, 8, 15, 60, 'blind', 'NORMAL_CLEARING'],
        [106, 60, 64, 120, 'none', 'NORMAL_CLEARING'],
      ])
      assert.deepEqual(queuesOf(call), [[8100, 7, 8, 15, 'answer']])
      const types = ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla', 'transfer']
      assert.deepEqual(call.call_types, types)
    },
  },
  {
    title: 'an agent asks a colleague first: an attended transfer',
    cdr: {
      answered: 0,
      ended: 120,
      reason: 'caller_disconnect',
      targets: [
        MENU,
        queueUntil(15),
        { callee: '104', at: 8, answered: 15, ended: 80, reason: 'replaced' },
        { callee: '106', at: 50, answered: 55, ended: 120 },
      ],
    },
    tells(call) {
      assert.deepEqual(
        agentsOf(call).map(([id, , , , transfer]: unknown[]) => [id, transfer]),
        [
          [104, 'warm'],
          [106, 'none'],
        ],
      )
      assert.ok(call.call_types.includes('warm_transfer'))
      assert.ok(!call.call_types.includes('transfer'))
    },
  },
  {
    title: 'a direct call is handed on: the transfer shows, though there is no queue',
    cdr: {
      callee: '104',
      answered: 5,
      ended: 90,
      reason: 'blind_transfer_completed',
      targets: [
        { callee: '104', at: 0, answered: 5, ended: 40, reason: 'blind_transfer_complete' },
        { callee: '106', at: 40, answered: 46, ended: 90 },
      ],
    },
    tells(call) {
      assert.equal(call.hangup.end_reason, 'BLIND_TRANSFER_COMPLETED')
      assert.deepEqual(queuesOf(call), [])
      assert.ok(call.call_types.includes('transfer'))
    },
  },
  {
    title: 'the first queue gives the caller away to a second, where an agent answers: overflow',
    cdr: {
      answered: 0,
      ended: 150,
      reason: 'caller_disconnect',
      targets: [
        MENU,
        queueUntil(40),
        { callee: '104', at: 9, ended: 24, code: 480 },
        { callee: '8200', at: 40, answered: 40, ended: 52, reason: 'referred' },
        { callee: '107', at: 41, answered: 52, ended: 150 },
      ],
    },
    tells(call) {
      assert.deepEqual(queuesOf(call), [
        [8100, 7, 9, 40, 'overflow'],
        [8200, 40, 41, 52, 'answer'],
      ])
      assert.equal(call.center.ring_group.id, 8200)
      assert.deepEqual(call.call_types, [
        'all_inbound',
        'inbound_answered',
        'inbound_answered_but_not_within_sla',
        'overflowed',
      ])
    },
  },
  {
    title: 'an agent is rung twice and answers the second time: two legs, two entries',
    cdr: {
      answered: 0,
      ended: 90,
      reason: 'caller_disconnect',
      targets: [
        MENU,
        queueUntil(45),
        { callee: '104', at: 8, ended: 23, reason: 'cancelled', code: 487 },
        { callee: '104', at: 38, answered: 45, ended: 90 },
      ],
    },
    tells(call, legs) {
      assert.deepEqual(agentsOf(call), [
        [104, 8, null, 23, 'none', 'ORIGINATOR_CANCEL'],
        [104, 38, 45, 90, 'none', 'NORMAL_CLEARING'],
      ])
      const rung = legs.filter(({ to }) => to.number === '104')
      assert.deepEqual(
        rung.map((leg) => [clock(leg.started_at), clock(leg.answered_at), clock(leg.ended_at), leg.hangup.side]),
        [
          [8, null, 23, 'platform'],
          [38, 45, 90, 'caller'],
        ],
      )
    },
  },
  {
    title: 'an agent answers in the very second in which the caller gives up',
    cdr: {
      answered: 0,
      ended: 20,
      reason: 'caller_disconnect',
      targets: [MENU, queueUntil(20), { callee: '104', at: 8, answered: 20, ended: 20 }],
    },
    tells(call) {
      assert.deepEqual([clock(call.answered_at), call.duration], [0, 20])
      assert.deepEqual(agentsOf(call), [[104, 8, 20, 20, 'none', 'NORMAL_CLEARING']])
    },
  },
  {
    title: 'a caller gives up in the queue after agents were rung',
    services: [{ number: '8100', kind: 'queue', name: 'Sales' }],
    cdr: {
      answered: 0,
      ended: 40,
      reason: 'caller_disconnect',
      targets: [
        MENU,
        queueUntil(40, 'caller_disconnect'),
        { callee: '104', at: 9, ended: 24, code: 480 },
        { callee: '105', at: 25, ended: 40, reason: 'cancelled', code: 487 },
      ],
    },
    tells(call) {
      assert.deepEqual(queuesOf(call), [[8100, 7, 9, 40, 'hangup']])
      assert.deepEqual(call.center.ring_group, { id: 8100, name: 'Sales' })
      assert.deepEqual(call.call_types, ['all_inbound', 'abandoned_distributed'])
    },
  },
  {
    title: 'a caller gives up in a queue in which nobody was rung, which only the services tell',
    services: [
      { number: '5100', kind: 'ivr', name: 'Welcome' },
      { number: '8100', kind: 'queue', name: 'Sales' },
    ],
    cdr: {
      answered: 0,
      ended: 40,
      reason: 'caller_disconnect',
      targets: [MENU, queueUntil(40, 'caller_disconnect')],
    },
    tells(call) {
      assert.deepEqual(call.center.ivr, { id: 5100, name: 'Welcome', entered_at: '2025-01-02T13:10:00.000000Z' })
      assert.deepEqual(queuesOf(call), [[8100, 7, null, 40, 'hangup']])
      assert.deepEqual(call.call_types, ['all_inbound', 'abandoned'])
    },
  },
  {
    title: 'a caller hangs up in a menu that the services name',
    services: [{ number: '5100', kind: 'ivr', name: null }],
    cdr: {
      answered: 0,
      ended: 30,
      reason: 'caller_disconnect',
      targets: [{ ...MENU, ended: 30, reason: 'caller_disconnect' }],
    },
    tells: (call) => assert.deepEqual(call.call_types, ['all_inbound', 'inbound_ivr_exit']),
  },
  {
    title: 'a ring group rings its members, one of whom answers',
    cdr: {
      callee: '8300',
      answered: 6,
      ended: 60,
      reason: 'caller_disconnect',
      targets: [
        { callee: '104', at: 0, ended: 6, reason: 'cancelled', type: 'ring_group_call', code: 487 },
        { callee: '105', at: 0, answered: 6, ended: 60, type: 'ring_group_call' },
      ],
    },
    tells(call) {
      assert.deepEqual(queuesOf(call), [[8300, 0, 0, 6, 'answer']])
      assert.deepEqual(call.call_types, ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla'])
    },
  },
  {
    title: 'a caller in the queue asks to be called back, and is',
    cdr: {
      answered: 0,
      ended: 200,
      reason: 'callee_disconnect',
      targets: [
        MENU,
        queueUntil(30),
        { callee: '104', at: 9, ended: 24, code: 480 },
        { callee: '105', at: 100, answered: 105, ended: 200, type: 'queue_callback_call' },
      ],
    },
    tells(call) {
      assert.deepEqual(queuesOf(call)[0].slice(-1), ['callback'])
      assert.equal(call.center.requested_callback, true)
      assert.ok(call.call_types.includes('callback'))
    },
  },
  {
    title: 'the PBX calls somebody back by itself',
    cdr: {
      direction: 'out',
      caller: '8100',
      callee: '12025550147',
      answered: 9,
      ended: 50,
      reason: 'callee_disconnect',
      targets: [{ callee: '12025550147', at: 0, answered: 9, ended: 50, type: 'callback_call' }],
    },
    tells(call) {
      assert.equal(call.center.automated_callback, true)
      assert.deepEqual(call.call_types, ['all_outbound', 'outbound_answered', 'automated_callback'])
    },
  },
  {
    title: 'an extension calls out over a trunk',
    cdr: {
      direction: 'outbound',
      caller: '104',
      callee: '12025550133',
      answered: 11,
      ended: 71,
      reason: 'callee_disconnect',
      extra: { outbound_caller_id: '12025550190' },
      targets: [{ callee: '12025550133', at: 0, answered: 11, ended: 71, extra: { caller: '104', cost: '0.0345' } }],
    },
    tells(call, [leg]) {
      assert.deepEqual([call.direction, call.center, call.outbound_caller_id], ['outbound', null, '12025550190'])
      assert.deepEqual([call.trunk.name, call.trunk.id, leg?.trunk.id], ['31:901000000000000077', null, null])
      assert.deepEqual([call.cost.amount, leg?.cost.amount], ['0.03450', '0.03450'])
      assert.deepEqual([call.call_types, call.hangup.by], [['all_outbound', 'outbound_answered'], 'carrier'])
    },
  },
]

describe('what a PortSIP PBX tells of a call', () => {
  let pbx: PortsipPbx
  before(async () => {
    pbx = await PortsipPbx.start()
  })
  after(() => pbx.stop())

  stories.forEach(({ title, cdr: given, services = [], tells }, index) => {
    it(title, async () => {
      const cdr = aCdr(given)
      const source = `story-${index}`
      await pbx.put(source, { services })
      await pbx.send([...liveEventsOf(cdr), cdr], source)
      const legs = (await pbx.calls(source)).filter(({ leg }) => leg === 'b')
      assert.equal(legs.length, (cdr.call_targets as Event[]).length)
      tells(await pbx.call(source), legs)
    })

    it(`${title}: the same in any order, and whatever is lost before the CDR`, async () => {
      const cdr = aCdr(given)
      const live = liveEventsOf(cdr)
      const expected = anonymous(await pbx.calls(`story-${index}`), `story-${index}`)
      for (let seed = 1; seed <= 5; seed++) {
        const seeded = new Seeded(seed)
        const source = `story-${index}-${seed}`
        await pbx.put(source, { services })
        const [start, ...others] = live
        // With the call_start the cdr_id would be lost, which no other event of these says.
        const kept = seed < 3 ? live : [start as Event, ...others.filter(() => seeded.integer(0, 1) === 0)]
        await pbx.sendTogether(shuffled([...kept, cdr], seeded), source)
        assert.equal(anonymous(await pbx.calls(source), source), expected, `seed ${seed}`)
      }
    })
  })
})
