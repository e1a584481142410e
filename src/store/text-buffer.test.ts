import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatRfc3339 } from '../record/time.ts'
import { allBut, only, TextBuffer } from './text-buffer.ts'

const written = (write: (buffer: TextBuffer) => void, capacity = 4): string => {
  const buffer = new TextBuffer(capacity)
  write(buffer)
  const bytes = buffer.taken()
  assert.equal(bytes.length, buffer.length)
  return Buffer.from(bytes).toString('utf8')
}

const anyText = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80, unit: 'binary' }))

describe('a text buffer', () => {
  it('has every text that is written, in order, however often it grows', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 20 }), (texts) => {
        const all = (buffer: TextBuffer) => {
          for (const text of texts) buffer.text(text)
        }
        assert.equal(written(all), Buffer.from(texts.join('')).toString('utf8'))
      }),
    )
  })

  it('writes a number as String does', () => {
    const cases = [0, -0, 1, 9, 10, 999_999_999, 1_000_000_000, 1_073_741_823, 1_073_741_824, 2 ** 31, -5, 1.5, 1e21]
    const anyNumber = fc.oneof(fc.maxSafeInteger(), fc.maxSafeNat(), fc.nat(), fc.double({ noNaN: true }))
    for (const value of [...cases, 2 ** 53 - 1, 4e9])
      assert.equal(
        written((buffer) => buffer.number(value)),
        String(value),
      )
    fc.assert(
      fc.property(anyNumber, (value) => {
        assert.equal(
          written((buffer) => buffer.number(value)),
          String(value),
        )
      }),
    )
  })

  it('writes a time as formatRfc3339 does, of one day and of another', () => {
    const anyTime = fc.integer({ min: 0, max: 7_258_118_399_999_999 })
    fc.assert(
      fc.property(fc.array(anyTime, { minLength: 1, maxLength: 5 }), (times) => {
        const all = (buffer: TextBuffer) => {
          for (const timeUs of times) for (const after of [0, 1, 86_399_999_999]) buffer.time(timeUs + after)
        }
        const told = times.flatMap((timeUs) => [0, 1, 86_399_999_999].map((after) => formatRfc3339(timeUs + after)))
        assert.equal(written(all), told.join(''))
      }),
    )
  })

  it('writes a text of allowed characters, and nothing of any other', () => {
    const [allowed, first] = [allBut('",'), only('abc+')]
    fc.assert(
      fc.property(anyText, (text) => {
        const fits = /^[abc+][\x20-\x7e]*$/.test(text) && !/[",]/.test(text)
        const out = written((buffer) => {
          buffer.text('<')
          assert.equal(buffer.textOf(text, allowed, first), fits || text === '')
          buffer.character(62)
        })
        assert.equal(out, fits ? `<${text}>` : '<>')
      }),
    )
    assert.equal(
      written((buffer) => buffer.textOf('b"', allowed, first)),
      '',
    )
  })
})
