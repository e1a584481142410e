import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { CALL_TYPES, type CallType } from '../src/record/call-record.ts'
import { askNectarDesk, storeCalls } from './support/nectardesk.ts'
import { CENTER_CALLS, SHOWN } from './support/nectardesk-calls.ts'
import { RunningServer } from './support/running-server.ts'

const ANSWERED_INBOUND = ['in time', 'late', 'handed on', 'plain']

/** What each call type finds, in the order of their names in `SHOWN`. */
const FOUND_BY_TYPE: Record<CallType, readonly string[]> = {
  all_inbound: SHOWN.filter(
    (name) => !['called back', 'sold', 'not reached', 'from desk to desk', 'still in the queue'].includes(name),
  ),
  inbound_answered: ANSWERED_INBOUND,
  inbound_answered_within_sla: ['in time', 'handed on', 'plain'],
  inbound_answered_but_not_within_sla: ['late'],
  inbound_ivr_exit: ['left in the menu'],
  abandoned: ['gave up'],
  callback: ['asked to be called back'],
  overflowed: ['overflowed'],
  all_outbound: ['called back', 'sold', 'not reached'],
  outbound_answered: ['called back', 'sold'],
  outbound_not_answered: ['not reached'],
  transfer: ['handed on'],
  warm_transfer: ['late'],
  out_of_business_hours: ['came when closed'],
  short_abandoned: ['gave up at once'],
  automated_callback: ['called back'],
  short_abandoned_distributed: ['gave up at the first ring'],
  abandoned_distributed: ['gave up while it rang'],
}

/** Query strings and the calls they find. */
const FOUND: { query: string; finds: readonly string[]; because?: string }[] = [
  { query: '', finds: SHOWN, because: 'one row a session, live calls too' },
  { query: 'numberIds=1', finds: ['in time', 'late', 'sold', 'not reached'] },
  {
    query: 'numberIds=1,2,3',
    finds: ['in time', 'late', 'handed on', 'left in the menu', 'called back', 'sold', 'not reached'],
  },
  {
    query: 'numberIds=2%2C%203',
    finds: ['handed on', 'left in the menu', 'called back'],
    because: 'blanks may stand between',
  },
  { query: 'numberIds=3', finds: [] },
  { query: 'numberIds=02,2,2', finds: ['handed on', 'left in the menu', 'called back'], because: 'an id is a number' },
  { query: 'ringGroupId=1', finds: ['in time', 'late', 'asked to be called back', 'still in the queue'] },
  {
    query: 'ringGroupId=2',
    finds: [
      'handed on',
      'gave up',
      'gave up while it rang',
      'gave up at once',
      'gave up at the first ring',
      'overflowed',
      'came when closed',
    ],
    because: 'of several queues the last counts, as the row shows it',
  },
  { query: 'ivrId=1', finds: ['in time', 'late', 'still in the queue'] },
  { query: 'ivrId=2', finds: ['left in the menu'] },
  { query: 'listId=1', finds: ['in time'] },
  { query: 'listId=2', finds: ['in time', 'late'] },
  { query: 'listId=3', finds: ['asked to be called back', 'called back'] },
  { query: 'listId=12', finds: [], because: 'it is not 1 and 2' },
  {
    query: 'agentId=7',
    finds: ['in time', 'late', 'gave up while it rang', 'sold', 'not reached'],
    because: 'who was rung counts, as in the row',
  },
  { query: 'agentId=8', finds: ['late', 'handed on', 'gave up at the first ring', 'called back'] },
  { query: 'agentId=43', finds: [], because: 'a user id is no agent id' },
  { query: 'dispositionIds=1', finds: ['in time'] },
  { query: 'dispositionIds=1,3,9', finds: ['in time', 'sold'] },
  { query: 'surveyIds=2', finds: ['in time', 'late'] },
  { query: 'surveyIds=1,3', finds: ['in time', 'called back'], because: 'any of them is enough' },
  { query: 'surveyIds=4', finds: [] },
  { query: 'agentId=9007199254740991', finds: [], because: 'that is an id that nobody has' },
  { query: 'callType=Abandoned', finds: ['gave up'], because: 'case does not count' },
  {
    query: 'dateFrom=2025-08-02&dateTo=2025-08-02',
    finds: SHOWN.filter((name) => !name.startsWith('the night')),
    because: 'both days are whole, and local',
  },
  { query: 'dateTo=2025-08-01', finds: ['the night before'] },
  { query: 'dateFrom=2025-08-03', finds: ['the night after'] },
  {
    query: 'dateFrom=2025-08-02T04:00:00Z&dateTo=2025-08-02T10:00:00Z',
    finds: ['in time'],
    because: 'a second is whole',
  },
  {
    query: 'dateTo=2025-08-02T06:10',
    finds: ['the night before', 'in time', 'late'],
    because: 'without a zone a time is local',
  },
  { query: 'dateFrom=2025-08-02T09:00:00-04:00', finds: ['still in the queue', 'the night after'] },
  {
    query: 'dateFrom=2025-08-02T15:00:00+02:00',
    finds: ['still in the queue', 'the night after'],
    because: 'an unencoded + arrives as a blank',
  },
  { query: 'dateFrom=2025-08-02T13:00:00.000001Z', finds: ['the night after'] },
  { query: 'dateFrom=2031-01-01', finds: [] },
  { query: 'agentId=7&callType=outbound_answered&numberIds=1,2', finds: ['sold'], because: 'all filters hold' },
  { query: 'agentId=7&listId=3', finds: [] },
  { query: 'limit=2', finds: SHOWN.slice(0, 2) },
  { query: 'limit=3&page=2', finds: SHOWN.slice(3, 6) },
  { query: 'status=any&agent_id=7&AgentId=7&foo=1&foo=2&bar=', finds: SHOWN, because: 'what is unknown is ignored' },
]

describe('the filters of the nectardesk dialect', () => {
  let server: RunningServer
  const names = async (query: string) => {
    const { status, body } = await askNectarDesk(server, `/calls/?${query}`)
    assert.equal(status, 200, JSON.stringify(body))
    return body.calls.map(({ tags }) => tags[0] as string)
  }
  before(async () => {
    server = await RunningServer.start()
    await server.native('/account', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ time_zone: 'America/New_York' }),
    })
    await storeCalls(server, CENTER_CALLS)
  })
  after(() => server.stop())

  for (const { query, finds, because = '' } of FOUND) {
    it(`?${query} finds ${finds.join(', ') || 'nothing'}${because && `: ${because}`}`, async () => {
      assert.deepEqual(
        await names(query),
        SHOWN.filter((name) => finds.includes(name)),
      )
    })
  }

  for (const type of CALL_TYPES) {
    it(`?callType=${type} finds ${FOUND_BY_TYPE[type].join(', ')}`, async () => {
      assert.deepEqual(
        await names(`callType=${type}`),
        SHOWN.filter((name) => FOUND_BY_TYPE[type].includes(name)),
      )
    })
  }

  it('counts what it finds', async () => {
    const { body } = await askNectarDesk(server, '/calls/?agentId=7&limit=1')
    assert.deepEqual([body.calls.length, body.meta.total], [1, 5])
  })

  it('shows a call as its filters find it', async () => {
    const { body } = await askNectarDesk(server, '/calls/')
    const rows = new Map(body.calls.map((row) => [row.tags[0] as string, row]))
    for (const [name, row] of rows) {
      assert.equal(row.is_inbound, FOUND_BY_TYPE.all_inbound.includes(name) || name === 'still in the queue', name)
      const isAnswered = [...ANSWERED_INBOUND, ...FOUND_BY_TYPE.outbound_answered, 'from desk to desk'].includes(name)
      assert.equal(row.is_answered, isAnswered, name)
      assert.equal(row.is_in_queue, name === 'still in the queue', name)
      assert.equal(row.requested_callback, name === 'asked to be called back', name)
    }
    assert.deepEqual(
      [...rows].filter(([, { is_answered_within_sla }]) => is_answered_within_sla).map(([name]) => name),
      SHOWN.filter((name) =>
        [...FOUND_BY_TYPE.inbound_answered_within_sla, 'called back', 'from desk to desk'].includes(name),
      ),
    )
    assert.equal(rows.get('called back')?.original_call_id, rows.get('asked to be called back')?.id)
  })
})
