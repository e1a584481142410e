import assert from 'node:assert/strict'
import type { CallRecord } from '../../src/record/call-record.ts'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'

const RATED = { cost: { rate: '0.01' } }
const PATHS = ['cost.currency']

/** What changes by other settings: the currency that no source states, and how seconds are billed. */
const costOf = (call: CallRecord | null) => [call?.cost.currency, call?.cost.billedS]

/** Deriving anew what other settings make of calls that are there. */
export const rederiving: Check[] = [
  {
    it: 'derives the paths that are asked for by the settings of today, and leaves every other fact',
    async run({ store, newAccount, setSettings }) {
      const accountId = newAccount()
      const key = { accountId, callUuid: uuidOf(1) }
      await store.append([aReport({ call_uuid: uuidOf(1), ...RATED }, { accountId })])
      const before = (await store.find(key)) as CallRecord
      assert.deepEqual(costOf(before), ['USD', 180])
      setSettings(accountId, { currency: 'EUR', billingIncrement: { firstS: 60, nextS: 600 } })
      assert.deepEqual(costOf(await store.find(key)), ['USD', 180])
      assert.equal(await store.rederive({ accountId, callUuids: [uuidOf(1)], paths: PATHS }), 1)
      const after = (await store.find(key)) as CallRecord
      const { changeSeq } = after
      assert.deepEqual(after, { ...before, cost: { ...before.cost, currency: 'EUR' }, changeSeq })
      assert.ok(changeSeq > before.changeSeq)
      assert.equal(await store.rederive({ accountId, callUuids: [uuidOf(1)], paths: ['cost.billedS'] }), 1)
      assert.deepEqual(costOf(await store.find(key)), ['EUR', 660])
    },
  },
  {
    it: 'counts the calls that changed, and changes none of the others',
    async run({ store, newAccount, setSettings }) {
      const [accountId, stranger] = [newAccount(), newAccount()]
      const call = (n: number, over: object, whose = accountId) =>
        aReport({ call_uuid: uuidOf(n), ...over }, { accountId: whose })
      await store.append([
        call(1, RATED),
        call(2, { cost: { rate: '0.01', currency: 'GBP' } }),
        call(3, {}),
        call(4, RATED),
        call(5, RATED, stranger),
      ])
      for (const whose of [accountId, stranger]) setSettings(whose, { currency: 'EUR' })
      const { next } = await store.changes({ accountId, after: 0, limit: 100 })
      const callUuids = [1, 2, 3, 4, 5, 6].map(uuidOf)
      assert.equal(await store.rederive({ accountId, callUuids, paths: PATHS }), 2)
      const { calls } = await store.changes({ accountId, after: next, limit: 100 })
      assert.deepEqual(
        calls.map((one) => [one.callUuid, ...costOf(one)]),
        [
          [uuidOf(1), 'EUR', 180],
          [uuidOf(4), 'EUR', 180],
        ],
      )
      assert.equal(await store.rederive({ accountId, callUuids, paths: PATHS }), 0)
      assert.deepEqual(costOf(await store.find({ accountId, callUuid: uuidOf(2) })), ['GBP', 180])
      assert.deepEqual(costOf(await store.find({ accountId: stranger, callUuid: uuidOf(5) })), ['USD', 180])
      assert.equal(await store.rederive({ accountId: 'MANOBODY000000000000', callUuids, paths: PATHS }), 0)
      assert.equal(await store.rederive({ accountId, callUuids: [], paths: PATHS }), 0)
    },
  },
  {
    it: 'derives types of calls anew, and finds the calls by them',
    async run({ store, newAccount, setSettings }) {
      const accountId = newAccount()
      const callUuids = [uuidOf(1), uuidOf(2)]
      await store.append([
        aReport({ call_uuid: uuidOf(1) }, { accountId }),
        aReport({ call_uuid: uuidOf(2), center: { call_types: ['transfer'] } }, { accountId }),
      ])
      const late = async () => {
        const where = { op: 'member', field: 'callTypes', value: 'inbound_answered_but_not_within_sla' } as const
        const order = { by: 'startedAtUs', descending: true } as const
        const { calls } = await store.list({ accountId, where, order, limit: 10, total: false })
        return calls.map(({ callUuid }) => callUuid)
      }
      assert.deepEqual(await late(), [])
      setSettings(accountId, { serviceLevelS: 11 })
      assert.equal(await store.rederive({ accountId, callUuids, paths: ['center.callTypes'] }), 1)
      assert.deepEqual(await late(), [uuidOf(1)])
      assert.deepEqual((await store.find({ accountId, callUuid: uuidOf(2) }))?.callTypes, ['transfer'])
    },
  },
  {
    it: 'tells those who watch, and goes on from there with later reports',
    async run({ store, newAccount, setSettings }) {
      const accountId = newAccount()
      const key = { accountId, callUuid: uuidOf(1) }
      await store.append([aLiveReport({ call_uuid: uuidOf(1), ...RATED }, { accountId })])
      setSettings(accountId, { currency: 'EUR' })
      let told = 0
      const end = store.watch((changed) => {
        told = changed.get(accountId) ?? told
      })
      await store.rederive({ accountId, callUuids: [uuidOf(1)], paths: PATHS })
      end()
      assert.equal(told, (await store.find(key))?.changeSeq)
      const body = { call_uuid: uuidOf(1), ended_at: '2024-01-15T14:32:00Z', kind: 'end' }
      assert.deepEqual(await store.append([reportOf(body, { accountId })]), ['updated'])
      const ended = await store.find(key)
      assert.deepEqual([ended?.state, ...costOf(ended)], ['ended', 'EUR', 180])
      assert.equal((await store.rawReports(key)).reports.length, 2)
    },
  },
  {
    it: 'misses no report that comes at the same time',
    async run({ store, newAccount, setSettings }) {
      const accountId = newAccount()
      const callUuids = Array.from({ length: 50 }, (_, n) => uuidOf(n))
      await store.append(callUuids.map((call_uuid) => aReport({ call_uuid, ...RATED }, { accountId })))
      setSettings(accountId, { currency: 'EUR' })
      const tags = (n: number) => aReport({ call_uuid: uuidOf(n), tags: [String(n)] }, { accountId })
      const [, changed] = await Promise.all([
        store.append(callUuids.slice(0, 25).map((_, n) => tags(n))),
        store.rederive({ accountId, callUuids, paths: PATHS }),
        store.append(callUuids.slice(25).map((_, n) => tags(n + 25))),
      ])
      assert.ok(changed >= 25 && changed <= 50, String(changed))
      for (const [n, callUuid] of callUuids.entries()) {
        const call = await store.find({ accountId, callUuid })
        assert.deepEqual([call?.tags, call?.cost.currency], [[String(n)], 'EUR'])
      }
    },
  },
]
