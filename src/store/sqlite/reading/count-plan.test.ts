import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Expr } from '../../query.ts'
import { DAY_US, QUARTER_US } from '../folder/schema.ts'
import { countPieces, countsThatTell } from './count-plan.ts'
import { ALWAYS, type TimeRange } from './time-range.ts'

const direction: Expr = { op: 'eq', field: 'direction', value: 'inbound' }
const primary: Expr = { op: 'eq', field: 'primary', value: true }
const code: Expr = { op: 'gt', field: 'hangup.code', value: 3000 }
const type: Expr = { op: 'member', field: 'callTypes', value: 'callback' }
const ended: Expr = { op: 'ne', field: 'endedAtUs', value: null }

describe('countsThatTell', () => {
  const cases: [conditions: Expr[], table: string | null][] = [
    [[], 'quarters'],
    [[direction, { op: 'not', of: { op: 'or', of: [primary, ended] } }], 'quarters'],
    [[direction, code], 'days'],
    [[{ op: 'or', of: [type, primary] }], 'days'],
    [[{ op: 'eq', field: 'leg', value: 'b' }], null],
    [[direction, { op: 'lt', field: 'endedAtUs', value: 5 }], null],
    [[{ op: 'or', of: [direction, { op: 'member', field: 'tags', value: 'vip' }] }], null],
  ]
  for (const [conditions, table] of cases)
    it(`${table} tell ${JSON.stringify(conditions)}`, () => assert.equal(countsThatTell(conditions), table))
})

describe('countPieces', () => {
  const range = (fromUs: number, beforeUs: number): TimeRange => ({ fromUs, beforeUs })

  it('takes whole days, then quarters at the ends, then rows', () => {
    const fromUs = 3 * DAY_US - 2 * QUARTER_US - 5
    const beforeUs = 5 * DAY_US + QUARTER_US + 7
    assert.deepEqual(countPieces(range(fromUs, beforeUs), 'quarters'), [
      { rows: range(fromUs, 3 * DAY_US - 2 * QUARTER_US) },
      { table: 'quarters', from: 3 * 96 - 2, before: 3 * 96 },
      { table: 'days', from: 3, before: 5 },
      { table: 'quarters', from: 5 * 96, before: 5 * 96 + 1 },
      { rows: range(5 * DAY_US + QUARTER_US, beforeUs) },
    ])
  })

  it('takes rows at the ends where only days tell', () =>
    assert.deepEqual(countPieces(range(DAY_US - 1, 2 * DAY_US), 'days'), [
      { rows: range(DAY_US - 1, DAY_US) },
      { table: 'days', from: 1, before: 2 },
    ]))

  it('has no rows at a side that is open', () =>
    assert.deepEqual(countPieces(ALWAYS, 'quarters'), [{ table: 'days', from: 0, before: Number.MAX_SAFE_INTEGER }]))

  it('is rows alone within a quarter, and nothing of an empty range', () => {
    assert.deepEqual(countPieces(range(5, 9), 'quarters'), [{ rows: range(5, 9) }])
    assert.deepEqual(countPieces(range(9, 9), 'quarters'), [])
    assert.deepEqual(countPieces(range(9, 5), 'days'), [])
  })

  it('covers every moment of a range once, in order', () => {
    const anyUs = fc.integer({ min: 0, max: 4 * DAY_US })
    fc.assert(
      fc.property(anyUs, anyUs, fc.constantFrom('quarters', 'days'), (fromUs, beforeUs, finest) => {
        const widths = { days: DAY_US, quarters: QUARTER_US }
        let at = fromUs
        for (const piece of countPieces(range(fromUs, beforeUs), finest)) {
          const [from, before] =
            'rows' in piece
              ? [piece.rows.fromUs, piece.rows.beforeUs]
              : [piece.from * widths[piece.table], piece.before * widths[piece.table]]
          assert.equal(from, at)
          assert.ok(before > from)
          at = before
        }
        assert.equal(at, Math.max(fromUs, beforeUs))
      }),
    )
  })
})
