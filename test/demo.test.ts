import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { demoCenterCalls } from '../src/ingest/demo/center-calls.ts'
import { type DemoPrices, demoCalls } from '../src/ingest/demo/demo-calls.ts'
import { loadConversations } from '../src/ingest/demo/load-conversations.ts'
import { countryOfFictional } from '../src/ingest/demo/numbers.ts'
import { demoPbxEvents, PBX_SERVICES } from '../src/ingest/demo/pbx-events.ts'
import { derive } from '../src/ingest/derive.ts'
import { readReport } from '../src/ingest/native/read-report.ts'
import { readPortsipEvent } from '../src/ingest/portsip/read-event.ts'
import { type Account, defaultSettings } from '../src/record/account.ts'
import { CALL_TYPES } from '../src/record/call-record.ts'
import type { Report } from '../src/record/report.ts'

interface Call {
  call_uuid: string
  session_id: string
  parent_uuid?: string
  source: string
  leg: string
  direction: string
  from: { as_sent: string }
  to: { as_sent: string | null }
  destination?: string | null
  started_at: string
  answered_at: string | null
  ended_at: string
  hangup: { sip_status: number | null; end_reason?: string | null }
  trunk?: { secure: boolean | null; transport: string | null }
  quality?: { mos: number | null; rtt_ms?: number; streams?: { packets: number | null }[] } | null
  cost?: { rate?: string; secure_rate?: string }
}

const demo = new URL('../demo/', import.meta.url)
const conversations = await loadConversations(fileURLToPath(new URL('records/', demo)))
const prices = JSON.parse(readFileSync(new URL('prices.json', demo), 'utf8')) as DemoPrices
const DAY_US = 86_400_000_000
/** A Saturday morning. */
const NOW_US = Date.UTC(2026, 10, 21, 9, 41, 7) * 1000

const callsAt = (nowUs: number, seed = 1) => [...demoCalls({ conversations, prices, nowUs, seed })] as unknown as Call[]
const calls = callsAt(NOW_US)
const primaries = calls.filter(({ leg }) => leg !== 'b')
const talkS = ({ answered_at, ended_at }: Call) =>
  answered_at === null ? 0 : (Date.parse(ended_at) - Date.parse(answered_at)) / 1000
const share = (of: (call: Call) => boolean) => primaries.filter(of).length / primaries.length

describe('the bundled records', () => {
  it('are at least 40 different ones, and the readers take all of them', () => {
    const lines = ['freeswitch-1.10.12.ndjson', 'asterisk-22.10.1-Master.csv', 'kamailio-5.6.3-cdr.jsonl'].flatMap(
      (name) =>
        readFileSync(new URL(`records/${name}`, demo), 'utf8')
          .trim()
          .split('\n'),
    )
    assert.equal(new Set(lines).size, 95)
    assert.deepEqual(
      ['demo-freeswitch', 'demo-asterisk', 'demo-kamailio'].map(
        (source) => conversations.filter((each) => each.source === source).length,
      ),
      [18, 22, 27],
    )
  })
})

describe('demoCalls', () => {
  for (let days = 0; days < 7; days++)
    it(`gives at least 2,000 calls of the 60 days before any now, the last just over (${days} days later)`, () => {
      const nowUs = NOW_US + days * (DAY_US + 3_600_000_000)
      const primaries = callsAt(nowUs).filter(({ leg }) => leg !== 'b')
      assert.ok(primaries.length >= 2000, `${primaries.length}`)
      const starts = primaries.map(({ started_at }) => Date.parse(started_at) * 1000)
      assert.deepEqual(
        starts,
        starts.toSorted((a, b) => a - b),
      )
      assert.ok((starts[0] as number) >= nowUs - 60 * DAY_US && (starts[0] as number) < nowUs - 59 * DAY_US)
      const lastEndUs = Math.max(...primaries.map(({ ended_at }) => Date.parse(ended_at) * 1000))
      assert.ok(
        lastEndUs < nowUs && lastEndUs > nowUs - 3 * 3_600_000_000,
        `${(nowUs - lastEndUs) / 60_000_000} minutes ago`,
      )
    })

  it('gives the same calls again, and other ones for another seed', () => {
    assert.deepEqual(callsAt(NOW_US), calls)
    assert.equal(
      callsAt(NOW_US, 2).some(({ call_uuid }) => call_uuid === calls[0]?.call_uuid),
      false,
    )
  })

  it('changes none of its calls when it is filled again the next day', () => {
    const byId = new Map(callsAt(NOW_US + DAY_US).map((call) => [call.call_uuid, call]))
    const still = calls.filter(({ call_uuid }) => byId.has(call_uuid))
    assert.ok(still.length > calls.length * 0.95)
    for (const call of still) assert.deepEqual(byId.get(call.call_uuid), call)
  })

  it('gives every call and leg an id of its own, and every B leg its call', () => {
    const ids = new Set(calls.map(({ call_uuid }) => call_uuid))
    assert.equal(ids.size, calls.length)
    for (const { leg, parent_uuid } of calls)
      assert.equal(parent_uuid !== undefined && ids.has(parent_uuid), leg === 'b')
  })

  it('has some of everything that a list, a filter or a chart wants to show', () => {
    const shares: Record<string, [number, number, (call: Call) => boolean]> = {
      answered: [0.7, 0.9, ({ answered_at }) => answered_at !== null],
      busy: [0.01, 0.08, ({ hangup }) => hangup.sip_status === 486],
      cancelled: [0.01, 0.1, ({ hangup }) => hangup.sip_status === 487],
      unreachable: [0.005, 0.05, ({ hangup }) => hangup.sip_status === 503 || hangup.sip_status === 404],
      inbound: [0.45, 0.65, ({ direction }) => direction === 'inbound'],
      outbound: [0.3, 0.5, ({ direction }) => direction === 'outbound'],
      internal: [0.01, 0.1, ({ direction }) => direction === 'internal'],
      transferred: [0.01, 0.1, ({ destination }) => destination != null],
      secure: [0.1, 0.2, ({ trunk }) => trunk?.secure === true],
      'over an hour': [0.004, 0.05, (call) => talkS(call) > 3600],
      'with a MOS': [0.2, 0.5, ({ quality }) => quality?.mos != null],
      'with a bad MOS': [0.01, 0.1, ({ quality }) => (quality?.mos ?? 5) < 4],
      'with a round trip': [0.03, 0.2, ({ quality }) => quality?.rtt_ms !== undefined],
      'by day': [
        0.7,
        0.95,
        ({ started_at }) => Number(started_at.slice(11, 13)) >= 8 && Number(started_at.slice(11, 13)) < 21,
      ],
      'with a price': [0.9, 1, ({ cost }) => cost?.rate !== undefined],
    }
    for (const [name, [least, most, of]] of Object.entries(shares)) {
      const is = share(of)
      assert.ok(is >= least && is <= most, `${name}: ${is}`)
    }
  })

  it('puts numbers that ring at nobody in place of the captured ones', () => {
    for (const { from, to, destination } of calls)
      for (const number of [from.as_sent, to.as_sent, destination])
        if (number != null) assert.notEqual(countryOfFictional(number), 'ZZ', number)
    const countries = new Set(primaries.map(({ from }) => countryOfFictional(from.as_sent)))
    assert.ok(countries.size >= 6, [...countries].join())
  })

  it('keeps the order of what happened, and packets in step with the talk', () => {
    for (const { started_at, answered_at, ended_at } of calls)
      assert.ok(started_at <= (answered_at ?? started_at) && (answered_at ?? started_at) <= ended_at)
    const measured = primaries.filter(
      ({ source, quality }) => source === 'demo-freeswitch' && quality?.streams !== undefined,
    )
    for (const call of measured.filter((each) => talkS(each) > 20)) {
      const perSecond = (call.quality?.streams?.[0]?.packets ?? 0) / talkS(call)
      assert.ok(perSecond > 20 && perSecond < 60, `${perSecond} packets a second`)
    }
  })

  it('is read by the native reader without a refusal', () => {
    const account: Account = { id: 'MA2025RK4E639VJFZAGV', settings: defaultSettings('Demo'), createdAtUs: 1 }
    for (const call of calls) {
      const read = readReport(call, { account, source: 'demo', arrivedAtUs: NOW_US, raw: '' })
      assert.ok(read.ok, JSON.stringify(read))
    }
  })
})

describe('the demo’s contact centre and PBX', () => {
  const account: Account = { id: 'MA2025RK4E639VJFZAGV', settings: defaultSettings('Demo'), createdAtUs: 1 }
  const atDay = (days: number) => ({ nowUs: NOW_US + days * DAY_US, seed: 1 })
  const reportOf = (body: unknown): Report => {
    const read = readReport(body, { account, source: 'demo', arrivedAtUs: NOW_US, raw: '' })
    assert.ok(read.ok, JSON.stringify(read))
    return read.report
  }
  const typesOf = (body: unknown) => {
    const { facts, lists } = reportOf(body)
    return (derive(facts, account.settings, lists)['center.callTypes'] ?? []) as string[]
  }
  const fromPbx = [...demoPbxEvents(atDay(0))].flatMap((event) => {
    const readings = readPortsipEvent(event, { services: PBX_SERVICES })
    return readings.map((reading) => {
      assert.ok(reading.ok, JSON.stringify(reading))
      return reading.call
    })
  })

  it('have calls of every type that a contact centre tells apart', () => {
    const seen = new Set([...demoCenterCalls(atDay(0))].flatMap(typesOf))
    assert.deepEqual(
      CALL_TYPES.filter((type) => !seen.has(type)),
      [],
    )
  })

  it('are the same calls when the demo is filled again the next day', () => {
    const later = new Map([...demoCenterCalls(atDay(1))].map((call) => [call.call_uuid, call]))
    const still = [...demoCenterCalls(atDay(0))].filter(({ call_uuid }) => later.has(call_uuid))
    assert.ok(still.length > 500, `${still.length}`)
    for (const call of still) assert.deepEqual(later.get(call.call_uuid), call)
  })

  it('sends a PBX’s calls of each direction, some through its queue, some to nobody', () => {
    const calls = fromPbx.filter(({ leg, kind }) => leg === 'a' && kind === 'cdr')
    assert.ok(calls.length > 300, `${calls.length}`)
    assert.deepEqual([...new Set(calls.map(({ direction }) => direction))].sort(), ['inbound', 'internal', 'outbound'])
    const seen = new Set(calls.flatMap(typesOf))
    for (const type of ['inbound_answered_within_sla', 'abandoned_distributed', 'outbound_not_answered'])
      assert.ok(seen.has(type), type)
  })
})
