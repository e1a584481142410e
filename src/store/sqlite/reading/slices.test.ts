import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { segmentInMemory } from '../../../../test/support/segment-in-memory.ts'
import { sql } from '../folder/sql.ts'
import { rowsByStart } from './row-source.ts'
import { paced, run, SLICE_ROWS, slicesOf } from './slices.ts'
import { stretchOf } from './stretch.ts'
import { ALWAYS } from './time-range.ts'

const everyCall = rowsByStart({ account: 1, matching: null })

/** How many calls each slice has. */
function sizes(starts: readonly number[], given: { descending: boolean; tiesTogether?: boolean; from?: number }) {
  const { file } = segmentInMemory(starts.map((startedAtUs) => ({ startedAtUs })))
  const stretch = stretchOf(ALWAYS, given.descending)
  return [...slicesOf({ file, source: everyCall, stretch }, given)].map((slice) =>
    file.number(sql('SELECT count(*) ', everyCall.matches(slice))),
  )
}

describe('slices', () => {
  for (const descending of [false, true]) {
    const direction = descending ? 'down' : 'up'

    it(`have so many calls that a thread works on one for some milliseconds, ${direction}`, () => {
      const starts = Array.from({ length: 3 * SLICE_ROWS }, (_, n) => n)
      const all = sizes(starts, { descending })
      assert.ok(all.every((size) => size <= SLICE_ROWS + 1))
      assert.equal(
        all.reduce((sum, size) => sum + size, 0),
        starts.length,
      )
    })

    it(`begin small for a page, ${direction}`, () => {
      const [first = 0, second = 0] = sizes(
        Array.from({ length: 2000 }, (_, n) => n),
        { descending, from: 16 },
      )
      assert.deepEqual([first, second], [17, 65])
    })

    it(`are not much larger where all calls start at once, unless ties are to be kept together, ${direction}`, () => {
      const starts = new Array(4 * SLICE_ROWS + 10).fill(7)
      const all = sizes(starts, { descending })
      assert.ok(all.every((size) => size <= 2 * SLICE_ROWS + 2))
      assert.deepEqual(sizes(starts, { descending, tiesTogether: true }).filter(Boolean), [starts.length])
    })
  }

  it('are one of no calls where there are none', () => assert.deepEqual(sizes([], { descending: true }), [0]))
})

describe('a paced generator', () => {
  function* steps(took: number[], clock: { ms: number }, ended: string[]): Generator<void, string> {
    try {
      for (const ms of took) {
        clock.ms += ms
        yield
      }
      return 'done'
    } finally {
      ended.push('ended')
    }
  }

  it('yields once that much time has passed since it last did, and then gives what the other gives', () => {
    const clock = { ms: 0 }
    const seen: number[] = []
    const pace = paced(steps([1, 1, 3, 1, 9, 1], clock, []), { now: () => clock.ms, everyMs: 5 })
    for (let step = pace.next(); ; step = pace.next()) {
      if (step.done) {
        assert.equal(step.value, 'done')
        break
      }
      seen.push(clock.ms)
    }
    assert.deepEqual(seen, [5, 15])
    assert.equal(run(steps([1], clock, [])), 'done')
  })

  it('ends the other when it is ended itself', () => {
    const ended: string[] = []
    const pace = paced(steps([9, 9], { ms: 0 }, ended), { now: () => 0, everyMs: 0 })
    pace.next()
    pace.return('')
    assert.deepEqual(ended, ['ended'])
  })
})
