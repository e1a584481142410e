import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { percentile, spreadOf } from './spread.ts'

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at)
  const cases = [
    { values: hundred, percent: 50, is: 50, because: 'half of a hundred values are at or under the fiftieth' },
    { values: hundred, percent: 99, is: 99, because: 'one in a hundred is above' },
    { values: hundred, percent: 100, is: 100, because: 'nothing is above the largest' },
    { values: hundred, percent: 0, is: 1, because: 'it is always one of the values' },
    { values: [7], percent: 99, is: 7, because: 'one value is every percentile' },
    { values: [3, 1], percent: 50, is: 1, because: 'of two middle ones the lower is taken' },
    { values: [3, 1, 2], percent: 50, is: 2, because: 'values need not be sorted' },
    { values: [], percent: 50, is: Number.NaN, because: 'there is none of nothing' },
  ]
  for (const { values, percent, is, because } of cases) {
    it(`of ${values.length} values at ${percent} is ${is}: ${because}`, () => {
      assert.equal(percentile(values, percent), is)
    })
  }

  it('leaves the values as they were', () => {
    const values = [3, 1, 2]
    percentile(values, 50)
    assert.deepEqual(values, [3, 1, 2])
  })
})

describe('spreadOf', () => {
  it('gives the least, the middle and the most', () => {
    assert.deepEqual(spreadOf([5, 1, 9, 2, 3]), { min: 1, median: 3, max: 9 })
  })

  it('gives null of nothing', () => {
    assert.equal(spreadOf([]), null)
  })
})
