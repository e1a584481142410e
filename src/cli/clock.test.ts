import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { growingClock } from './clock.ts'

describe('the clock of a server', () => {
  const cases: { because: string; readMs: number[]; expectUs: number[] }[] = [
    { because: 'it follows the clock', readMs: [1000, 2000, 9000], expectUs: [1_000_000, 2_000_000, 9_000_000] },
    { because: 'it never says a time twice', readMs: [1000, 1000, 1000], expectUs: [1_000_000, 1_000_001, 1_000_002] },
    {
      because: 'it goes on over a small step back',
      readMs: [1000, 400, 1001],
      expectUs: [1_000_000, 1_000_001, 1_001_000],
    },
    {
      because: 'it follows a clock that was set',
      readMs: [9000, 1000, 1001],
      expectUs: [9_000_000, 1_000_000, 1_001_000],
    },
  ]
  for (const { because, readMs, expectUs } of cases)
    it(`says ${expectUs} at ${readMs} ms: ${because}`, () => {
      const left = [...readMs]
      const now = growingClock(() => left.shift() as number)
      assert.deepEqual(
        readMs.map(() => now()),
        expectUs,
      )
    })
})
