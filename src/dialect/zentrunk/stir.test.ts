import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { callOf } from '../../../test/support/call-of.ts'
import { ATTESTATIONS, VERIFICATIONS } from '../../record/call-record.ts'
import type { Facts } from '../../record/facts.ts'
import { matches } from '../../store/query.ts'
import { STIR_VERIFICATIONS, stirVerification, whereStir } from './stir.ts'

/** Every combination of what a source can say, absent included. */
const everyCall = [undefined, ...VERIFICATIONS].flatMap((verification) =>
  [undefined, ...ATTESTATIONS].flatMap((attestation) =>
    [undefined, 'US', 'IN'].map((country): Facts => {
      const facts: Facts = {}
      if (verification !== undefined) facts['stir.verification'] = verification
      if (attestation !== undefined) facts['stir.attestation'] = attestation
      if (country !== undefined) facts['to.country'] = country
      return facts
    }),
  ),
)

describe('stirVerification', () => {
  const cases: { facts: Facts; shows: string; because: string }[] = [
    { facts: { 'stir.verification': 'verified', 'stir.attestation': 'B' }, shows: 'Verified', because: 'stated' },
    {
      facts: { 'stir.verification': 'not_applicable', 'to.country': 'US' },
      shows: 'Not Applicable',
      because: 'stated',
    },
    { facts: { 'stir.attestation': 'A', 'to.country': 'IN' }, shows: 'Verified', because: 'attestation A' },
    { facts: { 'stir.attestation': 'B', 'to.country': 'IN' }, shows: 'Not Verified', because: 'attestation B' },
    { facts: { 'stir.attestation': 'C', 'to.country': 'US' }, shows: 'Not Verified', because: 'attestation C' },
    { facts: { 'to.country': 'US' }, shows: 'Not Verified', because: 'not signed, to the US' },
    { facts: { 'to.country': 'CA' }, shows: 'Not Applicable', because: 'not to the US' },
    { facts: {}, shows: 'Not Applicable', because: 'no country called' },
  ]
  for (const { facts, shows, because } of cases) {
    it(`is ${shows} for ${JSON.stringify(facts)}: ${because}`, () => {
      assert.equal(stirVerification(callOf(facts)), shows)
    })
  }
})

describe('whereStir', () => {
  it('finds exactly the calls that show the value', () => {
    for (const facts of everyCall) {
      const call = callOf(facts)
      const found = STIR_VERIFICATIONS.filter((shown) => matches(whereStir(shown), call))
      assert.deepEqual(found, [stirVerification(call)], JSON.stringify(facts))
    }
  })
})
