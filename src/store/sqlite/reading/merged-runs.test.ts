import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { mergedRuns } from './merged-runs.ts'
import { run, SLICE_ROWS } from './slices.ts'

const byNumber = (a: number, b: number) => a - b

describe('mergedRuns', () => {
  it('gives what stands at some places of all runs together', () => {
    const anyRun = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 }).map((list) => list.sort(byNumber))
    fc.assert(
      fc.property(fc.array(anyRun, { maxLength: 6 }), fc.nat(40), fc.nat(40), (runs, from, length) => {
        const expected = runs.flat().sort(byNumber)
        const before = from + length
        assert.deepEqual(run(mergedRuns(runs, byNumber, { from, before })), expected.slice(from, before))
      }),
    )
  })

  it('yields on a long way', () => {
    const runs = [Array.from({ length: 3 * SLICE_ROWS }, (_, n) => n)]
    const steps = mergedRuns(runs, byNumber, { from: 3 * SLICE_ROWS - 1, before: 3 * SLICE_ROWS })
    assert.deepEqual([steps.next().done, steps.next().done, steps.next().done], [false, false, false])
    assert.deepEqual(steps.next(), { done: true, value: [3 * SLICE_ROWS - 1] })
  })
})
