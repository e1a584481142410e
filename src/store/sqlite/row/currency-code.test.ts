import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { currencyCode, currencyOf, OTHER_CURRENCY } from './currency-code.ts'

describe('the number of a currency', () => {
  for (const [currency, code] of [
    ['AAA', 0],
    ['USD', 13_991],
    ['EUR', 3241],
    ['ZZZ', OTHER_CURRENCY - 1],
  ] as const)
    it(`is ${code} for ${currency}, and leads back to it`, () => {
      assert.equal(currencyCode(currency), code)
      assert.equal(currencyOf(code), currency)
    })

  for (const text of ['', 'usd', 'US', '€', 'A1A', 'ÄÖÜ'])
    it(`is that of no currency for ${JSON.stringify(text)}`, () => assert.equal(currencyCode(text), OTHER_CURRENCY))
})
