import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type HeldCall, LASTS_US, segmentInMemory } from '../../../../test/support/segment-in-memory.ts'
import type { CallQuery, Expr } from '../../query.ts'
import { DAY_US, QUARTER_US } from '../folder/schema.ts'
import { readPage } from './read-page.ts'
import { Search } from './search.ts'
import { run } from './slices.ts'

const DAYS = 20
const CALLS = 20_000
const SOURCES = { refOf: () => 1, names: () => ['fs-london'] }
const BY_START = { by: 'startedAtUs', descending: true } as const
const BY_END = { by: 'endedAtUs', descending: true } as const
const INBOUND: Expr = { op: 'eq', field: 'direction', value: 'inbound' }
const CODE: Expr = { op: 'eq', field: 'hangup.code', value: 3010 }
const ALL_OR_INBOUND: readonly (Expr | null)[] = [null, INBOUND]
const Q850: Expr = { op: 'eq', field: 'hangup.q850', value: 17 }
const and = (...of: Expr[]): Expr => ({ op: 'and', of })
const since = (value: number): Expr => ({ op: 'gte', field: 'startedAtUs', value })

const calls: HeldCall[] = Array.from({ length: CALLS }, (_, n) => ({
  startedAtUs: Math.floor((n * DAYS * DAY_US) / CALLS),
  direction: n % 2,
  hangupCode: n % 3 === 0 ? 3010 : 4010,
  q850: n % 5 === 0 ? 17 : 16,
}))
const A_DAY = CALLS / DAYS
const A_QUARTER = Math.ceil(A_DAY / 96)

const CUT_US = (DAYS / 2) * DAY_US
const within = (fromUs: number, beforeUs: number) =>
  calls.filter(({ startedAtUs }) => startedAtUs >= fromUs && startedAtUs < beforeUs)
/** Two segments of ten days each, the second to the end of time. */
const older = segmentInMemory(within(0, CUT_US), { no: 1, beforeUs: CUT_US })
const newer = segmentInMemory(within(CUT_US, DAYS * DAY_US), { no: 2, fromUs: CUT_US })

/** A page, and what was asked of the rows of each segment for it. */
function page(over: Partial<CallQuery>) {
  const query = { accountId: 'MA', where: null, order: BY_START, limit: 20, total: true, ...over }
  const read = run(readPage(new Search(query, 1, SOURCES), [older.file, newer.file]))
  const ofRows = ({ asked }: typeof older) => asked.splice(0).filter(({ text }) => / calls /.test(text))
  return { ...read, older: ofRows(older), newer: ofRows(newer) }
}

/** How many calls a page has walked by, and counted one by one at most, by the bounds in its SQL. */
function walked(read: ReturnType<typeof page>): number {
  const counted = ({ text, values }: (typeof read.older)[number]) => {
    if (text.endsWith('LIMIT ? OFFSET ?')) return Number(values.at(-1)) + Number(values.at(-2))
    if (!text.includes('count(*)')) return 0
    const [, fromUs, beforeUs] = values as number[]
    return Math.abs((beforeUs as number) - (fromUs as number)) / (DAY_US / A_DAY)
  }
  return [...read.older, ...read.newer].reduce((sum, asked) => sum + counted(asked), 0)
}

describe('a total', () => {
  it('of every call, and of what counts tell, reads no row for it', () => {
    for (const where of [null, INBOUND, and(INBOUND, CODE), { op: 'not', of: CODE } as const])
      for (const order of [BY_START, BY_END]) {
        const { total, ...read } = page({ where, order })
        assert.equal([...read.older, ...read.newer].filter(({ text }) => text.includes('count(*)')).length, 0)
        assert.ok(total !== null && total > 0)
      }
  })

  it('of a range counts the rows of less than a quarter at its end', () => {
    const from = 3 * DAY_US + 5 * QUARTER_US + 7
    const read = page({ where: and(since(from), INBOUND) })
    assert.equal(
      read.total,
      calls.filter(({ startedAtUs, direction }) => startedAtUs >= from && direction === 0).length,
    )
    assert.ok(walked(read) <= A_QUARTER + 21, `${walked(read)}`)
  })

  it('of a range and a hangup code counts the rows of less than a day', () => {
    const from = 3 * DAY_US + 5 * QUARTER_US + 7
    const read = page({ where: and(since(from), CODE) })
    assert.equal(
      read.total,
      calls.filter(({ startedAtUs, hangupCode }) => startedAtUs >= from && hangupCode === 3010).length,
    )
    assert.ok(walked(read) <= A_DAY + 1000, `${walked(read)}`)
  })
})

describe('a page', () => {
  it('of the newest calls is read from the newest segment alone', () => {
    for (const order of [BY_START, BY_END]) assert.equal(page({ order, total: false }).older.length, 0)
  })

  it('of the oldest is read from the oldest', () => {
    for (const { by } of [BY_START, BY_END])
      assert.equal(page({ order: { by, descending: false }, total: false }).newer.length, 0)
  })

  it('goes on into the next segment where the first has too few', () => {
    const { rows, older: ofOlder } = page({
      where: { op: 'lt', field: 'startedAtUs', value: CUT_US + DAY_US / 100 },
      total: false,
    })
    assert.equal(rows.length, 20)
    assert.ok(ofOlder.length > 0)
  })

  it('behind many others is found by counts: no more is walked than a quarter has', () => {
    for (const order of [BY_START, BY_END])
      for (const where of ALL_OR_INBOUND) {
        const read = page({ order, where, offset: 8000, total: false })
        const matching = calls.filter(({ direction }) => where === null || direction === 0)
        const startedAtUs = matching[matching.length - 1 - 8000]?.startedAtUs ?? 0
        assert.equal(read.rows[0]?.at(-1), order === BY_END ? startedAtUs + LASTS_US : startedAtUs)
        assert.ok(walked(read) <= A_QUARTER + 21, `${walked(read)}`)
      }
  })

  it('and no more than a day where only days tell', () => {
    const read = page({ where: CODE, offset: 5000, total: false })
    assert.equal(read.rows.length, 20)
    assert.ok(walked(read) <= 2 * A_DAY, `${walked(read)}`)
  })

  it('behind many others of what no count tells passes whole segments by their number of matches', () => {
    const read = page({ where: Q850, offset: 2500, total: false })
    const matching = calls.filter(({ q850 }) => q850 === 17)
    assert.equal(read.rows[0]?.[1], matching[matching.length - 1 - 2500]?.startedAtUs)
    const pages = read.newer.filter(({ text }) => text.endsWith('LIMIT ? OFFSET ?'))
    assert.equal(pages.length, 0)
  })

  it('behind the last match is empty', () => {
    for (const where of [null, Q850]) assert.deepEqual(page({ where, offset: CALLS, total: true }).rows, [])
  })
})
