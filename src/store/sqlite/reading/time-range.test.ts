import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aCall } from '../../../../test/support/a-report.ts'
import { anyExpr } from '../../../../test/support/any-query.ts'
import { type Expr, matches } from '../../query.ts'
import { ALWAYS, askedTimes, impliedRange, widened } from './time-range.ts'

const start = (op: 'gte' | 'gt' | 'lt' | 'lte' | 'eq', value: number): Expr => ({ op, field: 'startedAtUs', value })
const end = (op: 'gte' | 'gt' | 'lt' | 'lte' | 'eq', value: number): Expr => ({ op, field: 'endedAtUs', value })
const and = (...of: Expr[]): Expr => ({ op: 'and', of })
const or = (...of: Expr[]): Expr => ({ op: 'or', of })
const other: Expr = { op: 'eq', field: 'direction', value: 'inbound' }
const MOST = Number.MAX_SAFE_INTEGER

describe('askedTimes', () => {
  const cases: [where: Expr | null, starts: [number, number], ends: [number, number] | null, rest: number][] = [
    [null, [0, MOST], null, 0],
    [other, [0, MOST], null, 1],
    [and(start('gte', 5), start('lt', 9), other), [5, 9], null, 1],
    [and(start('gt', 5), and(start('lte', 9))), [6, 10], null, 0],
    [and(start('eq', 5), end('eq', 7)), [5, 6], [7, 8], 0],
    [and(start('gte', 5), start('gte', 7), start('lt', 6)), [7, 6], null, 0],
    [and(start('gt', 5.5), start('lt', 7.5)), [6, 8], null, 0],
    [start('eq', 5.5), [6, 6], null, 0],
    [end('gte', -3), [0, MOST], [0, MOST], 0],
    [end('lt', 1e300), [0, MOST], [0, MOST], 0],
    [or(start('gte', 5), other), [0, MOST], null, 1],
    [{ op: 'not', of: end('lt', 5) }, [0, MOST], null, 1],
    [{ op: 'eq', field: 'endedAtUs', value: null }, [0, MOST], null, 1],
    [{ op: 'gte', field: 'startedAtUs', value: '5' }, [0, MOST], null, 1],
  ]
  for (const [where, starts, ends, rest] of cases)
    it(`takes starts ${starts} and ends ${ends} out of ${JSON.stringify(where)}`, () => {
      const asked = askedTimes(where)
      assert.deepEqual([asked.starts.fromUs, asked.starts.beforeUs], starts)
      assert.deepEqual(asked.ends === null ? null : [asked.ends.fromUs, asked.ends.beforeUs], ends)
      assert.equal(asked.rest.length, rest)
    })
})

describe('impliedRange', () => {
  const cases: [where: Expr | null, from: number, before: number, none: boolean, because: string][] = [
    [null, 0, MOST, true, 'nothing is asked'],
    [other, 0, MOST, true, 'something else is asked'],
    [end('lt', 9), 0, 9, false, 'a call that goes on is not before anything'],
    [or(and(end('gte', 3), end('lt', 5)), end('eq', 20)), 3, 21, false, 'either can hold'],
    [or(end('eq', 20), other), 0, MOST, true, 'the other can hold'],
    [and(or(end('eq', 3), end('eq', 5)), end('gt', 3)), 4, 6, false, 'both must hold'],
    [{ op: 'in', field: 'endedAtUs', values: [7, 'x', 3] }, 3, 8, false, 'one of some'],
    [{ op: 'in', field: 'endedAtUs', values: [] }, 0, 0, false, 'one of none'],
    [{ op: 'not', of: end('lt', 9) }, 0, MOST, true, 'what is not before may go on'],
    [{ op: 'eq', field: 'endedAtUs', value: null }, 0, 0, true, 'only calls that go on'],
    [{ op: 'ne', field: 'endedAtUs', value: null }, 0, MOST, false, 'only calls that have ended'],
    [{ op: 'ne', field: 'endedAtUs', value: 5 }, 0, MOST, true, 'nearly every call'],
    [{ op: 'prefix', field: 'endedAtUs', value: '1' }, 0, MOST, false, 'no number begins with a text'],
  ]
  for (const [where, fromUs, beforeUs, none, because] of cases)
    it(`is ${fromUs} to ${beforeUs}, ${none ? 'or none' : 'and not none'}: ${because}`, () =>
      assert.deepEqual(impliedRange(where, 'endedAtUs'), { fromUs, beforeUs, none }))

  it('holds the time of every match, whatever is asked', () => {
    const calls = [aCall(), aCall({ started_at: '2024-01-15T14:28:49Z' }), aCall({ ended_at: '2024-01-15T14:40:00Z' })]
    fc.assert(
      fc.property(anyExpr(calls), fc.constantFrom('startedAtUs', 'endedAtUs'), (where, field) => {
        const { fromUs, beforeUs, none } = impliedRange(where, field)
        for (const call of calls)
          if (matches(where, call)) {
            const us = call[field]
            assert.ok(us === null ? none : us >= fromUs && us < beforeUs)
          }
      }),
      { numRuns: 500 },
    )
  })
})

describe('widened', () => {
  it('moves each bound, never beyond all time, and leaves a bound that is none', () => {
    assert.deepEqual(widened({ fromUs: 100, beforeUs: 200 }, { fromUs: -30, beforeUs: 7 }), {
      fromUs: 70,
      beforeUs: 207,
    })
    assert.deepEqual(widened({ fromUs: 100, beforeUs: MOST }, { fromUs: -300, beforeUs: -7 }), ALWAYS)
  })
})
