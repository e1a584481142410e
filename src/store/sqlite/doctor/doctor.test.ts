import assert from 'node:assert/strict'
import { chmodSync, openSync, readdirSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aLiveReport, aReport } from '../../../../test/support/a-report.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { folderPaths } from '../folder/folder.ts'
import { examineFolder } from './doctor.ts'
import type { Finding } from './doctor-finding.ts'

const LIVE_UUID = '1b6eb070-796c-4d86-a4fd-44ed11667dd1'

describe('examineFolder', () => {
  let at: SqliteStoreInFolder
  beforeEach(async () => {
    at = new SqliteStoreInFolder()
    chmodSync(at.folder, 0o750)
    const store = await at.open()
    await store.append([aReport(), aLiveReport({ call_uuid: LIVE_UUID })])
    await store.close()
  })
  afterEach(() => at.remove())

  const findings = (full = true) => [...examineFolder(at.folder, { full })]
  /** The room on this machine's disk is not what these tests are about, and counts have tests of their own. */
  const wrong = (full = true) =>
    findings(full).filter(({ check, level }) => level !== 'ok' && check !== 'disk' && check !== 'counts')
  const segment = () => join(folderPaths(at.folder).segments, '000001.db')
  const change = (path: string, sql: string) => {
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
  }
  const only = (found: Finding[], check: string): Finding => {
    assert.deepEqual([...new Set(found.map((finding) => finding.check))], [check])
    return found[0] as Finding
  }

  for (const full of [true, false])
    it(`finds nothing wrong with a folder that was just written, ${full ? 'reading all' : 'by samples'}`, () => {
      assert.deepEqual(wrong(full), [])
      const said = findings(full).map(({ what }) => what)
      assert.ok(
        said.some((what) => /^2 reports of 2 calls.* are there$/.test(what)),
        said.join('\n'),
      )
    })

  it('finds nothing wrong while the folder is open', async () => {
    const store = await at.open()
    await store.append([aReport({ call_uuid: '2b6eb070-796c-4d86-a4fd-44ed11667dd1' })])
    assert.deepEqual(wrong(), [])
    await store.close()
  })

  for (const full of [true, false])
    it(`finds a raw log that was cut off, ${full ? 'reading all' : 'by samples'}`, () => {
      const { raw } = folderPaths(at.folder)
      truncateSync(join(raw, '000001.zlog'), 20)
      const finding = only(wrong(full), 'raw log')
      assert.equal(finding.level, 'problem')
      assert.match(finding.what, /^2 of 2 reports/)
    })

  it('finds a bit that has turned in the raw log', () => {
    const path = join(folderPaths(at.folder).raw, '000001.zlog')
    writeSync(openSync(path, 'r+'), Buffer.of(0xff), 0, 1, 30)
    assert.equal(only(wrong(), 'raw log').level, 'problem')
  })

  it('does not mind reports whose retention is over', async () => {
    const { raw } = folderPaths(at.folder)
    const [name = ''] = readdirSync(raw)
    rmSync(join(raw, name))
    writeSync(openSync(join(raw, '000002.zlog'), 'w'), Buffer.alloc(0))
    assert.deepEqual(wrong(), [])
    assert.ok(findings().some(({ what }) => what.endsWith('but for 2 that have expired')))
  })

  it('finds a page that SQLite cannot read', () => {
    writeSync(openSync(segment(), 'r+'), Buffer.alloc(64, 0x55), 0, 64, 8192)
    const damaged = wrong().filter(({ what, level }) => what.startsWith('000001.db') && level === 'problem')
    assert.notEqual(damaged.length, 0)
  })

  it('finds a segment that is gone', () => {
    rmSync(segment())
    const finding = wrong().find(({ what }) => what === '000001.db is missing')
    assert.equal(finding?.level, 'problem')
    assert.match(finding.todo ?? '', /restore BACKUP --file segments\/000001\.db --into/)
  })

  it('finds segments that leave a gap in time', () => {
    change(folderPaths(at.folder).meta, 'UPDATE segments SET from_us = 1')
    assert.equal(only(wrong(false), 'ranges').level, 'problem')
  })

  it('finds ids beyond those that were reserved', () => {
    change(folderPaths(at.folder).meta, "UPDATE sequences SET reserved = 1 WHERE name = 'call id'")
    assert.match(only(wrong(), 'sequences').what, /^the highest call id is 2, and only 1 are reserved/)
  })

  it('finds a call that lies in live.db and in a segment, which a start mends', async () => {
    const { live } = folderPaths(at.folder)
    change(live, `ATTACH '${segment()}' AS segment; INSERT INTO segment.calls SELECT * FROM calls`)
    change(segment(), 'UPDATE calls SET ended_at = started_at WHERE ended_at IS NULL')
    const finding = only(wrong(), 'live calls')
    assert.deepEqual(
      { level: finding.level, todo: finding.todo },
      { level: 'warning', todo: 'restart the server: every start mends this' },
    )
    await (await at.open()).close()
    assert.deepEqual(wrong(), [])
  })

  it('finds a call that has ended and is still in live.db', () => {
    change(folderPaths(at.folder).live, 'UPDATE calls SET ended_at = started_at')
    assert.equal(only(wrong(), 'live calls').what, '1 calls in live.db have ended')
  })

  it('finds a call outside of its segment', () => {
    change(segment(), 'UPDATE calls SET started_at = -1')
    assert.match(only(wrong(), 'segments').what, /^1 calls in 000001\.db began outside of its range/)
  })

  it('finds a call that is there twice', () => {
    change(
      segment(),
      'CREATE TEMP TABLE twin AS SELECT * FROM calls; UPDATE twin SET id = 9; INSERT INTO calls SELECT * FROM twin',
    )
    assert.match(only(wrong(), 'segments').what, /^1 calls are there twice, such as \S+ in 000001\.db and 000001\.db/)
  })

  describe('of entries that lists and look-ups go by', () => {
    beforeEach(async () => {
      const store = await at.open()
      const center = { agents: [{ id: 7 }, { id: 8 }], ring_group: { id: 4 } }
      await store.append([aReport({ call_uuid: LIVE_UUID.replace('1b', '2b'), session_id: 'story', center })])
      await store.close()
    })

    it('finds nothing wrong with those that the writer made', () => {
      assert.deepEqual(wrong(), [])
      assert.ok(findings().some(({ what }) => what === '000001.db: 3 entries of 2 calls say what the calls say'))
    })

    for (const [fault, sql, count, what] of [
      ['one that is missing', 'DELETE FROM member WHERE ref = 7', 1, /000001\.db: 1 entries of calls are missing/],
      ['one that is of no call', 'UPDATE member SET id = 99 WHERE ref = 8', 2, /1 entries are of no call/],
      [
        'one that says what its call does not',
        'UPDATE member SET flags = 0 WHERE ref = 8',
        2,
        /says? what it does not/,
      ],
      ['one too many', 'INSERT INTO member SELECT account, 3, 5, started_at, id, flags FROM calls', 1, /of no call/],
      ['a call under another ring group', 'UPDATE calls SET ring_group_id = 5', 1, /calls are filed under other ids/],
    ] as const)
      it(`finds ${fault}`, () => {
        change(segment(), sql)
        const found = wrong().filter(({ check }) => check === 'members')
        assert.deepEqual([found.length, wrong().length], [count, count])
        assert.ok(
          found.some((finding) => what.test(finding.what)),
          found.map((finding) => finding.what).join('\n'),
        )
        assert.deepEqual(wrong(false), [])
      })
  })

  it('finds a file from before an upgrade, and does not mind what it does not have yet', () => {
    change(segment(), 'DROP TABLE member; PRAGMA user_version = 1')
    const finding = only(wrong(), 'schema')
    assert.deepEqual([finding.level, finding.what], ['warning', '000001.db has schema 1, from before an upgrade'])
  })

  it('finds a file of a newer Calltrail', () => {
    change(segment(), 'PRAGMA user_version = 4711')
    assert.match(only(wrong(), 'schema').what, /^000001\.db has schema 4711/)
  })

  it('finds a folder that everyone may enter', () => {
    chmodSync(at.folder, 0o755)
    const finding = only(wrong(), 'modes')
    assert.deepEqual({ level: finding.level, todo: finding.todo }, { level: 'warning', todo: `chmod o= ${at.folder}` })
  })

  it('finds that there is nothing', () => {
    rmSync(folderPaths(at.folder).meta)
    assert.ok(wrong().some(({ what }) => what === 'meta.db is missing'))
  })
})
