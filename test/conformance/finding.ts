import assert from 'node:assert/strict'
import type { CallRecord } from '../../src/record/call-record.ts'
import { callUuidFor } from '../../src/record/identity.ts'
import type { Report } from '../../src/record/report.ts'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { ODD_TEXTS } from '../support/any-value.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'

const uuids = (calls: readonly CallRecord[]) => calls.map(({ callUuid }) => callUuid)
const second = (s: number) => new Date(Date.UTC(2024, 0, 15, 12, 0, s)).toISOString()

/** A call that a source tells of without a UUID. */
function ofSource(accountId: string, source: string, sourceId: string): Report {
  const { call_uuid, ...body } = { call_uuid: null, started_at: second(0), ended_at: second(9), source_id: sourceId }
  return reportOf(body, { accountId, source })
}

/** Conversations, and calls by the id that their source gave them. */
export const finding: Check[] = [
  {
    it: 'finds every leg of a conversation, live or ended, by start and then by id, and no other call',
    async run({ store, newAccount }) {
      const [accountId, other] = [newAccount(), newAccount()]
      const leg = (n: number, s: number, over = {}) => ({
        call_uuid: uuidOf(n),
        session_id: 'story',
        started_at: second(s),
        answered_at: null,
        ...over,
      })
      await store.append([
        aReport(leg(1, 5), { accountId }),
        aLiveReport(leg(2, 9, { leg: 'b' }), { accountId }),
        aReport(leg(3, 5), { accountId }),
        aReport(leg(4, 1, { leg: 'a' }), { accountId }),
        aReport(leg(5, 2, { session_id: 'another' }), { accountId }),
        aReport(leg(6, 2, { session_id: null }), { accountId }),
        aReport(leg(7, 2), { accountId: other }),
      ])
      const found = await store.findBySession({ accountId, sessionId: 'story' })
      assert.deepEqual(uuids(found), [4, 1, 3, 2].map(uuidOf))
      assert.deepEqual(found[0], await store.find({ accountId, callUuid: uuidOf(4) }))
      assert.deepEqual(await store.findBySession({ accountId, sessionId: 'Story' }), [])
      assert.deepEqual(await store.findBySession({ accountId: 'MANOBODY000000000000', sessionId: 'story' }), [])
    },
  },
  {
    it: 'finds a conversation that is named like one of its calls, as its UUID or as its source knows it',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const [own, other] = ['abcdef01-0000-4000-8000-00000000cafe', uuidOf(2)]
      const made = callUuidFor({ accountId, source: 'pbx', sourceId: '1705.1' })
      const body = { started_at: second(0), ended_at: second(9) }
      await store.append([
        aReport({ call_uuid: own, session_id: own }, { accountId }),
        aReport({ call_uuid: other, session_id: own, leg: 'b' }, { accountId }),
        aReport({ call_uuid: uuidOf(3), session_id: own.toUpperCase() }, { accountId }),
        reportOf({ ...body, call_uuid: null, source_id: '1705.1', session_id: '1705.1' }, { accountId, source: 'pbx' }),
        reportOf({ ...body, call_uuid: null, source_id: '1705.2', session_id: '1705.1' }, { accountId, source: 'pbx' }),
      ])
      assert.deepEqual(uuids(await store.findBySession({ accountId, sessionId: own })).sort(), [other, own])
      assert.deepEqual(uuids(await store.findBySession({ accountId, sessionId: own.toUpperCase() })), [uuidOf(3)])
      const legs = uuids(await store.findBySession({ accountId, sessionId: '1705.1' }))
      assert.equal(legs.length, 2)
      assert.ok(legs.includes(made))
    },
  },
  {
    it: 'finds calls by the id of their source, each of several sources that use one id',
    async run({ store, newAccount }) {
      const [accountId, stranger] = [newAccount(), newAccount()]
      await store.append([
        ofSource(accountId, 'fs-london', '77'),
        ofSource(accountId, 'pbx', '77'),
        ofSource(accountId, 'pbx', '78'),
        ofSource(stranger, 'pbx', '77'),
        reportOf(
          { call_uuid: uuidOf(1), source_id: '77', started_at: second(5), ended_at: second(9) },
          { accountId, source: 'portsip' },
        ),
      ])
      const made = ['fs-london', 'pbx'].map((source) => callUuidFor({ accountId, source, sourceId: '77' }))
      const found = uuids(await store.findBySourceId({ accountId, sourceId: '77' }))
      assert.deepEqual([...found].sort(), [uuidOf(1), ...made].sort())
      assert.equal(found.at(-1), uuidOf(1))
      assert.deepEqual(await store.findBySourceId({ accountId, sourceId: '7' }), [])
      const one = (await store.findBySourceId({ accountId, sourceId: '78' }))[0]
      assert.deepEqual(one, await store.find({ accountId, callUuid: one?.callUuid ?? '' }))
    },
  },
  {
    it: 'finds a call once that two sources tell of, whichever of them it is then said to come from',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const callUuid = callUuidFor({ accountId, source: 'pbx', sourceId: '9' })
      await store.append([ofSource(accountId, 'pbx', '9')])
      const body = { call_uuid: callUuid, source_id: '9', started_at: second(0), reported_at: second(12_000) }
      await store.append([reportOf({ ...body, kind: 'start' }, { accountId, source: 'fs-london' })])
      const found = await store.findBySourceId({ accountId, sourceId: '9' })
      assert.deepEqual(
        found.map((call) => [call.callUuid, call.source]),
        [[callUuid, 'fs-london']],
      )
    },
  },
  {
    it: 'finds a call under what it is called now: corrected, emptied, moved in time, ended',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const key = { accountId, callUuid: uuidOf(1) }
      const found = async (session: string, source: string) => [
        (await store.findBySession({ accountId, sessionId: session })).length,
        (await store.findBySourceId({ accountId, sourceId: source })).length,
      ]
      await store.append([aLiveReport({ call_uuid: uuidOf(1), session_id: 's1', source_id: 'x1' }, { accountId })])
      const tell = (body: object) => store.append([reportOf({ call_uuid: uuidOf(1), ...body }, { accountId })])
      await tell({ session_id: 's2', source_id: 'x2', kind: 'correction', reported_at: '2024-01-15T15:00:00Z' })
      assert.deepEqual(
        [await found('s1', 'x1'), await found('s2', 'x2')],
        [
          [0, 0],
          [1, 1],
        ],
      )
      await tell({ ended_at: '2024-01-15T14:32:00Z', kind: 'end' })
      assert.deepEqual(await found('s2', 'x2'), [1, 1])
      await tell({ started_at: '2024-01-15T14:00:00Z', kind: 'cdr', reported_at: '2024-01-15T16:00:00Z' })
      assert.deepEqual(await found('s2', 'x2'), [1, 1])
      assert.deepEqual((await store.findBySession({ accountId, sessionId: 's2' }))[0], await store.find(key))
      await tell({ clear: ['session_id', 'source_id'], kind: 'correction', reported_at: '2024-01-15T17:00:00Z' })
      assert.deepEqual(await found('s2', 'x2'), [0, 0])
    },
  },
  {
    it: 'finds by any text',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const texts = ODD_TEXTS.filter((text) => text !== '')
      const body = (text: string, n: number) => ({ call_uuid: uuidOf(n), session_id: text, source_id: text })
      await store.append(texts.map((text, n) => aReport(body(text, n), { accountId })))
      for (const [n, text] of texts.entries()) {
        assert.deepEqual(uuids(await store.findBySession({ accountId, sessionId: text })), [uuidOf(n)])
        assert.deepEqual(uuids(await store.findBySourceId({ accountId, sourceId: text })), [uuidOf(n)])
      }
      assert.deepEqual(await store.findBySourceId({ accountId, sourceId: '' }), [])
    },
  },
  {
    it: 'gives the first thousand of a conversation that has more',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const body = (n: number) => ({
        call_uuid: uuidOf(n),
        session_id: 'long',
        source_id: 'one',
        started_at: second(2000 - n),
        ...(n % 2 === 0 ? {} : { ended_at: second(3000) }),
      })
      await store.append(Array.from({ length: 1003 }, (_, n) => reportOf(body(n), { accountId })))
      const expected = Array.from({ length: 1000 }, (_, n) => uuidOf(1002 - n))
      assert.deepEqual(uuids(await store.findBySession({ accountId, sessionId: 'long' })), expected)
      assert.deepEqual(uuids(await store.findBySourceId({ accountId, sourceId: 'one' })), expected)
    },
  },
]
