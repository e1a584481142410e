import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aCall, aLiveBody, us } from '../../../test/support/a-report.ts'
import { defaultSettings } from '../../record/account.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { presentCall } from './present.ts'

type Body = Record<string, unknown>

const SETTINGS = defaultSettings('Alice')

function show(call: CallRecord, { now = '2024-01-15T14:40:00Z', settings = SETTINGS, originalIds = new Map() } = {}) {
  return presentCall(call, { settings, nowUs: us(now), originalIds })
}

const agent = (over: Body = {}) => ({ id: 7, started_at: '2024-01-15T14:28:50Z', ...over })
const live = (over: Body) => show(aCall(aLiveBody({ answered_at: null, ...over })))

describe('a plain call of a switch, as nectardesk shows it', () => {
  const inbound = aCall({ from: { number: '+442079460958', name: 'Zoë' }, did: '+13128574907', to: { number: '1001' } })

  it('has the other party as a contact without an id, its number split', () => {
    assert.deepEqual(show(inbound).contact, {
      id: null,
      full_name: 'Zoë',
      number_country_code: '44',
      national_number: '2079460958',
      number: '442079460958',
      list_ids: [],
    })
    const outbound = aCall({ direction: 'outbound', from: { number: '1001' }, to: { number: '+5511998765432' } })
    const { contact } = show(outbound)
    assert.deepEqual([contact?.number_country_code, contact?.national_number], ['55', '11998765432'])
  })

  it('leaves a number that is not international as it is, and splits nothing', () => {
    for (const number of ['1001', 'anonymous', '*98']) {
      const { contact } = show(aCall({ from: { number } }))
      assert.deepEqual(contact, {
        id: null,
        full_name: null,
        number_country_code: null,
        national_number: null,
        number,
        list_ids: [],
      })
    }
    assert.equal(show(aCall({ from: null })).contact, null)
  })

  it('has the number dialled in on, or shown to whom was called, as its own', () => {
    const number = '13128574907'
    assert.deepEqual(show(inbound).number, { id: null, number, numberWithAlias: number, alias: null })
    assert.equal(show(aCall({ did: null, to: { number: '+13128574907' } })).number?.number, number)
    const outbound = { direction: 'outbound', from: { number: '1001' } }
    assert.equal(show(aCall(outbound)).number?.number, '1001')
    assert.equal(show(aCall({ ...outbound, outbound_caller_id: '+13128574907' })).number?.number, number)
    assert.equal(show(aCall({ to: null })).number, null)
  })

  it('has null for every object and nothing in every list that it does not have', () => {
    const row = show(inbound)
    const { agents, all_agents, answered_agents, external_numbers, recordings, tags } = row
    assert.deepEqual(
      { agents, all_agents, answered_agents, external_numbers, recordings, tags },
      {
        agents: [],
        all_agents: [],
        answered_agents: [],
        external_numbers: [],
        recordings: [],
        tags: [],
      },
    )
    const { campaign, ring_group, ivr, disposition, original_call_id } = row
    assert.deepEqual([campaign, ring_group, ivr, disposition, original_call_id], [null, null, null, null, null])
    assert.deepEqual([row.requested_callback, row.is_in_queue], [false, false])
  })

  it('tells how it went: answered after 12 s, talked for three minutes', () => {
    const { is_inbound, is_answered, is_ended, is_data_cached, type, duration, talk_time } = show(inbound)
    assert.deepEqual([is_inbound, is_answered, is_ended, is_data_cached], [true, true, true, true])
    assert.deepEqual([type, duration, talk_time], ['answered', 180, 180])
    const missed = show(aCall({ answered_at: null, direction: 'outbound' }))
    assert.deepEqual(
      [missed.is_answered, missed.type, missed.duration, missed.talk_time],
      [false, 'not_answered', 0, 0],
    )
  })

  for (const { direction, because } of [
    { direction: 'internal', because: 'nobody from outside called' },
    { direction: 'transit', because: 'it left by a trunk' },
    { direction: 'outbound', because: 'that is what it is' },
  ])
    it(`is not inbound when it is ${direction}: ${because}`, () => {
      assert.equal(show(aCall({ direction })).is_inbound, false)
    })
})

describe('the service level, as nectardesk shows it', () => {
  const at = (answered: string, direction: string) =>
    show(aCall({ direction, started_at: '2024-01-15T14:28:40Z', answered_at: answered })).is_answered_within_sla
  for (const direction of ['inbound', 'outbound'])
    it(`is kept ${direction} by an answer at its very end, and not after it`, () => {
      assert.equal(at('2024-01-15T14:29:00Z', direction), true)
      assert.equal(at('2024-01-15T14:29:00.000001Z', direction), false)
    })

  it('is that in force when the call ended', () => {
    const call = aCall({ direction: 'outbound' }) // answered after 12 s
    const strict = { ...SETTINGS, serviceLevelS: 11 }
    const since = (clock: string) => ({ ...strict, past: [{ beforeUs: us(clock), settings: SETTINGS }] })
    assert.equal(show(call, { settings: strict }).is_answered_within_sla, false)
    assert.equal(show(call, { settings: since('2024-01-15T14:32:00.000001Z') }).is_answered_within_sla, true)
    assert.equal(show(call, { settings: since('2024-01-15T14:32:00Z') }).is_answered_within_sla, false)
  })

  it('is not kept by a call that nobody answered, an IVR apart', () => {
    const call = aCall({ center: { ivr: { id: 1, name: 'Menu', entered_at: null } } })
    const { is_answered, is_answered_within_sla, duration, talk_time } = show(call)
    assert.deepEqual([is_answered, is_answered_within_sla], [false, false])
    assert.deepEqual([duration, talk_time], [180, 0])
  })

  it('and the answer are as the call types that a source stated say', () => {
    const call_types = ['all_inbound', 'inbound_answered', 'inbound_answered_but_not_within_sla']
    const row = show(aCall({ center: { call_types } }))
    assert.deepEqual([row.is_answered, row.is_answered_within_sla], [true, false])
    const abandoned = show(aCall({ center: { call_types: ['all_inbound', 'abandoned'] } }))
    assert.deepEqual([abandoned.is_answered, abandoned.type], [false, 'abandoned'])
  })
})

describe('the agents of a call, as nectardesk shows them', () => {
  const ids = (shown: readonly { id: number | null }[]) => shown.map(({ id }) => id)

  it('are all that were rung, in order of time, and each id once', () => {
    const agents = [agent(), agent({ id: 8 }), agent({ started_at: '2024-01-15T14:28:55Z' })]
    const row = show(aCall({ center: { agents } }))
    assert.deepEqual(ids(row.all_agents), [7, 8, 7])
    assert.deepEqual(row.agents, [7, 8])
  })

  it('have answered when they say so', () => {
    const answered = agent({ id: 8, answered_at: '2024-01-15T14:29:00Z' })
    assert.deepEqual(ids(show(aCall({ center: { agents: [agent(), answered] } })).answered_agents), [8])
  })

  it('have all answered an outbound call that was answered when none says so, and none where it was not', () => {
    const center = { agents: [agent(), agent({ id: 8 })] }
    assert.deepEqual(ids(show(aCall({ direction: 'outbound', center })).answered_agents), [7, 8])
    assert.deepEqual(show(aCall({ direction: 'outbound', answered_at: null, center })).answered_agents, [])
  })

  it('have answered an inbound call when none says so and they were on it at its answer', () => {
    const agents = [
      agent({ ended_at: '2024-01-15T14:28:58Z' }),
      agent({ id: 8 }),
      agent({ id: 9, started_at: '2024-01-15T14:30:00Z' }),
    ]
    assert.deepEqual(ids(show(aCall({ center: { agents } })).answered_agents), [8])
  })

  for (const { transfer, isTransfer } of [
    { transfer: null, isTransfer: false },
    { transfer: 'none', isTransfer: false },
    { transfer: 'blind', isTransfer: true },
    { transfer: 'warm', isTransfer: true },
  ])
    it(`${isTransfer ? 'handed' : 'did not hand'} the call on when their transfer is ${transfer}`, () => {
      const center = { agents: [agent({ transfer })], external_numbers: [{ number: '123', transfer }] }
      const { all_agents, external_numbers } = show(aCall({ center }))
      assert.deepEqual(
        [...all_agents, ...external_numbers].map(({ is_any_transfer }) => is_any_transfer),
        [isTransfer, isTransfer],
      )
    })
})

describe('a call that goes on, as nectardesk shows it', () => {
  it('is not ended and not cached, and lasts until now', () => {
    const row = show(aCall(aLiveBody()), { now: '2024-01-15T14:29:30.999999Z' })
    assert.deepEqual([row.is_ended, row.is_data_cached, row.is_answered], [false, false, true])
    assert.deepEqual([row.duration, row.talk_time, row.type], [30, 30, 'answered'])
    assert.equal(show(aCall(aLiveBody()), { now: '2024-01-15T14:28:00Z' }).duration, 0)
  })

  it('has talked for nothing while nobody took it', () => {
    const row = live({})
    assert.deepEqual([row.duration, row.talk_time, row.is_answered, row.is_in_queue], [0, 0, false, false])
    assert.equal(row.type, 'not_answered')
  })

  it('waits in a queue that it has not left, also behind an IVR that took the call', () => {
    const queue = { ring_group: { id: 1, name: 'Sales' }, queued_at: '2024-01-15T14:28:55Z' }
    const ivr = { id: 1, name: 'Menu', entered_at: null }
    assert.equal(live({ center: { queues: [queue] } }).is_in_queue, true)
    const behind = { answered_at: '2024-01-15T14:28:49Z', center: { ivr, queues: [queue] } }
    const row = live(behind)
    assert.deepEqual([row.is_in_queue, row.is_answered, row.talk_time], [true, false, 0])
    const left = { ...queue, left_at: '2024-01-15T14:29:10Z', left_by: 'answer' }
    assert.equal(live({ ...behind, center: { ivr, queues: [left] } }).is_in_queue, false)
    const taken = agent({ answered_at: '2024-01-15T14:29:10Z' })
    assert.equal(live({ ...behind, center: { ivr, queues: [queue], agents: [taken] } }).is_in_queue, false)
    assert.equal(show(aCall({ center: { queues: [queue] } })).is_in_queue, false)
  })
})

describe('what a contact centre tells of a call, as nectardesk shows it', () => {
  it('comes before what its sides say, without a + and with the split that it lacks', () => {
    const contact = { id: 5, full_name: 'Jo', number: '+442079460958', list_ids: [3, 1] }
    const number = { id: 2, number: '+12125550100', alias: 'Main' }
    const row = show(aCall({ center: { contact, number } }))
    assert.deepEqual(row.contact, {
      id: 5,
      full_name: 'Jo',
      number_country_code: '44',
      national_number: '2079460958',
      number: '442079460958',
      list_ids: [3, 1],
    })
    const shown = { id: 2, number: '12125550100', numberWithAlias: '12125550100 (Main)', alias: 'Main' }
    assert.deepEqual(row.number, shown)
  })

  it('asks for a callback when it says so, and when a queue was left in this way', () => {
    assert.equal(show(aCall({ center: { requested_callback: true } })).requested_callback, true)
    const queues = [{ queued_at: '2024-01-15T14:28:55Z', left_by: 'callback' }]
    assert.equal(show(aCall({ center: { queues } })).requested_callback, true)
    assert.equal(show(aCall({ center: { queues: [{ ...queues[0], left_by: 'hangup' }] } })).requested_callback, false)
  })

  it('points to the call that this one came of, in whatever case its id is written', () => {
    const uuid = '0f0f0f0f-aaaa-4000-8000-00000000000a'
    const call = aCall({ center: { original_call_uuid: uuid.toUpperCase() } })
    assert.equal(show(call, { originalIds: new Map([[uuid, 12]]) }).original_call_id, 12)
    assert.equal(show(call).original_call_id, null)
  })

  it('gives the time of an agent as Unix seconds, null where it is not known', () => {
    const center = { agents: [{ id: 7 }, agent({ id: 8, started_at: '2024-01-15T14:28:50.999999Z' })] }
    const times = show(aCall({ center })).all_agents.map(({ started_at }) => started_at)
    assert.deepEqual(times, [null, us('2024-01-15T14:28:50Z') / 1_000_000])
  })
})
