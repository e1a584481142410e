import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aCall, CALL_UUID } from '../../../../test/support/a-report.ts'
import { anyExpr } from '../../../../test/support/any-query.ts'
import { type Expr, FIELDS, type Field, matches, ORDER_FIELDS } from '../../query.ts'
import { CALLS_DDL } from '../folder/schema.ts'
import { addFactFunctions } from '../row/fact-functions.ts'
import { ROW_COLUMNS } from '../row/row-columns.ts'
import { CENTER_COLUMNS } from '../row/row-members.ts'
import { compileExpr, compileOrder, type SourceRefs } from './compile.ts'

const SOURCES: SourceRefs = {
  refOf: (name) => (name === 'fs-london' ? 1 : null),
  names: () => ['fs-london'],
}

const INJECTIONS = [
  "'; DROP TABLE calls; --",
  '" OR 1=1 --',
  "' OR '1'='1",
  '?',
  '1) OR (1=1',
  'calls',
  "x' || (SELECT uuid FROM calls) || '",
  '/*',
  '$.si',
  "'), json_extract(doc, '$.si",
]

const OPS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'prefix', 'suffix', 'contains', 'in'] as const

const NAMES = Object.keys(FIELDS) as Field[]

function leaf(field: Field, op: (typeof OPS)[number], value: string): Expr {
  return op === 'in' ? { op, field, values: [value, value] } : ({ op, field, value } as Expr)
}

const OUR_WORDS = new Set([
  ...ROW_COLUMNS,
  ...['AND', 'OR', 'NOT', 'IS', 'NULL', 'IN', 'EXISTS', 'SELECT', 'FROM', 'WHERE', 'value'],
  ...['ifnull', 'nullif', 'coalesce', 'lower', 'hex', 'substr', 'instr', 'round'],
  ...['fact', 'fact_of', 'fact_id', 'fact_has', 'hangup_name'],
  ...['iif', ...CENTER_COLUMNS],
])
const OUR_TEXTS = new Set(["'-'"])

/** What of an SQL text is neither a column, a word of SQL that we use, a path in our documents nor a figure. */
function foreignWords(sql: string): string[] {
  const tokens = sql.match(/'[^']*'|[A-Za-z_]\w*|\d+|<>|>>|\|\||[<>]=?|[^\s]/g) ?? []
  const isOurs = (token: string) =>
    OUR_WORDS.has(token) || OUR_TEXTS.has(token) || /^(\d+|<>|>>|\|\||[<>]=?|[(),?=&+-])$/.test(token)
  return tokens.filter((token) => !isOurs(token))
}

/** An empty database with the tables of a segment. */
function emptyFile(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  addFactFunctions(db)
  db.exec(CALLS_DDL)
  return db
}

describe('compileExpr', () => {
  it('gives SQL that SQLite takes, with a question mark for each value', () => {
    const db = emptyFile()
    fc.assert(
      fc.property(anyExpr([aCall(), aCall({ center: { agents: [{ id: 1 }] }, tags: ['a'] })]), (expr) => {
        const { text, values } = compileExpr(expr, SOURCES)
        assert.equal(text.split('?').length - 1, values.length)
        db.prepare(`SELECT count(*) FROM calls WHERE account = 1 AND ${text}`).get(...values)
      }),
      { numRuns: 500 },
    )
  })

  it('is made of our own words and figures only, whatever is asked', () => {
    const anyText = fc.oneof(fc.constantFrom(...INJECTIONS), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.constantFrom(...OPS), anyText, (field, op, value) => {
        const unknown = foreignWords(compileExpr(leaf(field, op, value), SOURCES).text)
        assert.deepEqual(unknown, [], `${field} ${op} ${value}`)
      }),
      { numRuns: 3000 },
    )
  })

  it('never has a word of the request in its SQL, wherever it stands', () => {
    const word = 'zqxjkvw'
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.constantFrom(...OPS), fc.string(), (field, op, more) => {
        const text = compileExpr(leaf(field, op, `${more}${word}${more}`), SOURCES).text
        assert.ok(!text.includes(word))
      }),
    )
    assert.ok(!compileExpr({ op: 'member', field: 'tags', value: word }, SOURCES).text.includes(word))
  })

  it('finds nothing and harms nothing with SQL in every field', () => {
    const db = emptyFile()
    for (const field of NAMES)
      for (const op of OPS)
        for (const injection of INJECTIONS) {
          const { text, values } = compileExpr(leaf(field, op, injection), SOURCES)
          assert.deepEqual(db.prepare(`SELECT * FROM calls WHERE ${text}`).all(...values), [])
        }
    assert.equal(db.prepare('SELECT count(*) AS n FROM calls').get()?.n, 0)
  })

  it('knows a UUID only as it is written: whole, with dashes, in small letters', () => {
    const values = [CALL_UUID.replaceAll('-', ''), CALL_UUID.toUpperCase(), `${CALL_UUID} `, 'x']
    for (const value of values) assert.equal(compileExpr({ op: 'eq', field: 'callUuid', value }, SOURCES).text, '0')
  })

  it('compares values of one kind only, as matches does', () => {
    const wrong: Expr[] = [
      { op: 'lt', field: 'direction', value: 5 },
      { op: 'gte', field: 'source', value: 5 },
      { op: 'gte', field: 'state', value: false },
      { op: 'gte', field: 'durationS', value: '0' },
      { op: 'gte', field: 'primary', value: 0 },
      { op: 'eq', field: 'primary', value: 1 },
      { op: 'in', field: 'from.number', values: [12025551234] },
    ]
    for (const expr of wrong) {
      assert.equal(matches(expr, aCall()), false)
      assert.deepEqual(compileExpr(expr, SOURCES), { text: '0', values: [] })
    }
  })
})

describe('compileOrder', () => {
  it('names a sort expression and the calls that have it, for every field of the order', () => {
    const db = emptyFile()
    for (const by of ORDER_FIELDS) {
      const order = compileOrder({ by, descending: true }, SOURCES)
      const [sql] = order.by.map((one) => one.sql)
      db.prepare(`SELECT ${sql} FROM calls WHERE ${order.present} ORDER BY ${sql}, id`).all()
    }
  })

  for (const [by, index] of [
    ['startedAtUs', /USING PRIMARY KEY/],
    ['endedAtUs', /USING INDEX calls_ended/],
  ] as const)
    it(`sorts by ${by} with an index alone`, () => {
      const order = compileOrder({ by, descending: true }, SOURCES)
      const [sql] = order.by.map((one) => one.sql)
      const query = `SELECT * FROM calls WHERE account = ? AND ${order.present} ORDER BY ${sql} DESC, id DESC LIMIT 20`
      const plan = emptyFile()
        .prepare(`EXPLAIN QUERY PLAN ${query}`)
        .all(1)
        .map(({ detail }) => String(detail))
      assert.match(plan.join('\n'), index)
      assert.doesNotMatch(plan.join('\n'), /TEMP B-TREE/)
    })
})
