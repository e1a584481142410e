import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Reading } from '../reading.ts'
import { percentDecode } from './json-cdr.ts'
import { readJsonCdr, readJsonCdrText } from './read-json-cdr.ts'

const FIXTURES = new URL('../../../test/fixtures/freeswitch/', import.meta.url)

interface Leg {
  call_uuid: string
  source_id: string
  session_id: string
  parent_uuid?: string
  sip_call_id: string | null
  leg: string
  direction: string
  from: { as_sent: string; name: string | null; domain: string }
  to: { as_sent: string }
  destination: string | null
  started_at: string
  rang_at: string | null
  answered_at: string | null
  ended_at: string
  reported_at: string
  hangup: { side: string | null; sip_status: number | null; q850: number | null; end_reason: string | null }
  trunk: Record<string, unknown>
  quality: { mos: number; method: string; packet_loss_pct?: number; streams: Record<string, unknown>[] } | null
}

function legOf(reading: Reading): Leg {
  assert.ok(reading.ok, JSON.stringify(reading))
  return reading.call as unknown as Leg
}

const texts = readdirSync(new URL('json/', FIXTURES)).map((name) =>
  readFileSync(new URL(`json/${name}`, FIXTURES), 'utf8'),
)
const legs = texts.map((text) => legOf(readJsonCdrText(text)))
const bodyOf = (callId: string) => JSON.parse(texts.find((text) => text.includes(callId)) ?? '') as Body
interface Body {
  variables: Record<string, string>
  callflow: { caller_profile: Record<string, string> }[]
  [key: string]: unknown
}

const [, ...truth] = readFileSync(new URL('truth.csv', FIXTURES), 'utf8')
  .trim()
  .split('\n')
  .map((row) => row.split(','))
const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000

describe('the calls of the capture, against what their phones did', () => {
  // What the scenario calls a proxy or gateway is the platform, or whoever refused the call for the callee.
  const SIDE: Record<string, string> = { caller: 'caller', callee: 'callee', gateway: 'callee', proxy: 'platform' }
  for (const [, label, , caller, callee, sipCode, endedBy, ringS, talkS] of truth) {
    it(`${label}: ${sipCode}, ended by ${endedBy}`, () => {
      const found = legs.filter(({ leg, from }) => leg === 'a' && from.as_sent === caller)
      assert.equal(found.length, 1, 'is there once')
      const [leg] = found as [Leg]
      assert.equal(leg.to.as_sent, callee)
      assert.equal(leg.hangup.sip_status, Number(sipCode))
      // An announcement has no callee: the switch itself hung up.
      assert.equal(leg.hangup.side, label === 'ivr' ? 'platform' : SIDE[endedBy as string])
      assert.equal(leg.answered_at !== null, sipCode === '200')
      if (leg.answered_at === null) return
      assert.ok(Math.abs(seconds(leg.answered_at, leg.ended_at) - Number(talkS)) < 0.75, 'talks as long')
      if (Number(ringS) > 0)
        assert.ok(Math.abs(seconds(leg.started_at, leg.answered_at) - Number(ringS)) < 0.1, 'rings as long')
    })
  }
})

describe('legs', () => {
  it('are 18 of each kind, each with its own id', () => {
    assert.equal(legs.filter(({ leg }) => leg === 'a').length, 18)
    assert.equal(legs.filter(({ leg }) => leg === 'b').length, 18)
    assert.equal(new Set(legs.map(({ call_uuid }) => call_uuid)).size, 36)
  })

  it('a B leg names the A leg that called it into being, also where call_uuid is its own', () => {
    const aLegs = new Set(legs.filter(({ leg }) => leg === 'a').map(({ call_uuid }) => call_uuid))
    for (const { leg, parent_uuid, session_id } of legs.filter(({ leg }) => leg === 'b')) {
      assert.ok(aLegs.has(parent_uuid as string), `${leg} ${parent_uuid}`)
      assert.equal(session_id, parent_uuid)
    }
  })

  it('of a fork are three: the caller, the phone that was quicker and the one that was not', () => {
    const fork = legs.filter(({ from }) => from.as_sent === '+442079460013')
    assert.deepEqual(
      fork
        .map(({ leg, to, hangup, answered_at }) => [
          leg,
          to.as_sent,
          hangup.sip_status,
          hangup.side,
          answered_at !== null,
        ])
        .sort(),
      [
        ['a', '+442079460113', 200, 'caller', true],
        ['b', '+442079460113', 487, 'platform', false],
        ['b', '+442079460133', 200, 'caller', true],
      ],
    )
  })
})

describe('readJsonCdr', () => {
  it('reads one leg, field by field', () => {
    const { call, hints } = readJsonCdr(bodyOf('lab1795243258-03-busy')) as Extract<Reading, { ok: true }>
    assert.deepEqual(call, {
      call_uuid: 'f3f90f50-1c65-4ee3-a03f-fcb913503fef',
      source_id: 'f3f90f50-1c65-4ee3-a03f-fcb913503fef',
      session_id: 'f3f90f50-1c65-4ee3-a03f-fcb913503fef',
      kind: 'cdr',
      reported_at: '2026-11-21T06:41:00.290082Z',
      sip_call_id: 'lab1795243258-03-busy',
      leg: 'a',
      direction: 'inbound',
      from: { as_sent: '+442079460003', name: 'Lab Caller', domain: 'lab.invalid' },
      to: { as_sent: '+442079460103', domain: 'lab.invalid' },
      destination: null,
      outbound_caller_id: null,
      started_at: '2026-11-21T06:40:59.470081Z',
      rang_at: '2026-11-21T06:40:59.470081Z',
      answered_at: null,
      ended_at: '2026-11-21T06:41:00.290082Z',
      hangup: { side: 'callee', sip_status: 486, q850: 17, end_reason: null },
      trunk: { name: null, transport: 'udp', srtp: null, secure: null },
      quality: null,
      cost: { account: 'acct-1' },
    })
    assert.deepEqual(hints, {
      accountcode: 'acct-1',
      domain: 'lab.invalid',
      tenant: null,
      trunk: null,
      did: '+442079460103',
      peer: '127.0.0.1',
    })
  })

  it('says 19 and 480 of a callee who did not pick up, where FreeSWITCH says NORMAL_CLEARING', () => {
    const { hangup, answered_at } = legOf(readJsonCdr(bodyOf('lab1795243258-09-no-answer')))
    assert.deepEqual([hangup.q850, hangup.sip_status, answered_at], [19, 480, null])
  })

  it('takes the dialled number from the first profile of a transferred call, the destination from the last', () => {
    const { to, destination, hangup } = legOf(readJsonCdr(bodyOf('lab1795243258-41-blind-transfer')))
    assert.deepEqual([to.as_sent, destination], ['+442079460141', '+442079460101'])
    assert.equal(hangup.end_reason, 'CALLER_DISCONNECTED')
  })

  it('takes the asserted number of an anonymous caller', () => {
    assert.equal(legOf(readJsonCdr(bodyOf('lab1795243258-24-anonymous-pai'))).from.as_sent, '+442079460024')
  })

  it("calls FreeSWITCH's MOS an estimate, and takes loss from the phone that told it with its BYE", () => {
    const quality = legs.find(({ leg, from }) => leg === 'a' && from.as_sent === '+442079460018')?.quality
    assert.deepEqual(quality, {
      mos: 4.5,
      packet_loss_pct: 0.17,
      jitter_ms: 0,
      rtt_ms: null,
      streams: [
        { direction: 'in', codec: 'PCMU', packets: 698, lost: 1, jitter_ms: 0, mos: 4.5 },
        { direction: 'out', codec: 'PCMU', packets: 695, lost: 0, jitter_ms: 0 },
      ],
      method: 'freeswitch-estimate+phone-bye',
    })
  })

  it('leaves the same header alone on the other leg, to which FreeSWITCH only copied it', () => {
    const b = legs.find(({ leg, from }) => leg === 'b' && from.as_sent === '+442079460018')
    assert.equal(b?.quality?.method, 'freeswitch-estimate')
  })

  it('reads a body with encode-values=false alike', () => {
    for (const text of texts) {
      const body = JSON.parse(text) as Body
      for (const [name, value] of Object.entries(body.variables)) body.variables[name] = percentDecode(value)
      assert.deepEqual(readJsonCdr(body), readJsonCdrText(text))
    }
  })

  it('reads the numbers of older versions, which write them bare', () => {
    const body = bodyOf('lab1795243258-01-caller-hangs-up')
    const older = { ...body, variables: { ...body.variables, rtp_audio_in_mos: 4.5, hangup_cause_q850: 16 } }
    assert.deepEqual(readJsonCdr(older), readJsonCdr(body))
  })

  it('calls a leg secure when TLS and SRTP are both there', () => {
    const body = bodyOf('lab1795243258-01-caller-hangs-up')
    const secured = {
      ...body.variables,
      sip_via_protocol: 'tls',
      rtp_secure_media_confirmed: 'true',
      sip_gateway: 'carrier-a',
    }
    assert.deepEqual(legOf(readJsonCdr({ ...body, variables: secured })).trunk, {
      name: 'carrier-a',
      transport: 'tls',
      srtp: true,
      secure: true,
    })
  })

  it('keeps the id of a leg that is no UUID as source_id, and names its parent so', () => {
    const body = bodyOf('lab1795243258-03-busy')
    const own = { ...body.variables, uuid: 'campaign-17-b', originating_leg_uuid: 'campaign-17' }
    const reading = readJsonCdr({ ...body, variables: own }) as Extract<Reading, { ok: true }>
    assert.equal('call_uuid' in reading.call, false)
    assert.deepEqual([reading.call.source_id, reading.parentSourceId], ['campaign-17-b', 'campaign-17'])
  })

  it('takes the direction that a dialplan has stated', () => {
    const body = bodyOf('lab1795243258-03-busy')
    const stated = (call_direction: string) =>
      readJsonCdr({ ...body, variables: { ...body.variables, call_direction } })
    assert.deepEqual(
      ['outbound', 'local', 'sideways'].map((name) => legOf(stated(name)).direction),
      ['outbound', 'internal', 'inbound'],
    )
  })

  it('is not led astray by a caller who puts a megabyte into a name', () => {
    const body = bodyOf('lab1795243258-03-busy')
    for (const { caller_profile } of body.callflow) caller_profile.caller_id_name = `\u0000${'n'.repeat(1_000_000)}`
    assert.equal(legOf(readJsonCdr(body)).from.name, 'n'.repeat(255))
  })
})

describe('what readJsonCdr refuses', () => {
  const body = bodyOf('lab1795243258-03-busy')
  const withVariables = (change: Record<string, unknown>) => ({ ...body, variables: { ...body.variables, ...change } })
  const cases: { given: unknown; reason: string; field: string | null; what: string }[] = [
    { given: null, reason: 'not_a_call', field: 'variables', what: 'null' },
    { given: [body], reason: 'not_a_call', field: 'variables', what: 'a list' },
    { given: { variables: [] }, reason: 'not_a_call', field: 'variables', what: 'variables that are a list' },
    {
      given: withVariables({ uuid: '' }),
      reason: 'missing_field',
      field: 'variables.uuid',
      what: 'a leg without uuid',
    },
    {
      given: withVariables({ start_uepoch: '0', start_epoch: '0' }),
      reason: 'missing_field',
      field: 'variables.start_uepoch',
      what: 'no start',
    },
    {
      given: withVariables({ end_uepoch: '', end_epoch: '' }),
      reason: 'missing_field',
      field: 'variables.end_uepoch',
      what: 'no end',
    },
    {
      given: withVariables({ start_uepoch: '-5' }),
      reason: 'bad_time',
      field: 'variables.start_uepoch',
      what: 'a negative start',
    },
    {
      given: withVariables({ answer_uepoch: 'soon' }),
      reason: 'bad_time',
      field: 'variables.answer_uepoch',
      what: 'an answer that is no time',
    },
    {
      given: withVariables({ end_uepoch: '9999999999999999' }),
      reason: 'bad_time',
      field: 'variables.end_uepoch',
      what: 'the year 2286',
    },
  ]
  for (const { given, reason, field, what } of cases) {
    it(`${what}: ${reason}`, () => {
      const reading = readJsonCdr(given)
      assert.ok(!reading.ok)
      assert.deepEqual([reading.reason, reading.field], [reason, field])
    })
  }

  it('text that is not JSON, without repeating it', () => {
    assert.deepEqual(readJsonCdrText('{"+442079460003'), {
      ok: false,
      reason: 'unreadable',
      field: null,
      detail: 'is not JSON',
    })
  })

  it('deep nesting, without a stack overflow', () => {
    assert.equal(readJsonCdrText('['.repeat(900_000)).ok, false)
    assert.equal(readJsonCdrText(`{"variables":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`).ok, false)
  })

  it('any JSON at all, and any captured leg with any values changed, by an answer and never by a throw', () => {
    const [sample] = [JSON.parse(texts[0] as string) as Body]
    const name = fc.constantFrom(...Object.keys(sample.variables))
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof readJsonCdr(value).ok === 'boolean'))
    fc.assert(
      fc.property(fc.dictionary(name, fc.anything()), fc.anything(), (changes, callflow) => {
        return (
          typeof readJsonCdr({ ...sample, variables: { ...sample.variables, ...changes }, callflow }).ok === 'boolean'
        )
      }),
    )
  })
})
