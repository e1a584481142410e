import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Report } from '../../src/record/report.ts'
import { writeCall } from '../../src/record/wire.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import type { Expr } from '../../src/store/query.ts'
import { ARRIVED_AT_US, aLiveReport, anAccount, aReport, CALL_UUID, reportOf } from '../support/a-report.ts'
import { anyReportBodies } from '../support/any-body.ts'
import { ODD_TEXTS } from '../support/any-value.ts'
import { ArrayCallStore } from '../support/array-call-store.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'
import { newestFirst } from './listing.ts'

/** Storing and finding again. */
export const storing: Check[] = [
  {
    it: 'stores a call once, however often it is reported',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const report = aReport({}, { accountId })
      assert.deepEqual(await store.append([report, report]), ['stored', 'duplicate'])
      assert.deepEqual(await store.append([{ ...report, arrivedAtUs: ARRIVED_AT_US + 9 }]), ['duplicate'])
      const { calls, total } = await store.list({ accountId, ...newestFirst })
      assert.deepEqual([calls.length, total, calls[0]?.updatedAtUs], [1, 1, ARRIVED_AT_US])
    },
  },
  {
    it: 'tells of each report in order whether it was new, changed a call, or was known',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const one = aLiveReport({}, { accountId })
      const two = aReport({ call_uuid: uuidOf(2) }, { accountId })
      const end = aReport({ kind: 'end' }, { accountId })
      assert.deepEqual(await store.append([one, two, end, one, two]), [
        ...['stored', 'stored', 'updated', 'duplicate', 'duplicate'],
      ])
    },
  },
  {
    it: 'stores nothing of no reports',
    async run({ store }) {
      assert.deepEqual(await store.append([]), [])
    },
  },
  {
    it: 'stores one call of reports that are appended at once',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const reports = Array.from({ length: 20 }, (_, n) => aReport({ tags: [String(n)] }, { accountId }))
      const outcomes = await Promise.all([...reports, ...reports].map((report) => store.append([report])))
      const count = (outcome: string) => outcomes.flat().filter((one) => one === outcome).length
      assert.deepEqual([count('stored'), count('updated'), count('duplicate')], [1, 19, 20])
    },
  },
  {
    it: 'finds a call by its UUID and by its id, and none that there is not',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append([aReport({}, { accountId })])
      const call = await store.find({ accountId, callUuid: CALL_UUID })
      assert.equal(call?.callUuid, CALL_UUID)
      assert.deepEqual(await store.findById({ accountId, id: call.id }), call)
      assert.equal(await store.find({ accountId, callUuid: uuidOf(9) }), null)
      assert.equal(await store.findById({ accountId, id: call.id + 1_000_000 }), null)
    },
  },
  {
    it: "hides one account's calls from another, the same UUID notwithstanding",
    async run({ store, newAccount }) {
      const [alice, mallory, nobody] = [newAccount(), newAccount(), newAccount()]
      await store.append([aReport({ tags: ['hers'] }, { accountId: alice })])
      const hers = await store.find({ accountId: alice, callUuid: CALL_UUID })
      for (const accountId of [mallory, nobody]) {
        assert.equal(await store.find({ accountId, callUuid: CALL_UUID }), null)
        assert.equal(await store.findById({ accountId, id: hers?.id as number }), null)
        assert.deepEqual((await store.rawReports({ accountId, callUuid: CALL_UUID })).reports, [])
        assert.deepEqual((await store.changes({ accountId, after: 0, limit: 10 })).calls, [])
        assert.deepEqual(await store.list({ accountId, ...newestFirst }), { calls: [], total: 0, next: null })
        if (accountId === mallory)
          assert.deepEqual(await store.append([aReport({ tags: ['his'] }, { accountId })]), ['stored'])
        if (accountId === mallory) break
      }
      assert.deepEqual((await store.find({ accountId: mallory, callUuid: CALL_UUID }))?.tags, ['his'])
      assert.deepEqual(await store.find({ accountId: alice, callUuid: CALL_UUID }), hers)
    },
  },
  {
    it: 'keeps the reports of a call as they came, oldest first, each once',
    async run({ store, newAccount }) {
      const key = { accountId: newAccount(), callUuid: CALL_UUID }
      const raws = ['{"first": 1}', 'second, naïve 👩‍👩‍👧‍👦', '', 'x'.repeat(2_000_000)]
      const reports = raws.map((raw, n) => aReport({ tags: [String(n)] }, { accountId: key.accountId, raw }))
      await store.append(reports.slice(0, 2))
      await store.append([...reports, ...reports])
      assert.deepEqual(await store.rawReports(key), { reports: raws, unreadable: 0 })
    },
  },
  {
    it: 'keeps any text, and finds it whole and in part',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append(
        ODD_TEXTS.map((text, n) =>
          aReport({ call_uuid: uuidOf(n), user_data: text, tags: [text], trunk: { id: text } }, { accountId }),
        ),
      )
      for (const [n, text] of ODD_TEXTS.entries()) {
        const call = await store.find({ accountId, callUuid: uuidOf(n) })
        assert.deepEqual([call?.userData, call?.tags, call?.trunk.id], [text, [text], text])
        const holding = (op: 'startsWith' | 'endsWith' | 'includes') =>
          ODD_TEXTS.filter((other) => other[op](text)).length
        for (const field of ['userData', 'trunk.id'] as const) {
          assert.equal(await countOf(store, accountId, { op: 'eq', field, value: text }), 1)
          assert.equal(await countOf(store, accountId, { op: 'prefix', field, value: text }), holding('startsWith'))
          assert.equal(await countOf(store, accountId, { op: 'suffix', field, value: text }), holding('endsWith'))
          assert.equal(await countOf(store, accountId, { op: 'contains', field, value: text }), holding('includes'))
        }
        assert.equal(await countOf(store, accountId, { op: 'member', field: 'tags', value: text }), 1)
      }
    },
  },
  {
    it: 'makes one call of a set of reports in whatever order, batches and repetitions they come',
    async run({ store, newAccount }) {
      const anySet = anyReportBodies({ maxLength: 5, callUuid: fc.constantFrom(uuidOf(1), uuidOf(2)) })
      const anyRun = anySet.chain((set) => {
        const told = [...set.keys(), ...set.keys()]
        const size = { minLength: told.length, maxLength: told.length }
        return fc.record({
          set: fc.constant(set),
          order: fc.shuffledSubarray(told, size),
          batch: fc.integer({ min: 1, max: 6 }),
        })
      })
      await fc.assert(
        fc.asyncProperty(anyRun, async ({ set, order, batch }) => {
          const accountId = newAccount()
          const reports = set.map(({ body, arrivedAtUs }) => reportOf(body, { accountId, arrivedAtUs }))
          await appendInBatches(
            store,
            order.map((at) => reports[at] as Report),
            batch,
          )
          assert.deepEqual(await bytesOf(store, accountId), await bytesOf(await modelOf(reports), accountId))
        }),
        { numRuns: 60 },
      )
    },
  },
]

async function countOf(store: CallStore, accountId: string, where: Expr): Promise<number | null> {
  return (await store.list({ accountId, ...newestFirst, where })).total
}

async function appendInBatches(store: CallStore, reports: readonly Report[], batch: number): Promise<void> {
  for (let at = 0; at < reports.length; at += batch) await store.append(reports.slice(at, at + batch))
}

async function modelOf(reports: readonly Report[]): Promise<ArrayCallStore> {
  const model = new ArrayCallStore({ settingsOf: () => anAccount().settings, derive: (await serverDerives).derive })
  await model.append(reports)
  return model
}

const serverDerives = import('../support/derive-but-poison.ts')

/** Each call as it is answered, but for what hangs on the order of arrival: ids and the change sequence. */
async function bytesOf(store: CallStore, accountId: string): Promise<string[]> {
  const { calls } = await store.list({ accountId, ...newestFirst })
  return calls.map((call) => JSON.stringify({ ...writeCall(call), id: 0, change_seq: 0 })).sort()
}
