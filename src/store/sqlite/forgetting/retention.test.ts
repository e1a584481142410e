import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aReport, type Body } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { formatRfc3339 } from '../../../record/time.ts'
import type { RetentionDays } from '../../keeping.ts'
import { examineFolder } from '../doctor/doctor.ts'
import { folderPaths, readingMeta, readRanges, type SegmentRange } from '../folder/folder.ts'
import { removeSegment } from '../segments/segment-files.ts'
import type { SqliteCallStore } from '../sqlite-store.ts'
import { KeepingHands, type StoreHands } from './keeping-hands.ts'
import { retainIn } from './retention.ts'

const BOB = 'MABOB000000000000000'
const DAY_US = 86_400_000_000
const START_US = Date.UTC(2024, 0, 1) * 1000
const NEVER: RetentionDays = { callDays: null, rawDays: null, recordingDays: null }

describe('letting go of what is old', () => {
  let at: SqliteStoreInFolder
  let store: SqliteCallStore
  let nowUs: number
  beforeEach(async () => {
    at = new SqliteStoreInFolder({ segmentSizes: { openCalls: 40, fullCalls: 100, mergeYoung: 50, overallFrom: 3 } })
    store = await at.open()
    nowUs = START_US + 30 * DAY_US
  })
  afterEach(() => at.remove())

  /** One call every hour for so many days; those of a day arrive together, when they have ended. */
  async function calls(accountId: string, days: number, over: Body = {}): Promise<void> {
    for (let hour = 0; hour < days * 24; hour += 24) {
      const day = Array.from(
        { length: Math.min(72, days * 24 - hour) },
        (_, n) => START_US + (hour + n) * 3_600_000_000,
      )
      const reports = day.map((us) => {
        const ended = us + 60_000_000
        const times = { started_at: formatRfc3339(us), answered_at: null, ended_at: formatRfc3339(ended) }
        return aReport({ call_uuid: null, ...times, ...over }, { accountId, arrivedAtUs: ended })
      })
      await store.append(reports)
    }
  }
  const retain = (
    days: Partial<RetentionDays>,
    {
      dryRun = false,
      confirmed = false,
      bob = NEVER,
    }: { dryRun?: boolean; confirmed?: boolean; bob?: RetentionDays } = {},
  ) => {
    const accounts = [
      { accountId: ALICE, days: { ...NEVER, ...days } },
      { accountId: BOB, days: bob },
    ]
    return store.keeping.retain({ accounts, now: () => nowUs, dryRun, confirmed })
  }
  const list = (accountId: string) =>
    store.list({
      accountId,
      where: { op: 'gte', field: 'startedAtUs', value: 0 },
      order: { by: 'startedAtUs', descending: false },
      limit: 1000,
      total: true,
    })
  const problems = () =>
    [...examineFolder(at.folder, { full: true })].filter(({ level }) => level === 'problem').map(({ what }) => what)

  it('drops the calls that ended before, with their counts and reports, and no other', async () => {
    await calls(ALICE, 30)
    await calls(BOB, 30)
    const { accounts, reports } = await retain({ callDays: 10 }, { confirmed: true })
    assert.deepEqual(accounts[0], { accountId: ALICE, refused: null, calls: 480, links: 0 })
    assert.equal(reports, 480)
    const { calls: left, total } = await list(ALICE)
    assert.equal(total, 240)
    assert.equal(left[0]?.startedAtUs, START_US + 20 * DAY_US)
    assert.equal(
      (await store.rawReports({ accountId: ALICE, callUuid: left[0]?.callUuid as string })).reports.length,
      1,
    )
    assert.equal((await list(BOB)).total, 720)
    assert.deepEqual(problems(), [])
  })

  it('keeps a call to the microsecond at which it ended so long ago', async () => {
    await calls(ALICE, 1)
    nowUs = START_US + 60_000_000 + DAY_US
    assert.equal((await retain({ callDays: 1 })).accounts[0]?.calls, 0)
    nowUs += 1
    assert.equal((await retain({ callDays: 1 })).accounts[0]?.calls, 1)
    assert.equal((await list(ALICE)).total, 23)
  })

  it('drops a call that never ended by its start', async () => {
    await calls(ALICE, 1, { ended_at: null })
    await calls(ALICE, 30)
    await retain({ callDays: 29 }, { confirmed: true })
    assert.equal(await store.liveCalls(), 0)
  })

  it('drops whole segments where no account keeps a call of them', async () => {
    await calls(ALICE, 30)
    const before = (await store.stats()).segments
    const { segments, segmentCalls } = await retain({ callDays: 10 }, { confirmed: true })
    assert.ok(segments > 0 && segmentCalls > segments)
    assert.equal((await store.stats()).segments, before - segments)
    assert.equal((await list(ALICE)).total, 240)
    assert.deepEqual(problems(), [])
  })

  it('forgets reports as they came and keeps their calls', async () => {
    await calls(ALICE, 30)
    assert.equal((await retain({ rawDays: 10 })).reports, 480)
    assert.equal((await retain({ rawDays: 10 })).reports, 0, 'once')
    nowUs += DAY_US
    assert.equal((await retain({ rawDays: 10 })).reports, 24, 'a day later those of a day')
    const { calls: all, total } = await list(ALICE)
    assert.equal(total, 720)
    const reports = await Promise.all(
      all.map(async ({ callUuid }) => (await store.rawReports({ accountId: ALICE, callUuid })).reports.length),
    )
    assert.deepEqual(reports, [...Array(504).fill(0), ...Array(216).fill(1)])
    assert.deepEqual(problems(), [])
  })

  it('empties links of recordings, also those that come late', async () => {
    await calls(ALICE, 30, { recordings: [{ id: 7, url: 'https://rec.example/7' }] })
    assert.equal((await retain({ recordingDays: 29 })).accounts[0]?.links, 24)
    const { calls: all } = await list(ALICE)
    assert.deepEqual(all[23]?.recordings, [{ id: 7, url: null }])
    assert.equal(all[24]?.recordings[0]?.url, 'https://rec.example/7')
    const late = { call_uuid: all[0]?.callUuid as string, kind: 'update', recordings: [{ id: 8, url: 'https://x/8' }] }
    await store.append([
      aReport({ ...late, started_at: null, answered_at: null, ended_at: null }, { arrivedAtUs: nowUs }),
    ])
    await retain({ recordingDays: 29 })
    const call = await store.find({ accountId: ALICE, callUuid: all[0]?.callUuid as string })
    assert.deepEqual(
      call?.recordings.map(({ url }) => url),
      [null],
    )
  })

  it('says what would go, and lets nothing go', async () => {
    await calls(ALICE, 30, { recordings: [{ id: 7, url: 'https://rec.example/7' }] })
    const { accounts, reports } = await retain({ callDays: 10, recordingDays: 5 }, { dryRun: true, confirmed: true })
    assert.deepEqual(accounts[0], { accountId: ALICE, refused: null, calls: 480, links: 600 })
    assert.equal(reports, 480)
    assert.equal((await list(ALICE)).total, 720)
  })

  /** Years of calls that were imported in one go: all reports arrived today. */
  async function imported(accountId: string, days: number, over: Body = {}): Promise<void> {
    for (let hour = 0; hour < days * 24; hour += 24) {
      const reports = Array.from({ length: 24 }, (_, n) => {
        const us = START_US + (hour + n) * 3_600_000_000
        const [started_at, ended_at] = [formatRfc3339(us), formatRfc3339(us + 60_000_000)]
        const times = { started_at, answered_at: null, ended_at }
        return aReport({ call_uuid: null, ...times, ...over }, { accountId, arrivedAtUs: nowUs })
      })
      await store.append(reports)
    }
  }

  const DAYS_OF_BOB = { ...NEVER, callDays: 20 }
  const shapes: {
    name: string
    fill(): Promise<void>
    days: Partial<RetentionDays>
    bob?: RetentionDays
    rawFiles?: number
  }[] = [
    { name: 'reports that arrived with their calls', fill: () => calls(ALICE, 30), days: { callDays: 10 } },
    { name: 'reports that arrived long after their calls', fill: () => imported(ALICE, 30), days: { callDays: 10 } },
    {
      name: 'reports that go before their calls do, and some with them',
      fill: async () => {
        await calls(ALICE, 20)
        await imported(ALICE, 30, { direction: 'outbound' })
      },
      days: { callDays: 25, rawDays: 12 },
    },
    {
      name: 'segments that go whole, and those that another account keeps',
      fill: async () => {
        await imported(ALICE, 30)
        await imported(BOB, 30)
      },
      days: { callDays: 10 },
      bob: DAYS_OF_BOB,
    },
    {
      name: 'a file of the raw log that goes whole',
      fill: async () => {
        await calls(ALICE, 9)
        await calls(BOB, 9)
        await store.close()
        writeFileSync(join(folderPaths(at.folder).raw, '000002.zlog'), '')
        store = await at.open()
        await imported(ALICE, 30, { direction: 'outbound' })
      },
      days: { callDays: 10 },
      bob: DAYS_OF_BOB,
      rawFiles: 1,
    },
    {
      name: 'calls that never ended',
      fill: async () => {
        await imported(ALICE, 3)
        await calls(ALICE, 2, { ended_at: null })
      },
      days: { callDays: 10 },
    },
  ]
  for (const { name, fill, days, bob = NEVER, rawFiles = 0 } of shapes)
    it(`says before how many reports and calls go: ${name}`, async () => {
      await fill()
      for (const passed of [0, DAY_US, 3 * DAY_US]) {
        nowUs += passed
        const would = await retain(days, { dryRun: true, confirmed: true, bob })
        const did = await retain(days, { confirmed: true, bob })
        assert.deepEqual([would.reports, would.rawFiles, would.accounts], [did.reports, did.rawFiles, did.accounts])
        if (passed === 0) assert.deepEqual([did.reports > 0, did.rawFiles], [true, rawFiles])
      }
    })

  it('says of what is held back what would go once somebody says yes', async () => {
    nowUs = START_US + 60 * DAY_US
    await imported(ALICE, 60)
    const would = await retain({ callDays: 5 }, { dryRun: true })
    assert.match(would.accounts[0]?.refused ?? '', /1320 of 1440 calls would go at once/)
    assert.equal((await retain({ callDays: 5 })).reports, 0)
    const did = await retain({ callDays: 5 }, { confirmed: true })
    assert.deepEqual([would.reports, would.rawFiles], [did.reports, did.rawFiles])
    assert.equal(did.reports, 1320)
  })

  it('gives the room back that segments have left, though one of them goes into another meanwhile', async () => {
    await calls(ALICE, 30)
    await store.close()
    const ranges = readingMeta(at.folder, (meta) => readRanges(meta, at.folder))
    for (const { path } of ranges) leaveRoomIn(path)
    const [first, second, ...others] = ranges as [SegmentRange, SegmentRange, ...SegmentRange[]]
    const anew: number[] = []
    const vacuum = async (no: number) => {
      if (no === first.no) takeAway(second)
      anew.push(no)
      return true
    }
    const hands = new KeepingHands({ folder: at.folder, vacuum } as Partial<StoreHands> as StoreHands)
    const none = { accounts: [], now: () => nowUs, dryRun: false, confirmed: true }
    await retainIn(hands, none, async () => ({ all: 0, over: 0 })).finally(() => hands.rest())
    assert.deepEqual(anew, [first.no, ...others.map(({ no }) => no)])
  })

  /** As much again as there is, and free. */
  function leaveRoomIn(path: string): void {
    const db = new DatabaseSync(path)
    const bytes = Number(db.prepare('PRAGMA page_count').get()?.page_count) * 4096
    db.exec(`CREATE TABLE room AS SELECT zeroblob(${bytes}) AS bytes; DROP TABLE room`)
    db.close()
  }

  function takeAway({ no, fromUs, path }: SegmentRange): void {
    const meta = new DatabaseSync(folderPaths(at.folder).meta)
    meta.exec(`UPDATE segments SET before_us = (SELECT before_us FROM segments WHERE no = ${no}) WHERE before_us = ${fromUs};
      DELETE FROM segments WHERE no = ${no}`)
    meta.close()
    removeSegment(path)
  }

  it('does nothing while the clock is days ahead of every call and of the last run', async () => {
    await calls(ALICE, 30)
    nowUs = START_US + 365 * DAY_US
    const { refused, accounts } = await retain({ callDays: 100 })
    assert.match(refused ?? '', /clock is 335 days ahead/)
    assert.deepEqual(accounts, [])
    assert.equal((await list(ALICE)).total, 720)
    assert.equal((await retain({ callDays: 100 }, { confirmed: true })).refused, null)
    assert.equal((await list(ALICE)).total, 0)
    nowUs += DAY_US
    assert.equal((await retain({ callDays: 100 })).refused, null, 'the last run tells that the clock is right')
  })

  it('does not let most of an account go at once, unless somebody looked at it', async () => {
    await calls(ALICE, 30)
    await calls(ALICE, 30, { direction: 'outbound' })
    const { accounts } = await retain({ callDays: 5 })
    assert.match(accounts[0]?.refused ?? '', /1200 of 1440 calls would go at once/)
    assert.equal((await list(ALICE)).total, 1440)
    await retain({ callDays: 5 }, { confirmed: true })
    assert.equal((await list(ALICE)).total, 240)
    nowUs += DAY_US
    assert.equal((await retain({ callDays: 5 })).accounts[0]?.refused, null, 'day by day it goes by itself')
  })
})
