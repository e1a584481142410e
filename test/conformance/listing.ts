import assert from 'node:assert/strict'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import type { CallQuery, OrderField } from '../../src/store/query.ts'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'

/** A list as the native API asks for it. */
export const newestFirst = {
  where: null,
  order: { by: 'startedAtUs', descending: true },
  limit: 1000,
  total: true,
} as const satisfies Omit<CallQuery, 'accountId'>

/** The last figures of the UUIDs, which say in which order the calls were made up. */
const ordinals = (calls: readonly CallRecord[]) => calls.map(({ callUuid }) => Number(callUuid.slice(-6)))

/** Call `n` begins at second `started`, ends at `ended` and goes to the number `n`; null is a live call. */
function calls(accountId: string, times: readonly [started: number, ended: number | null][]) {
  return times.map(([started, ended], n) => {
    const body = { call_uuid: uuidOf(n), started_at: second(started), answered_at: null, to: { number: `100${n}` } }
    return ended === null
      ? aLiveReport(body, { accountId })
      : aReport({ ...body, ended_at: second(ended) }, { accountId })
  })
}

const second = (s: number) => new Date(Date.UTC(2024, 0, 15, 12, 0, s)).toISOString()

async function ordered(store: CallStore, accountId: string, by: OrderField, descending: boolean): Promise<number[]> {
  return ordinals((await store.list({ accountId, ...newestFirst, order: { by, descending } })).calls)
}

/** Reads page after page from the first on; between pages, `meanwhile` does something. */
async function walk(
  store: CallStore,
  query: Omit<CallQuery, 'after' | 'total'>,
  meanwhile: () => Promise<unknown>,
): Promise<CallRecord[]> {
  const seen: CallRecord[] = []
  let after: CallQuery['after'] = null
  do {
    const page = await store.list({ ...query, after, total: false })
    seen.push(...page.calls)
    after = page.next
    await meanwhile()
  } while (after !== null)
  return seen
}

/** Lists: order, pages, totals. */
export const listing: Check[] = [
  {
    it: 'orders by start, ties by id, both ways',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const times: [number, number | null][] = [
        [5, 9],
        [1, null],
        [5, 6],
        [3, 20],
        [5, null],
      ]
      await store.append(calls(accountId, times))
      assert.deepEqual(await ordered(store, accountId, 'startedAtUs', true), [4, 2, 0, 3, 1])
      assert.deepEqual(await ordered(store, accountId, 'startedAtUs', false), [1, 3, 0, 2, 4])
    },
  },
  {
    it: 'orders by end, both ways, and leaves live calls out of the page and of the total',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append(
        calls(accountId, [
          [5, 9],
          [1, null],
          [5, 6],
          [3, 20],
          [6, 9],
        ]),
      )
      assert.deepEqual(await ordered(store, accountId, 'endedAtUs', true), [3, 4, 0, 2])
      assert.deepEqual(await ordered(store, accountId, 'endedAtUs', false), [2, 0, 4, 3])
      const page = await store.list({ accountId, ...newestFirst, order: { by: 'endedAtUs', descending: true } })
      assert.equal(page.total, 4)
    },
  },
  {
    it: 'orders by other fields, calls without a value left out',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const costs = [{ amount: '0.5' }, {}, { amount: '-2' }, { amount: '10' }, { amount: '0.5' }]
      await store.append(costs.map((cost, n) => aReport({ call_uuid: uuidOf(n), cost }, { accountId })))
      assert.deepEqual(await ordered(store, accountId, 'cost.amountMicros', true), [3, 4, 0, 2])
      assert.deepEqual(await ordered(store, accountId, 'cost.amountMicros', false), [2, 0, 4, 3])
      assert.deepEqual(await ordered(store, accountId, 'id', false), [0, 1, 2, 3, 4])
    },
  },
  {
    it: 'orders text by its octets, not by any language',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const numbers = ['b', 'a', 'Z', 'é', '\u{1f600}', '\uffee', '']
      const bodies = numbers.map((number, n) => ({ call_uuid: uuidOf(n), to: { number } }))
      await store.append(bodies.map((body) => aReport(body, { accountId })))
      assert.deepEqual(await ordered(store, accountId, 'to.number', false), [6, 2, 1, 0, 3, 5, 4])
    },
  },
  {
    it: 'gives pages of 1 to 1000, a total that does not hang on them, and where the next one begins',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const times = Array.from({ length: 1001 }, (_, n): [number, number] => [n, n + 1])
      await store.append(calls(accountId, times))
      const page = async (limit: number, offset = 0) => {
        const { calls: found, total, next } = await store.list({ accountId, ...newestFirst, limit, offset })
        return [found.length, ordinals(found)[0], total, next !== null]
      }
      assert.deepEqual(await page(1), [1, 1000, 1001, true])
      assert.deepEqual(await page(1000), [1000, 1000, 1001, true])
      assert.deepEqual(await page(1000, 1), [1000, 999, 1001, false])
      assert.deepEqual(await page(1000, 1000), [1, 0, 1001, false])
      assert.deepEqual(await page(1000, 1001), [0, undefined, 1001, false])
      assert.deepEqual(await page(20, 1_000_000_000_000), [0, undefined, 1001, false])
    },
  },
  {
    it: 'tells no total that was not asked for',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append(calls(accountId, [[1, 2]]))
      assert.equal((await store.list({ accountId, ...newestFirst, total: false })).total, null)
    },
  },
  {
    it: 'shows each call once on the pages of a cursor, though calls arrive before, between and after',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const times = Array.from({ length: 30 }, (_, n): [number, number | null] => [
        n * 2,
        n % 3 === 0 ? null : n * 2 + 1,
      ])
      await store.append(calls(accountId, times))
      let n = 100
      for (const descending of [true, false]) {
        const query = { accountId, where: null, order: { by: 'startedAtUs', descending } as const, limit: 7 }
        const seen = await walk(store, query, () =>
          store.append(
            [0, 21, 59, 61].map((at) =>
              reportOf({ call_uuid: uuidOf(n++), started_at: second(at), ended_at: second(at + 1) }, { accountId }),
            ),
          ),
        )
        const first = ordinals(seen).filter((ordinal) => ordinal < 30)
        const expected = Array.from({ length: 30 }, (_, at) => (descending ? 29 - at : at))
        assert.deepEqual(first, expected)
        assert.equal(new Set(ordinals(seen)).size, seen.length)
      }
    },
  },
  {
    it: 'scans every call once, in order, while others arrive',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const times = Array.from({ length: 1200 }, (_, n): [number, number | null] => [n, n % 5 === 0 ? null : n + 1])
      await store.append(calls(accountId, times))
      const seen: number[] = []
      for await (const page of store.scan({ accountId, where: null, order: newestFirst.order })) {
        seen.push(...ordinals(page))
        const body = { call_uuid: uuidOf(10_000 + seen.length), started_at: second(600), ended_at: second(601) }
        await store.append([reportOf(body, { accountId })])
      }
      assert.deepEqual(
        seen.filter((ordinal) => ordinal < 10_000),
        Array.from({ length: 1200 }, (_, n) => 1199 - n),
      )
      assert.equal(new Set(seen).size, seen.length)
    },
  },
]
