import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { billedSeconds } from './billed-seconds.ts'

describe('billedSeconds', () => {
  const cases = [
    { seconds: 0, firstS: 60, nextS: 60, billedS: 0, because: 'an unanswered call is free' },
    { seconds: 1, firstS: 60, nextS: 60, billedS: 60, because: 'the first block is billed whole' },
    { seconds: 32, firstS: 60, nextS: 60, billedS: 60, because: 'the first block is billed whole' },
    { seconds: 60, firstS: 60, nextS: 60, billedS: 60, because: 'a full block is not two' },
    { seconds: 61, firstS: 60, nextS: 60, billedS: 120, because: 'a started step is a whole step' },
    { seconds: 60, firstS: 60, nextS: 6, billedS: 60, because: 'a full block is not two' },
    { seconds: 61, firstS: 60, nextS: 6, billedS: 66, because: 'a started step is a whole step' },
    { seconds: 66, firstS: 60, nextS: 6, billedS: 66, because: 'a full step is not two' },
    { seconds: 4, firstS: 1, nextS: 1, billedS: 4, because: 'by the second, nothing is rounded' },
    { seconds: 1325, firstS: 15, nextS: 15, billedS: 1335, because: 'steps may be of any length' },
    { seconds: 7, firstS: 0, nextS: 6, billedS: 12, because: 'there may be no first block' },
    { seconds: 1, firstS: 30, nextS: 6, billedS: 30, because: 'a first block may be longer than a step' },
  ]
  for (const { seconds, firstS, nextS, billedS, because } of cases) {
    it(`at ${firstS}/${nextS}, ${seconds} s bills ${billedS} s: ${because}`, () => {
      assert.equal(billedSeconds(seconds, { firstS, nextS }), billedS)
    })
  }

  it('never bills less than was talked, nor a whole step more than that past the first block', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.nat(600),
        fc.integer({ min: 1, max: 600 }),
        (s, firstS, nextS) => {
          const billedS = billedSeconds(s, { firstS, nextS })
          assert(billedS >= s && billedS >= firstS)
          assert(billedS < Math.max(s, firstS) + nextS)
        },
      ),
    )
  })

  for (const [seconds, firstS, nextS] of [
    [-1, 60, 60],
    [1.5, 60, 60],
    [1, -1, 60],
    [1, 60, 0],
  ] as const) {
    it(`crashes on ${seconds} s at ${firstS}/${nextS}, which no caller may pass`, () => {
      assert.throws(() => billedSeconds(seconds, { firstS, nextS }), assert.AssertionError)
    })
  }
})
