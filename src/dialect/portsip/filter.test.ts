import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aCall, type Body } from '../../../test/support/a-report.ts'
import { anyBody } from '../../../test/support/any-body.ts'
import { anyFilter, holdsOfShown } from '../../../test/support/shown-filter.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { exprTooLarge, matches } from '../../store/query.ts'
import { FaultError } from '../fault.ts'
import { isShown, type ShownCall } from './call.ts'
import { readFilter } from './filter.ts'
import { type FilterTree, printFilter } from './filter-tree.ts'
import { parseFilter } from './parse-filter.ts'
import { presentCallLog } from './present.ts'

/** The place and the reason of the refusal of a filter. */
function refusalOf(filter: string): string {
  try {
    readFilter(filter)
  } catch (error) {
    assert.ok(error instanceof FaultError && error.fault.code === 'bad_request', String(error))
    assert.equal(error.fault.field, 'filter')
    return error.fault.why
  }
  return assert.fail(`${filter.slice(0, 100)} was read`)
}

const finds = (filter: string, ...bodies: Body[]): boolean => matches(readFilter(filter), aCall(...bodies))

const withoutPlaces = (tree: FilterTree): unknown =>
  JSON.parse(JSON.stringify(tree, (name, value) => (name === 'at' || name === 'valueAt' ? undefined : value)))

const UNANSWERED: Body = { answered_at: null, hangup: { side: 'caller' } }
const FROM_SIP: Body = { from: { number: 'sip:102@test.com', domain: 'test.com' } }

describe('a filter', () => {
  const cases: { filter: string; body?: Body; holds: boolean; because: string }[] = [
    { filter: "caller eq '+12025551234'", holds: true, because: 'that is the caller, as sent' },
    { filter: "caller eq '2025551234'", holds: false, because: 'it was sent otherwise' },
    { filter: "startswith(caller,'+1')", holds: true, because: 'it begins so' },
    { filter: "startsWith( caller , '+1' ) EQ TRUE", holds: true, because: 'words have no case, blanks say nothing' },
    { filter: "startswith(caller,'+1') eq false", holds: false, because: 'it is asked the other way' },
    { filter: "endswith(callee,'4907') and contains(callee,'312')", holds: true, because: 'both hold' },
    { filter: "caller eq '102'", body: FROM_SIP, holds: true, because: 'of a URI its number is shown' },
    { filter: "contains(caller,'test')", body: FROM_SIP, holds: false, because: 'the domain is not shown there' },
    { filter: "caller_domain eq 'test.com'", body: FROM_SIP, holds: true, because: 'the domain has its own field' },
    { filter: "trunk eq ''", holds: true, because: 'what is not known is the empty text' },
    { filter: 'trunk eq null', holds: true, because: 'null is the empty text' },
    { filter: "trunk ne 'x'", holds: true, because: 'the empty text is not x' },
    { filter: "not trunk eq 'x'", holds: true, because: 'not takes the condition behind it' },
    { filter: "trunk lt 'a'", holds: true, because: 'the empty text is before every other' },
    { filter: "trunk gt 'a'", holds: false, because: 'the empty text is before every other' },
    { filter: "contains(trunk,'')", holds: true, because: 'every text has the empty one in it' },
    { filter: "trunk eq 'O''Hara'", body: { trunk: { name: "O'Hara" } }, holds: true, because: 'two quotes are one' },
    { filter: "direction eq 'INBOUND_CALL'", holds: true, because: 'it came in' },
    { filter: "direction ne 'INBOUND_CALL'", holds: false, because: 'it came in' },
    {
      filter: "startswith(direction,'INBOUND')",
      body: { direction: 'transit' },
      holds: true,
      because: 'it went through',
    },
    { filter: "end_reason eq 'CANCELLED'", body: UNANSWERED, holds: true, because: 'the caller gave up' },
    { filter: "end_reason eq ''", body: { answered_at: null }, holds: true, because: 'nothing is known of it' },
    { filter: "end_reason ne ''", body: { hangup: { side: 'callee' } }, holds: true, because: 'the callee hung up' },
    {
      filter: "end_reason eq 'REPLACED'",
      body: { hangup: { side: 'caller', end_reason: 'REPLACED' } },
      holds: true,
      because: 'what was stated comes first',
    },
    {
      filter: "end_reason eq 'CALLER_DISCONNECT'",
      body: { hangup: { end_reason: 'CALLER_DISCONNECT' } },
      holds: true,
      because: 'that is another spelling of it',
    },
    { filter: 'status_code eq 0', body: { hangup: { sip_status: 200 } }, holds: true, because: 'success is no error' },
    {
      filter: 'status_code ge 400 and status_code lt 500',
      body: { answered_at: null, hangup: { sip_status: 486 } },
      holds: true,
      because: 'it was busy',
    },
    { filter: 'duration eq 180', holds: true, because: 'it lasted three minutes' },
    { filter: 'cost gt 0.5', body: { cost: { amount: '0.500001' } }, holds: true, because: 'it is a millionth more' },
    { filter: 'cost gt 0.5', body: { cost: { amount: '0.5' } }, holds: false, because: 'it is as much' },
    { filter: 'cost lt 0.00000001', holds: true, because: 'no price is shown as 0' },
    { filter: 'cost eq 7e-2', body: { cost: { amount: '0.07' } }, holds: true, because: 'that is 0.07' },
    { filter: 'cost eq null', holds: false, because: 'a number is never blank' },
    { filter: "answered_at eq ''", body: UNANSWERED, holds: true, because: 'it was not answered' },
    { filter: 'answered_at ne null', holds: true, because: 'it was answered' },
    { filter: "answered_at lt '2030-01-01'", body: UNANSWERED, holds: false, because: 'no time is before no time' },
    { filter: "started_at gt '1970-01-01T00:00:00Z'", holds: true, because: 'everything is later' },
    { filter: "started_at eq '2024-01-15T15:28:48+01:00'", holds: true, because: 'it is that instant' },
    { filter: 'started_at ge 2024-01-15T14:28:48Z', holds: true, because: 'OData writes times without quotes' },
    { filter: "session_id eq 'MQ=='", holds: true, because: 'a call without a session has its own id for one' },
    { filter: "session_id eq 'MQ'", holds: true, because: 'the padding may be left out' },
    { filter: "id eq '1'", holds: true, because: 'the plain decimal is read too' },
    { filter: "id eq '700551909773148160'", holds: false, because: 'no source gave it that' },
    {
      filter: "id eq 'NzAwNTUxOTA5NzczMTQ4MTYw'",
      body: { source_id: '700551909773148160' },
      holds: true,
      because: 'its source gave it that',
    },
    { filter: "duration eq 1 or duration eq 180 and trunk eq 'x'", holds: false, because: 'and binds closer than or' },
    { filter: "(duration eq 1 or duration eq 180) and trunk eq ''", holds: true, because: 'parentheses bind closest' },
  ]
  for (const { filter, body, holds, because } of cases)
    it(`${holds ? 'finds' : 'does not find'} ${JSON.stringify(body ?? 'the call')} by ${filter}: ${because}`, () =>
      assert.equal(finds(filter, body ?? {}), holds))

  const refusals: { filter: string; why: RegExp }[] = [
    { filter: "colour eq 'red'", why: /^at character 1: colour is not a field of a call log: id, session_id, .* are$/ },
    {
      filter: "duration eq 1 and Caller eq '1'",
      why: /^at character 19: Caller is not a field of a call log: caller is$/,
    },
    { filter: "__proto__ eq '1'", why: /^at character 1: __proto__ is not a field/ },
    { filter: "duration eq 'abc'", why: /^at character 13: duration is a number: write it without quotes$/ },
    { filter: 'caller eq 102', why: /^at character 11: caller is text: write it in single quotes, '102'$/ },
    { filter: 'caller eq true', why: /^at character 11: caller is text/ },
    { filter: 'duration gt null', why: /^at character 13: duration is a number/ },
    { filter: 'duration eq 1e999', why: /^at character 13: duration is a number, and never that large$/ },
    { filter: "startswith(duration,'1')", why: /^at character 21: duration is a number, and startswith is for texts$/ },
    {
      filter: "contains(started_at,'2024')",
      why: /^at character 21: started_at is a time, and contains is for texts$/,
    },
    { filter: "started_at gt 'yesterday'", why: /^at character 15: started_at is a time such as/ },
    { filter: "started_at gt ''", why: /^at character 15: started_at is a time such as/ },
    { filter: 'started_at gt 1700000000', why: /^at character 15: started_at is a time such as/ },
    { filter: "started_at gt '2024-02-30T00:00:00Z'", why: /^at character 15: started_at is a time such as/ },
    { filter: "direction eq 'inbound'", why: /^at character 14: direction is one of 'INBOUND_CALL', / },
    { filter: "end_reason eq 'caller'", why: /^at character 15: end_reason is one of 'CALLER_DISCONNECTED', / },
    { filter: "id gt 'MQ=='", why: /^at character 7: id is an id, and gt says nothing of it: use eq or ne$/ },
    { filter: "(caller eq '1'", why: /^at character 1: this \( is never closed$/ },
    { filter: "caller eq '1')", why: /^at character 14: there is a \) without its \($/ },
    { filter: "startswith(caller,'1'", why: /^at character 11: this \( is never closed$/ },
    { filter: "caller eq '1", why: /^at character 11: the quote is never closed$/ },
    { filter: "caller eq '1' trunk eq '2'", why: /^at character 15: expected and, or, or the end, not trunk$/ },
    { filter: "caller eq '1' and", why: /^at character 18: expected a field, a function, not or \(, not the end$/ },
    { filter: 'caller', why: /^at character 7: expected one of eq, ne, .* behind caller, not the end$/ },
    {
      filter: "caller like '1%'",
      why: /^at character 8: expected one of eq, ne, gt, ge, lt, le behind caller, not like$/,
    },
    { filter: "caller = '1'", why: /^at character 8: "= '1'" cannot be read$/ },
    { filter: "'102' eq caller", why: /^at character 1: expected a field, .* not the text '102'$/ },
    { filter: 'length(caller) eq 3', why: /^at character 1: length is none of startswith, endswith, contains$/ },
    { filter: "startswith('1',caller)", why: /^at character 12: expected a field, not the text '1'$/ },
    { filter: "startswith(caller '1')", why: /^at character 19: expected a comma behind caller, not the text '1'$/ },
    { filter: 'caller eq callee', why: /^at character 11: expected a value .* not callee$/ },
    { filter: "startswith(caller,'1') eq 1", why: /^at character 27: expected true or false$/ },
    { filter: '1 eq 1; DROP TABLE calls', why: /^at character 7: "; DROP TABLE calls" cannot be read$/ },
    { filter: 'duration eq 0x10', why: /^at character 13: "0x10" cannot be read$/ },
    { filter: `${'('.repeat(8000)}caller eq '1'`, why: /^at character 51: is nested deeper than 50 levels$/ },
    { filter: '('.repeat(10_000), why: /^must have at most 8192 characters$/ },
    { filter: `${'not '.repeat(1000)}caller eq '1'`, why: /^at character 201: is nested deeper than 50 levels$/ },
    {
      filter: Array(101).fill('duration eq 1').join(' or '),
      why: /^asks for too much at once: a query has at most 100/,
    },
  ]
  for (const { filter, why } of refusals)
    it(`refuses ${filter.slice(0, 60)}: ${why.source.slice(0, 80)}`, () => assert.match(refusalOf(filter), why))

  it('never throws anything but a refusal, whatever the text', () => {
    const words = fc.constantFrom(
      ...["'", "''", "'a'", '(', ')', ',', ' ', 'not ', ' and ', ' or ', ' eq ', ' gt ', 'caller', 'duration', 'cost'],
      ...['startswith(', 'contains(', 'null', 'true', '1', '-0.5e9', '2024-01-01', '$', '\n', 'é', '👩‍👧', '__proto__'],
    )
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(words).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(anything, (text) => {
        try {
          assert.equal(exprTooLarge(readFilter(text)), null)
        } catch (error) {
          assert.ok(error instanceof FaultError && error.fault.code === 'bad_request', String(error))
        }
      }),
      { numRuns: 2000 },
    )
  })

  const calls = shownCalls()
  const items = calls.map(presentCallLog)

  it('is the same filter when it is printed and read again', () => {
    fc.assert(
      fc.property(anyFilter(items), (tree) => {
        assert.deepEqual(withoutPlaces(parseFilter(printFilter(tree))), withoutPlaces(tree))
      }),
      { numRuns: 500 },
    )
  })

  it('finds the calls of whose shown values it holds, and no others', () => {
    const found = { some: 0, asked: 0 }
    fc.assert(
      fc.property(anyFilter(items), (tree) => {
        const filter = printFilter(tree)
        const where = whereOrTooLarge(filter)
        if (where === null) return
        const expected = items.map((item) => holdsOfShown(tree, item))
        const actual = calls.map((call) => matches(where, call))
        assert.deepEqual(actual, expected, filter)
        found.asked += 1
        if (expected.includes(true) && expected.includes(false)) found.some += 1
      }),
      { numRuns: 3000 },
    )
    assert.ok(found.some > found.asked / 4, `told calls apart in ${found.some} of ${found.asked}`)
  })

  function whereOrTooLarge(filter: string): ReturnType<typeof readFilter> | null {
    try {
      return readFilter(filter)
    } catch (error) {
      assert.match((error as Error).message, /asks for too much at once/)
      return null
    }
  }
})

/** Ended calls of every kind, half of which share what the dialect derives its values from. */
function shownCalls(): ShownCall[] {
  const bodies = fc.sample(anyBody({ share: 4 }), { numRuns: 160, seed: 20 })
  const sides = ['caller', 'callee', 'platform', null]
  const reasons = [null, 'REFERRED', 'CALLER_DISCONNECT', 'nonsense', 'CANCELLED', '']
  const statuses = [null, 200, 486, 0, 487]
  const sessions = [null, '798119942409949184', 'a-session', '12', 'MTI=']
  const numbers = ['102', 'sip:102@test.com', '102@10.0.0.1', "O'Hara", '+12025551234']
  const amounts = [null, '0', '0.5', '0.500001', '-0.25']
  const at = <T>(values: readonly T[], ordinal: number): T => values[ordinal % values.length] as T
  return bodies
    .map((body, ordinal): CallRecord => {
      const times = {
        started_at: at(['2024-01-15T14:28:48Z', '2024-01-15T14:28:48.000001Z'], ordinal),
        rang_at: at([null, '2024-01-15T14:28:50Z'], ordinal >> 1),
        answered_at: at(['2024-01-15T14:29:00Z', null, '2024-01-15T14:28:59.999999Z'], ordinal),
        ended_at: at(['2024-01-15T14:32:00Z', '2024-01-15T14:30:00Z'], ordinal >> 2),
      }
      const shared: Body = {
        direction: at(['inbound', 'outbound', 'internal', 'transit'], ordinal),
        hangup: {
          side: at(sides, ordinal),
          end_reason: at(reasons, ordinal >> 1),
          sip_status: at(statuses, ordinal >> 2),
        },
        session_id: at(sessions, ordinal >> 1),
        from: { as_sent: at(numbers, ordinal), name: at(['Kelly', '', null], ordinal) },
        cost: { amount: at(amounts, ordinal) },
      }
      const { kind, end_inferred, ...rest } = body
      return { ...aCall({ ...rest, ...(ordinal % 2 === 0 ? shared : {}), ...times }), id: ordinal + 1 }
    })
    .filter(isShown)
}
