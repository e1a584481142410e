import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Row } from './row.ts'
import { markdownTable, tableCells, textTable } from './table.ts'

const aRow = (over: Partial<Row> = {}): Row => ({
  question: 'ingest',
  of: '1,000 calls',
  figure: 'calls/s',
  ours: { min: 20_123, median: 22_456, max: 24_000 },
  theirs: { min: 10_000, median: 11_000, max: 12_000 },
  ratio: 2.0414,
  budgets: [{ text: '>= 2x', met: true }],
  samples: { ours: [], theirs: [] },
  ...over,
})

describe('the table', () => {
  it('shows the median and what it lies between, to three digits', () => {
    assert.deepEqual(tableCells([aRow()]), [
      [
        'ingest',
        '1,000 calls',
        'calls/s',
        '22,500 (20,100..24,000)',
        '11,000 (10,000..12,000)',
        '2.04x',
        '>= 2x',
        'yes',
      ],
    ])
  })

  it('shows small and single figures as they are', () => {
    const spread = { min: 0.0123, median: 0.0123, max: 0.0123 }
    assert.equal(tableCells([aRow({ ours: spread })])[0]?.[3], '0.0123')
  })

  it('leaves a dash where nothing was measured', () => {
    const [cells] = tableCells([aRow({ theirs: null, ratio: null, budgets: [] })])
    assert.deepEqual(cells?.slice(4), ['–', '–', '–', '–'])
  })

  const meetings = [
    { met: [true, true], says: 'yes' },
    { met: [false, false], says: 'no' },
    { met: [true, false], says: 'not second' },
    { met: [true, null], says: 'as far as told' },
    { met: [null, null], says: '–' },
  ]
  for (const { met, says } of meetings) {
    it(`says ${says} of budgets met ${met.join(' and ')}`, () => {
      const [first = null, second = null] = met
      const budgets = [
        { text: 'first', met: first },
        { text: 'second', met: second },
      ]
      assert.equal(tableCells([aRow({ budgets })])[0]?.[7], says)
    })
  }

  it('names a question once for all its figures', () => {
    const [first, second] = tableCells([aRow(), aRow({ figure: 'p50 ms' })])
    assert.deepEqual(first?.slice(0, 3), ['ingest', '1,000 calls', 'calls/s'])
    assert.deepEqual(second?.slice(0, 3), ['', '', 'p50 ms'])
  })

  it('is lined up in a terminal', () => {
    const [head, rule, line] = textTable([aRow()]).split('\n')
    assert.equal(head?.indexOf('Calltrail'), line?.indexOf('22,500'))
    assert.match(rule ?? '', /^[- ]+$/)
  })

  it('is a table in Markdown, whatever stands in a cell', () => {
    const [head, rule, line] = markdownTable([aRow({ of: 'a | b' })]).split('\n')
    assert.match(head ?? '', /^\| question \| of \|/)
    assert.match(rule ?? '', /^\|(---\|){8}$/)
    assert.match(line ?? '', /\| a \\\| b \|/)
  })
})
