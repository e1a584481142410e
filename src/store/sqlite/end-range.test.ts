import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Expr } from '../query.ts'
import { endRange } from './end-range.ts'

const from: Expr = { op: 'gte', field: 'endedAtUs', value: 100 }
const before: Expr = { op: 'lt', field: 'endedAtUs', value: 200 }
const inbound: Expr = { op: 'eq', field: 'direction', value: 'inbound' }
const MOST = Number.MAX_SAFE_INTEGER

describe('endRange', () => {
  const cases: [where: Expr | null, range: { fromUs: number; beforeUs: number } | null, because: string][] = [
    [null, null, 'nothing is asked'],
    [from, null, "a range of ends alone is the index's"],
    [{ op: 'and', of: [from, before] }, null, 'both bounds alone too'],
    [inbound, null, 'no end is asked for'],
    [{ op: 'and', of: [from, before, inbound] }, { fromUs: 100, beforeUs: 200 }, 'a range and more'],
    [{ op: 'and', of: [inbound, { op: 'and', of: [before] }] }, { fromUs: 0, beforeUs: 200 }, 'nested, one bound'],
    [
      { op: 'and', of: [inbound, from, { op: 'gt', field: 'endedAtUs', value: 150 }] },
      { fromUs: 150, beforeUs: MOST },
      'the narrower of two',
    ],
    [
      { op: 'and', of: [inbound, { op: 'lte', field: 'endedAtUs', value: 200 }] },
      { fromUs: 0, beforeUs: 201 },
      'a bound that is included',
    ],
    [{ op: 'and', of: [inbound, { op: 'or', of: [from, inbound] }] }, null, 'a bound that need not hold'],
    [{ op: 'and', of: [inbound, { op: 'not', of: from }] }, null, 'a bound turned round'],
    [{ op: 'and', of: [inbound, { op: 'eq', field: 'endedAtUs', value: null }] }, null, 'no end at all'],
  ]
  for (const [where, range, because] of cases)
    it(`${JSON.stringify(range)}: ${because}`, () => assert.deepEqual(endRange(where), range))
})
