import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aCdr, aTarget, type Event, ivrQueueAgent, START_S, type Wire } from '../../../test/support/portsip-pbx.ts'
import type { SourceService } from '../../store/directory.ts'
import type { Reading } from '../reading.ts'
import { readPortsipEvent } from './read-event.ts'

const NO_SERVICES = { services: [] }

type Read = Extract<Reading, { ok: true }> & { call: Wire }

function readingsOf(event: unknown, services: readonly SourceService[] = []): Read[] {
  return readPortsipEvent(event, { services }).map((reading) => {
    if (!reading.ok) throw new Error(`${reading.field}: ${reading.detail}`)
    return reading as Read
  })
}
const sessionOf = (event: unknown, services?: readonly SourceService[]) => readingsOf(event, services)[0] as Read
const legOf = (event: unknown) => readingsOf(event)[1] as Read
const refusalOf = (event: unknown) => {
  const [reading] = readPortsipEvent(event, NO_SERVICES)
  return reading?.ok === false ? reading.field : 'accepted'
}

/** A finished call from 104 to 105, with what a test is about in place of it; undefined takes a key away. */
function cdr(extra: Event = {}, target: Event = {}): Event {
  const made = aCdr({
    callee: '105',
    answered: 5,
    ended: 65,
    targets: [{ callee: '105', at: 0, answered: 5, ended: 65, extra: target }],
    extra,
  })
  return JSON.parse(JSON.stringify(made)) as Event
}
const live = (type: string, extra: Event = {}): Event => ({
  event_type: type,
  session_id: '901772345600100352',
  tenant_id: '901000000000000001',
  time: String(START_S),
  direction: 'in',
  caller: '12025550147',
  ...extra,
})

describe('the identity of what PortSIP tells of', () => {
  it('is the session of the conversation, whatever event tells of it', () => {
    for (const event of ivrQueueAgent()) {
      const [session] = readingsOf(event)
      assert.equal(session?.identity, '901772345600100352')
      assert.deepEqual([session?.parentIdentity, session?.call.leg], [undefined, 'a'])
    }
  })

  it('is the session, the endpoint and which time it was called of a leg, the same live and in the end', () => {
    const [, ...legs] = readingsOf(ivrQueueAgent().at(-1))
    const ofLive = new Set(
      ivrQueueAgent()
        .slice(0, -1)
        .flatMap((event) => readingsOf(event).slice(1))
        .map(({ identity }) => identity),
    )
    assert.deepEqual(new Set(legs.map(({ identity }) => identity)), ofLive)
    for (const { parentIdentity, call } of legs)
      assert.deepEqual([parentIdentity, call.leg], ['901772345600100352', 'b'])
  })

  it('counts a second call of one endpoint by time, not by place in the list', () => {
    const targets = [
      { callee: '104', at: 30, ended: 40 },
      { callee: '104', at: 0, ended: 20 },
    ]
    const event = aCdr({ ended: 40, targets })
    const [, first, second] = readingsOf(event)
    assert.ok((first?.call.started_at as string) < (second?.call.started_at as string))
    assert.notEqual(first?.identity, second?.identity)
    const reversed = { ...event, call_targets: [...(event.call_targets as Event[])].reverse() }
    assert.deepEqual(readingsOf(reversed), readingsOf(event))
  })

  it('is not the id of a target, which repeats the tenant', () => {
    for (const { identity, call } of readingsOf(cdr())) {
      assert.ok(!identity?.includes('901000000000000001'))
      assert.equal(call.source_id ?? null, null)
    }
  })

  it('has a long id as text only: as a number it is no longer exact', () => {
    assert.equal(
      refusalOf(JSON.parse(JSON.stringify(cdr()).replace('"901772345600100352"', '901772345600100352'))),
      'session_id',
    )
  })
})

describe('what PortSIP writes in several ways', () => {
  for (const [words, direction] of [
    [['ext', 'internal', 'EXTENSION_CALL'], 'internal'],
    [['in', 'inbound', 'Inbound'], 'inbound'],
    [['out', 'outbound'], 'outbound'],
    [['in2out', 'inbound_outbound'], 'transit'],
    [['sideways', '', 'None', undefined], null],
  ] as const)
    for (const word of words)
      it(`the direction ${word} is ${direction}`, () => {
        assert.equal(sessionOf(cdr({ direction: word })).call.direction, direction)
      })

  for (const [word, reason, side] of [
    ['caller_disconnect', 'CALLER_DISCONNECTED', 'caller'],
    ['caller_disconnected', 'CALLER_DISCONNECTED', 'caller'],
    ['callee_disconnect', 'CALLEE_DISCONNECTED', 'callee'],
    ['callee_disconnected', 'CALLEE_DISCONNECTED', 'callee'],
    ['replaced', 'REPLACED', null],
    ['referred', 'REFERRED', null],
    ['redirected', 'REDIRECTED', null],
    ['blind_transfer_complete', 'BLIND_TRANSFER_COMPLETED', null],
    ['blind_transfer_completed', 'BLIND_TRANSFER_COMPLETED', null],
    ['attended_transfer_complete', 'CONSULT_TRANSFER_COMPLETED', null],
    ['attended_transfer_completed', 'CONSULT_TRANSFER_COMPLETED', null],
    ['cancelled', 'CANCELLED', 'caller'],
    ['None', null, null],
    ['', null, null],
    ['line_on_fire', 'LINE_ON_FIRE', null],
  ])
    for (const key of ['ended_reason', 'end_reason'])
      it(`the ${key} ${word} is ${reason} by ${side}`, () => {
        const { hangup } = sessionOf(cdr({ ended_reason: undefined, [key]: word })).call
        assert.deepEqual([hangup.end_reason, hangup.side], [reason, side])
      })

  it('did and did_cid', () => {
    assert.equal(sessionOf(cdr({ did: '12025550190' })).call.did, '12025550190')
    assert.equal(sessionOf(cdr({ did: undefined, did_cid: '12025550191' })).call.did, '12025550191')
    assert.equal(sessionOf(cdr({ did: '', did_cid: '12025550192' })).call.did, '12025550192')
  })

  it('figures as text or as numbers', () => {
    for (const [code, seconds] of [
      ['486', '7'],
      [486, 7],
    ]) {
      const { call } = sessionOf(cdr({ status_code: code, talk_duration: seconds }))
      assert.deepEqual([call.hangup.sip_status, call.duration], [486, 7])
      const leg = legOf(cdr({}, { status_code: code, talk_duration: seconds })).call
      assert.deepEqual([leg.hangup.sip_status, leg.duration], [486, 7])
    }
  })

  it('times as text or as numbers', () => {
    const asNumbers = cdr({ start_time: START_S, answered_time: START_S + 5, ended_time: START_S + 65 })
    assert.deepEqual(sessionOf(asNumbers), sessionOf(cdr()))
  })

  it('a time of 0 as not happened: said to be absent, so that an event before it does not stand', () => {
    for (const never of ['0', 0, '', 'None', null, undefined]) {
      const { call } = sessionOf(cdr({ answered_time: never, ring_time: never }))
      assert.deepEqual([call.answered_at, call.rang_at], [null, null])
      assert.ok(call.clear.includes('answered_at') && call.clear.includes('rang_at'))
      const leg = legOf(cdr({}, { answered_time: never, ring_time: never })).call
      assert.deepEqual([leg.answered_at, leg.rang_at], [null, null])
      assert.ok(leg.clear.includes('answered_at'))
    }
  })

  for (const nothing of ['None', '', '0', null])
    it(`${JSON.stringify(nothing)} as nothing`, () => {
      const keys = ['did', 'outbound_caller_id', 'trunk_name', 'call_id', 'tenant_id']
      const event = cdr(Object.fromEntries(keys.map((key) => [key, nothing])))
      const { call, hints } = sessionOf(event)
      const { did, outbound_caller_id, trunk, sip_call_id } = call
      assert.deepEqual([did, outbound_caller_id, trunk.name, sip_call_id], [null, null, null, null])
      assert.deepEqual([hints.tenant, hints.trunk, hints.did], [null, null, null])
      for (const name of ['did', 'outbound_caller_id', 'trunk.name']) assert.ok(call.clear.includes(name), name)
    })

  it('0 as a number that was called: the operator', () => {
    assert.equal(sessionOf(cdr({ callee: '0' })).call.to.number, '0')
  })

  it('destination and destiantion', () => {
    const endpoint = 'sip:105@192.0.2.45:5060'
    const [one, other] = ['destination', 'destiantion'].map((key) => legOf(live('cdr_target_add', { [key]: endpoint })))
    assert.deepEqual(one, other)
    assert.deepEqual([one?.call.to.number, one?.call.destination], ['105', endpoint])
    assert.equal(one?.identity, legOf(cdr()).identity)
  })

  for (const written of [
    '105',
    'sip:105@pbx.example',
    'sips:105@PBX.example:5061;transport=tls',
    '"Jo" <sip:105@pbx.example>',
  ])
    it(`who is called as ${written}`, () => {
      const { to } = sessionOf(live('call_start', { callee: written })).call
      assert.equal(to.number, '105')
      assert.equal(to.domain, written === '105' ? null : 'pbx.example')
    })

  it('a status that says no more than the times do', () => {
    for (const call_status of ['noanswer', 'fail', 'answered', undefined])
      assert.deepEqual(sessionOf(cdr({ call_status })).call, sessionOf(cdr()).call)
  })

  it('keys that older editions do not have', () => {
    const optional = [
      'ring_duration',
      'talk_duration',
      'status',
      'did',
      'outbound_caller_id',
      'trunk_name',
      'call_type',
      'id',
    ]
    const { call } = legOf(cdr({}, Object.fromEntries(optional.map((key) => [key, undefined]))))
    assert.deepEqual([call.to.number, call.duration, call.did, call.clear], ['105', null, null, []])
    const bare = { event_type: 'call_cdr', session_id: '7', start_time: '1735823400' }
    const [only, ...legs] = readingsOf(bare)
    assert.deepEqual([only?.call.started_at, only?.call.ended_at], Array(2).fill('2025-01-02T13:10:00.000000Z'))
    assert.equal(legs.length, 0)
  })

  it('the cost of targets, and of all of them as that of the call', () => {
    const targets = ['0.0345', 0.02, 'free', '1e9', undefined].map((cost, index) =>
      aTarget({ callee: `10${index}`, at: index, ended: 9, extra: { cost } }),
    )
    const [call, ...legs] = readingsOf(cdr({ call_targets: targets }))
    assert.equal(call?.call.cost.amount, '0.05450')
    assert.deepEqual(
      legs.map(({ call: { cost } }) => cost.amount),
      ['0.034500', '0.020000', null, null, null],
    )
    assert.equal(sessionOf(cdr({ cost: '0.5', call_targets: targets })).call.cost.amount, '0.500000')
  })

  it('more keys than we know: they are of no account', () => {
    assert.deepEqual(readingsOf(cdr({ mood: 'good' }, { codec: 'opus' })), readingsOf(cdr()))
  })

  it('a display name that is the number as no name', () => {
    const { from } = sessionOf(cdr({ caller_display_name: '12025550147' })).call
    assert.equal(from.name, null)
    assert.equal(sessionOf(cdr({ caller_display_name: 'Ada North' })).call.from.name, 'Ada North')
  })
})

describe('whose call it is', () => {
  it('shows in the tenant, the DID, the trunk and the address', () => {
    const [reading] = readPortsipEvent(cdr(), NO_SERVICES, { peer: '192.0.2.10' })
    assert.ok(reading?.ok)
    assert.deepEqual(reading.hints, {
      tenant: '901000000000000001',
      domain: 'pbx.example',
      did: '12025550190',
      trunk: '31:901000000000000077',
      peer: '192.0.2.10',
    })
  })

  for (const [direction, domain] of [
    ['in', 'called.example'],
    ['out', 'calling.example'],
    ['ext', 'calling.example'],
  ])
    it(`shows in the domain of its own side, ${domain}, of a call ${direction}`, () => {
      const event = { caller_domain: 'calling.example', callee_domain: 'called.example' }
      assert.equal(sessionOf(cdr({ direction, ...event })).hints.domain, domain)
      const uris = { caller: 'sip:104@calling.example', callee: 'sip:105@called.example' }
      assert.equal(sessionOf(live('call_start', { direction, ...uris })).hints.domain, domain)
    })

  it('has its trunk by name only: a leg to a phone crossed none', () => {
    for (const { call } of readingsOf(cdr())) assert.deepEqual(call.trunk, { name: '31:901000000000000077' })
  })
})

describe('events before the CDR', () => {
  const SERVICES: SourceService[] = [
    { number: '5100', kind: 'ivr', name: 'Welcome' },
    { number: '8100', kind: 'queue', name: 'Sales' },
  ]
  const at = (callee: string) => ({ destiantion: `sip:${callee}@192.0.2.10:5060` })

  it('say of the session what the CDR will say too, and nothing of a contact centre', () => {
    for (const type of ['add', 'ringing', 'answer', 'noanswer', 'fail', 'end']) {
      const { call } = sessionOf(live(`cdr_target_${type}`, at('8100')))
      assert.equal(call.center, undefined, type)
    }
  })

  it('name a menu and a queue where the services do', () => {
    const ivr = { id: 5100, name: 'Welcome', entered_at: '2025-01-02T13:10:00.000000Z' }
    assert.deepEqual(sessionOf(live('cdr_target_add', at('5100')), SERVICES).call.center, { ivr })
    const ringGroup = { id: 8100, name: 'Sales' }
    const queue = { ring_group: ringGroup, queued_at: '2025-01-02T13:10:00.000000Z' }
    assert.deepEqual(sessionOf(live('cdr_target_add', at('8100')), SERVICES).call.center, { queues: [queue] })
    const { center, clear } = sessionOf(live('cdr_target_end', at('8100')), SERVICES).call
    const left = { ring_group: ringGroup, left_at: '2025-01-02T13:10:00.000000Z' }
    assert.deepEqual([center, clear], [{ queues: [left] }, ['center.queues']])
  })

  for (const [type, said] of [
    ['add', ['started_at', 'update']],
    ['ringing', ['rang_at', 'update']],
    ['answer', ['answered_at', 'update']],
    ['noanswer', ['ended_at', 'end']],
    ['fail', ['ended_at', 'end']],
    ['end', ['ended_at', 'end']],
  ] as const)
    it(`cdr_target_${type} gives the leg its ${said[0]}`, () => {
      const { call } = legOf(live(`cdr_target_${type}`, at('105')))
      assert.deepEqual([call[said[0]], call.kind], ['2025-01-02T13:10:00.000000Z', said[1]])
    })

  it('count before the CDR, whose second may be the same', () => {
    const before = sessionOf(live('cdr_target_end', { time: String(START_S + 65), ...at('105') })).call.reported_at
    const after = sessionOf(cdr()).call.reported_at
    assert.deepEqual([before, after], ['2025-01-02T13:11:05.000000Z', '2025-01-02T13:11:05.999999Z'])
  })
})

describe('what is no event', () => {
  const refused: [what: string, body: unknown, field: string | null][] = [
    ['text', 'call_cdr', null],
    ['null', null, null],
    ['a list', [cdr()], null],
    ['an object without a type', { session_id: '1' }, 'event_type'],
    ['an extension event', { event_type: 'extension_online', session_id: '1' }, 'event_type'],
    ['a type from the prototype', live('constructor'), 'event_type'],
    ['an event without a session', cdr({ session_id: undefined }), 'session_id'],
    ['a session of "0"', cdr({ session_id: '0' }), 'session_id'],
    ['a live event without a time', live('call_start', { time: undefined }), 'time'],
    ['a time that is none', live('call_start', { time: 'yesterday' }), 'time'],
    ['a start that is none', cdr({ start_time: 'soon' }), 'start_time'],
    ['a time of a target that is none', cdr({}, { ring_time: '12:00' }), 'call_targets[0].ring_time'],
    ['targets that are no list', cdr({ call_targets: 'none' }), 'call_targets'],
    ['a target that is no object', cdr({ call_targets: [7] }), 'call_targets[0]'],
    ['201 targets', cdr({ call_targets: Array(201).fill({}) }), 'call_targets'],
    ['a CDR without any time', { event_type: 'call_cdr', session_id: '1', call_targets: [{}] }, 'start_time'],
  ]
  for (const [what, body, field] of refused)
    it(`${what} is refused, naming ${field}`, () => assert.equal(refusalOf(body), field))

  it('nothing makes the reader throw, whatever stands where', () => {
    const keys = [
      ...Object.keys(cdr()),
      ...Object.keys(aTarget({ callee: '1', at: 0, ended: 1 })),
      'destiantion',
      'time',
    ]
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.jsonValue() },
      { weight: 3, arbitrary: fc.string({ unit: 'binary' }) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('0', '-1', '1735823400', '9'.repeat(300), 'None', 'referred', Number.NaN, 1e300),
      },
    )
    const target = fc.dictionary(fc.constantFrom(...keys), value)
    const event = fc.record({
      type: fc.constantFrom('call_cdr', 'call_start', 'call_update_info', 'cdr_target_add', 'cdr_target_answer'),
      keys: fc.dictionary(fc.constantFrom(...keys), value),
      targets: fc.oneof(fc.array(target, { maxLength: 4 }), value),
    })
    fc.assert(
      fc.property(event, ({ type, keys: given, targets }) => {
        const body = { session_id: '1', start_time: '1735823400', ...given, event_type: type, call_targets: targets }
        assert.ok(readPortsipEvent(body, NO_SERVICES).length > 0)
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.anything(), (body) => {
        assert.ok(readPortsipEvent(body, NO_SERVICES).length > 0)
      }),
      { numRuns: 300 },
    )
  })
})
