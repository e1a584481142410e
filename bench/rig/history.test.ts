import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { examineFolder } from '../../src/store/sqlite/doctor/doctor.ts'
import { SqliteStoreInFolder } from '../../test/support/sqlite-store-in-folder.ts'
import { layHistory } from './history.ts'
import { planFor, SPAN_DAYS, storedCalls } from './plan.ts'
import { plannedReports } from './planned-reports.ts'

const plan = planFor({ calls: 700, seed: 1, nowUs: 1_705_328_928_000_000 })
const { accountId } = plan.big

const EVERY = {
  accountId,
  where: null,
  order: { by: 'startedAtUs', descending: false },
  offset: 0,
  limit: 5000,
  total: true,
} as const

describe('history that is laid behind the calls of a folder', () => {
  const at = new SqliteStoreInFolder()
  let own: Awaited<ReturnType<typeof every>>
  let all: typeof own
  before(async () => {
    const store = await at.open()
    for (const calls of plannedReports(plan, { kind: 'plain', fromLoad: 0, untilLoad: plan.loads.plain }))
      await store.append(calls.flat())
    await store.close()
    own = await every()
  })
  after(() => at.remove())

  async function every() {
    const store = await at.open()
    return await store.list(EVERY).finally(() => store.close())
  }

  it('is the calls of its first segment, as often as it takes, each some days earlier than the next', async () => {
    const stored = storedCalls(plan, 'plain')
    const history = await layHistory({ folder: at.folder, calls: 3 * stored })
    assert.deepEqual([history.copies, history.calls], [3, 3 * stored])
    all = await every()
    const starts = own.calls.map(({ startedAtUs }) => startedAtUs)
    const earlier = [3, 2, 1].flatMap((age) => starts.map((startUs) => startUs - age * SPAN_DAYS * 86_400_000_000))
    assert.deepEqual(
      all.calls.map(({ startedAtUs }) => startedAtUs),
      [...earlier, ...starts],
    )
    assert.equal(all.total, 4 * starts.length)
  })

  it('has a UUID, an id and a change of its own for each call, by which it is found', async () => {
    for (const field of ['callUuid', 'id', 'changeSeq'] as const)
      assert.equal(new Set(all.calls.map((call) => call[field])).size, all.calls.length)
    const store = await at.open()
    const [first] = all.calls as [(typeof all.calls)[number]]
    assert.deepEqual(await store.find({ accountId, callUuid: first.callUuid }), first)
    await store.close()
  })

  it('leaves a folder with which nothing is wrong, and counts that are right', () => {
    const findings = [...examineFolder(at.folder, { full: true })]
    assert.deepEqual(
      findings.filter(({ check, level }) => level !== 'ok' && check !== 'disk'),
      [],
    )
  })
})
