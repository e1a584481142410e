import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aReport, CALL_UUID, stateOf } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { centerOf } from '../../../record/assemble.ts'
import type { Facts } from '../../../record/facts.ts'
import { callUuidFor } from '../../../record/identity.ts'
import { centerColumns, KIND, membersOf, textRef, uuidsOf } from './row-members.ts'

const factsOf = (body: object): Facts => stateOf([aReport({ ...body })])?.facts ?? {}
const membersIn = (body: object, callUuid = CALL_UUID) => {
  const facts = factsOf(body)
  return membersOf(facts, { accountId: ALICE, callUuid, center: centerOf(facts) !== null })
}

describe('the entries of a call', () => {
  it('are none for a plain call', () => {
    assert.deepEqual(membersIn({}), [])
    assert.deepEqual(membersIn({ center: { call_types: ['transfer'] } }), [])
  })

  it('are one for each agent, contact list and survey, however often it is there', () => {
    const center = {
      agents: [{ id: 7, started_at: '2024-01-15T14:29:00Z' }, { id: 7, started_at: '2024-01-15T14:30:00Z' }, { id: 0 }],
      contact: { id: 1, list_ids: [3, 4, 3] },
      survey_ids: [5, 5],
    }
    assert.deepEqual(membersIn({ center }).toSorted(), [
      [KIND.agent, 0],
      [KIND.agent, 7],
      [KIND.contactList, 3],
      [KIND.contactList, 4],
      [KIND.survey, 5],
    ])
  })

  it('leave out an agent that has no id', () => {
    assert.deepEqual(membersIn({ center: { agents: [{ sip: 'sip:7@pbx' }, { user_id: 7 }, { alias: '7' }] } }), [])
  })

  it('are one for the session and one for the id of the source', () => {
    assert.deepEqual(membersIn({ session_id: 'a', source_id: 'a' }), [
      [KIND.session, textRef('a')],
      [KIND.sourceId, textRef('a')],
    ])
  })

  it('leave out a text that leads to the call by its UUID', () => {
    const made = callUuidFor({ accountId: ALICE, source: 'fs-london', sourceId: '17' })
    assert.deepEqual(membersIn({ session_id: CALL_UUID }), [])
    assert.deepEqual(membersIn({ session_id: '17', source_id: '17' }, made), [])
    assert.deepEqual(membersIn({ source_id: '18' }, made), [[KIND.sourceId, textRef('18')]])
    for (const [text, callUuid] of [
      [CALL_UUID, CALL_UUID],
      ['17', made],
    ] as const)
      assert.ok(uuidsOf(text, { accountId: ALICE, sources: ['pbx', 'fs-london'] }).includes(callUuid))
  })
})

describe('the reference of a text', () => {
  it('is a safe integer that tells texts apart', () => {
    const refs = ['', 'a', 'A', '77', '٧٧', ...Array.from({ length: 1000 }, (_, n) => `call ${n}`)].map(textRef)
    assert.ok(refs.every((ref) => Number.isSafeInteger(ref) && ref >= 0))
    assert.equal(new Set(refs).size, refs.length)
  })

  it('never changes, for it is on the disk', () => {
    assert.equal(textRef('story'), 7_321_314_884_219_442)
  })
})

describe('the columns of a contact centre’s call', () => {
  it('hold the ids of its number, ring group, IVR and disposition', () => {
    const center = {
      number: { id: 1, number: '100' },
      ring_group: { id: 2 },
      ivr: { id: 3 },
      disposition: { id: 4, code: 'won' },
    }
    assert.deepEqual(centerColumns(factsOf({ center })), [1, 2, 3, 4])
    assert.deepEqual(centerColumns(factsOf({ center: { number: { number: '100' } } })), [null, null, null, null])
  })

  it('hold the ring group that the record shows: as stated, as derived, else that of the last queue', () => {
    const queue = (id: number, minute: number) => ({ ring_group: { id }, queued_at: `2024-01-15T14:3${minute}:00Z` })
    const queues = [queue(8, 1), queue(9, 0), { ...queue(7, 2), ring_group: null }]
    const ringGroup = (center: object, derived: Facts = {}) => centerColumns(factsOf({ center }), derived)[1]
    assert.equal(ringGroup({ queues }), 8)
    assert.equal(ringGroup({ queues, ring_group: { id: 2 } }), 2)
    assert.equal(ringGroup({ queues }, { 'center.ringGroup': { id: 3, name: null } }), 3)
  })
})
