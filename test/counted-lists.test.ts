import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { CALL_TYPES, type CallRecord } from '../src/record/call-record.ts'
import { formatRfc3339 } from '../src/record/time.ts'
import type { CallStore } from '../src/store/call-store.ts'
import type { Expr, Order } from '../src/store/query.ts'
import { aBody, type Body, reportOf } from './support/a-report.ts'
import { anyLeaf } from './support/any-query.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { ordered } from './support/ordered.ts'
import { SEED } from './support/seed.ts'
import { Seeded } from './support/seeded.ts'
import { SqliteStoreInFolder } from './support/sqlite-store-in-folder.ts'
import { uuidOf } from './support/varied-calls.ts'

const CALLS = 800
const QUARTER_US = 900_000_000
const DAY_US = 96 * QUARTER_US
const FROM_US = Date.UTC(2024, 0, 10, 5, 17) * 1000
const DAYS = 7
const TYPES = CALL_TYPES.slice(0, 4)

/** Calls of a week, with what counts are kept by, and the lengths that make ends and starts lie apart. */
function calls(seed: number): Body[] {
  const seeded = new Seeded(seed)
  const one = <T>(...values: T[]) => seeded.oneOf(values) as T
  return Array.from({ length: CALLS }, (_, n) => {
    // Some starts are shared, and some lie on the edge of a quarter.
    const anyUs = FROM_US + seeded.integer(0, DAYS * 86_400) * 1_000_000
    const startedUs = one(anyUs, anyUs, Math.floor(anyUs / QUARTER_US) * QUARTER_US, FROM_US + one(1, 2, 3) * DAY_US)
    const seconds = one(0, 1, 60, 600, 899, 900, 5000, seeded.integer(0, 3000), one(100_000, 200_000))
    return aBody({
      call_uuid: uuidOf(n + 1),
      started_at: formatRfc3339(startedUs),
      answered_at: null,
      ended_at: n % 40 === 0 ? null : formatRfc3339(startedUs + seconds * 1_000_000),
      direction: one('inbound', 'outbound', 'internal'),
      leg: one('whole', 'whole', 'a', 'b'),
      trunk: one(null, { id: 'x' }),
      hangup: { code: one(null, 3010, 4010, 4010), q850: one(16, 17) },
      center: one(null, null, { call_types: [one(...TYPES)] }),
    })
  })
}

/** A moment, most often where something begins or ends, or a microsecond beside it. */
const anyMoment = (times: readonly number[]) =>
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...times),
        fc.integer({ min: FROM_US - DAY_US, max: FROM_US + (DAYS + 3) * DAY_US }),
        fc.nat((DAYS + 2) * 96).map((n) => (Math.floor(FROM_US / QUARTER_US) + n) * QUARTER_US),
        fc.nat(DAYS + 2).map((n) => (Math.floor(FROM_US / DAY_US) + n) * DAY_US),
      ),
      fc.constantFrom(-1, 0, 0, 1),
    )
    .map(([us, step]) => us + step)

const anyOrder: fc.Arbitrary<Order> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.constantFrom('startedAtUs', 'endedAtUs'), descending: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      by: fc.constantFrom('startedAtUs', 'endedAtUs'),
      descending: fc.boolean(),
      blanks: fc.boolean(),
      thenBy: fc.constantFrom([], [{ by: 'to.number', descending: true }]),
    }),
  },
) as fc.Arbitrary<Order>

const idsOf = (page: readonly CallRecord[]) => page.map(({ id }) => id)

for (const [name, segmentSizes] of [
  ['in one segment', {}],
  ['in segments of a hundred calls', { openCalls: 100, fullCalls: 500, mergeYoung: 3, overallFrom: 3 }],
] as const)
  describe(`a list of what is counted, ${name}`, () => {
    const folder = new SqliteStoreInFolder({ segmentSizes })
    let store: CallStore
    let all: CallRecord[]
    before(async () => {
      console.log(`  the calls of this run have seed ${SEED}`)
      store = await folder.open()
      const bodies = calls(SEED)
      for (let at = 0; at < CALLS; at += 50)
        await store.append(
          bodies.slice(at, at + 50).map((body) => reportOf(body, { arrivedAtUs: FROM_US + 12 * DAY_US })),
        )
      all = []
      for await (const page of store.scan({ accountId: ALICE, where: null, order: { by: 'id', descending: false } }))
        all.push(...page)
      assert.equal(all.length, CALLS)
    })
    after(() => folder.remove())

    const anyCounted = (): fc.Arbitrary<Expr> => {
      const times = all.flatMap(({ startedAtUs, endedAtUs }) => [startedAtUs, endedAtUs ?? startedAtUs])
      const range = fc.record({
        op: fc.constantFrom('gte', 'lt', 'gt', 'lte'),
        field: fc.constantFrom('startedAtUs', 'endedAtUs'),
        value: anyMoment(times),
      })
      const leaf = fc.oneof(
        anyLeaf(all, ['direction', 'primary', 'onTrunk', 'state']),
        anyLeaf(all, ['hangup.code']),
        fc.record({ op: fc.constant('member'), field: fc.constant('callTypes'), value: fc.constantFrom(...TYPES) }),
        fc.record({ op: fc.constantFrom('eq', 'ne'), field: fc.constant('endedAtUs'), value: fc.constant(null) }),
      ) as fc.Arbitrary<Expr>
      const tree = fc.oneof(
        { weight: 3, arbitrary: leaf },
        { weight: 1, arbitrary: leaf.map((of) => ({ op: 'not' as const, of })) },
        { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }).map((of) => ({ op: 'or' as const, of })) },
      )
      return fc
        .tuple(fc.array(range, { maxLength: 3 }), fc.array(tree, { maxLength: 2 }))
        .map(([ranges, rest]) => ({ op: 'and', of: [...ranges, ...rest] }) as Expr)
    }

    it('has the total and the page that a filter over an array has, from any offset', async () => {
      const anyQuery = fc.record({
        where: fc.option(anyCounted(), { freq: 10 }),
        order: anyOrder,
        limit: fc.integer({ min: 1, max: 30 }),
        offset: fc.oneof(fc.constant(0), fc.nat(CALLS), fc.nat(40)),
        total: fc.boolean(),
      })
      let found = 0
      await fc.assert(
        fc.asyncProperty(anyQuery, async ({ where, order, limit, offset, total }) => {
          const expected = ordered(all, { where, order })
          const page = await store.list({ accountId: ALICE, where, order, limit, offset, total })
          assert.deepEqual(idsOf(page.calls), idsOf(expected.slice(offset, offset + limit)))
          assert.equal(page.total, total ? expected.length : null)
          found += page.calls.length > 0 ? 1 : 0
        }),
        { numRuns: 250 },
      )
      assert.ok(found > 60, `${found} of 250 pages had a call`)
    })

    it('counts the same with a condition that no count tells, but that always holds', async () => {
      const uncounted: Expr = { op: 'in', field: 'hangup.q850', values: [16, 17] }
      await fc.assert(
        fc.asyncProperty(anyCounted(), anyOrder, fc.nat(CALLS / 2), async (where, order, offset) => {
          const list = (more: Expr[]) =>
            store.list({
              accountId: ALICE,
              where: { op: 'and', of: [where, ...more] },
              order,
              limit: 3,
              offset,
              total: true,
            })
          const [counted, looked] = [await list([]), await list([uncounted])]
          assert.deepEqual([counted.total, idsOf(counted.calls)], [looked.total, idsOf(looked.calls)])
        }),
        { numRuns: 120 },
      )
    })
  })
