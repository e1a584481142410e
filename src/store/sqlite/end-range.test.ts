import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Expr } from '../query.ts'
import { endRange } from './end-range.ts'

const from: Expr = { op: 'gte', field: 'endedAtUs', value: 100 }
const before: Expr = { op: 'lt', field: 'endedAtUs', value: 200 }
const other: Expr = { op: 'eq', field: 'from.country', value: 'GB' }
const indexed: Expr = { op: 'eq', field: 'direction', value: 'inbound' }
const MOST = Number.MAX_SAFE_INTEGER

describe('endRange', () => {
  const cases: [where: Expr | null, range: { fromUs: number; beforeUs: number } | null, because: string][] = [
    [null, null, 'nothing is asked'],
    [from, null, "a range of ends alone is the index's"],
    [{ op: 'and', of: [from, before] }, null, 'both bounds alone too'],
    [other, null, 'no end is asked for'],
    [{ op: 'and', of: [from, before, indexed, { op: 'not', of: indexed }] }, null, 'and more that the index holds'],
    [{ op: 'and', of: [from, before, other] }, { fromUs: 100, beforeUs: 200 }, 'a range and more'],
    [{ op: 'and', of: [other, { op: 'and', of: [before] }] }, { fromUs: 0, beforeUs: 200 }, 'nested, one bound'],
    [
      { op: 'and', of: [other, from, { op: 'gt', field: 'endedAtUs', value: 150 }] },
      { fromUs: 150, beforeUs: MOST },
      'the narrower of two',
    ],
    [
      { op: 'and', of: [other, { op: 'lte', field: 'endedAtUs', value: 200 }] },
      { fromUs: 0, beforeUs: 201 },
      'a bound that is included',
    ],
    [{ op: 'and', of: [other, { op: 'or', of: [from, other] }] }, null, 'a bound that need not hold'],
    [{ op: 'and', of: [other, { op: 'not', of: from }] }, null, 'a bound turned round'],
    [{ op: 'and', of: [other, { op: 'eq', field: 'endedAtUs', value: null }] }, null, 'no end at all'],
  ]
  for (const [where, range, because] of cases)
    it(`${JSON.stringify(range)}: ${because}`, () => assert.deepEqual(endRange(where), range))
})
