import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { CallStore } from '../../src/store/call-store.ts'
import type { CallQuery } from '../../src/store/query.ts'
import { aLiveReport, aReport } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'
import { newestFirst } from './listing.ts'

const CALLS = 60

const startOf = (n: number) => new Date(Date.UTC(2024, 0, 15, 12, n)).toISOString()
const liveCall = (accountId: string, n: number) =>
  aLiveReport({ call_uuid: uuidOf(n), started_at: startOf(n) }, { accountId })
const endOfCall = (accountId: string, n: number) =>
  aReport({ call_uuid: uuidOf(n), kind: 'end', started_at: null, tags: ['ended'] }, { accountId })

const correctionOf = (n: number) => ({ call_uuid: uuidOf(n), kind: 'correction', answered_at: null, ended_at: null })

/** Looks at the account over and over until `isDone`; what it saw is handed to `check` each time. */
async function watch<T>(isDone: () => boolean, look: () => Promise<T>, check: (seen: T) => void): Promise<number> {
  let looks = 0
  for (let last = false; !last; looks += 1) {
    last = isDone()
    check(await look())
    await setImmediate() // an engine may answer without ever letting go of this thread
  }
  return looks
}

async function seenByCursor(store: CallStore, query: CallQuery): Promise<number[]> {
  const ids: number[] = []
  let after: CallQuery['after'] = null
  do {
    const page = await store.list({ ...query, limit: 7, after })
    ids.push(...page.calls.map(({ id }) => id))
    after = page.next
  } while (after !== null)
  return ids
}

/** Calls that end while others look. */
export const moving: Check[] = [
  {
    it: 'shows a call exactly once to all who look while it ends',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append(Array.from({ length: CALLS }, (_, n) => liveCall(accountId, n)))
      let ending = true
      const isDone = () => !ending
      const query: CallQuery = { accountId, ...newestFirst }
      const everyone = [
        watch(
          isDone,
          () => store.list(query),
          ({ calls, total }) => {
            assert.equal(total, CALLS)
            assert.equal(new Set(calls.map(({ id }) => id)).size, CALLS)
          },
        ),
        watch(
          isDone,
          () => store.list({ ...query, where: { op: 'member', field: 'tags', value: 'ended' }, limit: 1 }),
          ({ total }) => assert.ok((total as number) <= CALLS),
        ),
        watch(
          isDone,
          () => seenByCursor(store, query),
          (ids) => assert.deepEqual([ids.length, new Set(ids).size], [CALLS, CALLS]),
        ),
        watch(
          isDone,
          async () => {
            const found = await Promise.all(
              Array.from({ length: CALLS }, (_, n) => store.find({ accountId, callUuid: uuidOf(n) })),
            )
            return found.filter((call) => call === null).length
          },
          (missing) => assert.equal(missing, 0),
        ),
        watch(
          isDone,
          () => store.changes({ accountId, after: 0, limit: 1000 }),
          ({ calls }) => assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length),
        ),
      ]
      for (let n = 0; n < CALLS; n += 1) await store.append([endOfCall(accountId, n)])
      ending = false
      for (const looks of await Promise.all(everyone)) assert.ok(looks > 1)
      const { total } = await store.list({ ...query, where: { op: 'eq', field: 'state', value: 'ended' } })
      assert.equal(total, CALLS)
    },
  },
  {
    it: 'shows a call exactly once to all who look while its start is corrected, with others that end',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append(Array.from({ length: CALLS }, (_, n) => liveCall(accountId, n)))
      const ended = CALLS / 2
      await store.append(Array.from({ length: ended }, (_, n) => endOfCall(accountId, n)))
      let moving = true
      const looks = watch(
        () => !moving,
        () => store.list({ accountId, ...newestFirst }),
        ({ calls, total }) => {
          assert.equal(total, CALLS)
          assert.equal(new Set(calls.map(({ id }) => id)).size, CALLS)
        },
      )
      for (let n = 0; n < ended; n += 1)
        await store.append([
          aReport({ ...correctionOf(n), started_at: startOf(CALLS - n) }, { accountId }),
          endOfCall(accountId, ended + n),
        ])
      moving = false
      assert.ok((await looks) > 1)
    },
  },
  {
    it: 'keeps the id of a call when it ends and when its start is corrected',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const key = { accountId, callUuid: uuidOf(1) }
      await store.append([liveCall(accountId, 1)])
      const live = await store.find(key)
      await store.append([endOfCall(accountId, 1)])
      await store.append([aReport({ ...correctionOf(1), started_at: startOf(0) }, { accountId })])
      const ended = await store.find(key)
      assert.deepEqual([ended?.id, ended?.state], [live?.id, 'ended'])
      assert.equal(ended?.startedAtUs, (live?.startedAtUs as number) - 60_000_000)
      assert.equal((await store.list({ accountId, ...newestFirst })).total, 1)
      assert.equal((await store.rawReports(key)).reports.length, 3)
      assert.deepEqual(await store.findById({ accountId, id: live?.id as number }), ended)
    },
  },
  {
    it: 'counts live and ended calls',
    async run({ store, newAccount }) {
      const before = await store.stats()
      const accountId = newAccount()
      await store.append([liveCall(accountId, 1), liveCall(accountId, 2), aReport({}, { accountId })])
      const after = await store.stats()
      assert.deepEqual([after.calls - before.calls, after.liveCalls - before.liveCalls], [3, 2])
      assert.equal(store.waitingReports, 0)
    },
  },
]
