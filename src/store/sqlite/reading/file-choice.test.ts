import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { aReport, us } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { derive } from '../../../ingest/derive.ts'
import { defaultSettings } from '../../../record/account.ts'
import type { CallQuery, Expr } from '../../query.ts'
import { Moves } from '../segments/moves.ts'
import { CallWriter } from '../writing/call-writer.ts'
import { CallReader } from './call-reader.ts'
import { FileChoice } from './file-choice.ts'
import type { ReadFile } from './read-files.ts'
import { run } from './slices.ts'

const MOST = Number.MAX_SAFE_INTEGER
/** `live.db`, and segments that hold a thousand microseconds each. */
const LIVE = { no: 0, fromUs: 0, beforeUs: MOST } as ReadFile
const SEGMENTS = [1, 2, 3].map(
  (no) => ({ no, fromUs: no * 1000, beforeUs: no === 3 ? MOST : no * 1000 + 1000 }) as ReadFile,
)
const FILES = {
  live: () => LIVE,
  inRange: (fromUs: number, beforeUs: number) =>
    SEGMENTS.filter((file) => file.fromUs < beforeUs && file.beforeUs > fromUs),
}

const BY_START = { by: 'startedAtUs', descending: true } as const
const BY_END = { by: 'endedAtUs', descending: true } as const
const ends = (op: 'gte' | 'lt', value: number): Expr => ({ op, field: 'endedAtUs', value })
const starts = (op: 'gte' | 'lt', value: number): Expr => ({ op, field: 'startedAtUs', value })

function aQuery(over: Partial<CallQuery>): CallQuery {
  return { accountId: ALICE, where: null, order: BY_START, limit: 20, total: true, ...over }
}

/** The segments of a query, once the spans of calls are known to be from 0 to 100 us. */
function segmentsOf(over: Partial<CallQuery>): number[] {
  const choice = new FileChoice(FILES, { spans: () => 0 })
  choice.filesOf(aQuery({}))
  for (const { no } of SEGMENTS) choice.learn(no, { shortest: 0, longest: 100 })
  return choice.filesOf(aQuery(over)).map(({ no }) => no)
}

describe('the files of a query', () => {
  const cases: [over: Partial<CallQuery>, segments: number[], because: string][] = [
    [{}, [0, 1, 2, 3], 'anything is asked for'],
    [{ live: true }, [0], 'only calls that go on'],
    [{ where: starts('lt', 2000) }, [0, 1], 'a range of starts'],
    [{ where: { op: 'or', of: [starts('lt', 1001), starts('gte', 3001)] } }, [0, 1, 2, 3], 'one of two ranges'],
    [{ where: ends('lt', 2000) }, [0, 1], 'a range of ends'],
    [{ where: ends('gte', 2100) }, [0, 2, 3], 'calls of the first segment may have ended then, just not so late'],
    [{ where: ends('gte', 2099) }, [0, 1, 2, 3], 'or just so late'],
    [{ order: BY_END, total: false, after: { value: 1500, id: 1 } }, [0, 1], 'a page behind a cursor'],
    [{ order: BY_START, total: false, after: { value: 1500, id: 1 } }, [0, 1], 'one by start'],
    [{ order: BY_START, after: { value: 1500, id: 1 } }, [0, 1, 2, 3], 'whose total is asked as well'],
  ]
  for (const [over, files, because] of cases)
    it(`are ${files}: ${because}`, () => assert.deepEqual(segmentsOf(over), files))

  it('are all that the map tells while no span is known, and again once one has grown', () => {
    let version = 0
    const choice = new FileChoice(FILES, { spans: () => version })
    const query = aQuery({ where: ends('lt', 1000) })
    const chosen = () => choice.filesOf(query).length
    assert.equal(chosen(), 4)
    for (const { no } of SEGMENTS) choice.learn(no, { shortest: 0, longest: 100 })
    assert.equal(chosen(), 1)
    version += 1
    assert.equal(chosen(), 4)
  })

  it('have the call that is longer than all before, as soon as it is stored', () => {
    const folder = mkdtempSync(join(tmpdir(), 'calltrail-'))
    const shared = Moves.share()
    const settings = defaultSettings('Alice')
    const writer = new CallWriter({ folder, derive, settingsOf: () => settings, moves: new Moves(shared) })
    const reader = new CallReader({ folder, moves: new Moves(shared) })
    try {
      const late = aQuery({
        where: { op: 'and', of: [starts('lt', us('2024-01-15T15:00:00Z')), ends('gte', us('2024-01-15T20:00:00Z'))] },
      })
      const total = () => run(reader.list(late)).total
      writer.write([{ reports: [aReport()] }])
      assert.deepEqual([total(), total()], [0, 0])
      writer.write([{ reports: [aReport({ call_uuid: uuidOf(1), ended_at: '2024-01-15T21:00:00Z' })] }])
      assert.equal(total(), 1)
    } finally {
      reader.close()
      writer.close()
      rmSync(folder, { recursive: true })
    }
  })
})
