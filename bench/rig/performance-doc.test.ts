import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { withBlock } from './performance-doc.ts'

describe('withBlock', () => {
  it('replaces what stands between the marks and nothing else', () => {
    const text = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n'
    assert.equal(withBlock(text, '\nnew $1\n\n'), 'before\n<!-- bench:begin -->\nnew $1\n<!-- bench:end -->\nafter\n')
  })

  for (const text of ['', '<!-- bench:begin -->', '<!-- bench:end --><!-- bench:begin -->'])
    it(`refuses a document without both marks: ${text}`, () => {
      assert.throws(() => withBlock(text, 'new'), /once each/)
    })

  it('finds its marks in docs/PERFORMANCE.md', () => {
    const text = readFileSync(new URL('../../docs/PERFORMANCE.md', import.meta.url), 'utf8')
    assert.match(withBlock(text, 'new'), /bench:begin -->\nnew\n<!-- bench:end/)
  })
})
