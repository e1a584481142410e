import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { growthMarkdown, withRunFigures } from './growth.ts'
import type { BenchResult } from './result.ts'
import type { Row } from './row.ts'
import { spreadOf } from './spread.ts'

const LIST = 'list: no filter'
const INGEST = 'durable ingest'

function row(question: string, figure: string, samples: Row['samples']): Row {
  return {
    question,
    figure,
    of: '',
    ours: spreadOf(samples.ours),
    theirs: spreadOf(samples.theirs),
    ratio: null,
    budgets: [],
    samples,
  }
}

function run(calls: number, rows: Row[]): BenchResult {
  return { startedAt: '2026-01-02T03:04:05Z', options: { calls, history: 0 }, rows } as BenchResult
}

describe('what runs of several sizes came to', () => {
  const small = run(1_000_000, [row(LIST, 'p50 ms', { ours: [1.234], theirs: [4] })])
  const large = run(10_000_000, [
    row(LIST, 'p50 ms', { ours: [1.5], theirs: [] }),
    row(INGEST, 'calls/s', { ours: [30_000, 29_123], theirs: [9000, 8000], stored: [5_000_000, 10_000_000] }),
  ])

  it('shows a list by the sizes it was asked at, and ingest by the calls that were stored', () => {
    const text = growthMarkdown([large, small].reduce(withRunFigures, { runs: [] }))
    assert.match(text, /durable ingest/)
    assert.match(text, /x-axis "millions" \[5, 10\]\n.*0 --> 33000\n {2}line \[30000, 29100\]\n {2}line \[9000, 8000\]/)
    assert.match(text, /x-axis "millions" \[1, 10\]\n.*0 --> 4.4\n {2}line \[1.23, 1.5\]\n {2}line \[4\]/)
  })

  it('shows nothing of a single size', () => {
    assert.equal(growthMarkdown(withRunFigures({ runs: [] }, small)), '')
  })

  it('replaces what a run of the same size asked again, and keeps the rest', () => {
    const again = run(10_000_000, [row(LIST, 'p50 ms', { ours: [9], theirs: [] })])
    const { runs } = [large, again].reduce(withRunFigures, { runs: [] })
    assert.deepEqual(
      runs.map(({ calls, p50 }) => [calls, p50[LIST]?.ours]),
      [[10_000_000, 9]],
    )
    assert.deepEqual(runs[0]?.ingest[INGEST]?.ours, [30_000, 29_123])
  })
})
