import assert from 'node:assert/strict'
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ARRIVED_AT_US, aReport, reportOf } from '../../../../test/support/a-report.ts'
import { Seeded } from '../../../../test/support/seeded.ts'
import { SegmentRig } from '../../../../test/support/segment-rig.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import type { Report } from '../../../record/report.ts'
import { folderPaths, type SegmentRange } from '../folder/folder.ts'
import { filterPath } from './identity-filter-file.ts'
import { Stopped } from './maintenance.ts'
import type { OverallNews } from './overall-filter.ts'

const BEGIN_MS = Date.UTC(2024, 0, 1)
const MINUTE_MS = 60_000
const startOf = (minute: number) => new Date(BEGIN_MS + minute * MINUTE_MS).toISOString()

/** An ended call for each minute, its number being the minute's. */
const calls = (from: number, count: number): Report[] => Array.from({ length: count }, (_, n) => callAt(from + n))
const callAt = (minute: number, n = minute) =>
  aReport({ call_uuid: uuidOf(n), started_at: startOf(minute), answered_at: null, ended_at: startOf(minute + 1) })

/** Of two, the one that is made later here is the newer one. */
const correctionTo = (n: number, minute: number) => {
  corrections += 1
  const body = { call_uuid: uuidOf(n), kind: 'correction', started_at: startOf(minute) }
  return reportOf(body, { arrivedAtUs: ARRIVED_AT_US + corrections })
}
let corrections = 0

describe('the segments of a writer', () => {
  let rig: SegmentRig
  beforeEach(() => {
    rig = new SegmentRig({ openCalls: 10, fullCalls: 80, mergeYoung: 4, overallFrom: 3 })
  })
  afterEach(() => rig.remove())

  const map = () => rig.ranges().map(({ no, fromUs, life }) => [no, fromUs === 0 ? null : minuteOf(fromUs), life])
  const minuteOf = (us: number) => Math.floor((us - BEGIN_MS * 1000) / (MINUTE_MS * 1000))
  const filesOpen = () => rig.writer.segments.files().length
  const spread = () => {
    const counts: Record<string, number> = {}
    for (const [lies] of rig.calls().values()) counts[lies?.file as string] = (counts[lies?.file as string] ?? 0) + 1
    return counts
  }

  it('roll behind their last call, once they have enough', () => {
    rig.write(calls(0, 9))
    assert.deepEqual(map(), [[1, null, 0]])
    rig.write(calls(9, 3))
    assert.deepEqual(map(), [
      [1, null, 0],
      [2, 11, 0],
    ])
    rig.write(calls(12, 5))
    rig.write([callAt(3, 500)]) // late
    assert.deepEqual(spread(), { '000001.db': 13, '000002.db': 5 })
  })

  it('do not roll behind a call that began ahead of now: that one is cut off', async () => {
    rig.nowUs = (BEGIN_MS + 20 * MINUTE_MS) * 1000
    rig.write([...calls(0, 15), callAt(600)])
    assert.deepEqual(map(), [[1, null, 0]])
    await rig.maintenance.run()
    assert.deepEqual(map(), [
      [2, null, 1],
      [3, 14, 0],
    ])
    assert.deepEqual(spread(), { '000002.db': 15, '000003.db': 1 })
  })

  it('roll though a call had once begun ahead of now, when it has been corrected', async () => {
    rig.nowUs = (BEGIN_MS + 20 * MINUTE_MS) * 1000
    rig.write([callAt(600)])
    rig.write([correctionTo(600, 1)])
    rig.write(calls(2, 12))
    assert.deepEqual(map(), [[1, null, 0]])
    await rig.maintenance.run()
    assert.deepEqual(map().slice(-1), [[2, 13, 0]])
    assert.deepEqual(spread(), { '000001.db': 13 })
  })

  it('are merged when several lie side by side, and get number indexes', async () => {
    for (let from = 0; from < 44; from += 11) rig.write(calls(from, 11))
    await rig.maintenance.run()
    assert.deepEqual(map(), [
      [6, null, 2],
      [5, 43, 0],
    ])
    assert.deepEqual(spread(), { '000006.db': 44 })
    assert.deepEqual(
      readdirSync(`${rig.folder}/segments`)
        .filter((name) => name.endsWith('.db'))
        .sort(),
      ['000005.db', '000006.db'],
    )
  })

  it('leave nothing behind of a merge that is broken off by a stop', async () => {
    for (let from = 0; from < 44; from += 11) rig.write(calls(from, 11))
    rig.onStep = (step) => {
      if (step === 'carry the last') throw new Stopped(step)
    }
    await assert.rejects(rig.maintenance.run(), Stopped)
    const files = () => readdirSync(`${rig.folder}/segments`).filter((name) => /^000006\./.test(name))
    assert.deepEqual(files().includes('000006.db'), true)
    rig.close()
    assert.deepEqual(files(), [])
    assert.equal(rig.calls().size, 44)
  })

  it('have a write-ahead log from the start when they are written anew', async () => {
    for (let from = 0; from < 44; from += 11) rig.write(calls(from, 11))
    await rig.maintenance.run()
    const head = readFileSync(`${rig.folder}/segments/000006.db`).subarray(18, 20)
    assert.deepEqual([...head], [2, 2]) // the versions to write and to read it with: 2 is a write-ahead log
  })

  it('keep what they were merged into when the files that it was made of cannot be removed', async () => {
    for (let from = 0; from < 44; from += 11) rig.write(calls(from, 11))
    rig.onStep = (step) => {
      if (step === 'remove') throw new Error('the disk does not let go of a file')
    }
    await rig.maintenance.run()
    assert.deepEqual(rig.failed, ['merge: the disk does not let go of a file'])
    assert.deepEqual(spread(), { '000006.db': 44 })
    rig.crash()
    rig.write(calls(44, 1))
    assert.deepEqual(spread(), { '000005.db': 1, '000006.db': 44 })
    const files = readdirSync(`${rig.folder}/segments`).filter((name) => name.endsWith('.db'))
    assert.deepEqual(files.sort(), ['000005.db', '000006.db'])
  })

  it('are split at the median when they have too much, wherever in time they lie', async () => {
    rig.write(calls(100, 11))
    rig.write(calls(0, 90)) // late
    await rig.maintenance.run()
    assert.deepEqual(map().slice(0, 2), [
      [3, null, 2],
      [4, 50, 2],
    ])
    assert.deepEqual(spread(), { '000003.db': 50, '000004.db': 51 })
  })

  it('are looked into by nobody who asks for a call that was never seen', () => {
    for (let from = 0; from < 55; from += 11) rig.write(calls(from, 11))
    rig.close()
    rig.write([callAt(60)])
    assert.equal(filesOpen(), 1)
    assert.deepEqual(rig.write([callAt(14)]), ['duplicate'])
    assert.equal(filesOpen(), 2)
  })

  it('are not opened to be written for a call that a filter lets pass and that is not there', () => {
    for (let from = 0; from < 55; from += 11) rig.write(calls(from, 11))
    const paths = rig.ranges().map(({ path }) => path)
    rig.close()
    for (const path of paths) rmSync(filterPath(path)) // until it is made anew, what has no filter may hold any call
    rig.write([callAt(60)])
    assert.equal(filesOpen(), 1)
    assert.deepEqual(rig.write([callAt(14), callAt(61)]), ['duplicate', 'stored'])
    assert.equal(filesOpen(), 2)
    assert.equal(rig.calls().size, 57)
  })

  it('save their filters when they close, and drop one before the first call that it does not hold', async () => {
    for (let from = 0; from < 33; from += 11) rig.write(calls(from, 11))
    const saved = () => rig.ranges().map(({ path }) => existsSync(filterPath(path)))
    rig.close()
    assert.deepEqual(saved(), [true, true, true, true])
    rig.write([callAt(14)])
    assert.deepEqual(saved(), [true, true, true, true])
    rig.write([callAt(14, 900)])
    assert.deepEqual(saved(), [true, false, true, true])
    rig.crash()
    assert.deepEqual(rig.write([callAt(14, 900), callAt(3)]), ['duplicate', 'duplicate'])
    await rig.maintenance.run()
    rig.close()
    assert.deepEqual([...new Set(saved())], [true])
    assert.deepEqual(rig.write([callAt(14, 900)]), ['duplicate'])
  })

  it('make a larger filter for one that grew beyond what its filter was made for', async () => {
    rig.write(calls(0, 11))
    rig.write(Array.from({ length: 40 }, (_, n) => callAt(5, 1000 + n)))
    await rig.maintenance.run()
    assert.deepEqual(rig.done[0], { kind: 'fill', no: 1 })
    const [first] = rig.writer.segments.look()
    assert.equal(first?.calls, 51)
    assert.ok((first?.capacity as number) > 51)
  })

  it('stay open up to a number, however many a group goes to', () => {
    const random = new Seeded(3)
    for (let from = 0; from < 330; from += 11) rig.write(calls(from, 11))
    assert.equal(map().length, 31)
    for (let group = 0; group < 3; group += 1) {
      const reports = Array.from({ length: 200 }, (_, n) => callAt(random.integer(0, 329), 10_000 + group * 200 + n))
      assert.ok(rig.write(reports).every((outcome) => outcome === 'stored'))
      assert.ok(filesOpen() <= 24, `${filesOpen()} are open`)
    }
    assert.equal(rig.calls().size, 330 + 600)
  })

  it('are written anew without the room that lost calls took', async () => {
    rig.write(calls(0, 11))
    const padded = Array.from({ length: 60 }, (_, n) =>
      aReport({ call_uuid: uuidOf(2000 + n), started_at: startOf(3), tags: ['x'.repeat(60), `${n}`.repeat(20)] }),
    )
    rig.write(padded)
    rig.write(padded.map((_, n) => correctionTo(2000 + n, 50))) // they leave for the second segment
    const { path } = rig.ranges()[0] as { path: string }
    rig.close()
    const before = statSync(path).size
    assert.equal(await rig.maintenance.vacuum(1), true)
    rig.close()
    const [first] = rig.ranges()
    assert.equal(existsSync(path), false)
    assert.ok(statSync(first?.path as string).size < before, basename(first?.path as string))
    assert.equal(rig.calls().size, 71)
    assert.equal(await rig.maintenance.vacuum(1), false)
  })

  it('can be dropped with all their calls, and the one before takes what comes late', async () => {
    for (let from = 0; from < 33; from += 11) rig.write(calls(from, 11))
    const seen = rig.writer.lastChange
    rig.write([callAt(12, 700)]) // late, and after somebody had looked
    assert.equal(await rig.maintenance.drop(2, seen), false)
    rig.onStep = (step) => {
      if (step === 'drop') rig.write([callAt(12, 701)]) // later still
    }
    assert.equal(await rig.maintenance.drop(2, rig.writer.lastChange), false)
    rig.onStep = () => {}
    assert.equal(rig.calls().size, 35)
    assert.equal(await rig.maintenance.drop(2, rig.writer.lastChange), true)
    assert.equal(rig.calls().size, 22)
    assert.deepEqual(
      rig.ranges().map(({ no }) => no),
      [1, 3, 4],
    )
    assert.deepEqual(rig.write([callAt(14)]), ['stored'])
    assert.deepEqual(spread(), { '000001.db': 12, '000003.db': 11 })
    assert.equal(await rig.maintenance.drop(2, rig.writer.lastChange), false)
  })

  it('are one for a call whose start is corrected, wherever the move is broken off', () => {
    for (let from = 0; from < 33; from += 11) rig.write(calls(from, 11))
    let brokenOff = 0
    for (let step = 1; ; step += 1) {
      const target = 33 + step
      rig.breakOffAt(step)
      try {
        // Two that change places between two segments, so that no order of the commits is right for both.
        rig.write([correctionTo(2, 20 + step * 0.01), correctionTo(14, step * 0.01), callAt(target)])
        break
      } catch (error) {
        if (!(error instanceof Stopped)) throw error
        brokenOff += 1
        rig.crash()
        rig.writer
      }
      for (const [callUuid, places] of rig.calls()) assert.equal(places.length, 1, callUuid)
      assert.ok(rig.calls().has(uuidOf(2)) && rig.calls().has(uuidOf(14)))
      rig.write([correctionTo(2, 2 + step * 0.01), correctionTo(14, 14 + step * 0.01)])
    }
    assert.equal(brokenOff, 6) // the journal, three commits and two departures
  })

  describe('have a filter over all of them, once they are many', () => {
    /** Three of ten calls each and one of one, with the filter. */
    const many = async () => {
      for (let from = 0; from < 33; from += 11) rig.write(calls(from, 11))
      await rig.maintenance.run()
    }
    const file = () => folderPaths(rig.folder).overall
    const isThere = () => rig.writer.segments.overall() !== null
    /** From now on some are written whenever maintenance begins with a file. */
    const writtenMeanwhile = () => {
      const more: Report[] = []
      rig.onStep = (step) => {
        if (step !== 'fill overall') return
        const some = calls(10_000 + more.length, 25)
        rig.write(some)
        more.push(...some)
      }
      return more
    }
    const outcomesOf = (reports: Report[]) => [...new Set(rig.write(reports))]

    it('which knows what came while it was being filled, into a new segment too', async () => {
      const more = writtenMeanwhile()
      await many()
      assert.ok(isThere())
      assert.ok(more.length > 50)
      assert.deepEqual(outcomesOf([...calls(0, 33), ...more]), ['duplicate'])
      assert.deepEqual(outcomesOf(calls(2000, 25)), ['stored'])
      assert.deepEqual(outcomesOf(calls(2000, 25)), ['duplicate'])
    })

    it('which is saved at the end, and taken away at the start, before anything is written that it lacks', async () => {
      await many()
      rig.close()
      assert.ok(existsSync(file()))
      assert.ok(isThere())
      assert.ok(!existsSync(file()))
      rig.write(calls(100, 5))
      assert.deepEqual(outcomesOf([...calls(0, 33), ...calls(100, 5)]), ['duplicate'])
      rig.crash()
      assert.ok(!isThere())
      assert.deepEqual(outcomesOf([...calls(0, 33), ...calls(100, 5)]), ['duplicate'])
      await rig.maintenance.run()
      assert.ok(isThere())
      assert.deepEqual(outcomesOf([...calls(0, 33), ...calls(100, 5)]), ['duplicate'])
    })

    it('which the disk may have no room for at the end, as for any other', {
      skip: !existsSync('/dev/full'),
    }, async () => {
      await many()
      const paths = [file(), ...rig.ranges().map(({ path }) => filterPath(path))]
      for (const path of paths) symlinkSync('/dev/full', `${path}.new`)
      rig.close()
      const left = readdirSync(folderPaths(rig.folder).segments)
      assert.deepEqual(
        left.filter((name) => name.includes('filter')),
        [],
      )
      assert.deepEqual(outcomesOf(calls(0, 33)), ['duplicate'])
    })

    it('which is not believed when a segment is not as it was, and not a half-written one', async () => {
      await many()
      rig.close()
      const [{ path }] = rig.ranges() as [SegmentRange]
      utimesSync(path, 1, 1)
      assert.ok(!isThere())
      rig.close()
      writeFileSync(`${file()}.new`, 'half of')
      assert.ok(!isThere())
      assert.ok(!existsSync(`${file()}.new`))
    })

    it('which is made anew when many more calls have come than it was made for', async () => {
      await many()
      const { most } = rig.writer.segments.overall() as OverallNews
      for (let from = 1000; from < 1000 + most; from += 11) rig.write(calls(from, 11))
      const more = writtenMeanwhile()
      await rig.maintenance.run()
      assert.deepEqual(outcomesOf(more), ['duplicate'])
      assert.ok(rig.done.filter(({ kind }) => kind === 'fill overall').length >= 2)
      const now = rig.writer.segments.overall() as OverallNews
      assert.ok(now.most > most && now.keys <= now.most, `${now.keys} of ${now.most}`)
    })

    it('until when every segment is asked', async () => {
      rig.onStep = (step) => {
        if (step === 'fill overall') throw new Stopped(step)
      }
      await assert.rejects(many())
      assert.ok(!isThere())
      assert.deepEqual(outcomesOf(calls(0, 33)), ['duplicate'])
      rig.onStep = () => {}
      await rig.maintenance.run()
      assert.ok(isThere())
      assert.deepEqual(outcomesOf(calls(0, 33)), ['duplicate'])
    })
  })
})
