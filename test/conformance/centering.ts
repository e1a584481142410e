import assert from 'node:assert/strict'
import type { CallStore } from '../../src/store/call-store.ts'
import type { CallQuery, Expr, ListField } from '../../src/store/query.ts'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'
import { newestFirst } from './listing.ts'

const minute = (n: number) => new Date(Date.UTC(2024, 0, 15, 12, n)).toISOString()
const us = (n: number) => Date.UTC(2024, 0, 15, 12, n) * 1000

const has = (field: ListField, value: string | number): Expr => ({ op: 'member', field, value })
const agent = (id: number) => has('center.agents.id', id)
const contactList = (id: number) => has('center.contact.listIds', id)
const survey = (id: number) => has('center.surveyIds', id)
const all = (...of: Expr[]): Expr => ({ op: 'and', of })
const any = (...of: Expr[]): Expr => ({ op: 'or', of })
const PRIMARY: Expr = { op: 'eq', field: 'primary', value: true }

/** The ordinals of the matches, newest first, after looking that total and pages agree with them. */
async function found(store: CallStore, accountId: string, where: Expr, over: Partial<CallQuery> = {}) {
  const query: CallQuery = { accountId, ...newestFirst, where, ...over }
  const whole = await store.list(query)
  const ordinals = (calls: typeof whole.calls) => calls.map(({ callUuid }) => Number(callUuid.slice(-3)))
  assert.equal(whole.total, whole.calls.length)
  const walked: number[] = []
  let after: CallQuery['after'] = null
  do {
    const page = await store.list({ ...query, limit: 2, after, total: false })
    walked.push(...ordinals(page.calls))
    after = page.next
  } while (after !== null)
  assert.deepEqual(walked, ordinals(whole.calls))
  for (let offset = 0; offset <= whole.calls.length; offset += 1) {
    const page = await store.list({ ...query, limit: 2, offset })
    assert.deepEqual([ordinals(page.calls), page.total], [walked.slice(offset, offset + 2), whole.total])
  }
  return walked
}

/** Six calls, a minute apart: who spoke, from which lists the contact is, which surveys were answered. */
async function sixCalls(store: CallStore, accountId: string): Promise<void> {
  const body = (n: number, agents: number[], lists: number[], surveys: number[]) => ({
    call_uuid: uuidOf(n),
    started_at: minute(n),
    answered_at: null,
    leg: n === 4 ? 'b' : 'a',
    direction: n < 3 ? 'inbound' : 'outbound',
    center: {
      agents: agents.map((id, at) => ({ id, started_at: minute(n + at) })),
      contact: { id: n, number: '1', list_ids: lists },
      survey_ids: surveys,
    },
  })
  await store.append([
    aReport({ ...body(1, [7], [1, 2], [5]), ended_at: minute(9) }, { accountId }),
    aReport({ ...body(2, [7, 8, 7], [2, 2], []), ended_at: minute(8) }, { accountId }),
    aLiveReport(body(3, [8], [], [6]), { accountId }),
    aReport({ ...body(4, [7], [1], [5, 6]), ended_at: minute(7) }, { accountId }),
    aLiveReport(body(5, [7, 0], [3], []), { accountId }),
    aReport({ call_uuid: uuidOf(6), started_at: minute(6), answered_at: null, ended_at: minute(7) }, { accountId }),
  ])
}

/** What is asked of calls of a contact centre. */
export const centering: Check[] = [
  {
    it: 'lists the calls of an agent, a contact list and a survey, each call once, live ones as well',
    async run({ store, newAccount }) {
      const [accountId, other] = [newAccount(), newAccount()]
      await sixCalls(store, accountId)
      await sixCalls(store, other)
      const cases: [Expr, number[]][] = [
        [agent(7), [5, 4, 2, 1]],
        [agent(8), [3, 2]],
        [agent(0), [5]],
        [agent(1), []],
        [contactList(2), [2, 1]],
        [survey(6), [4, 3]],
        [all(agent(7), PRIMARY), [5, 2, 1]],
        [all(all(contactList(1), PRIMARY), all(agent(7))), [1]],
        [all(agent(7), { op: 'eq', field: 'direction', value: 'outbound' }), [5, 4]],
        [all(agent(7), { op: 'gte', field: 'startedAtUs', value: us(2) }), [5, 4, 2]],
        [all(agent(7), { op: 'lt', field: 'startedAtUs', value: us(5) }, PRIMARY), [2, 1]],
        [all(agent(7), { op: 'not', of: contactList(2) }), [5, 4]],
        [any(survey(5), survey(6)), [4, 3, 1]],
        [all(any(survey(5), survey(6), survey(5)), PRIMARY), [3, 1]],
        [all(any(survey(5), survey(6)), agent(7)), [4, 1]],
        [any(agent(8), survey(5)), [4, 3, 2, 1]],
        [{ op: 'not', of: agent(7) }, [6, 3]],
        [has('center.agents.id', '7'), []],
        [has('center.agents.id', 7.5), []],
        [all(), [6, 5, 4, 3, 2, 1]],
      ]
      for (const [where, expected] of cases)
        assert.deepEqual(await found(store, accountId, where), expected, JSON.stringify(where))
    },
  },
  {
    it: 'sorts the calls of an agent by any field, and finds the live ones among them',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await sixCalls(store, accountId)
      const by = (field: 'endedAtUs' | 'startedAtUs' | 'id', descending: boolean, over: Partial<CallQuery> = {}) =>
        found(store, accountId, agent(7), { order: { by: field, descending }, ...over })
      assert.deepEqual(await by('endedAtUs', true), [1, 2, 4])
      assert.deepEqual(await by('endedAtUs', false), [4, 2, 1])
      assert.deepEqual(await by('startedAtUs', false), [1, 2, 4, 5])
      assert.deepEqual(await by('id', false), [1, 2, 4, 5])
      assert.deepEqual(await by('startedAtUs', true, { live: true }), [5])
      const late: Expr = all(agent(7), { op: 'gte', field: 'endedAtUs', value: us(8) })
      assert.deepEqual(await found(store, accountId, late), [2, 1])
    },
  },
  {
    it: 'follows what reports change: agents that come and are cleared, a start that moves, an end, another leg',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await sixCalls(store, accountId)
      const tell = async (n: number, s: number, body: object) => {
        const reported_at = new Date(Date.UTC(2024, 0, 15, 15, 0, s)).toISOString()
        await store.append([reportOf({ call_uuid: uuidOf(n), reported_at, ...body }, { accountId })])
      }
      await tell(5, 1, { kind: 'end', ended_at: minute(10) })
      assert.deepEqual(await found(store, accountId, agent(7)), [5, 4, 2, 1])
      assert.deepEqual(await found(store, accountId, agent(7), { live: true }), [])
      await tell(1, 2, { kind: 'cdr', started_at: minute(20), ended_at: minute(21) })
      assert.deepEqual(await found(store, accountId, all(agent(7), PRIMARY)), [1, 5, 2])
      const early: Expr = { op: 'lt', field: 'startedAtUs', value: us(20) }
      assert.deepEqual(await found(store, accountId, all(contactList(1), early)), [4])
      await tell(4, 3, { kind: 'correction', leg: 'a' })
      assert.deepEqual(await found(store, accountId, all(agent(7), PRIMARY)), [1, 5, 4, 2])
      await tell(2, 4, { kind: 'update', center: { agents: [{ id: 9, started_at: minute(3) }] } })
      assert.deepEqual(await found(store, accountId, agent(9)), [2])
      await tell(2, 5, { kind: 'correction', clear: ['center.agents', 'center.contact'] })
      assert.deepEqual(await found(store, accountId, agent(9)), [])
      assert.deepEqual(await found(store, accountId, all(agent(7))), [1, 5, 4])
      assert.deepEqual(await found(store, accountId, contactList(2)), [1])
      await tell(6, 6, { kind: 'update', center: { survey_ids: [5] } })
      assert.deepEqual(await found(store, accountId, survey(5)), [1, 6, 4])
    },
  },
  {
    it: 'finds calls by their types, those that a source states and those that we derive, of plain calls too',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const body = (n: number, over: object) => ({ call_uuid: uuidOf(n), started_at: minute(n), ...over })
      const times = (n: number) => ({ answered_at: minute(n), ended_at: minute(n + 1) })
      await store.append([
        aReport(body(1, times(1)), { accountId }),
        aReport(body(2, { ...times(2), direction: 'outbound' }), { accountId }),
        aReport(body(3, { ...times(3), center: { call_types: ['transfer', 'callback'] } }), { accountId }),
        aLiveReport(body(5, { answered_at: null }), { accountId }),
      ])
      const type = (value: string) => found(store, accountId, has('callTypes', value))
      assert.deepEqual(await type('all_inbound'), [1])
      assert.deepEqual(await type('outbound_answered'), [2])
      assert.deepEqual(await type('callback'), [3])
      assert.deepEqual(await type('abandoned'), [])
      assert.deepEqual(await type('Transfer'), [])
      assert.deepEqual(await found(store, accountId, { op: 'not', of: has('callTypes', 'all_inbound') }), [5, 3, 2])
      const call = await store.find({ accountId, callUuid: uuidOf(3) })
      assert.deepEqual([call?.callTypes, call?.center], [['callback', 'transfer'], null])
    },
  },
  {
    it: 'compares the fields of a contact centre; a plain call has none of them',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const centers: object[] = [
        {},
        { number: { id: 3, number: '100' }, ring_group: { id: 4, name: 'Sales' }, ivr: { id: 5, name: null } },
        { queues: [queue(8, 1), queue(6, 0), queue(7, 2)], disposition: { id: 2, code: 'won', note: null } },
        { ring_group: { id: 6, name: null }, queues: [queue(9, 1)], requested_callback: true, campaign: named(1) },
        { number: { id: null, number: '100' }, requested_callback: false, contact: { id: 11, list_ids: [] } },
        { automated_callback: true, original_call_uuid: uuidOf(1) },
      ]
      await store.append(
        centers.map((center, n) => aReport({ call_uuid: uuidOf(n), started_at: minute(n), center }, { accountId })),
      )
      const cases: [Expr, number[]][] = [
        [{ op: 'eq', field: 'center.number.id', value: 3 }, [1]],
        [{ op: 'in', field: 'center.ringGroup.id', values: [4, 7] }, [2, 1]],
        [{ op: 'gt', field: 'center.ringGroup.id', value: 4 }, [3, 2]],
        [{ op: 'eq', field: 'center.ivr.id', value: 5 }, [1]],
        [{ op: 'ne', field: 'center.disposition.id', value: 2 }, [5, 4, 3, 1, 0]],
        [{ op: 'eq', field: 'center.campaign.id', value: 1 }, [3]],
        [{ op: 'eq', field: 'center.contact.id', value: 11 }, [4]],
        [{ op: 'eq', field: 'center.requestedCallback', value: true }, [3]],
        [{ op: 'eq', field: 'center.requestedCallback', value: false }, [5, 4, 2, 1]],
        [{ op: 'eq', field: 'center.requestedCallback', value: null }, [0]],
        [{ op: 'eq', field: 'center.automatedCallback', value: true }, [5]],
        [{ op: 'eq', field: 'center.originalCallUuid', value: uuidOf(1) }, [5]],
        [{ op: 'eq', field: 'center.number.id', value: null }, [5, 4, 3, 2, 0]],
      ]
      for (const [where, expected] of cases)
        assert.deepEqual(await found(store, accountId, where), expected, JSON.stringify(where))
    },
  },
]

const named = (id: number) => ({ id, name: null })
const queue = (group: number, n: number) => ({ ring_group: named(group), queued_at: minute(n) })
