import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { segmentInMemory } from '../../../../test/support/segment-in-memory.ts'
import type { CallQuery, Expr, ListField, Order } from '../../query.ts'
import { LIVE_DDL, UPDATED_AT } from '../folder/schema.ts'
import type { Sql } from '../folder/sql.ts'
import { bounds, Search } from './search.ts'
import { stretchOf } from './stretch.ts'
import { askedTimes } from './time-range.ts'

const SOURCES = { refOf: () => 1, names: () => ['fs-london'] }
const NEWEST_FIRST: Order = { by: 'startedAtUs', descending: true }

const member = (field: ListField, value: number): Expr => ({ op: 'member', field, value })
const AGENT = member('center.agents.id', 7)
const LIST = member('center.contact.listIds', 7)
const SURVEY = member('center.surveyIds', 7)
const PRIMARY: Expr = { op: 'eq', field: 'primary', value: true }
const SINCE: Expr = { op: 'gte', field: 'startedAtUs', value: 5 }
const UNTIL: Expr = { op: 'lt', field: 'startedAtUs', value: 9 }
const INBOUND: Expr = { op: 'eq', field: 'direction', value: 'inbound' }
const and = (...of: Expr[]): Expr => ({ op: 'and', of })

/** What SQLite does for the count and for a page of a query that looks at rows, a step a line. */
function plansOf(where: Expr | null, over: Partial<CallQuery> = {}, { numbers = false } = {}) {
  const { db, file } = segmentInMemory([], { numbers })
  const query = { accountId: 'MA', where, order: NEWEST_FIRST, limit: 20, total: true, ...over }
  const search = new Search(query, 1, SOURCES)
  const times = askedTimes(where)
  const plan = ({ text, values }: Sql) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all(...values)
      .map(({ detail }) => String(detail))
      .join('\n')
  const stretch = (key: string) => {
    const { starts, ends } = bounds(file, times)
    return stretchOf(key === 'started_at' ? starts : ends, query.order.descending)
  }
  const counting = search.toCount(file, times)
  const isByEnd = query.order.by === 'endedAtUs'
  const paging = (isByEnd ? search.toRowsByEnd(file, times) : null) ?? search.toRows(file, times, null)
  const looked = paging.looked(stretch(paging.key))
  const page = { order: search.order, limit: 21, offset: 0 }
  return {
    count: plan({
      text: `SELECT count(*) ${counting.matches(stretch(counting.key)).text}`,
      values: counting.matches(stretch(counting.key)).values,
    }),
    looked: plan({ ...looked, text: `${looked.text} ORDER BY 1 DESC, 2 DESC LIMIT 1 OFFSET 9` }),
    page: plan(
      isByEnd && paging.key === 'started_at'
        ? paging.sorted(stretch(paging.key), page)
        : paging.page(stretch(paging.key), page),
    ),
  }
}

const BY_ENTRY = /^SEARCH member USING PRIMARY KEY \(account=\? AND kind=\? AND ref=\?/m
const BY_ENTRY_WITHIN =
  /^SEARCH member USING PRIMARY KEY \(account=\? AND kind=\? AND ref=\? AND started_at>\? AND started_at<\?\)/m
const ROW_BY_KEY = /^SEARCH calls USING PRIMARY KEY \(account=\? AND started_at=\? AND id=\?\)/m

describe('a list by agent, contact list or survey', () => {
  for (const [name, leaf] of [
    ['agent', AGENT],
    ['contact list', LIST],
    ['survey', SURVEY],
  ] as const)
    it(`is counted in the entries of one ${name}, whose page leads to as many rows as it shows`, () => {
      const { count, page } = plansOf(and(PRIMARY, and(SINCE, UNTIL, and(leaf))))
      assert.match(count, BY_ENTRY_WITHIN)
      assert.doesNotMatch(count, /calls/)
      assert.match(page, BY_ENTRY_WITHIN)
      assert.match(page, ROW_BY_KEY)
      assert.doesNotMatch(page, /TEMP B-TREE/)
    })

  it('asks the rows that the entries lead to for what else must hold', () => {
    const { count, page } = plansOf(and(INBOUND, AGENT, SINCE, UNTIL))
    for (const plan of [count, page]) {
      assert.match(plan, BY_ENTRY_WITHIN)
      assert.match(plan, ROW_BY_KEY)
      assert.doesNotMatch(plan, /TEMP B-TREE/)
    }
  })

  it('begins with the entries of one of two lists, and looks the other up', () => {
    const { page } = plansOf(and(AGENT, LIST))
    assert.match(page, BY_ENTRY)
    assert.match(page, /member USING PRIMARY KEY \(account=\? AND kind=\? AND ref=\? AND started_at=\? AND id=\?\)/)
  })

  it('takes the entries of any of several surveys together', () => {
    const { count, page, looked } = plansOf({ op: 'or', of: [SURVEY, member('center.surveyIds', 8)] })
    assert.match(looked, /^MERGE \(UNION ALL\)/)
    assert.doesNotMatch(looked, /TEMP B-TREE/)
    for (const plan of [count, page]) assert.match(plan, BY_ENTRY)
    assert.doesNotMatch(count, /calls/)
    assert.match(page, ROW_BY_KEY)
  })

  it('sorts by another field what the entries lead to', () => {
    const { page } = plansOf(AGENT, { order: { by: 'endedAtUs', descending: true } })
    assert.match(page, BY_ENTRY)
    assert.match(page, /TEMP B-TREE/)
  })

  for (const [shape, where] of [
    ['under an or', { op: 'or', of: [AGENT, LIST] }],
    ['under a not', { op: 'not', of: AGENT }],
  ] as const)
    it(`looks up each row of the account where it stands ${shape}`, () => {
      const { page } = plansOf(where)
      assert.match(page, /^SEARCH calls USING PRIMARY KEY \(account=\? AND started_at>\? AND started_at<\?\)/m)
      assert.match(page, /member USING PRIMARY KEY \(account=\? AND kind=\? AND ref=\? AND started_at=\? AND id=\?\)/)
    })
})

describe('a list by call type', () => {
  const TYPE: Expr = { op: 'member', field: 'callTypes', value: 'transfer' }

  it('costs what one by direction does', () => {
    for (const others of [[], [PRIMARY], [SINCE, UNTIL, PRIMARY]])
      assert.deepEqual(plansOf(and(TYPE, ...others)), plansOf(and(INBOUND, ...others)))
  })

  it('is counted in an index that covers it', () => {
    assert.match(plansOf(and(TYPE, PRIMARY)).count, /COVERING INDEX calls_ended/)
  })
})

describe('a list in the order of ends', () => {
  const order: Order = { by: 'endedAtUs', descending: true }
  const ended = (op: 'gte' | 'lt', value: number): Expr => ({ op, field: 'endedAtUs', value })
  const BRITISH: Expr = { op: 'eq', field: 'from.country', value: 'GB' }

  it('is counted in the index on ends where that tells everything, and read by the keys that it gives', () => {
    const { count, page } = plansOf(and(ended('gte', 100), ended('lt', 200), INBOUND, PRIMARY), { order })
    assert.match(count, /COVERING INDEX calls_ended \(account=\? AND ended_at>\? AND ended_at<\?\)/)
    assert.match(page, /COVERING INDEX calls_ended/)
    assert.match(page, ROW_BY_KEY)
    assert.doesNotMatch(page, /TEMP B-TREE/)
  })

  it('is counted by start where only rows tell, in the starts that can have such ends', () => {
    const { count, page } = plansOf(and(ended('gte', 100), ended('lt', 200), BRITISH), { order })
    assert.equal(count, 'SEARCH calls USING PRIMARY KEY (account=? AND started_at>? AND started_at<?)')
    assert.match(page, /INDEX calls_ended/)
    assert.doesNotMatch(page, /TEMP B-TREE/)
  })
})

describe('a list by number', () => {
  const from: Expr = { op: 'in', field: 'from.number', values: ['+12025551234', '2025551234'] }
  const to: Expr = { op: 'prefix', field: 'to.number', value: '+1202' }

  it('is found by the indexes on numbers, where a segment has them, on either side', () => {
    const { count, page } = plansOf(and({ op: 'or', of: [from, to] }, PRIMARY, SINCE), {}, { numbers: true })
    for (const plan of [count, page]) {
      assert.match(
        plan,
        /COVERING INDEX calls_from \(account=\? AND from_number=\? AND started_at>\? AND started_at<\?\)/,
      )
      assert.match(plan, /COVERING INDEX calls_to \(account=\? AND to_number>\? AND to_number<\?\)/)
    }
    assert.doesNotMatch(count, /SEARCH calls USING PRIMARY KEY/)
    assert.match(page, ROW_BY_KEY)
  })

  it('is read by start where a segment has none', () => {
    assert.match(
      plansOf(from).page,
      /^SEARCH calls USING PRIMARY KEY \(account=\? AND started_at>\? AND started_at<\?\)/,
    )
  })

  it('of one side only, or of neither, is a condition on rows', () => {
    for (const where of [
      { op: 'not', of: from },
      { op: 'or', of: [from, INBOUND] },
    ] as const)
      assert.match(
        plansOf(where, {}, { numbers: true }).page,
        /^SEARCH calls USING PRIMARY KEY \(account=\? AND started_at/,
      )
  })
})

describe('a call by its id or its UUID among other conditions', () => {
  for (const [expr, index] of [
    [{ op: 'eq', field: 'id', value: 5 }, 'calls_id'],
    [{ op: 'in', field: 'callUuid', values: ['90b6eb07-796c-4d86-a4fd-44ed11667ddb'] }, 'calls_uuid'],
  ] as const)
    it(`is found by ${index}`, () => {
      const { count, page } = plansOf(and(expr, SINCE, PRIMARY))
      for (const plan of [count, page]) assert.match(plan, new RegExp(`SEARCH calls USING INDEX ${index}`))
    })
})

describe('silent calls', () => {
  it('are found by an index of live.db', () => {
    const db = new DatabaseSync(':memory:')
    db.exec(LIVE_DDL)
    const query = `SELECT * FROM calls WHERE ${UPDATED_AT} < ? ORDER BY ${UPDATED_AT}, id LIMIT ?`
    const [plan] = db.prepare(`EXPLAIN QUERY PLAN ${query}`).all(1, 1)
    assert.match(String(plan?.detail), /USING INDEX calls_updated/)
  })
})
