import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { aReport } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { examineFolder } from '../doctor/doctor.ts'

/** More than fits into the cache, so that some of it is in the file. */
const MORE = `CREATE TABLE more (n INTEGER);
  INSERT INTO more WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up LIMIT 20000) SELECT n FROM up`

describe('a change that a crash broke off', () => {
  const CALLS = 500
  const at = new SqliteStoreInFolder()
  const folders: string[] = []
  before(async () => {
    const store = await at.open()
    await store.append(Array.from({ length: CALLS }, (_, n) => aReport({ call_uuid: uuidOf(n) })))
    await store.close()
  })
  after(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true })
    await at.remove()
  })

  /** The folder as a crash leaves it while a file is written without a write-ahead log, as when it is made. */
  function crashed(name: string, sql: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'calltrail-broken-off-'))
    folders.push(folder)
    cpSync(at.folder, folder, { recursive: true })
    const path = join(folder, name)
    const db = new DatabaseSync(path)
    db.exec(`PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN; ${sql}`)
    for (const ending of ['', '-journal']) copyFileSync(`${path}${ending}`, `${path}${ending}.copy`)
    db.exec('ROLLBACK')
    db.close()
    for (const ending of ['', '-journal']) {
      copyFileSync(`${path}${ending}.copy`, `${path}${ending}`)
      rmSync(`${path}${ending}.copy`)
    }
    return folder
  }

  for (const [name, sql] of [
    ['segments/000001.db', "UPDATE calls SET from_number = '+12025550000' || id"],
    ['live.db', MORE],
    ['meta.db', MORE],
  ] as const)
    it(`of ${name} is taken back by the next start`, async () => {
      const folder = crashed(name, sql)
      const store = await at.open({ folder })
      const order = { by: 'startedAtUs', descending: true } as const
      const page = { accountId: ALICE, where: null, order, offset: 0, limit: CALLS, total: true }
      const { calls, total } = await store.list(page)
      await store.close()
      assert.equal(total, CALLS)
      assert.deepEqual(new Set(calls.map(({ from }) => from.number)), new Set(['+12025551234']))
      assert.equal(existsSync(join(folder, `${name}-journal`)), false)
      const findings = [...examineFolder(folder, { full: true, isStill: true })]
      assert.deepEqual(
        findings.filter(({ level, check }) => level === 'problem' && check !== 'disk'),
        [],
      )
    })

  it('of a file that was not finished keeps no start from going on', async () => {
    const folder = crashed('live.db', MORE)
    for (const name of ['000009.db', '000009.db-journal'])
      writeFileSync(join(folder, 'segments', name), 'no database'.repeat(2000))
    const store = await at.open({ folder })
    assert.equal((await store.stats()).calls, CALLS)
    await store.close()
  })

  it('is what doctor tells of a folder that was not started since, and no damage', () => {
    const folder = crashed('segments/000001.db', 'UPDATE calls SET duration = 77')
    const findings = [...examineFolder(folder, { full: true, isStill: true })]
    assert.deepEqual(
      findings.filter(({ check, level }) => level !== 'ok' && check === 'files').map(({ what }) => what),
      ['a crash broke off a change of segments/000001.db (segments/000001.db-journal)'],
    )
    assert.ok(!findings.some(({ level, check }) => level === 'problem' && check !== 'disk'))
  })
})
