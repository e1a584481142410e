import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aReport } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { folderPaths } from '../folder/folder.ts'
import { currencyCode } from '../row/currency-code.ts'
import { examineFolder } from './doctor.ts'

const CALLS = 30

describe('a doctor of counts', () => {
  let at: SqliteStoreInFolder
  beforeEach(async () => {
    at = new SqliteStoreInFolder()
    const store = await at.open()
    const cost = { amount: '0.5', currency: 'EUR' }
    await store.append(Array.from({ length: CALLS }, (_, n) => aReport({ call_uuid: uuidOf(n), cost })))
    await store.close()
  })
  afterEach(() => at.remove())

  const told = (full: boolean) => [...examineFolder(at.folder, { full })].filter(({ check }) => check === 'counts')
  const wrong = (full = true) => told(full).filter(({ level }) => level === 'problem')
  const change = (sql: string) => {
    const db = new DatabaseSync(join(folderPaths(at.folder).segments, '000001.db'))
    db.exec(sql)
    db.close()
  }

  it('says that they are right, and how many it has looked at', () => {
    assert.deepEqual(
      told(true).map(({ level, what }) => [level, what]),
      [
        ['ok', 'live.db: 0 counts say what the calls say'],
        ['ok', '000001.db: 4 counts say what the calls say'],
      ],
    )
    assert.match(told(false)[1]?.what ?? '', /^000001\.db: \d+ counts, a sample, say what the calls say$/)
  })

  for (const [fault, sql, says] of [
    [
      'a sum that is wrong',
      'UPDATE quarters SET amount = amount + 1 WHERE family = 0',
      `the quarter of 2024-01-15T14:15:00.000000Z by start (direction 0, flags 96, currency ${currencyCode('EUR')}): amount 15000001 instead of 15000000`,
    ],
    [
      'a count that is missing',
      'DELETE FROM days WHERE family = 1',
      'the day of 2024-01-15T00:00:00.000000Z by end (direction 0, flags 96, hangup_code -1, call_types 7): calls missing instead of 30',
    ],
    [
      'a count of no call',
      'INSERT INTO days SELECT account, 1, bucket + 7, direction, 96, 4410, -1, 2 FROM days LIMIT 1',
      'the day of 2024-01-22T00:00:00.000000Z by end (direction 0, flags 96, hangup_code 4410, call_types -1): calls 2 instead of nothing',
    ],
  ] as const)
    it(`finds ${fault}, and names it`, () => {
      change(sql)
      const [finding, ...others] = wrong()
      assert.deepEqual(others, [])
      assert.equal(finding?.what, `000001.db: ${ALICE}, ${says}`)
      assert.match(finding?.todo ?? '', /totals and summaries of that time are wrong/)
    })

  it('finds a call that was changed behind its back, in all its counts', () => {
    change(`UPDATE calls SET direction = 1 WHERE id = 5`)
    assert.equal(wrong().length, 8)
  })

  it('finds by a sample what is wrong everywhere, a day without counts included', () => {
    change('UPDATE quarters SET calls = calls + 1; DELETE FROM days')
    const tables = new Set(wrong(false).map(({ what }) => (what.includes('the day of') ? 'days' : 'quarters')))
    assert.deepEqual(tables, new Set(['days', 'quarters']))
  })

  it('tells twenty one by one, and how many more there are', () => {
    const days = Array.from({ length: 50 }, (_, day) => `(1, 0, ${day}, 0, 96, 0, 0, 1)`)
    change(`INSERT INTO days VALUES ${days.join(', ')}`)
    assert.equal(wrong().length, 21)
    assert.equal(wrong().at(-1)?.what, '000001.db: 30 more counts are wrong')
  })

  it('does not mind a file from before an upgrade, which has none', () => {
    change('DROP TABLE quarters; DROP TABLE days; PRAGMA user_version = 2')
    assert.deepEqual(wrong(), [])
  })
})
