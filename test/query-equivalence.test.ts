import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { CallRecord } from '../src/record/call-record.ts'
import type { CallStore } from '../src/store/call-store.ts'
import {
  type CallQuery,
  type Expr,
  FIELDS,
  type Field,
  fieldValue,
  ORDER_FIELDS,
  type Order,
  type Scalar,
} from '../src/store/query.ts'
import { anyExpr, anyLeaf, anyMember } from './support/any-query.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { isPagedByOffset, ordered } from './support/ordered.ts'
import { SEED } from './support/seed.ts'
import { SqliteStoreInFolder } from './support/sqlite-store-in-folder.ts'
import { variedReports } from './support/varied-calls.ts'

const CALLS = 300
const MALLORY = 'MAMALLORY00000000000'
const NAMES = Object.keys(FIELDS) as Field[]

const anyOrder: fc.Arbitrary<Order> = fc.record({ by: fc.constantFrom(...ORDER_FIELDS), descending: fc.boolean() })

/** Calls without a value in the list, and ties that fall by other fields. */
const anyRichOrder: fc.Arbitrary<Order> = fc.record({
  by: fc.constantFrom(...ORDER_FIELDS),
  descending: fc.boolean(),
  blanks: fc.boolean(),
  thenBy: fc.array(anyOrder, { maxLength: 3 }),
})

const filtered = (calls: readonly CallRecord[], where: Expr | null, order: Order) => ordered(calls, { where, order })

/** One of several members of one list. */
const anyUnion: fc.Arbitrary<Expr> = fc
  .tuple(
    fc.constantFrom('center.agents.id', 'center.contact.listIds', 'center.surveyIds'),
    fc.oneof(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }), fc.constantFrom([], [4])),
  )
  .map(([field, values]) => ({ op: 'or', of: values.map((value) => ({ op: 'member', field, value })) }))

const idsOf = (calls: readonly CallRecord[]) => calls.map(({ id }) => id)

for (const [name, segmentSizes] of [
  ['one segment', {}],
  ['many segments', { openCalls: 40, fullCalls: 150, mergeYoung: 3, overallFrom: 3 }],
] as const)
  describe(`a query of the SQLite store, with ${name}`, () => {
    const folder = new SqliteStoreInFolder({ segmentSizes })
    let store: CallStore
    let calls: CallRecord[]
    before(async () => {
      console.log(`  the calls of this run: variedReports with seed ${SEED}`)
      store = await folder.open()
      const reports = variedReports({ count: CALLS, seed: SEED })
      for (let at = 0; at < CALLS; at += 20) await store.append(reports.slice(at, at + 20))
      await store.append(variedReports({ count: CALLS, seed: SEED, accountId: MALLORY }))
      calls = await everyCall(ALICE)
      assert.equal(calls.length, CALLS)
    })
    after(() => folder.remove())

    async function everyCall(accountId: string): Promise<CallRecord[]> {
      const found: CallRecord[] = []
      const order: Order = { by: 'id', descending: false }
      for await (const page of store.scan({ accountId, where: null, order })) found.push(...page)
      return found
    }

    const list = (query: Partial<CallQuery>) =>
      store.list({
        accountId: ALICE,
        where: null,
        order: { by: 'startedAtUs', descending: true },
        limit: 1000,
        total: true,
        ...query,
      })

    it('answers what a filter over an array answers, and finds something by every field', async () => {
      const asked = new Map(NAMES.map((field) => [field, { asked: 0, some: 0, all: 0 }]))
      const order: Order = { by: 'id', descending: false }
      for (const [field, count] of asked)
        for (const where of fc.sample(anyLeaf(calls, [field]), 60)) {
          if (count.asked >= 10 && count.some > 0) break
          const page = await list({ where, order })
          const expected = filtered(calls, where, order)
          assert.deepEqual(idsOf(page.calls), idsOf(expected), JSON.stringify(where))
          assert.equal(page.total, expected.length)
          count.asked += 1
          if (expected.length === CALLS) count.all += 1
          else if (expected.length > 0) count.some += 1
        }
      for (const [field, { asked: of, some, all }] of asked)
        console.log(`  ${field.padEnd(24)} ${some} of ${of} queries matched some calls, ${all} all`)
      const never = [...asked].filter(([, { some }]) => some === 0).map(([field]) => field)
      assert.deepEqual(never, [], 'these fields never told one call from another')
    })

    it('answers any tree of conditions in any order and from any place', async () => {
      const anyQuery = fc.record({
        where: fc.option(anyExpr(calls), { freq: 20 }),
        order: anyOrder,
        limit: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(1, 1000)),
        offset: fc.oneof(fc.constant(0), fc.nat(40), fc.constantFrom(CALLS, 1_000_000_000_000)),
        after: fc.option(fc.nat(CALLS - 1)),
        total: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(anyQuery, async ({ where, order, limit, offset, after: afterCall, total }) => {
          const all = filtered(calls, where, order)
          const last = afterCall === null ? undefined : all[afterCall % (all.length || 1)]
          const after = last === undefined ? null : { value: fieldValue(last, order.by) as Scalar, id: last.id }
          const from = last === undefined ? offset : all.indexOf(last) + 1 + offset
          const expected = all.slice(from, from + limit)
          const page = await list({ where, order, limit, offset, after, total })
          assert.deepEqual(page.calls, expected)
          assert.equal(page.total, total ? all.length : null)
          const end = expected.at(-1)
          const more = end !== undefined && from + limit < all.length
          assert.deepEqual(page.next, more ? { value: fieldValue(end, order.by), id: end.id } : null)
        }),
        { numRuns: 400 },
      )
    })

    it('answers ranges of ends among other conditions, in the order of ends and of starts', async () => {
      const anyEnd = fc
        .tuple(fc.constantFrom(...calls.flatMap(({ endedAtUs }) => endedAtUs ?? [])), fc.integer({ min: -1, max: 1 }))
        .map(([endUs, step]) => endUs + step)
      const anyBound = fc.record({
        op: fc.constantFrom('lt', 'lte', 'gt', 'gte'),
        field: fc.constant('endedAtUs' as const),
        value: anyEnd,
      })
      const anyQuery = fc.record({
        ends: fc.array(anyBound, { minLength: 1, maxLength: 3 }),
        others: fc.array(anyLeaf(calls), { maxLength: 2 }),
        order: fc.record({ by: fc.constantFrom('startedAtUs', 'endedAtUs'), descending: fc.boolean() }),
        limit: fc.constantFrom(5, 1000),
      })
      await fc.assert(
        fc.asyncProperty(anyQuery, async ({ ends, others, order, limit }) => {
          const where: Expr = { op: 'and', of: [...ends, { op: 'and', of: others }] }
          const expected = filtered(calls, where, order)
          const page = await list({ where, order, limit })
          assert.deepEqual(idsOf(page.calls), idsOf(expected.slice(0, limit)))
          assert.equal(page.total, expected.length)
        }),
        { numRuns: 200 },
      )
    })

    it('sorts by any fields, with or without the calls that have no value, on pages by offset', async () => {
      const anyQuery = fc.record({
        where: fc.option(anyExpr(calls), { freq: 3 }),
        order: anyRichOrder,
        limit: fc.integer({ min: 1, max: 40 }),
        offset: fc.oneof(fc.constant(0), fc.nat(CALLS)),
        live: fc.boolean(),
        total: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(anyQuery, async ({ where, order, limit, offset, live, total }) => {
          const all = ordered(calls, { where, order, live })
          const page = await list({ where, order, limit, offset, live, total })
          assert.deepEqual(idsOf(page.calls), idsOf(all.slice(offset, offset + limit)))
          assert.equal(page.total, total ? all.length : null)
          assert.equal(page.next === null, isPagedByOffset(order) || all.length <= offset + limit)
        }),
        { numRuns: 300 },
      )
    })

    it('answers lists by agent, contact list, survey and type, among other conditions', async () => {
      const anyQuery = fc.record({
        members: fc.array(fc.oneof(anyMember(calls), anyUnion, anyUnion, anyUnion), { minLength: 1, maxLength: 2 }),
        others: fc.array(
          fc.oneof(
            { weight: 4, arbitrary: anyLeaf(calls, ['startedAtUs', 'primary', 'onTrunk', 'id']) },
            { weight: 1, arbitrary: anyExpr(calls) },
          ),
          { maxLength: 2 },
        ),
        order: fc.oneof(
          fc.record({ by: fc.constantFrom('startedAtUs', 'endedAtUs'), descending: fc.boolean() }),
          anyRichOrder,
        ),
        limit: fc.constantFrom(3, 1000),
        offset: fc.constantFrom(0, 0, 2, 50),
        live: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
        after: fc.option(fc.nat(CALLS)),
      })
      let found = 0
      await fc.assert(
        fc.asyncProperty(anyQuery, async ({ members, others, order, limit, offset, live, after: afterCall }) => {
          const where: Expr = { op: 'and', of: [...members, { op: 'and', of: others }] }
          const all = ordered(calls, { where, order, live })
          const last = afterCall === null || isPagedByOffset(order) ? undefined : all[afterCall % (all.length || 1)]
          const after = last === undefined ? null : { value: fieldValue(last, order.by) as Scalar, id: last.id }
          const from = last === undefined ? offset : all.indexOf(last) + 1 + offset
          const page = await list({ where, order, limit, offset, live, after })
          assert.deepEqual(idsOf(page.calls), idsOf(all.slice(from, from + limit)))
          assert.equal(page.total, all.length)
          found += all.length > 0 ? 1 : 0
        }),
        { numRuns: 600 },
      )
      console.log(`  ${found} of 600 such queries matched a call`)
      assert.ok(found > 30)
    })

    it('lists each call once on pages of any size, by cursor and by offset', async () => {
      const anyWalk = fc.record({
        where: fc.option(anyLeaf(calls), { freq: 2 }),
        order: anyOrder,
        limit: fc.oneof(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 1, max: 60 })),
      })
      await fc.assert(
        fc.asyncProperty(anyWalk, async ({ where, order, limit }) => {
          const expected = idsOf(filtered(calls, where, order))
          const byCursor: number[] = []
          let after: CallQuery['after'] = null
          do {
            const page = await list({ where, order, limit, after, total: false })
            byCursor.push(...idsOf(page.calls))
            after = page.next
          } while (after !== null)
          assert.deepEqual(byCursor, expected)
          const byOffset: number[] = []
          for (let offset = 0; offset < expected.length; offset += limit)
            byOffset.push(...idsOf((await list({ where, order, limit, offset })).calls))
          assert.deepEqual(byOffset, expected)
        }),
        { numRuns: 25 },
      )
    })

    it('scans the same calls in the same order', async () => {
      await fc.assert(
        fc.asyncProperty(fc.option(anyLeaf(calls)), anyOrder, async (where, order) => {
          const found: CallRecord[] = []
          for await (const page of store.scan({ accountId: ALICE, where, order })) found.push(...page)
          assert.deepEqual(idsOf(found), idsOf(filtered(calls, where, order)))
        }),
        { numRuns: 30 },
      )
    })
  })
