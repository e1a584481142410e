import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { chargeMicros } from './charge-micros.ts'

// Billed seconds, rate and amount as the SIP trunking API's documents and published answers show them.
const SAMPLES = [
  { billedS: 180, rate: '0.00500', amount: '0.01500' },
  { billedS: 4, rate: '0.03000', amount: '0.00200' },
  { billedS: 60, rate: '0.00280', amount: '0.00280' },
  { billedS: 15, rate: '0.02720', amount: '0.00680' },
  { billedS: 1335, rate: '0.02720', amount: '0.60520' },
  { billedS: 45, rate: '0.02720', amount: '0.02040' },
  { billedS: 60, rate: '0.00850', amount: '0.00850' },
  { billedS: 1, rate: '1.00000', amount: '0.01667' },
  { billedS: 60, rate: '0.31800', amount: '0.31800' },
]

describe('chargeMicros', () => {
  for (const { billedS, rate, amount } of SAMPLES) {
    it(`charges ${amount} for ${billedS} s at ${rate} a minute`, () => {
      assert.equal(chargeMicros(billedS, Math.round(Number(rate) * 1e9)), Math.round(Number(amount) * 1e6))
    })
  }

  const edges = [
    { billedS: 0, rateNanos: 5_000_000, micros: 0, because: 'no time costs nothing' },
    { billedS: 60, rateNanos: 0, micros: 0, because: 'a free destination is free' },
    { billedS: 60, rateNanos: 5_000, micros: 10, because: 'a half is rounded up' },
    { billedS: 60, rateNanos: 4_999, micros: 0, because: 'one nano less is rounded down' },
    { billedS: 1, rateNanos: 300_000, micros: 10, because: 'a half that the division makes is rounded up' },
    { billedS: 1, rateNanos: 299_999, micros: 0, because: 'just under it is rounded down' },
    { billedS: 86_400, rateNanos: 10 ** 14, micros: 144_000_000_000_000, because: 'past 2^53 it stays exact' },
    {
      billedS: 86_399,
      rateNanos: 123_456_789_012_345,
      micros: 177_775_718_564_630,
      because: 'past 2^53 it rounds alike',
    },
  ]
  for (const { billedS, rateNanos, micros, because } of edges) {
    it(`charges ${micros} micros for ${billedS} s at ${rateNanos} nanos: ${because}`, () => {
      assert.equal(chargeMicros(billedS, rateNanos), micros)
    })
  }

  it('is the exact quotient, rounded half up to 10 micros, for any two factors', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(50_000_000_000_000), (billedS, rateNanos) => {
        const exact = BigInt(billedS) * BigInt(rateNanos)
        assert.equal(BigInt(chargeMicros(billedS, rateNanos)), ((exact * 2n + 600_000n) / 1_200_000n) * 10n)
      }),
    )
  })

  for (const [billedS, rateNanos] of [
    [-1, 1],
    [1, -1],
    [0.5, 1],
    [1, 0.5],
    [2 ** 53, 1],
    [2 ** 52, 2 ** 52],
  ] as const) {
    it(`crashes on ${billedS} s at ${rateNanos} nanos, which no caller may pass`, () => {
      assert.throws(() => chargeMicros(billedS, rateNanos), assert.AssertionError)
    })
  }
})
