import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { Report } from '../src/record/report.ts'
import { readingMeta, readRanges } from '../src/store/sqlite/folder/folder.ts'
import { LIFE } from '../src/store/sqlite/folder/segment-sizes.ts'
import type { SqliteCallStore } from '../src/store/sqlite/sqlite-store.ts'
import { aReport } from './support/a-report.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { SqliteStoreInFolder } from './support/sqlite-store-in-folder.ts'
import { uuidOf } from './support/varied-calls.ts'

const SIZES = { openCalls: 200, fullCalls: 1600, mergeYoung: 4, overallFrom: 3 }
const BEGIN_MS = Date.UTC(2024, 0, 1)
const QUERY = {
  accountId: ALICE,
  where: null,
  order: { by: 'startedAtUs', descending: true },
  limit: 50,
  total: true,
} as const

const startOf = (n: number) => new Date(BEGIN_MS + n * 1000).toISOString()
const calls = (from: number, count: number): Report[] =>
  Array.from({ length: count }, (_, n) => {
    const ended_at = startOf(from + n + 30)
    return aReport({ call_uuid: uuidOf(from + n), started_at: startOf(from + n), answered_at: null, ended_at })
  })

/** Reads for as long as `until` has not come to its end: nothing that was acknowledged may be missing or there twice. */
async function watch(store: SqliteCallStore, stored: () => number, until: Promise<unknown>): Promise<number> {
  let looks = 0
  let isOver = false
  until.then(() => {
    isOver = true
  })
  for (; !isOver; looks += 1) {
    const least = stored()
    const { calls: page, total } = await store.list({ ...QUERY, offset: Math.floor(least / 2) })
    assert.ok((total as number) >= least, `${total} of ${least}`)
    assert.equal(new Set(page.map(({ id }) => id)).size, page.length)
    const callUuid = uuidOf((looks * 37) % Math.max(1, Math.min(least, 4000)))
    if (least > 0) assert.equal((await store.find({ accountId: ALICE, callUuid }))?.callUuid, callUuid)
  }
  return looks
}

describe('segments of a store that is being served', () => {
  const at = new SqliteStoreInFolder({ segmentSizes: SIZES })
  afterEach(() => at.remove())

  it('roll, merge and split while calls come and others read, and while the store closes', async () => {
    let store = await at.open()
    let stored = 0
    const fill = async (from: number, to: number) => {
      for (let n = from; n < to; n += 100) {
        await store.append(calls(n, 100))
        stored += 100
      }
    }
    const filled = fill(0, 3000)
    assert.ok((await watch(store, () => stored, filled)) > 0)
    await store.close() // with whatever is under way
    store = await at.open()
    const more = fill(3000, 4000)
    await watch(store, () => stored, more)
    // Late ones, all into one hour: it must be split.
    const late = Array.from({ length: 1700 }, (_, n) => {
      const started_at = startOf((n % 600) + 0.5)
      return aReport({ call_uuid: uuidOf(10_000 + n), started_at, answered_at: null, ended_at: startOf(700) })
    })
    await store.append(late)
    stored += late.length
    const segments = async () => (await store.stats()).segments
    const settled = (async () => {
      // Until nothing is left to do: the first look after which maintenance rests.
      for (let rest = 0; rest < 3; ) {
        await segments()
        rest = store.maintenance.state.task === null && store.maintenance.state.done > 0 ? rest + 1 : 0
      }
    })()
    await watch(store, () => stored, settled)
    assert.deepEqual([store.maintenance.state.failures, (await store.stats()).calls], [0, 5700])
    assert.ok((await segments()) < 12, `${await segments()} segments`)
    assert.deepEqual(new Set(await store.append([...calls(0, 4000), ...late])), new Set(['duplicate']))
    const upkeep = store.upkeep()
    assert.deepEqual([upkeep?.underWay, upkeep?.segments], [null, await segments()])
    assert.ok((upkeep?.done as number) > 0)
    // What rolled just now waits a minute for its number indexes; after another start it does not.
    await store.close()
    store = await at.open()
    while (store.upkeep()?.isDue) await segments()
    const ranges = readingMeta(at.folder, (meta) => readRanges(meta, at.folder))
    assert.deepEqual(
      ranges.slice(0, -1).filter(({ life }) => life === LIFE.open),
      [],
    )
  })
})
