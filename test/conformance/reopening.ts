import assert from 'node:assert/strict'
import type { CallStore } from '../../src/store/call-store.ts'
import { aReport, reportOf } from '../support/a-report.ts'
import { uuidOf, variedReports } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'
import { newestFirst } from './listing.ts'

/** What is there after a stop and a start. */
export const reopening: Check[] = [
  {
    it: 'has everything as it was after it was closed and opened again',
    async run(bench) {
      const accountId = bench.newAccount()
      await bench.store.append(variedReports({ count: 50, seed: 7, accountId }))
      const everything = async (store: CallStore) => ({
        list: await store.list({ accountId, ...newestFirst }),
        changes: await store.changes({ accountId, after: 0, limit: 1000 }),
        raw: await Promise.all(
          Array.from({ length: 50 }, (_, n) => store.rawReports({ accountId, callUuid: uuidOf(n + 1) })),
        ),
        calls: (await store.stats()).calls,
      })
      const before = await everything(bench.store)
      assert.deepEqual(await everything(await bench.reopen()), before)
      assert.equal(before.list.total, 50)
    },
  },
  {
    it: 'never gives an id or a place in the change sequence twice, through any number of restarts',
    async run(bench) {
      const accountId = bench.newAccount()
      const given: { id: number; changeSeq: number }[] = []
      for (let restart = 0; restart < 3; restart += 1) {
        for (const n of [1, 2]) {
          const callUuid = uuidOf(restart * 10 + n)
          await bench.store.append([aReport({ call_uuid: callUuid }, { accountId })])
          const call = await bench.store.find({ accountId, callUuid })
          given.push({ id: call?.id as number, changeSeq: call?.changeSeq as number })
        }
        await bench.reopen()
      }
      for (const field of ['id', 'changeSeq'] as const) {
        const values = given.map((call) => call[field])
        assert.deepEqual(
          values,
          [...new Set(values)].sort((a, b) => a - b),
        )
      }
    },
  },
  {
    it: 'goes on with the change sequence where it stopped',
    async run(bench) {
      const accountId = bench.newAccount()
      await bench.store.append([aReport({}, { accountId })])
      const { next } = await bench.store.changes({ accountId, after: 0, limit: 10 })
      const store = await bench.reopen()
      assert.deepEqual((await store.changes({ accountId, after: next, limit: 10 })).calls, [])
      await store.append([reportOf({ call_uuid: uuidOf(5), tags: ['after'] }, { accountId })])
      const { calls } = await store.changes({ accountId, after: next, limit: 10 })
      assert.deepEqual(
        calls.map(({ tags }) => tags),
        [['after']],
      )
    },
  },
]
