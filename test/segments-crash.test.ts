import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { afterEach, describe, it } from 'node:test'
import type { Report } from '../src/record/report.ts'
import { examineFolder } from '../src/store/sqlite/doctor/doctor.ts'
import { folderPaths } from '../src/store/sqlite/folder/folder.ts'
import { Stopped } from '../src/store/sqlite/segments/maintenance.ts'
import { StagingError } from '../src/store/sqlite/writing/staging-error.ts'
import { aLiveReport, aReport, reportOf } from './support/a-report.ts'
import { Seeded } from './support/seeded.ts'
import { SegmentRig } from './support/segment-rig.ts'
import { uuidOf } from './support/varied-calls.ts'

const SIZES = { openCalls: 12, fullCalls: 60, mergeYoung: 3, overallFrom: 3 }
const HOUR_US = 3_600_000_000
const BEGIN_US = Date.UTC(2024, 0, 1) * 1000
const ACCOUNTS = ['MA2025RK4E639VJFZAGV', 'MA2025RK4E639VJFZAGW']

/** What a call should be. */
interface Expected {
  startedAtUs: number
  isEnded: boolean
}

const written = (us: number) => new Date(us / 1000).toISOString()

/** Random reports of calls that begin, end, come late, and have their starts corrected, and what should come of them. */
class Story {
  readonly expected = new Map<string, Expected>()
  readonly sent: Report[] = []
  readonly #random: Seeded
  #clockUs = BEGIN_US

  constructor(random: Seeded) {
    this.#random = random
  }

  group(): Report[] {
    const reports: Report[] = []
    const touched = new Set<string>()
    for (let n = this.#random.integer(1, 9); n > 0; n -= 1) {
      const ordinal = this.#random.integer(0, 3) > 0 ? this.expected.size : this.#random.integer(0, this.expected.size)
      const callUuid = uuidOf(ordinal)
      if (touched.has(callUuid)) continue
      touched.add(callUuid)
      reports.push(this.#report(callUuid, ordinal))
    }
    this.sent.push(...reports)
    return reports
  }

  #report(callUuid: string, ordinal: number): Report {
    const known = this.expected.get(callUuid)
    this.#clockUs += 1_000_000
    const over = { accountId: ACCOUNTS[ordinal % 2] as string, arrivedAtUs: this.#clockUs }
    const center = { agents: [{ id: this.#random.integer(1, 3) }] }
    const session_id = `session ${this.#random.integer(1, 20)}`
    if (known === undefined) {
      const isLate = this.#random.integer(0, 9) === 0
      const startedAtUs = isLate ? BEGIN_US - this.#random.integer(1, 400) * HOUR_US : this.#clockUs
      const isEnded = this.#random.integer(0, 3) > 0
      this.expected.set(callUuid, { startedAtUs, isEnded })
      const body = { call_uuid: callUuid, started_at: written(startedAtUs), answered_at: null, session_id, center }
      const ended_at = written(startedAtUs + 60_000_000)
      return isEnded ? aReport({ ...body, ended_at }, over) : aLiveReport(body, over)
    }
    if (!known.isEnded) {
      known.isEnded = true
      const ended_at = written(known.startedAtUs + 90_000_000)
      return reportOf({ call_uuid: callUuid, kind: 'end', ended_at }, over)
    }
    // A correction of the start, which may take it to any other segment, or of who talked.
    if (this.#random.integer(0, 2) === 0) return reportOf({ call_uuid: callUuid, kind: 'correction', center }, over)
    known.startedAtUs = this.#clockUs - this.#random.integer(0, 900) * 1_000_000
    return reportOf({ call_uuid: callUuid, kind: 'correction', started_at: written(known.startedAtUs) }, over)
  }
}

/** Every call lies where it belongs, once, and nothing else does. */
function assertTold(rig: SegmentRig, expected: ReadonlyMap<string, Expected>): void {
  const ranges = new Map(rig.ranges().map(({ path, fromUs, beforeUs }) => [path, { fromUs, beforeUs }]))
  const calls = rig.calls()
  assert.deepEqual([...calls.keys()].sort(), [...expected.keys()].sort())
  for (const [callUuid, places] of calls) {
    assert.equal(places.length, 1, `${callUuid} lies in ${places.map(({ file }) => file)}`)
    const { file, startedAtUs, isEnded } = places[0] as (typeof places)[number]
    assert.deepEqual({ startedAtUs, isEnded }, expected.get(callUuid), callUuid)
    if (!isEnded) assert.equal(file, 'live.db')
    else {
      const range = [...ranges].find(([path]) => path.endsWith(file))?.[1]
      assert.ok(range !== undefined && startedAtUs >= range.fromUs && startedAtUs < range.beforeUs)
    }
  }
}

/** Every report is known, so that whatever tells where a call lies, tells it right; and the doctor finds nothing. */
function assertSound(rig: SegmentRig, story: Story): void {
  assertTold(rig, story.expected)
  assert.deepEqual(new Set(rig.write(story.sent)), new Set(['duplicate']))
  const findings = [...examineFolder(rig.folder, { full: true })]
  const bad = findings.filter(({ level, check }) => level === 'problem' && check !== 'disk')
  assert.deepEqual(
    bad.map(({ what }) => what),
    [],
  )
}

describe('segments that roll, merge and split while calls arrive', () => {
  let rig: SegmentRig
  afterEach(() => rig.remove())

  it('have every call once, and as it should be', async () => {
    rig = new SegmentRig(SIZES)
    const story = new Story(new Seeded(1))
    for (let group = 0; group < 120; group += 1) {
      rig.nowUs += 10_000_000
      rig.write(story.group())
      if (group % 4 === 0) await rig.maintenance.run()
    }
    assert.deepEqual(rig.failed, [])
    const kinds = new Set(rig.done.map(({ kind }) => kind))
    for (const kind of ['index', 'merge', 'split'] as const) assert.ok(kinds.has(kind), `${kind} was not done`)
    assertSound(rig, story)
    rig.close()
    assertSound(rig, story)
    assert.deepEqual(
      readdirSync(folderPaths(rig.folder).segments).filter((name) => name.endsWith('.new')),
      [],
    )
  })

  it('carry over what is written while they are written anew', async () => {
    rig = new SegmentRig(SIZES)
    const story = new Story(new Seeded(2))
    let depth = 0
    rig.onStep = (step) => {
      if (depth > 0 || step === 'commit' || step.endsWith('moves') || step === 'change the map') return
      depth += 1
      if (
        step === 'copy rows' ||
        step === 'copy entries' ||
        step === 'catch up' ||
        step === 'sync' ||
        step === 'filter'
      )
        rig.write(story.group())
      depth -= 1
    }
    for (let group = 0; group < 40; group += 1) {
      rig.nowUs += 10_000_000
      rig.write(story.group())
      if (group % 8 === 7) await rig.maintenance.run()
    }
    assert.deepEqual(rig.failed, [])
    assert.ok(rig.done.filter(({ kind }) => kind === 'merge' || kind === 'split').length > 2)
    assertSound(rig, story)
  })

  for (let seed = 10; seed < 14; seed += 1)
    it(`lose and double nothing wherever they are broken off (seed ${seed})`, async () => {
      rig = new SegmentRig(SIZES)
      const random = new Seeded(seed)
      const story = new Story(random)
      for (let life = 0; life < 8; life += 1) {
        rig.breakOffAt(random.integer(5, 150))
        try {
          for (let group = 0; group < 30; group += 1) {
            rig.nowUs += 10_000_000
            rig.write(story.group())
            if (group % 5 === 4) await rig.maintenance.run()
          }
        } catch (error) {
          if (!(error instanceof Stopped) && !(error instanceof StagingError)) throw error
        }
        rig.crash()
        rig.writer // a start mends
        const places = [...rig.calls().values()].map((lies) => lies.length)
        assert.ok(places.every((count) => count === 1))
        rig.write(story.sent) // what was not acknowledged is sent again
        assertTold(rig, story.expected)
      }
      await rig.maintenance.run()
      assert.deepEqual(rig.failed, [])
      assertSound(rig, story)
      assert.deepEqual(filesOfNoSegment(rig), [])
    })
})

function filesOfNoSegment(rig: SegmentRig): string[] {
  const named = rig.ranges().map(({ path }) => path.slice(0, -'.db'.length))
  const { segments } = folderPaths(rig.folder)
  return readdirSync(segments).filter((name) => !named.some((stem) => `${segments}/${name}`.startsWith(`${stem}.`)))
}
