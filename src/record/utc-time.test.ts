import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatRfc3339, readTime } from './time.ts'
import { utcTimeUs } from './utc-time.ts'

describe('reading a UTC time in its usual form', () => {
  for (const { written, because } of [
    { written: '2024-01-15T14:28:48Z', because: 'whole seconds' },
    { written: '2024-01-15T14:28:48.123Z', because: 'milliseconds' },
    { written: '2024-02-29T23:59:59.999999Z', because: 'microseconds, on a leap day' },
    { written: '2199-12-31T23:59:59Z', because: 'the last second there is' },
  ])
    it(`reads ${written} as readTime does: ${because}`, () => {
      assert.equal(utcTimeUs(written), readTime(written, 'UTC'))
    })

  for (const { written, because } of [
    { written: '2023-02-29T00:00:00Z', because: 'there was no such day' },
    { written: '2024-01-00T00:00:00Z', because: 'no day 0' },
    { written: '2024-13-01T00:00:00Z', because: 'no month 13' },
    { written: '2024-01-15T24:00:00Z', because: 'no hour 24' },
    { written: '2024-01-15T23:60:00Z', because: 'no minute 60' },
    { written: '2024-01-15T23:59:60Z', because: 'a leap second is for readTime' },
    { written: '1970-01-01T00:00:00Z', because: 'the epoch means that it did not happen' },
    { written: '2200-01-01T00:00:00Z', because: 'a year out of range' },
    { written: '2024-01-15T14:28:4xZ', because: 'no digit' },
    { written: '2024-01-15T14:28:48.12 Z', because: 'no digit in the fraction' },
    { written: '2024-01-15t14:28:48z', because: 'another form' },
    { written: '2024-01-15T14:28:48+00:00', because: 'another form' },
    { written: '2024-01-15T14:28:48.12Z', because: 'another number of decimals' },
  ])
    it(`leaves ${written} to readTime: ${because}`, () => {
      assert.equal(utcTimeUs(written), null)
    })

  it('agrees with readTime on every text that looks like one', () => {
    const digit = fc.constantFrom(...'01239')
    const near = fc
      .tuple(fc.integer({ min: 1, max: 7_258_118_399_999_999 }), fc.nat(26), digit)
      .map(([timeUs, at, char]) => {
        const text = formatRfc3339(timeUs)
        return text.slice(0, at) + char + text.slice(at + 1)
      })
    fc.assert(
      fc.property(near, (written) => {
        const read = utcTimeUs(written)
        return read === null || read === readTime(written, 'UTC')
      }),
    )
  })
})
