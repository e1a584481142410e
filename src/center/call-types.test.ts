import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { recordOf, reportOf, stateOf } from '../../test/support/a-report.ts'
import { anyReportBodies } from '../../test/support/any-body.ts'
import { centerCall, type TimedCall } from '../../test/support/center-call.ts'
import { type CenterSettings, defaultSettings } from '../record/account.ts'
import { CALL_TYPES, type CallType, HANGUP_SIDES, LEFT_BY, TRANSFERS } from '../record/call-record.ts'
import type { CallState } from '../record/merge.ts'
import { callTypes, mostSpecificType } from './call-types.ts'

const US = 0.000001
/** 20 s to answer, 10 s to be no short abandon, always open. */
const USUAL = defaultSettings('Alice')
/** Closed on the Monday of the calls but from ten past ten. */
const CLOSED = { businessHours: [{ days: [1], from: '10:10', to: '17:00' }] }

interface Row {
  call: TimedCall
  settings?: Partial<CenterSettings>
  types: CallType[]
  word: string
  because: string
}

const ANSWERED_IN_TIME: CallType[] = ['all_inbound', 'inbound_answered', 'inbound_answered_within_sla']
const ANSWERED_LATE: CallType[] = ['all_inbound', 'inbound_answered', 'inbound_answered_but_not_within_sla']

const tables: Record<string, Row[]> = {
  'all_inbound and all_outbound': [
    {
      call: { plain: true, end: 30 },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'nobody answered, and without a queue it was not abandoned in one',
    },
    {
      call: { plain: true, direction: 'outbound', end: 3 },
      types: ['all_outbound', 'outbound_not_answered'],
      word: 'not_answered',
      because: 'an outbound call is never a short abandon',
    },
    {
      call: { plain: true, direction: 'internal', answered: 3 },
      types: [],
      word: 'answered',
      because: 'a call between extensions is neither',
    },
    {
      call: { plain: true, direction: 'transit', answered: 3 },
      types: [],
      word: 'answered',
      because: 'and neither is one from trunk to trunk',
    },
    { call: { plain: true, answered: 3, end: null }, types: [], word: 'answered', because: 'it has not ended' },
    { call: { queues: [{ in: 1 }], end: null }, types: [], word: 'not_answered', because: 'the caller still waits' },
  ],

  'inbound_answered, by a live agent': [
    {
      call: { plain: true, answered: 5 },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'nothing but a person could',
    },
    {
      call: { answered: 1, queues: [{ in: 5, out: 9, by: 'answer' }], agents: [{ from: 6, answered: 9 }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'an agent did',
    },
    {
      call: { answered: 1, queues: [{ in: 5, out: 9, by: 'answer' }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'the queue says so, whoever it was',
    },
    {
      call: { answered: 1, queues: [{ in: 5, by: 'answer' }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'the queue says so, whenever that was: not before it was queued',
    },
    {
      call: { answered: 1, ivr: true },
      types: ['all_inbound', 'inbound_ivr_exit'],
      word: 'inbound_ivr_exit',
      because: 'an IVR is no person',
    },
    {
      call: { answered: 1, queues: [{ in: 5 }] },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'music in a queue is no person',
    },
    {
      call: { answered: 12, agents: [{ from: 3 }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'the one agent there was took it',
    },
    {
      call: { answered: 12, agents: [{ from: 3, to: 11 }] },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'the agent was gone by then: a voicemail did',
    },
  ],

  'inbound_answered_within_sla and inbound_answered_but_not_within_sla': [
    { call: { plain: true, answered: 20 }, types: ANSWERED_IN_TIME, word: 'answered', because: '20 s are within 20 s' },
    {
      call: { plain: true, answered: 20 + US },
      types: ANSWERED_LATE,
      word: 'answered',
      because: 'a microsecond is too late',
    },
    {
      call: { queues: [{ in: 60, out: 80, by: 'answer' }], agents: [{ from: 70, answered: 80 }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'the wait begins with the queue, not with the IVR',
    },
    {
      call: { queues: [{ in: 60, out: 80 + US, by: 'answer' }], agents: [{ from: 70, answered: 80 + US }] },
      types: ANSWERED_LATE,
      word: 'answered',
      because: 'a microsecond is too late in a queue, too',
    },
    {
      call: { answered: 20 + US, plain: true },
      settings: { serviceLevelS: 21 },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'the account gives itself longer',
    },
    {
      call: { plain: true, start: 5, answered: 2 },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'a clock that was set back makes no negative wait',
    },
    {
      call: {
        queues: [
          { in: 0, out: 15, by: 'overflow' },
          { in: 15, out: 25, by: 'answer' },
        ],
        agents: [{ answered: 25 }],
      },
      types: ['all_inbound', 'inbound_answered', 'inbound_answered_but_not_within_sla', 'overflowed'],
      word: 'overflowed',
      because: 'the caller waited since the first queue',
    },
  ],

  'short_abandoned and abandoned': [
    {
      call: { queues: [{ in: 50, out: 60 - US, by: 'hangup' }], end: 60 - US },
      types: ['all_inbound', 'short_abandoned'],
      word: 'short_abandoned',
      because: 'the wait was a microsecond under 10 s, whatever came before',
    },
    {
      call: { queues: [{ in: 50, out: 60, by: 'hangup' }], end: 60 },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: '10 s are not under 10 s',
    },
    {
      call: { queues: [{ in: 50 }], end: 60, hangup: { side: null } },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'nobody says that it ended in any other way',
    },
    {
      call: { queues: [{ in: 50 }], end: 60, hangup: { side: 'platform' } },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'the caller did not give up: the platform ended it',
    },
    {
      call: { queues: [{ in: 50, by: 'hangup' }], end: 60, hangup: { side: 'platform' } },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'what the queue says goes before what the end says',
    },
    {
      call: { plain: true, end: 10 - US },
      types: ['all_inbound', 'short_abandoned'],
      word: 'short_abandoned',
      because: 'without a queue its age counts',
    },
    {
      call: { plain: true, end: 10 },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'it is not short any more, and there is no queue to be abandoned in',
    },
    {
      call: { plain: true, end: 2, hangup: { sipStatus: 486 } },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'the called end was busy: the caller did not give up',
    },
    {
      call: { plain: true, end: 2, hangup: { sipStatus: 487 } },
      types: ['all_inbound', 'short_abandoned'],
      word: 'short_abandoned',
      because: '487 is a caller who gave up',
    },
    {
      call: { plain: true, end: 2, hangup: { by: 'platform' } },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'the platform ended it',
    },
    {
      call: { ringGroup: 4, end: 30 },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'a call to a ring group waits for it, though no queue entry says since when',
    },
    {
      call: { queues: [{ in: 50, by: 'hangup' }], end: 52 },
      settings: { shortAbandonS: 0 },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'with a threshold of 0 none is short',
    },
  ],

  'short_abandoned_distributed and abandoned_distributed': [
    {
      call: { queues: [{ in: 50, rung: 52, by: 'hangup' }], end: 60 - US },
      types: ['all_inbound', 'short_abandoned_distributed'],
      word: 'short_abandoned_distributed',
      because: 'an agent was rung, for too short a time to matter',
    },
    {
      call: { queues: [{ in: 50, rung: 52, by: 'hangup' }], end: 60 },
      types: ['all_inbound', 'abandoned_distributed'],
      word: 'abandoned_distributed',
      because: '10 s are not under 10 s',
    },
    {
      call: { queues: [{ in: 50, by: 'hangup' }], agents: [{ from: 52 }], end: 60 },
      types: ['all_inbound', 'abandoned_distributed'],
      word: 'abandoned_distributed',
      because: 'the agent who was rung shows it as well',
    },
    {
      call: { agents: [{ from: 2 }], end: 5 },
      types: ['all_inbound', 'short_abandoned_distributed'],
      word: 'short_abandoned_distributed',
      because: 'an agent was rung, though by no queue',
    },
  ],

  inbound_ivr_exit: [
    {
      call: { ivr: true, end: 10 },
      types: ['all_inbound', 'inbound_ivr_exit'],
      word: 'inbound_ivr_exit',
      because: 'it left the IVR for no queue, and was not short',
    },
    {
      call: { ivr: true, end: 10 - US },
      types: ['all_inbound', 'short_abandoned'],
      word: 'short_abandoned',
      because: 'a hangup in the IVR is short while it is under 10 s',
    },
    {
      call: { ivr: true, end: 10 - US, hangup: { side: 'platform' } },
      types: ['all_inbound', 'inbound_ivr_exit'],
      word: 'inbound_ivr_exit',
      because: 'the IVR was done: nobody gave up',
    },
    {
      call: { ivr: true, queues: [{ in: 5 }], end: 15 },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'it came to a queue',
    },
    {
      call: { ivr: true, agents: [{ from: 8 }], end: 15 },
      types: ['all_inbound'],
      word: 'not_answered',
      because: 'it was out of the IVR: an agent was rung',
    },
    {
      call: { ivr: true, requestedCallback: true, end: 15 },
      types: ['all_inbound', 'callback'],
      word: 'callback',
      because: 'it left for a callback',
    },
  ],

  overflowed: [
    {
      call: { queues: [{ in: 5, out: 50, by: 'overflow' }], end: 90 },
      types: ['all_inbound', 'overflowed'],
      word: 'overflowed',
      because: 'the queue gave it away; what came then, a voicemail, is no abandon',
    },
    {
      call: { queues: [{ in: 5, out: 8, by: 'overflow' }], end: 9 },
      types: ['all_inbound', 'overflowed'],
      word: 'overflowed',
      because: 'a full queue gives away at once: no short abandon',
    },
    {
      call: {
        queues: [
          { in: 5, rung: 6, out: 15, by: 'overflow' },
          { in: 15, out: 30, by: 'hangup' },
        ],
        end: 30,
      },
      types: ['all_inbound', 'overflowed', 'abandoned_distributed'],
      word: 'overflowed',
      because: 'it was given away, and then the caller gave up',
    },
    {
      call: {
        queues: [
          { in: 5, out: 10, by: 'answer' },
          { in: 40, out: 60, by: 'overflow' },
        ],
        agents: [{ answered: 10, transfer: 'blind' }],
      },
      types: [...ANSWERED_IN_TIME, 'transfer'],
      word: 'answered',
      because: 'an agent had answered before the second queue gave it away',
    },
  ],

  'callback and automated_callback': [
    {
      call: { queues: [{ in: 5, out: 9, by: 'callback' }], end: 9 },
      types: ['all_inbound', 'callback'],
      word: 'callback',
      because: 'the caller hung up to be called back',
    },
    {
      call: { queues: [{ in: 5, out: 40, by: 'hangup' }], end: 40, requestedCallback: true },
      types: ['all_inbound', 'callback'],
      word: 'callback',
      because: 'who asked for a callback has not given up',
    },
    {
      call: { queues: [{ in: 5, out: 40, by: 'hangup' }], end: 40, requestedCallback: false },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'who did not has',
    },
    {
      call: { direction: 'outbound', answered: 8, automatedCallback: true },
      types: ['all_outbound', 'outbound_answered', 'automated_callback'],
      word: 'answered',
      because: 'the system called back',
    },
    {
      call: { direction: 'outbound', requestedCallback: true },
      types: ['all_outbound', 'outbound_not_answered'],
      word: 'not_answered',
      because: 'only an inbound call asks for one',
    },
  ],

  'outbound_answered and outbound_not_answered': [
    {
      call: { direction: 'outbound', answered: 50, agents: [{ from: 0 }] },
      types: ['all_outbound', 'outbound_answered'],
      word: 'answered',
      because: 'the far end answered',
    },
    {
      call: { direction: 'outbound', agents: [{ from: 0, answered: 1 }] },
      types: ['all_outbound', 'outbound_not_answered'],
      word: 'not_answered',
      because: 'only the agent who calls was there',
    },
  ],

  'transfer and warm_transfer': [
    {
      call: {
        answered: 5,
        agents: [
          { answered: 5, transfer: 'blind' },
          { answered: 60, transfer: 'none' },
        ],
      },
      types: [...ANSWERED_IN_TIME, 'transfer'],
      word: 'answered',
      because: 'one agent sent it to another',
    },
    {
      call: {
        answered: 5,
        agents: [
          { answered: 5, transfer: 'warm' },
          { answered: 60, transfer: 'none' },
        ],
      },
      types: [...ANSWERED_IN_TIME, 'warm_transfer'],
      word: 'answered',
      because: 'one agent spoke to the other before',
    },
    {
      call: { answered: 5, agents: [{ answered: 5, transfer: 'none' }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'there was no transfer',
    },
    {
      call: { direction: 'outbound', answered: 5, externalTransfer: 'warm', agents: [{ from: 0, transfer: 'blind' }] },
      types: ['all_outbound', 'outbound_answered', 'transfer', 'warm_transfer'],
      word: 'answered',
      because: 'there was one of each, one to a number outside',
    },
  ],

  out_of_business_hours: [
    {
      call: { start: 600, plain: true, answered: 610, end: 700 },
      settings: CLOSED,
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'ten past ten is open',
    },
    {
      call: { start: 600 - US, plain: true, answered: 610, end: 700 },
      settings: CLOSED,
      types: [...ANSWERED_IN_TIME, 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'a microsecond earlier is not, though somebody answered',
    },
    {
      call: { queues: [{ in: 5, by: 'hangup' }] },
      settings: CLOSED,
      types: ['all_inbound', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'nobody was there to be given up on',
    },
    {
      call: { ivr: true, end: 3 },
      settings: CLOSED,
      types: ['all_inbound', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'nor is a call short then',
    },
    {
      call: { ivr: true },
      settings: CLOSED,
      types: ['all_inbound', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'nor an IVR exit',
    },
    {
      call: { plain: true, end: 3 },
      settings: CLOSED,
      types: ['all_inbound', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'nor is a plain call short then',
    },
    {
      call: { queues: [{ in: 5, out: 40, by: 'overflow' }], requestedCallback: true },
      settings: CLOSED,
      types: ['all_inbound', 'callback', 'overflowed', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'it takes precedence over what else happened',
    },
    {
      call: { queues: [{ in: 5, out: 9, by: 'closed' }] },
      types: ['all_inbound', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'the queue was closed, and it must know',
    },
    {
      call: { plain: true, direction: 'outbound', answered: 3 },
      settings: CLOSED,
      types: ['all_outbound', 'outbound_answered'],
      word: 'answered',
      because: 'who calls out is there',
    },
    {
      call: { plain: true, end: 3 },
      settings: { holidays: ['2024-01-15'] },
      types: ['all_inbound', 'out_of_business_hours'],
      word: 'out_of_business_hours',
      because: 'it was a holiday',
    },
  ],

  'settings of ring groups': [
    {
      call: { queues: [{ group: 7, in: 0, out: 30, by: 'answer' }] },
      settings: { ringGroups: [{ id: 7, serviceLevelS: 30 }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'this ring group has 30 s',
    },
    {
      call: { queues: [{ group: 7, in: 0, out: 30 + US, by: 'answer' }] },
      settings: { ringGroups: [{ id: 7, serviceLevelS: 30 }] },
      types: ANSWERED_LATE,
      word: 'answered',
      because: 'and no more',
    },
    {
      call: { queues: [{ group: 8, in: 0, out: 30, by: 'answer' }] },
      settings: { ringGroups: [{ id: 7, serviceLevelS: 30 }] },
      types: ANSWERED_LATE,
      word: 'answered',
      because: 'that one has what the account has',
    },
    {
      call: {
        queues: [
          { group: 7, in: 0, out: 15, by: 'overflow' },
          { group: 8, in: 15, out: 30, by: 'answer' },
        ],
      },
      settings: {
        ringGroups: [
          { id: 7, serviceLevelS: 30 },
          { id: 8, serviceLevelS: 1 },
        ],
      },
      types: [...ANSWERED_IN_TIME, 'overflowed'],
      word: 'overflowed',
      because: 'the first queue made the promise',
    },
    {
      call: { ringGroup: 7, end: 4 },
      settings: { ringGroups: [{ id: 7, shortAbandonS: 4 }] },
      types: ['all_inbound', 'abandoned'],
      word: 'abandoned',
      because: 'for this ring group 4 s are long enough',
    },
    {
      call: { ringGroup: 7, answered: 3 },
      settings: { ...CLOSED, ringGroups: [{ id: 7, businessHours: [] }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'this ring group is always open',
    },
    {
      call: { ringGroup: 7, answered: 3 },
      settings: { ...CLOSED, ringGroups: [{ id: 7, timeZone: 'Europe/Berlin' }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'the account’s hours, by the clock of the ring group: eleven in Berlin',
    },
    {
      call: { ringGroup: 7, answered: 3 },
      settings: { holidays: ['2024-01-15'], ringGroups: [{ id: 7, holidays: [] }] },
      types: ANSWERED_IN_TIME,
      word: 'answered',
      because: 'this ring group works on holidays',
    },
  ],
}

for (const [title, rows] of Object.entries(tables))
  describe(`callTypes: ${title}`, () => {
    for (const { call, settings = {}, types, word, because } of rows)
      it(`${JSON.stringify(call)} is ${types.join(', ') || 'nothing'}: ${because}`, () => {
        const found = callTypes(centerCall(call), { ...USUAL, ...settings })
        const inOrder = CALL_TYPES.filter((type) => types.includes(type))
        assert.deepEqual(
          { found, word: mostSpecificType({ ...centerCall(call), callTypes: found }) },
          { found: inOrder, word },
        )
      })
  })

it('each of the call types has a row', () => {
  const seen = new Set(Object.values(tables).flatMap((rows) => rows.flatMap(({ types }) => types)))
  assert.deepEqual([...seen].sort(), [...CALL_TYPES].sort())
})

describe('the types of any call', () => {
  const EXCLUSIVE: CallType[][] = [
    ['all_inbound', 'all_outbound'],
    ['outbound_answered', 'outbound_not_answered'],
    ['inbound_answered_within_sla', 'inbound_answered_but_not_within_sla'],
    [
      'inbound_answered',
      'abandoned',
      'abandoned_distributed',
      'short_abandoned',
      'short_abandoned_distributed',
      'inbound_ivr_exit',
    ],
    ['out_of_business_hours', 'abandoned', 'abandoned_distributed', 'short_abandoned', 'short_abandoned_distributed'],
    ['out_of_business_hours', 'inbound_ivr_exit'],
    ['callback', 'abandoned', 'abandoned_distributed', 'short_abandoned', 'short_abandoned_distributed'],
  ]
  const IMPLIES: [CallType, CallType][] = [
    ['inbound_answered_within_sla', 'inbound_answered'],
    ['inbound_answered_but_not_within_sla', 'inbound_answered'],
    ['outbound_answered', 'all_outbound'],
    ['outbound_not_answered', 'all_outbound'],
    ...CALL_TYPES.filter((type) => /inbound_|abandoned|callback$|overflowed|hours/.test(type))
      .filter((type) => type !== 'automated_callback' && !type.includes('outbound'))
      .map((type): [CallType, CallType] => [type, 'all_inbound']),
  ]
  const anySettings = fc.record({
    serviceLevelS: fc.nat(60),
    shortAbandonS: fc.nat(60),
    businessHours: fc.constantFrom<CenterSettings['businessHours']>(
      [],
      [{ days: [1, 3, 5], from: '08:00', to: '20:00' }],
    ),
    holidays: fc.constantFrom<string[]>([], [], [], ['2024-01-15']),
  })

  const assertConsistent = (types: CallType[]) => {
    assert.deepEqual(
      types,
      CALL_TYPES.filter((type) => types.includes(type)),
    )
    for (const group of EXCLUSIVE) assert.ok(group.filter((type) => types.includes(type)).length <= 1, types.join())
    for (const [type, needs] of IMPLIES) assert.ok(!types.includes(type) || types.includes(needs), types.join())
  }

  it('never contradict one another, and come in the order of CALL_TYPES', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), anySettings, (reports, over) => {
        const state = stateOf(reports.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs })))
        assertConsistent(callTypes(recordOf(state as CallState), { ...USUAL, ...over }))
      }),
      { numRuns: 200 },
    )
  })

  it('do not do so where queues and agents crowd, either', () => {
    const second = fc.option(fc.integer({ min: 0, max: 60 }), { nil: null })
    const queue = fc.record({
      in: second,
      rung: fc.constantFrom(null, null, 20),
      out: second,
      by: fc.constantFrom(null, 'hangup' as const, ...LEFT_BY),
    })
    const agent = fc.record({ from: second, answered: second, to: second, transfer: fc.constantFrom(...TRANSFERS) })
    const anyCenterCall = fc.record({
      direction: fc.constantFrom('inbound' as const, 'inbound' as const, 'outbound' as const, 'internal' as const),
      answered: second,
      end: fc.integer({ min: 0, max: 60 }),
      hangup: fc.record({ side: fc.constantFrom(null, ...HANGUP_SIDES) }),
      ivr: fc.boolean(),
      queues: fc.array(queue, { maxLength: 2 }),
      agents: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(agent, { maxLength: 2 })),
      requestedCallback: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
      automatedCallback: fc.boolean(),
    })
    const seen = new Set<CallType>()
    fc.assert(
      fc.property(anyCenterCall, anySettings, (call, over) => {
        const types = callTypes(centerCall(call), { ...USUAL, ...over })
        assertConsistent(types)
        for (const type of types) seen.add(type)
      }),
      { numRuns: 2000 },
    )
    assert.deepEqual([...seen].sort(), [...CALL_TYPES].sort())
  })

  it('are the same for a plain call as for one of a contact centre that knows nothing', () => {
    const anyCall = fc.record({
      direction: fc.constantFrom('inbound' as const, 'outbound' as const, 'internal' as const, 'transit' as const),
      start: fc.integer({ min: 0, max: 1200 }),
      answered: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      end: fc.integer({ min: 0, max: 60 }),
      hangup: fc.record({
        side: fc.constantFrom(null, 'caller' as const, 'callee' as const, 'platform' as const),
        by: fc.constantFrom(null, 'platform' as const, 'carrier' as const),
        sipStatus: fc.constantFrom(null, 200, 486, 487),
      }),
    })
    fc.assert(
      fc.property(anyCall, anySettings, ({ answered, start, end, ...given }, over) => {
        const call = {
          ...given,
          start,
          end: start + end,
          ...(answered === undefined ? {} : { answered: start + answered }),
        }
        const settings = { ...USUAL, ...over }
        assert.deepEqual(
          callTypes(centerCall({ ...call, plain: true }), settings),
          callTypes(centerCall(call), settings),
        )
      }),
    )
  })
})
