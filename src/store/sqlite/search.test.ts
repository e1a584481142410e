import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { CallQuery, Expr, ListField, Order } from '../query.ts'
import { CALLS_DDL, LIVE_DDL, UPDATED_AT } from './schema.ts'
import { Search } from './search.ts'

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

/** What SQLite does for the count and for the page of a query, a step a line. */
function plansOf(where: Expr, over: Partial<CallQuery> = {}): { count: string; page: string } {
  const db = new DatabaseSync(':memory:')
  db.exec(CALLS_DDL)
  const query = { accountId: 'MA', where, order: NEWEST_FIRST, limit: 20, total: true, ...over }
  const search = new Search(query, 1, SOURCES)
  const plan = ({ text, values }: ReturnType<Search['count']>) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all(...values)
      .map(({ detail }) => String(detail))
      .join('\n')
  return { count: plan(search.count(null)), page: plan(search.page(null, { limit: 21, offset: 0 })) }
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

  it('goes on behind a cursor where it stands in the entries', () => {
    const { page } = plansOf(AGENT, { after: { value: 8, id: 3 } })
    assert.match(page, /member USING PRIMARY KEY \(account=\? AND kind=\? AND ref=\? AND \(started_at,id\)<\(\?,\?\)\)/)
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
    const { count, page } = plansOf({ op: 'or', of: [SURVEY, member('center.surveyIds', 8)] })
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
      assert.match(page, /^SEARCH calls USING PRIMARY KEY \(account=\?\)/m)
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

describe('silent calls', () => {
  it('are found by an index of live.db', () => {
    const db = new DatabaseSync(':memory:')
    db.exec(LIVE_DDL)
    const query = `SELECT * FROM calls WHERE ${UPDATED_AT} < ? ORDER BY ${UPDATED_AT}, id LIMIT ?`
    const [plan] = db.prepare(`EXPLAIN QUERY PLAN ${query}`).all(1, 1)
    assert.match(String(plan?.detail), /USING INDEX calls_updated/)
  })
})
