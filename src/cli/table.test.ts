import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { list, table } from './table.ts'

describe('table', () => {
  it('aligns words to the left and numbers to the right', () => {
    const text = table(
      ['COUNT', 'WHY'],
      [
        [7, 'is not JSON'],
        [1234, 'x'],
      ],
    )
    assert.equal(text, 'COUNT  WHY\n    7  is not JSON\n 1234  x\n')
  })

  it('shows a dash for what is not there', () => {
    assert.equal(table(['A', 'B'], [[null, 'x']]), 'A  B\n-  x\n')
  })

  it('has its titles alone where there are no rows', () => {
    assert.equal(table(['A', 'B'], []), 'A  B\n')
  })
})

describe('list', () => {
  it('aligns what names mean', () => {
    assert.equal(
      list([
        ['id', 'x'],
        ['account', null],
      ]),
      'id       x\naccount  -\n',
    )
  })
})
