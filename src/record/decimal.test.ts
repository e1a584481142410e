import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatDecimal, parseDecimal } from './decimal.ts'

describe('parseDecimal', () => {
  const read = [
    { text: '0.00500', places: 9, value: 5_000_000 },
    { text: '-1.5', places: 6, value: -1_500_000 },
    { text: '+1.5', places: 1, value: 15 },
    { text: '0', places: 0, value: 0 },
    { text: '-0.000', places: 2, value: 0 },
    { text: '.5', places: 1, value: 5 },
    { text: '5.', places: 1, value: 50 },
    { text: '0001.20', places: 2, value: 120 },
    { text: '1.2300000', places: 2, value: 123 },
    { text: '9007199254740991', places: 0, value: Number.MAX_SAFE_INTEGER },
    { text: '9007199254.740991', places: 6, value: Number.MAX_SAFE_INTEGER },
    { text: '-9007199254.740991', places: 6, value: Number.MIN_SAFE_INTEGER },
  ]
  for (const { text, places, value } of read) {
    it(`reads ${text} in ${places} places as ${value}`, () => {
      assert.equal(parseDecimal(text, places), value)
    })
  }

  const refused = [
    { text: '1.234', places: 2, because: 'it would have to be rounded' },
    { text: '0.5', places: 0, because: 'there is no place for the half' },
    { text: '9007199254740992', places: 0, because: 'it is past the safe integers' },
    { text: '9007199254.740992', places: 6, because: 'it is past the safe integers once scaled' },
    { text: '9007199255', places: 6, because: 'its missing decimals are zeros that count' },
    { text: `1${'0'.repeat(400)}`, places: 0, because: 'it is long' },
    { text: '', places: 2, because: 'it is empty' },
    { text: '.', places: 2, because: 'it has no digit' },
    { text: '-', places: 2, because: 'it is a sign only' },
    { text: '--1', places: 2, because: 'it has two signs' },
    { text: '1.2.3', places: 2, because: 'it has two points' },
    { text: '1e3', places: 2, because: 'an exponent is no plain decimal' },
    { text: '1,5', places: 2, because: 'a comma is no point' },
    { text: ' 1', places: 2, because: 'white space is no digit' },
    { text: '0x10', places: 2, because: 'it is hexadecimal' },
    { text: 'NaN', places: 2, because: 'it is no number' },
    { text: '١', places: 2, because: 'the digits are those of ASCII' },
  ]
  for (const { text, places, because } of refused) {
    it(`refuses '${text.slice(0, 20)}' in ${places} places: ${because}`, () => {
      assert.equal(parseDecimal(text, places), null)
    })
  }
})

describe('formatDecimal', () => {
  const shown = [
    { value: 5_000_000, places: 9, text: '0.00500' },
    { value: 1_234_567, places: 9, text: '0.001234567' },
    { value: 1_234_560, places: 9, text: '0.00123456' },
    { value: 15_000, places: 6, text: '0.01500' },
    { value: 0, places: 6, text: '0.00000' },
    { value: -1_500_000, places: 6, text: '-1.50000' },
    { value: 7, places: 2, text: '0.07000' },
    { value: Number.MAX_SAFE_INTEGER, places: 6, text: '9007199254.740991' },
    { value: 150, places: 2, atLeast: 0, text: '1.5' },
    { value: 200, places: 2, atLeast: 0, text: '2' },
    { value: 12, places: 0, atLeast: 0, text: '12' },
    { value: 12, places: 0, atLeast: 2, text: '12.00' },
  ]
  for (const { value, places, atLeast, text } of shown) {
    it(`shows ${value} of 10^-${places} with at least ${atLeast ?? 'five'} decimals as ${text}`, () => {
      assert.equal(formatDecimal(value, places, atLeast), text)
    })
  }

  it('is read back as the same value, whatever the decimals shown', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(15), fc.nat(20), (value, places, atLeast) => {
        assert.equal(parseDecimal(formatDecimal(value, places, atLeast), places), value === 0 ? 0 : value)
      }),
    )
  })
})
