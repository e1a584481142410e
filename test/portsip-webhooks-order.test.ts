import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  aCdr,
  anonymous,
  type Event,
  ivrQueueAgent,
  liveEventsOf,
  PortsipPbx,
  shuffled,
  type Wire,
} from './support/portsip-pbx.ts'
import { Seeded } from './support/seeded.ts'

describe('the events of a call from a menu over a queue to an agent', () => {
  const events = ivrQueueAgent()
  const live = events.slice(0, -1)
  const cdr = events.at(-1) as Event
  let pbx: PortsipPbx
  let call: Wire
  let expected: string
  before(async () => {
    pbx = await PortsipPbx.start()
    await pbx.send(events)
    call = await pbx.call()
    expected = anonymous(await pbx.calls(), 'pbx')
  })
  after(() => pbx.stop())

  /** What other events about the call leave in a source of their own. */
  async function left(source: string, given: readonly Event[]): Promise<Wire[]> {
    await pbx.put(source)
    await pbx.sendTogether(given, source)
    return pbx.calls(source)
  }

  it('tell of one conversation, its queue, both agents and its types', () => {
    assert.deepEqual(call.call_types, ['all_inbound', 'inbound_answered', 'inbound_answered_but_not_within_sla'])
    assert.deepEqual(call.center.ivr, { id: 5100, name: null, entered_at: '2025-01-02T13:10:00.000000Z' })
    assert.deepEqual(call.center.queues, [
      {
        ring_group: { id: 8100, name: null },
        queued_at: '2025-01-02T13:10:07.000000Z',
        distributed_at: '2025-01-02T13:10:09.000000Z',
        left_at: '2025-01-02T13:10:31.000000Z',
        left_by: 'answer',
      },
    ])
    const agent = { user_id: null, transfer: 'none' }
    assert.deepEqual(call.center.agents, [
      {
        ...agent,
        id: 104,
        alias: '104',
        sip: 'sip:104@192.0.2.44:5066',
        started_at: '2025-01-02T13:10:09.000000Z',
        answered_at: null,
        ended_at: '2025-01-02T13:10:24.000000Z',
        hangup_reason: 'NO_ANSWER',
      },
      {
        ...agent,
        id: 105,
        alias: '105',
        sip: 'sip:105@192.0.2.45:5960',
        started_at: '2025-01-02T13:10:25.000000Z',
        answered_at: '2025-01-02T13:10:31.000000Z',
        ended_at: '2025-01-02T13:11:35.000000Z',
        hangup_reason: 'NORMAL_CLEARING',
      },
    ])
  })

  it('tell who called whom, over what, and how it ended', () => {
    const { session_id, source_id, sip_call_id, leg, direction, did, trunk, hangup } = call
    assert.deepEqual([session_id, source_id, leg], ['901772345600100352', '901772345600100353', 'a'])
    assert.deepEqual([sip_call_id, direction, did], ['Kx7f2mPq0dWzB3nTsLh9Yg..', 'inbound', '12025550190'])
    assert.deepEqual([call.from.as_sent, call.from.name, call.from.domain], ['12025550147', 'Ada North', '203.0.113.9'])
    assert.deepEqual([call.to.number, call.to.domain, trunk.name], ['5100', 'pbx.example', '31:901000000000000077'])
    assert.deepEqual([hangup.side, hangup.end_reason, hangup.sip_status], ['caller', 'CALLER_DISCONNECTED', null])
    const times = [call.started_at, call.rang_at, call.answered_at, call.ended_at].map((time) => time.slice(14, 19))
    assert.deepEqual([times, call.duration, call.state], [['10:00', '10:00', '10:00', '11:35'], 95, 'ended'])
  })

  it('give a leg for each target, of that conversation', async () => {
    const legs = (await pbx.calls()).filter(({ leg }) => leg === 'b')
    assert.deepEqual(
      legs.map(({ to, answered_at, ended_at }) => [to.number, answered_at?.slice(14, 19), ended_at.slice(14, 19)]),
      [
        ['5100', '10:00', '10:07'],
        ['8100', '10:07', '10:31'],
        ['104', undefined, '10:24'],
        ['105', '10:31', '11:35'],
      ],
    )
    for (const { parent_uuid, session_id } of legs)
      assert.deepEqual([parent_uuid, session_id], [call.call_uuid, call.session_id])
  })

  for (let seed = 1; seed <= 100; seed++)
    it(`leave the same bytes in the order of seed ${seed}, some of them again`, async () => {
      const seeded = new Seeded(seed)
      const again = events.filter(() => seeded.integer(0, 2) === 0)
      const source = `order-${seed}`
      assert.equal(anonymous(await left(source, shuffled([...events, ...again], seeded)), source), expected)
    })

  for (let seed = 1; seed <= 100; seed++)
    it(`leave the same bytes when those that seed ${seed} picks are lost`, async () => {
      const seeded = new Seeded(1000 + seed)
      const kept = live.filter(() => seeded.integer(0, 1) === 0)
      const source = `lost-${seed}`
      const calls = await left(source, shuffled([...kept, cdr], seeded))
      // No call_cdr says the cdr_id: it is the only thing that is lost with the events that do.
      const isNamed = kept.some(({ event_type }) => event_type === 'call_start' || event_type === 'call_update_info')
      const withoutId = expected.replace('"901772345600100353"', 'null')
      assert.equal(anonymous(calls, source), isNamed ? expected : withoutId)
    })

  describe('of a source that names its services', () => {
    const services = [
      { number: '5100', kind: 'ivr', name: 'Welcome' },
      { number: '8100', kind: 'queue', name: 'Sales' },
    ]
    it('leave the same, with the names, in any order and whatever is lost', async () => {
      await pbx.put('named', { services })
      await pbx.send(events, 'named')
      const named = anonymous(await pbx.calls('named'), 'named')
      const unnamed = { '"Welcome"': 'null', '"Sales"': 'null' }
      assert.equal(
        Object.entries(unnamed).reduce((text, [name, none]) => text.replaceAll(name, none), named),
        expected,
      )
      for (let seed = 1; seed <= 20; seed++) {
        const seeded = new Seeded(seed)
        const [start, ...others] = live
        const kept = others.filter(() => seeded.integer(0, 2) > 0)
        const source = `named-${seed}`
        await pbx.put(source, { services })
        await pbx.sendTogether(shuffled([start as Event, ...kept, cdr], seeded), source)
        assert.equal(anonymous(await pbx.calls(source), source), named, `seed ${seed}`)
      }
    })
  })

  it('change nothing when they are sent once more', async () => {
    for (const event of events) {
      const { status, body } = await pbx.post(JSON.stringify(event))
      assert.deepEqual([status, body.stored, body.updated, body.quarantined], [200, 0, 0, 0])
    }
    assert.equal(anonymous(await pbx.calls(), 'pbx'), expected)
  })

  it('are kept as they came, with the conversation or the leg that they tell of', async () => {
    const { calls } = pbx.server.calltrail
    const { account_id: accountId } = call
    const kept = await Promise.all(
      (await pbx.calls()).map(({ call_uuid: callUuid }) => calls.rawReports({ accountId, callUuid })),
    )
    assert.deepEqual(
      new Set(kept.flatMap(({ reports }) => reports)),
      new Set(events.map((event) => JSON.stringify(event))),
    )
  })
})

describe('the events of a call that leaves its queue in the second in which it came to it', () => {
  const cdr = aCdr({
    callee: '8100',
    answered: 5,
    ended: 60,
    targets: [
      { callee: '8100', at: 5, answered: 5, ended: 5, reason: 'referred' },
      { callee: '103', at: 5, answered: 8, ended: 60, type: 'queue_call' },
    ],
  })
  const events = [...liveEventsOf(cdr), cdr]
  const services = [{ number: '8100', kind: 'queue', name: 'Sales' }]
  let pbx: PortsipPbx
  before(async () => {
    pbx = await PortsipPbx.start()
  })
  after(() => pbx.stop())

  it('leave the same bytes in any order, some of them again or lost', async () => {
    await pbx.put('at-once', { services })
    await pbx.sendTogether(events, 'at-once')
    const { center } = await pbx.call('at-once')
    assert.deepEqual(
      center.queues.map(({ left_by }: Wire) => left_by),
      ['answer'],
    )
    const expected = anonymous(await pbx.calls('at-once'), 'at-once')
    for (let seed = 1; seed <= 30; seed++) {
      const seeded = new Seeded(seed)
      const others = events.slice(1).filter((event) => event === cdr || seeded.integer(0, 3) > 0)
      const again = events.filter(() => seeded.integer(0, 2) === 0)
      const source = `at-once-${seed}`
      await pbx.put(source, { services })
      await pbx.sendTogether(shuffled([events[0] as Event, ...others, ...again], seeded), source)
      assert.equal(anonymous(await pbx.calls(source), source), expected, `seed ${seed}`)
    }
  })
})
