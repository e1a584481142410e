import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ARRIVED_AT_US, aLiveBody, type Body, recordOf, reportOf, stateOf, us } from '../../test/support/a-report.ts'
import { anyReportBodies } from '../../test/support/any-body.ts'
import type { CallRecord } from './call-record.ts'
import { type CallState, canonicalJson, fold } from './merge.ts'
import type { Report } from './report.ts'
import { writeCall } from './wire.ts'

/** A body as one report of the call of `aBody`; `at` is the source's event time on 2024-01-15. */
function told(at: string | null, body: Body, arrivedAfterUs = 0): Report {
  const { call_uuid } = aLiveBody()
  const reported = at === null ? {} : { reported_at: `2024-01-15T${at}Z` }
  return reportOf({ call_uuid, ...reported, ...body }, { arrivedAtUs: ARRIVED_AT_US + arrivedAfterUs })
}

function callOf(reports: readonly Report[]): CallRecord {
  return recordOf(stateOf(reports) as CallState)
}

/** Every order of a few reports, each of them told twice. */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((first, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [first, ...rest, first]))
}

const at = (time: string) => us(`2024-01-15T${time}Z`)
const START = { kind: 'start', started_at: '2024-01-15T14:00:00Z' }
const END = { kind: 'end', ended_at: '2024-01-15T14:05:00Z' }

const RULES: { rule: string; reports: Report[]; see: (call: CallRecord) => unknown; expect: unknown }[] = [
  {
    rule: 'the newer event time wins, for each group apart',
    reports: [
      told('14:00:01', { destination: 'sales', did: '100' }),
      told('14:00:02', { destination: 'support' }),
      told('14:00:00', { destination: 'nobody', did: '99', service_number: '1' }),
    ],
    see: ({ destination, did, serviceNumber }) => [destination, did, serviceNumber],
    expect: ['support', '100', '1'],
  },
  {
    rule: 'arrival counts where a report has no time of its own',
    reports: [told(null, { destination: 'first' }), told(null, { destination: 'later' }, 1)],
    see: ({ destination }) => destination,
    expect: 'later',
  },
  {
    rule: 'at one time the greater canonical JSON wins, whoever came first',
    reports: [told('14:00:00', { user_data: 'b' }, 5), told('14:00:00', { user_data: 'a' }, 9)],
    see: ({ userData }) => userData,
    expect: 'b',
  },
  {
    rule: 'keys of an object have no order in that',
    reports: [
      told('14:00:00', { center: { campaign: { name: 'b', id: 1 } } }),
      told('14:00:00', { center: { campaign: { id: 1, name: 'a' } } }),
    ],
    see: ({ center }) => center?.campaign,
    expect: { id: 1, name: 'b' },
  },
  {
    rule: 'null and absent carry nothing',
    reports: [
      told('14:00:00', { destination: 'sales', tags: ['a'], from: { number: '+12025551234', name: 'Ann' } }),
      told('14:00:09', { destination: null, tags: null, from: { number: null }, hangup: {}, center: null }),
    ],
    see: ({ destination, tags, from }) => [destination, tags, from.number, from.name],
    expect: ['sales', ['a'], '+12025551234', 'Ann'],
  },
  {
    rule: 'an empty list carries nothing',
    reports: [told('14:00:00', { tags: ['a'] }), told('14:00:09', { tags: [] })],
    see: ({ tags }) => tags,
    expect: ['a'],
  },
  {
    rule: 'clear empties what older reports gave',
    reports: [told('14:00:00', { tags: ['a'], user_data: 'x' }), told('14:00:09', { clear: ['tags', 'user_data'] })],
    see: ({ tags, userData }) => [tags, userData],
    expect: [[], null],
  },
  {
    rule: 'clear leaves what newer reports give',
    reports: [told('14:00:09', { user_data: 'newer' }), told('14:00:00', { clear: ['user_data'] })],
    see: ({ userData }) => userData,
    expect: 'newer',
  },
  {
    rule: 'cleared and given in one report is given',
    reports: [told('14:00:00', { tags: ['a', 'b'] }), told('14:00:09', { tags: ['c'], clear: ['tags'] })],
    see: ({ tags }) => tags,
    expect: ['c'],
  },
  {
    rule: 'fields that stand together are replaced together',
    reports: [
      told('14:00:00', { hangup: { code: 3010, name: 'its own words' }, from: { number: '1001', as_sent: 'x1001' } }),
      told('14:00:09', { hangup: { code: 99998 }, from: { number: '1002' } }),
    ],
    see: ({ hangup, from }) => [hangup.code, hangup.name, from.number, from.asSent],
    expect: [99998, null, '1002', '1002'],
  },
  {
    rule: 'a start is believed about the start before a CDR, whatever their times',
    reports: [
      told('14:00:00', START),
      told('14:05:01', { kind: 'cdr', started_at: '2024-01-15T14:00:03Z', ended_at: '2024-01-15T14:05:00Z' }),
    ],
    see: ({ startedAtUs }) => startedAtUs,
    expect: at('14:00:00'),
  },
  {
    rule: 'a correction is believed before a start',
    reports: [told('14:00:00', START), told('13:00:00', { kind: 'correction', started_at: '2024-01-15T13:59:59Z' })],
    see: ({ startedAtUs }) => startedAtUs,
    expect: at('13:59:59'),
  },
  {
    rule: 'a CDR is believed before a guess',
    reports: [
      told('13:59:00', { kind: 'update', answered_at: '2024-01-15T13:58:00Z' }),
      told('14:05:01', { kind: 'cdr', started_at: '2024-01-15T14:00:03Z', ended_at: '2024-01-15T14:05:00Z' }),
    ],
    see: ({ startedAtUs }) => startedAtUs,
    expect: at('14:00:03'),
  },
  {
    rule: 'of guesses the earliest is right: the earliest time that any report tells',
    reports: [
      told('14:00:09', { answered_at: '2024-01-15T14:00:08Z' }),
      told('14:00:20', { quality: { mos: 4 } }),
      told('14:00:30', { answered_at: '2024-01-15T14:00:08Z', rang_at: '2024-01-15T14:00:02Z' }),
    ],
    see: ({ startedAtUs }) => startedAtUs,
    expect: at('14:00:02'),
  },
  {
    rule: 'the start of an earlier time yields to one of a later time of the same kind',
    reports: [told('14:00:00', START), told('14:00:01', { kind: 'start', started_at: '2024-01-15T14:00:00.500Z' })],
    see: ({ startedAtUs }) => startedAtUs,
    expect: at('14:00:00.500'),
  },
  {
    rule: 'an inferred end yields to a reported one, even to an older',
    reports: [
      told('14:00:00', START),
      told('18:00:00', { kind: 'end', ended_at: '2024-01-15T18:00:00Z', end_inferred: true }),
      told('14:05:00', END),
    ],
    see: ({ endedAtUs, endInferred, state }) => [endedAtUs, endInferred, state],
    expect: [at('14:05:00'), false, 'ended'],
  },
  {
    rule: 'an inferred end stands until then',
    reports: [
      told('14:00:00', START),
      told('18:00:00', { kind: 'end', ended_at: '2024-01-15T18:00:00Z', end_inferred: true }),
    ],
    see: ({ endedAtUs, endInferred, state }) => [endedAtUs, endInferred, state],
    expect: [at('18:00:00'), true, 'ended'],
  },
  {
    rule: 'an ended call is never un-ended',
    reports: [
      told('14:00:00', START),
      told('14:05:00', END),
      told('14:09:00', { ...START, answered_at: '2024-01-15T14:00:01Z', ended_at: null, end_inferred: false }),
      told('14:10:00', { end_inferred: false }),
      told('14:11:00', { end_inferred: true }),
    ],
    see: ({ endedAtUs, endInferred, state }) => [endedAtUs, endInferred, state],
    expect: [at('14:05:00'), false, 'ended'],
  },
  {
    rule: 'entries of a list unite by their key, field by field',
    reports: [
      told('14:00:00', {
        recordings: [{ id: 7, url: 'https://old.example' }],
        center: { agents: [{ id: 1, alias: 'Ann', started_at: '2024-01-15T14:00:00Z' }] },
      }),
      told('14:00:09', {
        recordings: [{ id: 7, url: 'https://new.example' }, { id: 8 }],
        center: {
          agents: [
            { id: 1, started_at: '2024-01-15T14:00:00Z', answered_at: '2024-01-15T14:00:05Z' },
            { id: 2, alias: 'Bob', started_at: '2024-01-15T14:00:01Z' },
          ],
        },
      }),
    ],
    see: ({ recordings, center }) => [
      recordings,
      center?.agents.map(({ id, alias, answeredAtUs }) => [id, alias, answeredAtUs]),
    ],
    expect: [
      [
        { id: 7, url: 'https://new.example' },
        { id: 8, url: null },
      ],
      [
        [1, 'Ann', at('14:00:05')],
        [2, 'Bob', null],
      ],
    ],
  },
  {
    rule: 'entries known by different ids are different, though the ids look alike',
    reports: [
      told('14:00:00', {
        center: {
          agents: [{ id: 5 }, { user_id: 5 }, { sip: '5' }, { alias: '5' }],
          queues: [{ ring_group: { id: 5 } }, { ring_group: { id: 5 }, queued_at: '1970-01-01T00:00:05Z' }],
        },
        recordings: [{ id: 5 }, { url: '5' }],
      }),
    ],
    see: ({ center, recordings }) => [center?.agents.length, center?.queues.length, recordings.length],
    expect: [4, 2, 2],
  },
  {
    rule: 'clear of a list removes its older entries and keeps newer ones',
    reports: [
      told('14:00:00', { recordings: [{ id: 1 }, { id: 2, url: 'https://old.example' }] }),
      told('14:00:09', { clear: ['recordings'] }),
      told('14:00:10', { recordings: [{ id: 2 }, { id: 3 }] }),
    ],
    see: ({ recordings }) => recordings,
    expect: [
      { id: 2, url: null },
      { id: 3, url: null },
    ],
  },
  {
    rule: 'a list cleared and given in one report is the one given',
    reports: [
      told('14:00:00', { recordings: [{ id: 1 }] }),
      told('14:00:09', { recordings: [{ id: 2 }], clear: ['recordings'] }),
    ],
    see: ({ recordings }) => recordings.map(({ id }) => id),
    expect: [2],
  },
  {
    rule: 'the source is the one whose start or CDR told of the call',
    reports: [
      told('14:00:00', { ...START, source: 'fs-london' }),
      told('14:05:09', { kind: 'quality', quality: { mos: 4 }, source: 'probe' }),
    ],
    see: ({ source }) => source,
    expect: 'fs-london',
  },
  {
    rule: 'received is the first arrival and updated the last',
    reports: [told('14:00:00', START, 7), told('14:05:00', END, 3)],
    see: ({ receivedAtUs, updatedAtUs }) => [receivedAtUs, updatedAtUs],
    expect: [ARRIVED_AT_US + 3, ARRIVED_AT_US + 7],
  },
]

describe('the merge of reports', () => {
  for (const { rule, reports, see, expect } of RULES) {
    it(`${rule}, in every order`, () => {
      for (const order of ordersOf(reports)) assert.deepEqual(see(callOf(order)), expect)
    })
  }

  it('gives the same bytes in every order and at every repetition', () => {
    const anySet = anyReportBodies().chain((set) =>
      fc.record({
        set: fc.constant(set),
        order: fc.shuffledSubarray([...set, ...set], { minLength: set.length * 2, maxLength: set.length * 2 }),
      }),
    )
    fc.assert(
      fc.property(anySet, ({ set, order }) => {
        const read = ({ body, arrivedAtUs }: (typeof set)[number]) => reportOf(body, { arrivedAtUs })
        const state = stateOf(set.map(read)) as CallState
        const other = stateOf(order.map(read)) as CallState
        assert.equal(canonicalJson(other as never), canonicalJson(state as never))
        assert.equal(JSON.stringify(writeCall(recordOf(other))), JSON.stringify(writeCall(recordOf(state))))
      }),
      { numRuns: 300 },
    )
  })

  it('returns the state itself for a report that it has', () => {
    const report = told('14:00:00', START)
    const state = fold(null, report)
    assert.equal(fold(state, { ...report, arrivedAtUs: ARRIVED_AT_US + 99 }), state)
  })

  it('never changes the state it was given', () => {
    const state = fold(null, told('14:00:00', { ...START, recordings: [{ id: 1 }] }))
    const before = structuredClone(state)
    fold(state, told('14:05:00', { ...END, clear: ['recordings'] }))
    assert.deepEqual(state, before)
  })
})

describe('canonicalJson', () => {
  it('sorts the keys of every object and nothing else', () => {
    assert.equal(canonicalJson({ b: [2, 1, { d: null, c: 'é' }], a: true }), '{"a":true,"b":[2,1,{"c":"é","d":null}]}')
  })
})
