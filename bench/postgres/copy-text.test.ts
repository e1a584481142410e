import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { copyLine } from './copy-text.ts'

// PostgreSQL 15, COPY, "Text Format".
const cases = [
  { values: [1, -2.5, null], line: '1\t-2.5\t\\N\n', because: 'null is written \\N' },
  { values: ['a\tb\nc\rd\\e'], line: 'a\\tb\\nc\\rd\\\\e\n', because: 'what parts fields and lines is escaped' },
  { values: [''], line: '\n', because: 'empty text is empty, and not null' },
  { values: ['\\N'], line: '\\\\N\n', because: 'text that looks like null is text' },
  { values: [Buffer.from([0, 255])], line: '\\\\x00ff\n', because: 'octets are hexadecimal, their backslash escaped' },
]

describe('copyLine', () => {
  for (const { values, line, because } of cases)
    it(`writes ${JSON.stringify(values)} as ${JSON.stringify(line)}: ${because}`, () => {
      assert.equal(copyLine(values), line)
    })

  it('keeps empty text at the beginning of a line apart from the next', () => {
    assert.equal(copyLine(['', 'a']), '\ta\n')
  })
})
