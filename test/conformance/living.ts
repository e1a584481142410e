import assert from 'node:assert/strict'
import type { CallQuery } from '../../src/store/query.ts'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'
import { newestFirst } from './listing.ts'

const minute = (n: number) => new Date(Date.UTC(2024, 0, 15, 12, n)).toISOString()
/** Long before every other test's calls arrive. */
const ARRIVED_US = 1_000_000

/** Calls that have not ended. */
export const living: Check[] = [
  {
    it: 'lists live calls alone, filtered, in order and counted as any list',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const body = (n: number) => ({
        call_uuid: uuidOf(n),
        started_at: minute(n),
        answered_at: null,
        tags: [`${n % 2}`],
      })
      await store.append([
        ...[1, 2, 3, 4].map((n) => aLiveReport(body(n), { accountId })),
        ...[5, 6].map((n) => aReport(body(n), { accountId })),
      ])
      const list = async (query: Partial<CallQuery> = {}) => {
        const page = await store.list({ accountId, ...newestFirst, live: true, ...query })
        return [page.calls.map(({ callUuid }) => Number(callUuid.slice(-3))), page.total, page.next !== null]
      }
      assert.deepEqual(await list(), [[4, 3, 2, 1], 4, false])
      assert.deepEqual(await list({ limit: 3 }), [[4, 3, 2], 4, true])
      assert.deepEqual(await list({ limit: 3, offset: 2 }), [[2, 1], 4, false])
      assert.deepEqual(await list({ where: { op: 'member', field: 'tags', value: '1' } }), [[3, 1], 2, false])
      assert.deepEqual(await list({ order: { by: 'endedAtUs', descending: true } }), [[], 0, false])
      await store.append([reportOf({ call_uuid: uuidOf(2), kind: 'end', ended_at: minute(9) }, { accountId })])
      assert.deepEqual(await list(), [[4, 3, 1], 3, false])
      assert.equal((await store.list({ accountId, ...newestFirst, live: false })).total, 6)
      const scanned: string[] = []
      for await (const page of store.scan({ accountId, where: null, order: newestFirst.order, live: true }))
        scanned.push(...page.map(({ callUuid }) => callUuid))
      assert.deepEqual(scanned, [4, 3, 1].map(uuidOf))
    },
  },
  {
    it: 'knows the live calls of which nothing came for long, of all accounts, the longest silent first',
    async run({ store, newAccount }) {
      const [one, two] = [newAccount(), newAccount()]
      const told = (accountId: string, n: number, arrivedAtUs: number, over = {}) =>
        reportOf({ call_uuid: uuidOf(n), started_at: '1970-01-01T00:00:01Z', ...over }, { accountId, arrivedAtUs })
      await store.append([
        told(one, 1, ARRIVED_US + 30),
        told(two, 2, ARRIVED_US + 10),
        told(one, 3, ARRIVED_US + 20),
        told(one, 4, ARRIVED_US + 5, { ended_at: '1970-01-01T00:00:02Z' }),
        told(two, 5, ARRIVED_US + 1),
      ])
      await store.append([told(two, 5, ARRIVED_US + 40, { tags: ['still there'], kind: 'update' })])
      const silent = async (updatedBeforeUs: number, limit = 100) =>
        (await store.silent({ updatedBeforeUs, limit })).map((call) => [call.accountId, call.callUuid])
      const all = [
        [two, uuidOf(2)],
        [one, uuidOf(3)],
        [one, uuidOf(1)],
        [two, uuidOf(5)],
      ]
      assert.deepEqual(await silent(ARRIVED_US + 41), all)
      assert.deepEqual(await silent(ARRIVED_US + 30), all.slice(0, 2))
      assert.deepEqual(await silent(ARRIVED_US + 41, 3), all.slice(0, 3))
      assert.deepEqual(await silent(ARRIVED_US + 10), [])
      const [first] = await store.silent({ updatedBeforeUs: ARRIVED_US + 41, limit: 1 })
      assert.deepEqual(first, await store.find({ accountId: two, callUuid: uuidOf(2) }))
      const ends = [1, 3].map((n) => ({ call_uuid: uuidOf(n), kind: 'end', ended_at: '1970-01-01T00:00:03Z' }))
      await store.append(ends.map((body) => reportOf(body, { accountId: one })))
      assert.deepEqual(await silent(ARRIVED_US + 41), [all[0], all[3]])
    },
  },
]
