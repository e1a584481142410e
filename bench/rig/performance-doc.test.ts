import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { withBlock, withRun, withWholeRun } from './performance-doc.ts'

const HEAD = '| question | of | figure | Calltrail |\n|---|---|---|---|'

describe('withBlock', () => {
  it('replaces what stands between the marks and nothing else', () => {
    const text = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n'
    assert.equal(
      withBlock(text, () => '\nnew $1\n\n'),
      'before\n<!-- bench:begin -->\nnew $1\n<!-- bench:end -->\nafter\n',
    )
  })

  for (const text of ['', '<!-- bench:begin -->', '<!-- bench:end --><!-- bench:begin -->'])
    it(`refuses a document without both marks: ${text}`, () => {
      assert.throws(() => withBlock(text, () => 'new'), /once each/)
    })

  it('finds its marks in docs/PERFORMANCE.md, and tables that a run can be put beside', () => {
    const text = readFileSync(new URL('../../docs/PERFORMANCE.md', import.meta.url), 'utf8')
    let asks: string[] = []
    withBlock(text, (block) => {
      asks = [...block.matchAll(/^\| ([^|]+) \| /gm)].flatMap(([, first = '']) => (first === 'question' ? [] : [first]))
      return block
    })
    assert.ok(asks.length > 0)
    const only = (block: string) => withRun(block, { run: 'Measured anew', asks })
    assert.match(withBlock(text, only), /bench:begin -->\nMeasured anew\n<!-- bench:end/)
  })
})

describe('withRun', () => {
  const first = `Measured on Monday with all.\n\n${HEAD}\n| a | 10 | p50 | 1 |\n|  |  | p99 | 2 |\n| b | 10 | p50 | 3 |`
  const second = `Measured on Tuesday with b.\n\n${HEAD}\n| b | 20 | p50 | 4 |`

  it('takes what was asked again out of the runs before, and leaves the rest with its date', () => {
    assert.equal(
      withRun(first, { run: second, asks: ['b'] }),
      `Measured on Monday with all.\n\n${HEAD}\n| a | 10 | p50 | 1 |\n|  |  | p99 | 2 |\n\n${second}`,
    )
  })

  it('takes every figure of a question', () => {
    assert.equal(
      withRun(first, { run: 'Measured on Tuesday with a.', asks: ['a'] }),
      `Measured on Monday with all.\n\n${HEAD}\n| b | 10 | p50 | 3 |\n\nMeasured on Tuesday with a.`,
    )
  })

  it('adds what was never asked', () => {
    assert.equal(withRun(first, { run: second, asks: ['c'] }), `${first}\n\n${second}`)
  })

  it('drops a run that has nothing left, date and all', () => {
    assert.equal(withRun(`${first}\n\n${second}`, { run: 'Measured anew', asks: ['b', 'a'] }), 'Measured anew')
  })

  it('comes to the same when it is done twice', () => {
    const once = withRun(first, { run: second, asks: ['b'] })
    assert.equal(withRun(once, { run: second, asks: ['b'] }), once)
  })
})

describe('withWholeRun', () => {
  const of = (calls: string, on: string) => `Measured ${on} with ${calls} calls: x.\n\n${HEAD}\n| a | 10 | p50 | 1 |`

  it('replaces what was measured at its size, and leaves other sizes', () => {
    const block = [of('1,000', 'Monday'), of('2,000', 'Monday')].join('\n\n')
    const run = of('1,000', 'Tuesday')
    assert.equal(withWholeRun(block, run), [of('2,000', 'Monday'), run].join('\n\n'))
  })

  it('fills an empty block', () => {
    assert.equal(withWholeRun('\n', of('1,000', 'Monday')), of('1,000', 'Monday'))
  })
})
