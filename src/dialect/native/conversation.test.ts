import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aCall, aLiveBody, type Body, us } from '../../../test/support/a-report.ts'
import { uuidOf } from '../../../test/support/varied-calls.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { tellConversation } from './conversation.ts'

let legs = 0
/** A leg of one session, with a UUID of its own. */
const aLeg = (body: Body = {}): CallRecord => ({
  ...aCall({ session_id: 's', ...body }),
  callUuid: uuidOf(++legs),
})
const aLiveLeg = (body: Body = {}): CallRecord => aLeg(aLiveBody(body))
const at = (time: string) => `2024-01-15T${time}Z`

/** The names of the events of legs, in order. */
const events = (...told: [CallRecord, ...CallRecord[]]) => tellConversation(told).events.map(({ event }) => event)

describe('a conversation', () => {
  it('is told by the first leg that totals count', () => {
    const b = aLeg({ leg: 'b', started_at: at('14:28:40') })
    const [second, first] = [
      aLeg({ leg: 'a', started_at: at('14:28:47') }),
      aLeg({ leg: 'a', started_at: at('14:28:46') }),
    ]
    const told = tellConversation([second, b, first])
    assert.equal(told.primary, first)
    assert.deepEqual(told.calls, [b, first, second])
    assert.deepEqual([told.counted, told.startedAtUs], [2, us(at('14:28:40'))])
  })

  it('is told by its first leg where totals count none of them', () => {
    const told = tellConversation([
      aLeg({ leg: 'b', started_at: at('14:28:47') }),
      aLeg({ leg: 'b', started_at: at('14:28:46') }),
    ])
    assert.deepEqual([told.primary, told.counted], [told.calls[0], 0])
    assert.deepEqual(told.callTypes, told.primary.callTypes)
  })

  it('has ended when the last of its legs has', () => {
    const told = tellConversation([aLeg(), aLeg({ leg: 'b', ended_at: at('14:40:00') })])
    assert.deepEqual([told.state, told.endedAtUs], ['ended', us(at('14:40:00'))])
  })

  it('is in the state of its primary leg while that lives', () => {
    const told = tellConversation([aLiveLeg({ answered_at: null }), aLiveLeg({ leg: 'b' })])
    assert.deepEqual([told.state, told.endedAtUs], ['ringing', null])
  })

  it('is in the state of the leg that got furthest once its primary leg is over', () => {
    const over = aLeg({ ended_at: at('14:29:30') })
    const ringing = aLiveLeg({ leg: 'b', answered_at: null })
    assert.equal(tellConversation([over, ringing]).state, 'ringing')
    assert.equal(tellConversation([over, ringing, aLiveLeg({ leg: 'b' })]).state, 'answered')
  })

  it('was answered when its primary leg was, else when any leg was', () => {
    const answered = aLeg({ leg: 'b', answered_at: at('14:28:55') })
    assert.equal(tellConversation([aLeg(), answered]).answeredAtUs, us(at('14:29:00')))
    assert.equal(tellConversation([aLeg({ answered_at: null }), answered]).answeredAtUs, us(at('14:28:55')))
    assert.equal(tellConversation([aLeg({ answered_at: null })]).answeredAtUs, null)
  })

  it('has the call types of every leg that totals count', () => {
    const told = tellConversation([
      aLeg({ leg: 'a', center: { call_types: ['all_inbound'] } }),
      aLeg({ leg: 'a', center: { call_types: ['transfer', 'all_inbound'] } }),
      aLeg({ leg: 'b', center: { call_types: ['callback'] } }),
    ])
    assert.deepEqual(told.callTypes, ['all_inbound', 'transfer'])
  })
})

describe('what happened in a conversation', () => {
  it('is told in order, what legs repeat of one another once', () => {
    const center = { agents: [{ id: 1, started_at: at('14:28:50'), answered_at: at('14:29:00') }] }
    assert.deepEqual(events(aLeg({ leg: 'a', center }), aLeg({ leg: 'b', center, started_at: at('14:28:50') })), [
      'started',
      'started',
      'agent_rang',
      'answered',
      'answered',
      'agent_answered',
      'ended',
      'ended',
    ])
  })

  it('happened in the order in which queues are left and entered where that was at one time', () => {
    const queues = [
      { ring_group: { id: 1 }, queued_at: at('14:28:50'), left_at: at('14:28:55'), left_by: 'overflow' },
      { ring_group: { id: 2 }, queued_at: at('14:28:55'), distributed_at: at('14:28:55'), left_at: at('14:28:55') },
    ]
    assert.deepEqual(events(aLeg({ center: { queues } })).slice(1, 6), [
      'queued',
      'left_queue',
      'queued',
      'distributed',
      'left_queue',
    ])
  })

  it('tells what has no time right before the end of its leg', () => {
    const center = { external_numbers: [{ number: '+12025550199', transfer: 'blind' }, { number: '911' }] }
    const told = tellConversation([aLeg({ center })]).events
    assert.deepEqual(
      told.map(({ event, atUs }) => [event, atUs === null]),
      [
        ['started', false],
        ['answered', false],
        ['transferred', true],
        ['ended', false],
      ],
    )
    assert.equal(told[2]?.about.to_number, '+12025550199')
  })

  it('tells to whom an agent transferred: the number reached in that way, else the next agent who answered', () => {
    const agents = [
      { id: 1, started_at: at('14:28:50'), ended_at: at('14:29:10'), transfer: 'warm' },
      { id: 2, started_at: at('14:29:10'), ended_at: at('14:29:12') },
      { id: 3, started_at: at('14:29:12'), answered_at: at('14:29:15'), ended_at: at('14:29:50'), transfer: 'blind' },
    ]
    const center = { agents, external_numbers: [{ number: '911', transfer: 'blind' }] }
    const told = tellConversation([aLeg({ center })]).events.filter(({ event }) => event === 'transferred')
    const idOf = (who: unknown) => (who as { id: number } | null)?.id ?? null
    assert.deepEqual(
      told.map(({ about }) => [about.transfer, idOf(about.agent), idOf(about.to_agent), about.to_number]),
      [
        ['warm', 1, 3, null],
        ['blind', 3, null, '911'],
      ],
    )
  })

  it('says who ended each leg, and whether that was inferred', () => {
    const [ended] = tellConversation([aLeg({ end_inferred: true, hangup: { side: 'callee' } })]).events.slice(-1)
    assert.deepEqual([ended?.event, ended?.about.side, ended?.about.inferred], ['ended', 'callee', true])
  })
})
