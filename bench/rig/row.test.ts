import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Budget, type Figure, rowsOf } from './row.ts'

const rowOf = (given: { figure?: Partial<Figure>; ours?: number[]; theirs?: number[] | null }) => {
  const figure: Figure = { name: 'calls/s', better: 'more', budgets: [], ...given.figure }
  const [row] = rowsOf({ question: 'ingest', of: '1,000 calls', figures: [figure] }, {
    ours: { [figure.name]: given.ours ?? [100] },
    theirs: given.theirs && { [figure.name]: given.theirs },
  } as never)
  assert.ok(row)
  return row
}

describe('a row', () => {
  it('takes the median of the rounds on each side', () => {
    const { ours, theirs, ratio } = rowOf({ ours: [90, 110, 100], theirs: [40, 60, 50] })
    assert.deepEqual(
      { ours, theirs, ratio },
      { ours: { min: 90, median: 100, max: 110 }, theirs: { min: 40, median: 50, max: 60 }, ratio: 2 },
    )
  })

  it('says how many times better we are where less is better', () => {
    assert.equal(rowOf({ figure: { name: 'p50 ms', better: 'less' }, ours: [2], theirs: [6] }).ratio, 3)
  })

  it('has no ratio without PostgreSQL', () => {
    const { theirs, ratio } = rowOf({ theirs: null })
    assert.deepEqual({ theirs, ratio }, { theirs: null, ratio: null })
  })

  it('has no ratio where the two sides are not to be compared', () => {
    assert.equal(rowOf({ figure: { compared: false }, theirs: [50] }).ratio, null)
  })

  const budgets: { budget: Budget; ours: number; theirs: number | null; met: boolean | null; text: string }[] = [
    { budget: { atLeast: 100 }, ours: 100, theirs: null, met: true, text: '>= 100 calls/s' },
    { budget: { atLeast: 100 }, ours: 99.9, theirs: null, met: false, text: '>= 100 calls/s' },
    { budget: { atMost: 30_000 }, ours: 30_000, theirs: null, met: true, text: '<= 30,000 calls/s' },
    { budget: { atMost: 30_000 }, ours: 30_001, theirs: null, met: false, text: '<= 30,000 calls/s' },
    { budget: { timesPostgres: 2 }, ours: 100, theirs: 50, met: true, text: '>= 2x' },
    { budget: { timesPostgres: 2 }, ours: 100, theirs: 51, met: false, text: '>= 2x' },
    { budget: { timesPostgres: 2 }, ours: 100, theirs: null, met: null, text: '>= 2x' },
  ]
  for (const { budget, ours, theirs, met, text } of budgets) {
    it(`of ${ours} beside ${theirs ?? 'nothing'} ${met === null ? 'cannot tell of' : met ? 'meets' : 'misses'} ${text}`, () => {
      const row = rowOf({ figure: { budgets: [budget] }, ours: [ours], theirs: theirs === null ? null : [theirs] })
      assert.deepEqual(row.budgets, [{ text, met }])
    })
  }

  it('is null on our side where nothing was measured', () => {
    assert.deepEqual(rowOf({ figure: { budgets: [{ atMost: 1 }] }, ours: [] }).budgets, [
      { text: '<= 1 calls/s', met: null },
    ])
  })
})
