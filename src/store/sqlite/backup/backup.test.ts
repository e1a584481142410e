import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { newestFirst } from '../../../../test/conformance/listing.ts'
import { ARRIVED_AT_US, aLiveReport, aReport } from '../../../../test/support/a-report.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import type { CallRecord } from '../../../record/call-record.ts'
import type { CallStore } from '../../call-store.ts'
import { examineFolder } from '../doctor/doctor.ts'
import { folderPaths } from '../folder/folder.ts'
import { DAY_US } from '../folder/schema.ts'
import type { SqliteCallStore } from '../sqlite-store.ts'
import type { BackupMade } from './backup.ts'
import { NoBackupError, readManifest } from './backup-manifest.ts'
import { restoreBackup } from './backup-restore.ts'
import { restoreFile } from './backup-restore-file.ts'
import { BackupRunningError } from './backup-run.ts'
import { backupAt } from './backup-target.ts'
import { verifyBackup } from './backup-verify.ts'

const never = new AbortController().signal
const unseen = () => {}

/** Turns a bit in the number of a call's row; a second time turns it back. */
function turnOneIn(path: string): void {
  const bytes = readFileSync(path)
  const place = ['2025551234', '3025551234'].map((number) => bytes.indexOf(number)).find((at) => at > 0)
  assert.ok(place)
  bytes[place] = (bytes[place] as number) ^ 1
  writeFileSync(path, bytes)
}

/** Every call, each once: throws where one comes twice. */
async function everyOf(store: CallStore): Promise<CallRecord[]> {
  const calls: CallRecord[] = []
  const { order } = newestFirst
  for await (const page of store.scan({ accountId: aReport().accountId, where: null, order })) calls.push(...page)
  assert.equal(new Set(calls.map(({ callUuid }) => callUuid)).size, calls.length)
  return calls
}

async function newestOf(store: CallStore): Promise<CallRecord[]> {
  const { calls } = await store.list({ accountId: aReport().accountId, ...newestFirst })
  return calls
}

describe('a backup', () => {
  let at: SqliteStoreInFolder
  let store: SqliteCallStore
  let target: string
  beforeEach(async () => {
    at = new SqliteStoreInFolder()
    target = mkdtempSync(join(tmpdir(), 'calltrail-backups-'))
    store = await at.open()
    await store.append([aReport({ call_uuid: uuidOf(1) }), aLiveReport({ call_uuid: uuidOf(2) })])
  })
  afterEach(async () => {
    await at.remove()
    rmSync(target, { recursive: true })
  })

  const backUp = (
    given: { full?: boolean; signal?: AbortSignal; onProgress?: typeof unseen } = {},
  ): Promise<BackupMade> =>
    store.backUp({ target, full: false, calltrail: '1.2.3', signal: never, onProgress: unseen, ...given })
  const manifestOf = ({ path }: BackupMade) => readManifest(path)
  const sharedIn = (made: BackupMade) => manifestOf(made).files.flatMap(({ name, shared }) => (shared ? [name] : []))
  const faults = ({ path }: BackupMade) =>
    [...verifyBackup(path, { full: true, onProgress: unseen })].filter(({ level }) => level !== 'ok')
  const restored = async ({ path }: BackupMade) => {
    const into = new SqliteStoreInFolder()
    await restoreBackup(path, { into: into.folder, signal: never, onProgress: unseen })
    return into
  }

  it('is a folder of files with a manifest, and verifies', async () => {
    const made = await backUp()
    assert.deepEqual(readdirSync(made.path).sort(), ['live.db', 'manifest.json', 'meta.db', 'raw', 'segments'])
    assert.deepEqual(
      manifestOf(made).files.map(({ name }) => name),
      ['meta.db', 'live.db', 'segments/000001.db', 'raw/000001.zlog'],
    )
    assert.equal(manifestOf(made).calltrail, '1.2.3')
    assert.deepEqual(faults(made), [])
  })

  it('holds the calls, the live ones and the reports as they came', async () => {
    const into = await restored(await backUp())
    try {
      const again = await into.open()
      assert.deepEqual(await newestOf(again), await newestOf(store))
      for (const n of [1, 2]) {
        const key = { accountId: aReport().accountId, callUuid: uuidOf(n) }
        assert.deepEqual(await again.rawReports(key), await store.rawReports(key))
      }
      await again.close()
      assert.deepEqual(
        [...examineFolder(into.folder, { full: true })].filter(({ level }) => level === 'problem'),
        [],
      )
    } finally {
      await into.remove()
    }
  })

  it('does not have what came after it', async () => {
    const made = await backUp()
    await store.append([aReport({ call_uuid: uuidOf(3) })])
    const into = await restored(made)
    assert.equal((await (await into.open()).stats()).calls, 2)
    await into.remove()
  })

  it('shares what has not changed with the one before, and with no other', async () => {
    const first = await backUp()
    const second = await backUp()
    assert.equal(second.previous, first.path.slice(target.length + 1))
    assert.deepEqual(sharedIn(second), ['segments/000001.db', 'raw/000001.zlog'])
    const [a, b] = [first, second].map(({ path }) => statSync(join(path, 'segments/000001.db')).ino)
    assert.equal(a, b)
    assert.deepEqual(sharedIn(await backUp({ full: true })), [])
  })

  it('copies a segment again when a call in it has changed, every time', async () => {
    await backUp()
    for (const n of [1, 2]) {
      await store.append([aReport({ call_uuid: uuidOf(1), tags: [`late ${n}`] })])
      const made = await backUp()
      assert.deepEqual(sharedIn(made), [], `change ${n}`)
      const into = await restored(made)
      assert.deepEqual(await newestOf(await into.open()), await newestOf(store))
      await into.remove()
    }
    assert.deepEqual(sharedIn(await backUp()), ['segments/000001.db', 'raw/000001.zlog'])
  })

  it('shares across a restart, and copies what changed since', async () => {
    await backUp()
    await store.close()
    store = await at.open()
    assert.deepEqual(sharedIn(await backUp()), ['segments/000001.db', 'raw/000001.zlog'])
    await store.append([aReport({ call_uuid: uuidOf(1), tags: ['late'] })])
    await store.close()
    store = await at.open()
    assert.deepEqual(sharedIn(await backUp()), [])
  })

  it('stays whole when the one before it is deleted', async () => {
    const first = await backUp()
    const second = await backUp()
    rmSync(first.path, { recursive: true })
    assert.deepEqual(faults(second), [])
  })

  it('shares nothing with one whose manifest or file is gone', async () => {
    const first = await backUp()
    rmSync(join(first.path, 'segments/000001.db'))
    assert.deepEqual(sharedIn(await backUp()), ['raw/000001.zlog'])
    for (const name of readdirSync(target)) rmSync(join(target, name, 'manifest.json'))
    assert.deepEqual(sharedIn(await backUp()), [])
  })

  it('shares nothing with those of a store that was restored from it, and the other way round', async () => {
    await backUp()
    const into = await restored(await backUp())
    const again = await into.open()
    const made = await again.backUp({ target, full: false, calltrail: '1.2.3', signal: never, onProgress: unseen })
    assert.deepEqual(sharedIn(made), [])
    assert.throws(() => backupAt(target), /backups of 2 stores lie in/)
    await into.remove()
  })

  it('is one at a time', async () => {
    const first = backUp()
    await assert.rejects(backUp(), BackupRunningError)
    await first
    await backUp()
  })

  it('leaves nothing when it is stopped, and the next one is made', async () => {
    const stop = new AbortController()
    await assert.rejects(backUp({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) }), /enough/)
    assert.deepEqual(readdirSync(target), [])
    assert.deepEqual(faults(await backUp()), [])
  })

  it('clears away what one left that was killed', async () => {
    const { path } = await backUp()
    const { store: id } = readManifest(path)
    const partial = join(target, `${id}.partial`)
    mkdirSync(partial)
    writeFileSync(join(partial, 'meta.db'), 'half')
    await backUp()
    assert.equal(existsSync(partial), false)
  })

  it('is waited for when the store closes', async () => {
    const made = backUp()
    await store.close()
    assert.deepEqual(faults(await made), [])
  })

  it('is refused where it cannot be written, and the store goes on', async () => {
    await assert.rejects(
      store.backUp({ target: '/proc/backups', full: false, calltrail: '1', signal: never, onProgress: unseen }),
      {
        code: 'ENOENT',
      },
    )
    await store.append([aReport({ call_uuid: uuidOf(4) })])
    assert.deepEqual(faults(await backUp()), [])
  })

  it('gives ids and places in the change sequence out again to nobody', async () => {
    const made = await backUp()
    const into = await restored(made)
    const again = await into.open()
    await again.append([aReport({ call_uuid: uuidOf(5) })])
    const { reserved } = manifestOf(made)
    const [call] = (await newestOf(again)).filter(({ callUuid }) => callUuid === uuidOf(5))
    assert.ok((call?.id ?? 0) > reserved.call_id + 999_999_999_999)
    assert.ok((call?.changeSeq ?? 0) > reserved.change + 999_999_999_999)
    await into.remove()
  })

  for (const name of ['meta.db', 'live.db', 'segments/000001.db', 'raw/000001.zlog'])
    it(`is known to be damaged, and not restored, when a bit of ${name} turned, or its end or all of it is gone`, async () => {
      const made = await backUp()
      const path = join(made.path, name)
      const whole = readFileSync(path)
      const turned = Buffer.from(whole)
      turned[whole.length >> 1] = (turned[whole.length >> 1] as number) ^ 1
      for (const [now, says] of [
        [turned, 'is damaged: its SHA-256 is not that of the manifest'],
        [whole.subarray(0, 100), `has 100 bytes, and was written with ${whole.length}`],
        [null, 'is missing'],
      ] as const) {
        rmSync(path)
        if (now !== null) writeFileSync(path, now)
        assert.deepEqual(
          faults(made).map(({ what }) => what),
          [`${name} ${says}`],
        )
        const into = mkdtempSync(join(tmpdir(), 'calltrail-refused-'))
        await assert.rejects(restoreBackup(made.path, { into, signal: never, onProgress: unseen }), (error: Error) => {
          assert.ok(error instanceof NoBackupError && error.message.includes(name), error.message)
          return true
        })
        assert.deepEqual(readdirSync(into), ['lock.db'])
        rmSync(into, { recursive: true })
      }
      writeFileSync(path, whole)
      assert.deepEqual(faults(made), [])
    })

  it('has every call once and with its reports while calls move between segments', async () => {
    await store.close()
    store = await at.open({
      segmentSizes: { openCalls: 10, fullCalls: 1_000_000, mergeYoung: 1_000_000, overallFrom: 3 },
    })
    const start = (n: number, day: number) => new Date(Date.UTC(2024, 0, day, 12, n)).toISOString()
    const moved = (n: number, round: number) =>
      aReport(
        { call_uuid: uuidOf(n), started_at: start(n, 20 + (round % 3)), ended_at: start(n, 25), user_data: `${round}` },
        { arrivedAtUs: ARRIVED_AT_US + 30 * DAY_US + round },
      )
    const all = Array.from({ length: 30 }, (_, n) => 10 + n)
    for (const n of all) await store.append([moved(n, 0)])
    let round = 0
    let moving = true
    const mover = (async () => {
      while (moving) {
        round += 1
        for (let from = 0; from < all.length; from += 5) {
          const now = round
          await store.append(all.slice(from, from + 5).map((n) => moved(n, now)))
        }
      }
    })()
    const made = [await backUp(), await backUp(), await backUp()]
    moving = false
    await mover
    assert.ok(round > 1 && (await store.stats()).segments > 2)
    for (const one of made) {
      const into = await restored(one)
      assert.deepEqual(
        [...examineFolder(into.folder, { full: true })].filter(({ level }) => level === 'problem'),
        [],
      )
      const again = await into.open()
      const uuids = (await newestOf(again)).map(({ callUuid }) => callUuid)
      assert.deepEqual(uuids.sort(), [1, 2, ...all].map(uuidOf).sort())
      await into.remove()
    }
  })

  it('has every call once and with its reports while segments are merged and split', async (t) => {
    await store.close()
    store = await at.open({ segmentSizes: { openCalls: 20, fullCalls: 50, mergeYoung: 2, overallFrom: 3 } })
    const stored: string[] = [1, 2].map(uuidOf)
    let feeding = true
    const feeder = (async () => {
      for (let n = 10; feeding; n += 5) {
        const uuids = [0, 1, 2, 3, 4].map((i) => uuidOf(n + i))
        const started = new Date(Date.UTC(2024, 0, 15, 14, 0, 0) + ((n * 7919) % 5000) * 300).toISOString()
        await store.append(uuids.map((call_uuid) => aReport({ call_uuid, started_at: started, answered_at: null })))
        stored.push(...uuids)
      }
    })()
    const made: { one: BackupMade; before: readonly string[] }[] = []
    for (let no = 0; no < 4; no += 1) {
      const before = [...stored]
      made.push({ one: await backUp(), before })
    }
    feeding = false
    await feeder
    const names = made.flatMap(({ one }) => manifestOf(one).files.map(({ name }) => name))
    t.diagnostic(`${stored.length} calls; files ${[...new Set(names)].sort().join(' ')}`)
    for (const { one, before } of made.slice(-2)) {
      assert.deepEqual(faults(one), [])
      const into = await restored(one)
      const again = await into.open()
      const uuids = new Set((await everyOf(again)).map(({ callUuid }) => callUuid))
      assert.deepEqual(
        before.filter((uuid) => !uuids.has(uuid)),
        [],
      )
      await again.close()
      const problems = [...examineFolder(into.folder, { full: true })].filter(({ level }) => level === 'problem')
      assert.deepEqual(problems, [])
      await into.remove()
    }
  })

  it('gives one segment back, and the next start settles the calls that have moved out of it since', async () => {
    await store.close()
    store = await at.open({
      segmentSizes: { openCalls: 2, fullCalls: 1_000_000, mergeYoung: 1_000_000, overallFrom: 3 },
    })
    const later = { arrivedAtUs: ARRIVED_AT_US + 60_000_000 }
    await store.append([aReport({ call_uuid: uuidOf(3), started_at: '2024-01-15T14:20:00Z' })])
    await store.append([aReport({ call_uuid: uuidOf(4), started_at: '2024-01-15T14:31:00Z' })])
    assert.ok((await store.stats()).segments > 1)
    const made = await backUp()
    const moved = { call_uuid: uuidOf(3), started_at: '2024-01-15T14:31:30Z', answered_at: null }
    await store.append([aReport(moved, later)])
    const expected = await newestOf(store)
    await store.close()
    const segment = join(at.folder, 'segments/000001.db')
    writeFileSync(segment, 'damaged')
    const { twice, kept } = restoreFile(made.path, { name: 'segments/000001.db', into: at.folder })
    assert.deepEqual([twice, readFileSync(kept ?? '').toString()], [1, 'damaged'])
    store = await at.open()
    assert.deepEqual(await newestOf(store), expected)
    const problems = [...examineFolder(at.folder, { full: true })].filter(({ level }) => level === 'problem')
    assert.deepEqual(problems, [])
  })

  it('shows which segment has a bit that turned since, in itself or in the folder', async () => {
    const made = await backUp()
    await store.append([aReport({ call_uuid: uuidOf(1) })]) // a repetition: nothing changes
    await store.close()
    const against = () =>
      [...examineFolder(at.folder, { full: true, isStill: true, backup: made.path })].filter(
        ({ check }) => check === 'backup',
      )
    assert.match(against()[0]?.what ?? '', /^1 segments are as the backup of .* has them$/)

    turnOneIn(join(made.path, 'segments/000001.db'))
    assert.match(against()[0]?.what ?? '', /^000001\.db has not been .* differs .*: it is the backup's file that is/)
    turnOneIn(join(made.path, 'segments/000001.db'))

    turnOneIn(join(folderPaths(at.folder).segments, '000001.db'))
    const [finding] = against()
    assert.match(finding?.what ?? '', /^000001\.db has not been written to since .* at byte \d+: it is damaged$/)
    assert.match(finding?.todo ?? '', /--file segments\/000001\.db/)
  })

  it('compares nothing with a segment that was written to since', async () => {
    const made = await backUp()
    await store.append([aReport({ call_uuid: uuidOf(3) })])
    await store.close()
    const said = [...examineFolder(at.folder, { full: false, isStill: true, backup: made.path })]
    assert.ok(said.some(({ what }) => /^0 segments are as .*; 1 have changed since, or are new$/.test(what)))
  })

  it('is made of a folder that is read by others and lies deep in its WAL', async () => {
    await store.append(Array.from({ length: 3000 }, (_, n) => aReport({ call_uuid: uuidOf(100 + n) })))
    assert.ok(statSync(join(folderPaths(at.folder).segments, '000001.db-wal')).size > 0)
    const made = await backUp()
    const copy = readFileSync(join(made.path, 'segments/000001.db'))
    assert.equal(copy.subarray(0, 15).toString(), 'SQLite format 3')
    const into = await restored(made)
    assert.equal((await (await into.open()).stats()).calls, 3002)
    await into.remove()
  })
})
