import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { MOST_IDS, MOST_SURVEY_IDS, PARAMETERS } from '../src/dialect/nectardesk/query.ts'
import { askNectarDesk, storeCalls } from './support/nectardesk.ts'
import { CENTER_CALLS, SHOWN } from './support/nectardesk-calls.ts'
import { RunningServer } from './support/running-server.ts'

const SQL = "' OR 1=1; DROP TABLE calls; --"
const ids = (count: number) => Array.from({ length: count }, (_, at) => 9_007_199_254_000_000 + at).join(',')

const ONE_ID = ['ringGroupId', 'ivrId', 'listId', 'agentId']
const SEVERAL_IDS = ['numberIds', 'dispositionIds', 'surveyIds']
const NO_IDS = [
  'abc',
  '-1',
  '+1',
  '1.0',
  '1e3',
  '0x1',
  '9007199254740992',
  '99999999999999999999',
  '１',
  'null',
  '1;2',
  '*',
]

/** Query strings and the parameters that the answer must name. */
const REFUSED: { query: string; fields: string[]; because: string }[] = [
  { query: 'callType=missed', fields: ['callType'], because: 'it is none of the eighteen' },
  { query: 'callType=1', fields: ['callType'], because: 'a type is a word, whatever the column of examples says' },
  { query: 'callType=abandoned,callback', fields: ['callType'], because: 'there is one at a time' },
  { query: 'callType=abandoned%00', fields: ['callType'], because: 'it has a control character' },
  { query: 'callType=%0Aabandoned', fields: ['callType'], because: 'it has a control character' },
  { query: 'callType=constructor', fields: ['callType'], because: 'it is none of the eighteen' },
  { query: 'callType=%zz', fields: ['callType'], because: 'it cannot be decoded' },
  { query: 'limit=0', fields: ['limit'], because: 'a page has a row' },
  { query: 'limit=1001', fields: ['limit'], because: 'it is above the cap, and not cut' },
  { query: 'limit=-1', fields: ['limit'], because: 'it is negative' },
  { query: 'limit=abc', fields: ['limit'], because: 'it has letters' },
  { query: 'limit=10.0', fields: ['limit'], because: 'it has a point' },
  { query: 'limit=1e2', fields: ['limit'], because: 'it has letters' },
  { query: 'limit=1&limit=2', fields: ['limit'], because: 'it is given twice' },
  { query: 'limit', fields: ['limit'], because: 'it has no value' },
  { query: 'page=0', fields: ['page'], because: 'pages count from 1' },
  { query: 'page=-1', fields: ['page'], because: 'it is negative' },
  { query: 'page=two', fields: ['page'], because: 'it has letters' },
  { query: 'page=1000000000001', fields: ['page'], because: 'its first row has no number' },
  { query: 'page=1&page=1', fields: ['page'], because: 'it is given twice' },
  { query: 'numberIds=1,,2', fields: ['numberIds'], because: 'an id is missing' },
  { query: 'numberIds=1,2,', fields: ['numberIds'], because: 'an id is missing' },
  { query: 'numberIds=,', fields: ['numberIds'], because: 'ids are missing' },
  { query: 'numberIds=1,2&numberIds=3', fields: ['numberIds'], because: 'it is given twice' },
  { query: 'agentId=1,2', fields: ['agentId'], because: 'there is one at a time' },
  { query: `numberIds=${ids(MOST_IDS + 1)}`, fields: ['numberIds'], because: 'there are too many' },
  { query: `dispositionIds=${ids(MOST_IDS + 1)}`, fields: ['dispositionIds'], because: 'there are too many' },
  { query: `surveyIds=${ids(MOST_SURVEY_IDS + 1)}`, fields: ['surveyIds'], because: 'there are too many' },
  { query: `numberIds=${'1,'.repeat(5000)}`, fields: ['numberIds'], because: 'it is too long' },
  { query: `dateFrom=${'2'.repeat(5000)}`, fields: ['dateFrom'], because: 'it is no date' },
  { query: 'dateFrom=yesterday', fields: ['dateFrom'], because: 'it is no date' },
  { query: 'dateFrom=2025-02-30', fields: ['dateFrom'], because: 'there is no such day' },
  { query: 'dateFrom=2025-8-1', fields: ['dateFrom'], because: 'ISO 8601 has two digits' },
  { query: 'dateFrom=2025-08', fields: ['dateFrom'], because: 'a month is no date' },
  { query: 'dateFrom=01.08.2025', fields: ['dateFrom'], because: 'that is another form' },
  { query: 'dateFrom=08/01/2025', fields: ['dateFrom'], because: 'that is another form' },
  { query: 'dateTo=1754006400', fields: ['dateTo'], because: 'an epoch figure is no ISO 8601' },
  { query: 'dateTo=20250801', fields: ['dateTo'], because: 'it would be an epoch figure' },
  { query: 'dateTo=2025-08-01T25:00', fields: ['dateTo'], because: 'there is no such hour' },
  { query: 'dateTo=2025-08-01T10:00:00Mars/Phobos', fields: ['dateTo'], because: 'there is no such zone' },
  { query: 'dateTo=9999-12-31', fields: ['dateTo'], because: 'it is out of range' },
  { query: 'dateFrom=2025-08-04&dateTo=2025-08-01', fields: ['dateFrom'], because: 'it is after dateTo' },
  { query: 'dateFrom=2025-08-02T00:00&dateTo=2025-08-01', fields: ['dateFrom'], because: 'that day is over by then' },
  {
    query: 'dateFrom=2025-08-01T10:00:00.000001Z&dateTo=2025-08-01T10:00:00.000000Z',
    fields: ['dateFrom'],
    because: 'a microsecond is enough',
  },
  {
    query: 'limit=0&page=x&callType=1&agentId=&dateFrom=never&listId=7',
    fields: ['agentId', 'callType', 'dateFrom', 'limit', 'page'],
    because: 'all that is wrong is named, and nothing else',
  },
]

for (const name of [...ONE_ID, ...SEVERAL_IDS])
  for (const value of NO_IDS)
    REFUSED.push({
      query: `${name}=${encodeURIComponent(value)}`,
      fields: [name],
      because: 'it is no whole number that an id can be',
    })

describe('nectardesk and what it cannot read', () => {
  let server: RunningServer
  const ask = (query: string) => askNectarDesk(server, `/calls/?${query}`)
  const expectRefusal = async (query: string, fields: string[]) => {
    const { status, body, headers } = await ask(query)
    assert.equal(status, 400, query.slice(0, 100))
    assert.deepEqual(Object.keys(body), ['error', 'errors'])
    assert.equal(typeof body.error, 'string')
    assert.deepEqual(Object.keys(body.errors).sort(), fields)
    for (const reasons of Object.values(body.errors)) {
      assert.ok(reasons.length >= 1)
      for (const why of reasons) assert.match(why, /^must /)
    }
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
  }
  before(async () => {
    server = await RunningServer.start()
    await storeCalls(server, CENTER_CALLS)
  })
  after(() => server.stop())

  for (const { query, fields, because } of REFUSED) {
    it(`refuses ?${query.slice(0, 60)}: ${because}`, () => expectRefusal(query, fields))
  }

  it('refuses every parameter without a value, and each that is given twice', async () => {
    for (const name of PARAMETERS)
      for (const query of [`${name}=`, `${name}=%20`, `${name}=1&${name}=1`]) await expectRefusal(query, [name])
  })

  it('takes SQL in any parameter as what is no value', async () => {
    for (const name of PARAMETERS) {
      await expectRefusal(String(new URLSearchParams({ [name]: SQL })), [name])
      await expectRefusal(String(new URLSearchParams({ [name]: `1${SQL}` })), [name])
    }
    const { body } = await ask('')
    assert.equal(body.meta.total, SHOWN.length)
  })

  it('reads lists as long as it says, all of them at once', async () => {
    const short = (count: number) => Array.from({ length: count }, (_, at) => at).join(',')
    const most = { numberIds: MOST_IDS, dispositionIds: MOST_IDS, surveyIds: MOST_SURVEY_IDS }
    const lists = Object.entries(most).map(([name, count]) => `${name}=${short(count)}`)
    const single = ONE_ID.map((name) => `${name}=1`)
    const rest = ['dateFrom=2025-08-01', 'dateTo=2025-08-31', 'callType=all_inbound', 'limit=1000', 'page=1']
    const { status, body } = await ask([...lists, ...single, ...rest].join('&'))
    assert.deepEqual([status, body.calls], [200, []])
    const longest = await ask(`numberIds=${ids(MOST_IDS)}`)
    assert.deepEqual([longest.status, longest.body.calls], [200, []])
  })

  it('refuses a request line of a hundred kilobytes itself, leaves a longer one to HTTP, and answers on', async () => {
    await expectRefusal(`numberIds=${'1,'.repeat(50_000)}`, ['numberIds'])
    assert.equal((await ask(`numberIds=${'1,'.repeat(70_000)}`)).status, 431)
    assert.equal((await ask('')).status, 200)
  })

  it('goes on answering after all that', async () => {
    const { status, body } = await ask('')
    assert.deepEqual([status, body.meta.total], [200, SHOWN.length])
  })
})
