import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type AccountHintsLike, accountOf } from './account-of.ts'
import type { SourceRule } from './directory.ts'

const cases: {
  rule: Omit<SourceRule, 'accountId'>
  matches: AccountHintsLike[]
  misses: AccountHintsLike[]
}[] = [
  {
    rule: { match: 'fixed', value: null },
    matches: [{}, { domain: 'any.example' }],
    misses: [],
  },
  {
    rule: { match: 'accountcode', value: 'Sales-1' },
    matches: [{ accountcode: 'Sales-1' }],
    misses: [{}, { accountcode: null }, { accountcode: '' }, { accountcode: 'sales-1' }, { tenant: 'Sales-1' }],
  },
  {
    rule: { match: 'domain', value: 'Alice.Example' },
    matches: [{ domain: 'alice.example' }, { domain: 'ALICE.EXAMPLE' }],
    misses: [{ domain: 'alice.example.org' }, { domain: 'pbx.alice.example' }],
  },
  { rule: { match: 'tenant', value: '7' }, matches: [{ tenant: '7' }], misses: [{ tenant: '07' }] },
  { rule: { match: 'trunk', value: 'carrier-a' }, matches: [{ trunk: 'carrier-a' }], misses: [{ trunk: 'carrier' }] },
  {
    rule: { match: 'did', value: '+1 (312) 857-4907' },
    matches: [{ did: '13128574907' }, { did: '+1.312.857.4907' }],
    misses: [{ did: '3128574907' }, { did: '' }, { did: 'anonymous' }],
  },
  {
    rule: { match: 'peer', value: '192.0.2.7' },
    matches: [{ peer: '192.0.2.7' }, { peer: '192.0.2.7:5060' }, { peer: '::ffff:192.0.2.7' }],
    misses: [{ peer: '192.0.2.70' }, { peer: '192.0.2.8' }, { peer: 'pbx.example' }, { peer: '192.0.2.7 ' }],
  },
  {
    rule: { match: 'peer', value: '10.8.0.0/13' },
    matches: [{ peer: '10.8.0.0' }, { peer: '10.15.255.255' }],
    misses: [{ peer: '10.7.255.255' }, { peer: '10.16.0.0' }, { peer: '2001:db8::1' }],
  },
  {
    rule: { match: 'peer', value: '2001:db8::/32' },
    matches: [{ peer: '2001:db8::1' }, { peer: '[2001:DB8:ffff::1]:5061' }, { peer: '2001:0db8:0:0::1' }],
    misses: [{ peer: '2001:db9::1' }, { peer: '10.0.0.1' }, { peer: '2001:db8::1]' }],
  },
]

for (const { rule, matches, misses } of cases) {
  const source = { rules: [{ ...rule, accountId: 'alice' }] }
  for (const hints of matches) {
    it(`${rule.match} ${rule.value ?? ''} names the account of ${JSON.stringify(hints)}`, () => {
      assert.equal(accountOf(source, hints), 'alice')
    })
  }
  for (const hints of misses) {
    it(`${rule.match} ${rule.value ?? ''} does not name the account of ${JSON.stringify(hints)}`, () => {
      assert.equal(accountOf(source, hints), null)
    })
  }
}

it('goes by the first rule that matches', () => {
  const rules: SourceRule[] = [
    { match: 'domain', value: 'alice.example', accountId: 'alice' },
    { match: 'peer', value: '10.0.0.0/8', accountId: 'bob' },
    { match: 'fixed', value: null, accountId: 'rest' },
  ]
  assert.equal(accountOf({ rules }, { domain: 'alice.example', peer: '10.0.0.1' }), 'alice')
  assert.equal(accountOf({ rules }, { domain: 'other.example', peer: '10.0.0.1' }), 'bob')
  assert.equal(accountOf({ rules }, { domain: 'other.example', peer: '192.0.2.1' }), 'rest')
})

it('names nobody where there is no rule', () => {
  assert.equal(accountOf({ rules: [] }, { domain: 'alice.example' }), null)
})
