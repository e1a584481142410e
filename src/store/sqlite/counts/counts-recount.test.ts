import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { aReport } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { Seeded } from '../../../../test/support/seeded.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import type { CallStore } from '../../call-store.ts'
import { folderPaths } from '../folder/folder.ts'
import { QUARTER_US } from '../folder/schema.ts'
import { checkCounts } from './count-check.ts'
import { Recount } from './counts-recount.ts'

const ACCOUNTS = [ALICE, 'MA000000000000000002', 'MA000000000000000003']
const HOURS = ['00', '01', '09', '10', '23']

describe('a recount of counts', () => {
  let at: SqliteStoreInFolder
  let store: CallStore
  before(async () => {
    at = new SqliteStoreInFolder()
    store = await at.open()
    const calls = Array.from({ length: 120 }, (_, n) => {
      const hour = HOURS[n % HOURS.length]
      const times = {
        started_at: `2024-01-15T${hour}:14:48Z`,
        answered_at: null,
        ended_at: `2024-01-15T${hour}:15:01Z`,
      }
      const accountId = ACCOUNTS[n % ACCOUNTS.length] as string
      return aReport({ call_uuid: uuidOf(n), cost: { amount: '0.25' }, ...times }, { accountId })
    })
    await store.append(calls)
  })
  after(() => at.remove())

  const on = <T>(work: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(join(folderPaths(at.folder).segments, '000001.db'))
    try {
      return work(db)
    } finally {
      db.close()
    }
  }
  /** Runs with a segment that was changed by hand, and changes it back. */
  const damaged = async <T>(sql: string, work: () => T | Promise<T>): Promise<T> => {
    on((db) =>
      db.exec(`CREATE TABLE was_q AS SELECT * FROM quarters; CREATE TABLE was_d AS SELECT * FROM days; ${sql}`),
    )
    try {
      return await work()
    } finally {
      on((db) =>
        db.exec(`DELETE FROM quarters; DELETE FROM days; INSERT INTO quarters SELECT * FROM was_q;
          INSERT INTO days SELECT * FROM was_d; DROP TABLE was_q; DROP TABLE was_d`),
      )
    }
  }
  const drain = <T>(steps: Generator<void, T>): T => {
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) return value
    }
  }
  const checks = (seed: number, times: number) => {
    const seeded = new Seeded(seed)
    const random = () => seeded.integer(0, 2 ** 30 - 1) / 2 ** 30
    return Array.from({ length: times }, () => drain(checkCounts({ folder: at.folder, random })))
  }

  it('sees every count of a file, and finds that they are right', () => {
    const looked = on((db) => [...new Recount(db).file()])
    const { all } = on((db) =>
      db.prepare('SELECT (SELECT count(*) FROM quarters) + (SELECT count(*) FROM days) AS "all"').get(),
    ) as { all: number }
    assert.equal(
      looked.reduce((sum, { counts }) => sum + counts, 0),
      all,
    )
    assert.deepEqual(
      looked.flatMap(({ differences }) => differences),
      [],
    )
  })

  it('finds the same in many small steps as in one', () =>
    damaged('UPDATE days SET calls = calls + 1; DELETE FROM quarters WHERE family = 0', () => {
      const day = { fromBucket: 19737, beforeBucket: 19738 }
      const quarters = { fromBucket: 19737 * 96, beforeBucket: 19738 * 96 }
      for (const [table, buckets] of [
        ['days', day],
        ['quarters', quarters],
      ] as const)
        for (const family of ['startedAt', 'endedAt'] as const) {
          const stretch = { table, family, account: 1, ...buckets }
          const [whole, steps] = on((db) => {
            const recount = new Recount(db)
            return [recount.stretch(stretch), drain(recount.inSteps(stretch, QUARTER_US))]
          })
          assert.deepEqual(steps, whole)
          assert.equal(whole.differences.length > 0, table === 'days' || family === 'startedAt')
        }
    }))

  it('by chance looks at every bucket sooner or later', () =>
    damaged('DELETE FROM days; UPDATE quarters SET amount = amount + 1', () => {
      const wrong = new Set(checks(1, 800).flatMap((check) => check.wrong))
      // Of each account by start and by end: five quarters and a day.
      assert.equal(wrong.size, ACCOUNTS.length * 2 * (HOURS.length + 1))
    }))

  it('by chance finds nothing where nothing is wrong', () => {
    const made = checks(2, 200)
    assert.deepEqual(
      made.flatMap(({ wrong }) => wrong),
      [],
    )
    assert.ok(made.every(({ counts }) => counts > 0))
  })

  it('is asked of the store while it runs, and names what is wrong', async () => {
    assert.deepEqual((await store.checkCounts()).wrong, [])
    const { wrong } = await damaged('UPDATE quarters SET billed_s = 1; UPDATE days SET calls = 9', () =>
      store.checkCounts(),
    )
    assert.match(
      wrong[0] ?? '',
      /^000001\.db: MA\w{18}, the (quarter|day) of 2024-01-15T\d\d:\d\d:00\.000000Z by (start|end) /,
    )
    assert.match(wrong[0] ?? '', /(billed_s 1 instead of 0|calls 9 instead of 40)$/)
  })

  it('finds nothing to look at in an empty store', async () => {
    const empty = new SqliteStoreInFolder()
    const opened = await empty.open()
    assert.deepEqual(await opened.checkCounts(), { counts: 0, wrong: [] })
    await empty.remove()
  })
})
