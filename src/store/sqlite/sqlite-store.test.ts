import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aLiveReport, aReport, CALL_UUID, reportOf } from '../../../test/support/a-report.ts'
import { ALICE } from '../../../test/support/directory-in-folder.ts'
import { ordered } from '../../../test/support/ordered.ts'
import { SqliteStoreInFolder } from '../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../test/support/varied-calls.ts'
import type { Report } from '../../record/report.ts'
import { type CallStore, ReportsRefusedError, StoreBusyError } from '../call-store.ts'
import { examineFolder } from './doctor/doctor.ts'
import { FolderLockedError, folderPaths, NewerSchemaError } from './folder/folder.ts'

const KEY = { accountId: ALICE, callUuid: CALL_UUID }
const QUERY = {
  accountId: ALICE,
  where: null,
  order: { by: 'startedAtUs', descending: true },
  limit: 1000,
  total: true,
} as const

const reports = (count: number, from = 0): Report[] =>
  Array.from({ length: count }, (_, n) => aReport({ call_uuid: uuidOf(from + n) }))

describe('the SQLite store', () => {
  let at: SqliteStoreInFolder
  beforeEach(() => {
    at = new SqliteStoreInFolder()
  })
  afterEach(() => at.remove())

  const segment = () => join(at.folder, 'segments', '000001.db')

  /** Rows in `live.db` and in the segment, as another process sees them. */
  function rows(): [live: number, ended: number] {
    const count = (path: string) => {
      const db = new DatabaseSync(path, { readOnly: true })
      const { n } = db.prepare('SELECT count(*) AS n FROM calls').get() as { n: number }
      db.close()
      return n
    }
    return [count(folderPaths(at.folder).live), count(segment())]
  }

  it('holds calls in live.db until they end, and in a segment from then on', async () => {
    const store = await at.open()
    await store.append([aLiveReport(), aLiveReport({ call_uuid: uuidOf(1) })])
    assert.deepEqual(rows(), [2, 0])
    await store.append([reportOf({ call_uuid: CALL_UUID, ended_at: '2024-01-15T14:32:00Z' })])
    assert.deepEqual(rows(), [1, 1])
  })

  it('mends a call that a crash between two commits left in both files', async () => {
    const store = await at.open()
    const center = { agents: [{ id: 7 }] }
    await store.append([aLiveReport({ session_id: 'story', center }), aLiveReport({ call_uuid: uuidOf(1), center })])
    await store.close()
    const { live } = folderPaths(at.folder)
    copyFileSync(live, `${live}.before`)
    const again = await at.open()
    await again.append([aReport({ kind: 'end', tags: ['ended'] })])
    const ended = await again.find(KEY)
    await again.close()
    // The segment's commit reached the disk, that of live.db did not.
    for (const leftover of [live, `${live}-wal`, `${live}-shm`]) rmSync(leftover, { force: true })
    copyFileSync(`${live}.before`, live)
    assert.deepEqual(rows(), [2, 1])

    const mended = await at.open()
    assert.deepEqual(rows(), [1, 1])
    assert.deepEqual(await mended.find(KEY), ended)
    assert.deepEqual(await mended.findById({ accountId: ALICE, id: ended?.id as number }), ended)
    const { calls, total } = await mended.list(QUERY)
    assert.deepEqual([total, calls.filter(({ callUuid }) => callUuid === CALL_UUID)], [2, [ended]])
    const where = { op: 'member', field: 'center.agents.id', value: 7 } as const
    assert.equal((await mended.list({ ...QUERY, where })).total, 2)
    assert.deepEqual(await mended.findBySession({ accountId: ALICE, sessionId: 'story' }), [ended])
    const wrong = [...examineFolder(at.folder, { full: true })].filter(({ check }) => check === 'members')
    assert.deepEqual(
      wrong.map(({ what }) => what),
      [
        'live.db: 1 entries of 1 calls say what the calls say',
        '000001.db: 2 entries of 1 calls say what the calls say',
      ],
    )
    const changes = await mended.changes({ accountId: ALICE, after: 0, limit: 100 })
    assert.deepEqual(changes.calls.filter(({ callUuid }) => callUuid === CALL_UUID).length, 1)
    assert.deepEqual(await mended.append([reportOf({ call_uuid: CALL_UUID, tags: ['later'] })]), ['updated'])
    assert.deepEqual(rows(), [1, 1])
  })

  it('opens a copy of the folder that was taken without stopping it, as after a power failure', async () => {
    const store = await at.open()
    await store.append([...reports(100), aLiveReport({ call_uuid: uuidOf(500) })])
    const copied = new SqliteStoreInFolder()
    cpSync(at.folder, copied.folder, { recursive: true, filter: (source) => !/-shm$|lock\.db/.test(source) })
    const copy = await copied.open()
    const { calls, total } = await copy.list(QUERY)
    assert.equal(total, 101)
    assert.deepEqual(calls, (await store.list(QUERY)).calls)
    assert.equal((await copy.rawReports({ accountId: ALICE, callUuid: uuidOf(7) })).reports.length, 1)
    await copied.remove()
  })

  it('is held by one store at a time', async () => {
    const store = await at.open()
    await assert.rejects(at.open(), FolderLockedError)
    await store.close()
    await (await at.open()).close()
  })

  it('leaves a folder alone that a newer Calltrail wrote, and does not hold on to it', async () => {
    await (await at.open()).close()
    const db = new DatabaseSync(segment())
    db.exec('PRAGMA user_version = 4711')
    db.close()
    const before = readFileSync(segment())
    await assert.rejects(at.open(), NewerSchemaError)
    await assert.rejects(at.open(), NewerSchemaError)
    assert.deepEqual(readFileSync(segment()), before)
  })

  it('lets go of the folder when it cannot begin', async () => {
    const deriveModule = new URL('./no-such-module.ts', import.meta.url).href
    await assert.rejects(at.open({ deriveModule }))
    await (await at.open()).close()
  })

  it('refuses more than may wait, stores nothing of it, and takes it later', async () => {
    const store = await at.open({ waitingReports: 10 })
    const first = store.append(reports(25)) // alone, so it is taken, however large
    assert.equal(store.waitingReports, 25)
    await assert.rejects(store.append(reports(1, 25)), StoreBusyError)
    await first
    assert.equal(store.waitingReports, 0)
    assert.equal((await store.stats()).calls, 25)
    assert.deepEqual(await store.append(reports(1, 25)), ['stored'])
    const together = await Promise.allSettled([store.append(reports(6, 30)), store.append(reports(6, 40))])
    assert.deepEqual(
      together.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    )
  })

  it('counts nothing as waiting that it could not even begin to store', async () => {
    const store = await at.open({
      settingsOf: () => {
        throw new Error('no such account')
      },
    })
    await assert.rejects(store.append(reports(5)), /no such account/)
    assert.equal(store.waitingReports, 0)
  })

  it('refuses only the reports that came with one for which nothing can be derived', async () => {
    const store = await at.open()
    const poison = aReport({ call_uuid: uuidOf(99), to: { number: 'poison' } })
    const results = await Promise.allSettled([
      store.append(reports(3)),
      store.append([...reports(1, 50), poison]),
      store.append(reports(3, 3)),
      store.append([poison]),
    ])
    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? result.reason.constructor : result.value.length)),
      [3, ReportsRefusedError, 3, ReportsRefusedError],
    )
    const { calls, total } = await store.list(QUERY)
    assert.deepEqual([total, calls.length], [6, 6])
    assert.equal(store.waitingReports, 0)
    for (const n of [0, 5])
      assert.deepEqual((await store.rawReports({ accountId: ALICE, callUuid: uuidOf(n) })).reports, [
        JSON.stringify({ ...JSON.parse((reports(1, n)[0] as Report).raw) }),
      ])
    assert.deepEqual(await store.append(reports(1, 50)), ['stored'])
  })

  it('keeps nothing of a report that it refuses', async () => {
    const store = await at.open()
    const raw = Array.from({ length: 500 }, () => Math.random().toString(36)).join()
    const poison = aReport({ to: { number: 'poison' } }, { raw })
    for (let n = 0; n < 5; n += 1) await assert.rejects(store.append([poison]), ReportsRefusedError)
    await store.append(reports(1))
    assert.ok(statSync(join(folderPaths(at.folder).raw, '000001.zlog')).size < 1000)
  })

  it('finishes what it accepted before it closes, and takes nothing more', async () => {
    const store = await at.open()
    const accepted = Array.from({ length: 20 }, (_, n) => store.append(reports(10, n * 10)))
    await store.close()
    assert.equal((await Promise.all(accepted)).flat().length, 200)
    await assert.rejects(store.append(reports(1)), /closed/)
    await assert.rejects(store.list(QUERY), /closed/)
    await store.close()
    assert.equal((await (await at.open()).list(QUERY)).total, 200)
  })

  it('has the calls whose raw reports are gone or damaged, only not those reports', async () => {
    const store = await at.open()
    await store.append([aReport({ tags: ['first'] })])
    await store.append([aReport({ tags: ['second'] })])
    const log = join(folderPaths(at.folder).raw, '000001.zlog')
    const bytes = readFileSync(log)
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 0xff
    writeFileSync(log, bytes)
    const { reports, unreadable } = await store.rawReports(KEY)
    assert.deepEqual([reports.length, unreadable], [1, 1], 'one is damaged, and counted')
    rmSync(log)
    assert.deepEqual(await store.rawReports(KEY), { reports: [], unreadable: 0 }, 'as if they had been let go')
    assert.notEqual(await store.find(KEY), null)
  })

  it('keeps to its folder', async () => {
    const store = await at.open()
    await store.append([aReport()])
    await store.close()
    assert.deepEqual(readdirSync(at.folder).sort(), ['live.db', 'lock.db', 'meta.db', 'raw', 'segments'])
    assert.ok(existsSync(segment()))
  })
})

describe('a folder with several segments', () => {
  const at = new SqliteStoreInFolder()
  let store: CallStore
  afterEach(() => at.remove())

  it('answers as one would', async () => {
    await (await at.open()).close()
    const meta = new DatabaseSync(folderPaths(at.folder).meta)
    const [january, march] = [Date.UTC(2023, 0, 1) * 1000, Date.UTC(2023, 2, 1) * 1000]
    meta.exec(`UPDATE segments SET before_us = ${january}; INSERT INTO segments VALUES
      (2, ${january}, ${march}, '000002.db', 1), (3, ${march}, 9007199254740991, '000003.db', 0)`)
    meta.close()
    store = await at.open()
    const started = (n: number) => new Date(Date.UTC(2022, 10 + (n % 7), 1 + n)).toISOString()
    const many = Array.from({ length: 70 }, (_, n) =>
      aReport({
        call_uuid: uuidOf(n),
        started_at: started(n),
        session_id: 'all',
        center: { agents: [{ id: n % 2 }] },
        rang_at: n % 3 === 0 ? null : started(n),
        ...(n % 5 === 0 ? { ended_at: null } : {}),
      }),
    )
    await store.append(many)
    for (const name of ['000001.db', '000002.db', '000003.db']) {
      const db = new DatabaseSync(join(at.folder, 'segments', name), { readOnly: true })
      assert.ok(Number(db.prepare('SELECT count(*) AS n FROM calls').get()?.n) > 10)
      db.close()
    }
    const { calls, total } = await store.list(QUERY)
    assert.deepEqual([total, calls.length, (await store.stats()).segments], [70, 70, 3])
    assert.ok(calls.every((call, n) => n === 0 || call.startedAtUs <= (calls[n - 1]?.startedAtUs as number)))
    for (const limit of [1, 7, 30])
      for (let offset = 0; offset < 75; offset += 3)
        assert.deepEqual((await store.list({ ...QUERY, limit, offset })).calls, calls.slice(offset, offset + limit))
    const odd = calls.filter(({ center }) => center?.agents[0]?.id === 1)
    const where = { op: 'member', field: 'center.agents.id', value: 1 } as const
    const order = { by: 'rangAtUs', descending: false, blanks: true, thenBy: [{ by: 'id', descending: true }] } as const
    const byRing = ordered(calls, { where: null, order })
    for (let offset = 0; offset < 75; offset += 4) {
      assert.deepEqual((await store.list({ ...QUERY, where, limit: 5, offset })).calls, odd.slice(offset, offset + 5))
      const sorted = await store.list({ ...QUERY, order, limit: 5, offset })
      assert.deepEqual(sorted.calls, byRing.slice(offset, offset + 5))
    }
    assert.deepEqual(await store.findBySession({ accountId: ALICE, sessionId: 'all' }), calls.toReversed())
    // A corrected start takes a call to another segment, and it stays one call.
    const moved = { call_uuid: uuidOf(1), kind: 'correction', started_at: '2022-01-01T00:00:00Z', ended_at: null }
    await store.append([aReport({ ...moved, answered_at: null })])
    const found = await store.find({ accountId: ALICE, callUuid: uuidOf(1) })
    assert.equal(found?.startedAtUs, Date.UTC(2022, 0, 1) * 1000)
    assert.equal((await store.list(QUERY)).total, 70)
    assert.equal((await store.list({ ...QUERY, where })).total, odd.length)
    assert.deepEqual((await store.findBySession({ accountId: ALICE, sessionId: 'all' }))[0], found)
    assert.deepEqual(
      (await store.list({ ...QUERY, limit: 1, order: { by: 'startedAtUs', descending: false } })).calls,
      [found],
    )
  })
})
