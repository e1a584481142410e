import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { readListRequest } from '../src/dialect/nectardesk/query.ts'
import { CALL_TYPES, type CallRecord } from '../src/record/call-record.ts'
import { matches } from '../src/store/query.ts'
import { us } from './support/a-report.ts'
import { collect } from './support/collect.ts'
import { askNectarDesk, storeCalls } from './support/nectardesk.ts'
import { ACCOUNT, RunningServer } from './support/running-server.ts'

const CALLS = 300
const SEED = 20_250_801

/** Few ids, so that filters meet. */
const anyId = fc.integer({ min: 0, max: 5 })
const anyIds = fc.uniqueArray(anyId, { maxLength: 4 })
const named = fc.record({ id: anyId, name: fc.constantFrom('one', null) })
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2 })

/** Some minute of the first three days of August 2025, so that several calls begin at once. */
const anyMinute = fc
  .integer({ min: 0, max: 3 * 24 * 12 })
  .map((fives) => new Date(Date.UTC(2025, 7, 1, 0, 5 * fives)).toISOString())

const anyCenter = fc.record({
  number: orNull(fc.record({ id: anyId, number: fc.constant('12125550100') })),
  contact: orNull(fc.record({ id: anyId, list_ids: anyIds })),
  ivr: orNull(named),
  ring_group: orNull(named),
  queues: fc.array(
    fc.record({
      ring_group: named,
      queued_at: anyMinute,
      left_by: fc.constantFrom('answer', 'hangup', 'overflow', 'callback', 'closed', null),
    }),
    { maxLength: 2 },
  ),
  agents: fc.array(
    fc.record({ id: anyId, started_at: anyMinute, transfer: fc.constantFrom('none', 'blind', 'warm') }),
    {
      maxLength: 3,
    },
  ),
  disposition: orNull(fc.record({ id: anyId })),
  survey_ids: anyIds,
  automated_callback: fc.boolean(),
})

const anyCall = fc
  .record({
    leg: fc.constantFrom('whole', 'whole', 'a', 'b'),
    direction: fc.constantFrom('inbound', 'inbound', 'outbound', 'internal', 'transit'),
    started_at: anyMinute,
    answered: fc.boolean(),
    lasts: fc.constantFrom(5, 30, 600, null),
    center: orNull(anyCenter),
  })
  .map(({ answered, lasts, ...call }) => {
    const after = (seconds: number) => new Date(Date.parse(call.started_at) + seconds * 1000).toISOString()
    return { ...call, answered_at: answered ? after(4) : null, ended_at: lasts === null ? null : after(lasts) }
  })

const DATES = [
  { written: '2025-08-01', from: '2025-08-01T00:00:00Z', before: '2025-08-02T00:00:00Z' },
  { written: '2025-08-02', from: '2025-08-02T00:00:00Z', before: '2025-08-03T00:00:00Z' },
  { written: '2025-08-02T12:00', from: '2025-08-02T12:00:00Z', before: '2025-08-02T12:01:00Z' },
  { written: '2025-08-02T12:00:00+02:00', from: '2025-08-02T10:00:00Z', before: '2025-08-02T10:00:01Z' },
]
const anyDate = fc.constantFrom(...DATES)
const someIds = fc.uniqueArray(anyId, { minLength: 1, maxLength: 3 })

const anyRequest = fc.record(
  {
    dateFrom: anyDate,
    dateTo: anyDate,
    numberIds: someIds,
    ringGroupId: anyId,
    ivrId: anyId,
    listId: anyId,
    agentId: anyId,
    callType: fc.constantFrom(...CALL_TYPES),
    dispositionIds: someIds,
    surveyIds: someIds,
    limit: fc.integer({ min: 1, max: 40 }),
    page: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
)
type Request = Partial<typeof anyRequest extends fc.Arbitrary<infer T> ? T : never>

function queryOf(request: Request): URLSearchParams {
  const written = Object.entries(request).map(([name, value]) => [
    name,
    typeof value === 'object' && 'written' in value ? value.written : String(value),
  ])
  return new URLSearchParams(written as [string, string][])
}

/** The parameters said plainly, on one call. */
function asked(request: Request, call: CallRecord): boolean {
  const { dateFrom, dateTo, numberIds, ringGroupId, ivrId, listId, agentId } = request
  const { callType, dispositionIds, surveyIds } = request
  const { center } = call
  const isOneOf = (ids: readonly number[] | undefined, id: number | null | undefined) =>
    ids === undefined || (id != null && ids.includes(id))
  const is = (wanted: number | undefined, id: number | null | undefined) => wanted === undefined || id === wanted
  return (
    call.leg !== 'b' &&
    (dateFrom === undefined || call.startedAtUs >= us(dateFrom.from)) &&
    (dateTo === undefined || call.startedAtUs < us(dateTo.before)) &&
    isOneOf(numberIds, center?.number?.id) &&
    isOneOf(dispositionIds, center?.disposition?.id) &&
    is(ringGroupId, center?.ringGroup?.id) &&
    is(ivrId, center?.ivr?.id) &&
    (listId === undefined || (center?.contact?.listIds ?? []).includes(listId)) &&
    (agentId === undefined || (center?.agents ?? []).some(({ id }) => id === agentId)) &&
    (callType === undefined || call.callTypes.includes(callType)) &&
    (surveyIds === undefined || (center?.surveyIds ?? []).some((id) => surveyIds.includes(id)))
  )
}

const isTurnedAround = ({ dateFrom, dateTo }: Request) =>
  dateFrom !== undefined && dateTo !== undefined && us(dateFrom.from) >= us(dateTo.before)

describe('a page of the nectardesk dialect', () => {
  let server: RunningServer
  let records: CallRecord[]
  before(async () => {
    server = await RunningServer.start()
    const calls = fc.sample(anyCall, { numRuns: CALLS, seed: SEED })
    await storeCalls(
      server,
      calls.map((call, ordinal) => ({ ...call, source_id: `call-${ordinal}` })),
    )
    const order = { by: 'startedAtUs', descending: true } as const
    records = (await collect(server.calltrail.calls.scan({ accountId: ACCOUNT, where: null, order }))).flat()
  })
  after(() => server.stop())

  it('is made of calls that differ enough to tell filters apart', () => {
    assert.equal(records.length, CALLS)
    const types = new Set(records.flatMap(({ callTypes }) => callTypes))
    assert.ok(types.size >= 15, [...types].join(', '))
  })

  it('has exactly the calls that the parameters describe, in order, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const { status, body } = await askNectarDesk(server, `/calls/?${queryOf(request)}`)
        if (isTurnedAround(request)) return assert.equal(status, 400)
        const { limit = 100, page = 1 } = request
        const found = records
          .filter((call) => asked(request, call))
          .sort((a, b) => b.startedAtUs - a.startedAtUs || b.id - a.id)
          .map(({ id }) => id)
        assert.equal(body.meta.total, found.length)
        assert.deepEqual(
          body.calls.map(({ id }) => id),
          found.slice((page - 1) * limit, page * limit),
        )
      }),
      { numRuns: 300, seed: SEED },
    )
  })

  it('asks the store for exactly those', () => {
    fc.assert(
      fc.property(
        anyRequest.filter((request) => !isTurnedAround(request)),
        (request) => {
          const { where } = readListRequest(Object.fromEntries(queryOf(request)), { zone: 'UTC' })
          assert.deepEqual(
            records.filter((call) => matches(where, call)),
            records.filter((call) => asked(request, call)),
          )
        },
      ),
      { numRuns: 300, seed: SEED },
    )
  })
})
