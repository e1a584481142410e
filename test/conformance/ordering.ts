import assert from 'node:assert/strict'
import type { CallStore } from '../../src/store/call-store.ts'
import type { CallQuery, Order } from '../../src/store/query.ts'
import { aLiveReport, aReport } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'
import { newestFirst } from './listing.ts'

const minute = (n: number) => new Date(Date.UTC(2024, 0, 15, 12, n)).toISOString()

/** Call `n` has the number, the trunk and the end of the `n`th row; null is none. */
const CALLS: readonly (readonly [number: string | null, trunk: string | null, ended: number | null])[] = [
  ['b', 'x', 20],
  [null, 'y', 10],
  ['a', null, null],
  ['b', 'y', 30],
  [null, null, 10],
  ['a', 'x', null],
  ['b', 'x', 10],
]

async function calls({ store, newAccount }: { store: CallStore; newAccount(): string }): Promise<string> {
  const accountId = newAccount()
  await store.append(
    CALLS.map(([number, trunk, ended], n) => {
      const body = {
        call_uuid: uuidOf(n),
        started_at: minute(n % 3),
        answered_at: null,
        to: { number },
        trunk: { name: trunk },
      }
      if (ended === null) return aLiveReport(body, { accountId })
      return aReport({ ...body, ended_at: minute(ended) }, { accountId })
    }),
  )
  return accountId
}

const ORDERS: readonly (readonly [Order, readonly number[]])[] = [
  [{ by: 'to.number', descending: false, blanks: true }, [1, 4, 2, 5, 0, 3, 6]],
  [{ by: 'to.number', descending: true, blanks: true }, [6, 3, 0, 5, 2, 4, 1]],
  [{ by: 'endedAtUs', descending: true, blanks: true }, [3, 0, 6, 4, 1, 5, 2]],
  [{ by: 'endedAtUs', descending: false, blanks: true }, [2, 5, 1, 4, 6, 0, 3]],
  [{ by: 'startedAtUs', descending: false, blanks: true }, [0, 3, 6, 1, 4, 2, 5]],
  [{ by: 'startedAtUs', descending: false, thenBy: [{ by: 'to.number', descending: true }] }, [0, 3, 6, 1, 4, 2, 5]],
  [{ by: 'to.number', descending: false, thenBy: [{ by: 'trunk.name', descending: true }] }, [5, 2, 3, 0, 6]],
  [
    {
      by: 'to.number',
      descending: true,
      blanks: true,
      thenBy: [
        { by: 'trunk.name', descending: false },
        { by: 'startedAtUs', descending: false },
      ],
    },
    [6, 0, 3, 2, 5, 4, 1],
  ],
]

/** Lists sorted by several fields, and with the calls that have no value. */
export const ordering: Check[] = [
  {
    it: 'sorts by several fields, calls without a value before all others where they are asked for',
    async run(bench) {
      const accountId = await calls(bench)
      const { store } = bench
      for (const [order, expected] of ORDERS) {
        const query: CallQuery = { accountId, ...newestFirst, order }
        const whole = await store.list(query)
        const found = (page: typeof whole) => page.calls.map(({ callUuid }) => Number(callUuid.slice(-3)))
        const said = JSON.stringify(order)
        assert.deepEqual(found(whole), expected, said)
        assert.deepEqual([whole.total, whole.next], [expected.length, null])
        for (const limit of [1, 2, 3])
          for (let offset = 0; offset <= expected.length; offset += 1) {
            const page = await store.list({ ...query, limit, offset, total: offset % 2 === 0 })
            assert.deepEqual([found(page), page.next], [expected.slice(offset, offset + limit), null], said)
          }
        const scanned: number[] = []
        for await (const page of store.scan({ accountId, where: null, order }))
          scanned.push(...page.map(({ callUuid }) => Number(callUuid.slice(-3))))
        assert.deepEqual(scanned, expected, said)
      }
    },
  },
  {
    it: 'refuses a cursor where a list is paged by offset',
    async run(bench) {
      const accountId = await calls(bench)
      const after = { value: 'a', id: 1 }
      const orders: Order[] = [
        { by: 'to.number', descending: false, blanks: true },
        { by: 'to.number', descending: false, thenBy: [{ by: 'id', descending: false }] },
      ]
      for (const order of orders)
        await assert.rejects(bench.store.list({ accountId, ...newestFirst, order, after }), /by offset/)
    },
  },
  {
    it: 'takes an empty list of further fields as none',
    async run(bench) {
      const accountId = await calls(bench)
      const order: Order = { by: 'startedAtUs', descending: true, thenBy: [] }
      const { next } = await bench.store.list({ accountId, ...newestFirst, order, limit: 2 })
      assert.notEqual(next, null)
      assert.equal((await bench.store.list({ accountId, ...newestFirst, order, after: next })).calls.length, 5)
    },
  },
]
