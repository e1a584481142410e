import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fieldWire } from '../../src/dialect/native/fields.ts'
import { CALL_TYPES } from '../../src/record/call-record.ts'
import { FIELDS, LIST_FIELDS, ORDER_FIELDS } from '../../src/store/query.ts'
import { RunningServer } from '../support/running-server.ts'
import { uuidOf } from '../support/varied-calls.ts'

type Json = Record<string, unknown>

const at = (time: string): string => `2024-01-15T${time}Z`

/** Five calls of a contact centre, the fifth a plain one. */
const CALLS: Json[] = [
  {
    center: {
      number: { id: 11, number: '+12025550100' },
      contact: { id: 21, list_ids: [3, 4] },
      ivr: { id: 31 },
      queues: [{ ring_group: { id: 1 }, queued_at: at('10:00:02'), left_at: at('10:00:09'), left_by: 'answer' }],
      agents: [{ id: 7, started_at: at('10:00:03'), answered_at: at('10:00:09') }],
      survey_ids: [1, 2],
      disposition: { id: 41 },
    },
    answered_at: at('10:00:09'),
    tags: ['vip'],
  },
  {
    center: {
      queues: [{ ring_group: { id: 1 }, queued_at: at('10:00:02'), left_at: at('10:00:40'), left_by: 'hangup' }],
      contact: { id: 22, list_ids: [3] },
      campaign: { id: 51 },
    },
    hangup: { side: 'caller' },
  },
  {
    center: {
      queues: [{ ring_group: { id: 2 }, queued_at: at('10:00:02'), left_at: at('10:00:30'), left_by: 'callback' }],
      requested_callback: true,
    },
  },
  {
    direction: 'outbound',
    answered_at: at('10:00:09'),
    center: {
      automated_callback: true,
      original_call_uuid: uuidOf(3),
      agents: [
        { id: 7, started_at: at('10:00:00') },
        { id: 8, started_at: at('10:00:01') },
      ],
    },
  },
  { direction: 'outbound' },
].map((call, index) => ({
  call_uuid: uuidOf(index + 1),
  direction: 'inbound',
  from: { number: `+1202555010${index}`, name: `Caller ${'edcba'[index]}` },
  started_at: at(`10:00:0${index}`),
  ended_at: at('10:01:00'),
  ...call,
}))

describe('the facts of a contact centre in a native query', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    await server.post(CALLS)
  })
  after(() => server.stop())

  const list = async (query: string): Promise<{ status: number; ids: number[]; body: Json }> => {
    const answer = await server.native(`/calls?order=started_at&${query}`)
    const body = (await answer.json()) as Json
    const ids = ((body.calls ?? []) as Json[]).map((call) => Number(String(call.call_uuid).slice(-2)))
    return { status: answer.status, ids, body }
  }

  const found: [query: string, ids: number[]][] = [
    ['center.ring_group.id=1', [1, 2]],
    ['center.ring_group.id__in=1,2', [1, 2, 3]],
    ['center.ring_group.id=null', [4, 5]],
    ['center.number.id=11', [1]],
    ['center.ivr.id=31', [1]],
    ['center.contact.id__gte=22', [2]],
    ['center.campaign.id=51', [2]],
    ['center.disposition.id=41', [1]],
    ['center.requested_callback=true', [3]],
    ['center.automated_callback=true', [4]],
    [`center.original_call_uuid=${uuidOf(3)}`, [4]],
    ['center.agents.id=7', [1, 4]],
    ['center.agents.id=7&center.agents.id__ne=8', [1]],
    ['center.agents.id__in=8,9', [4]],
    ['center.contact.list_ids=3', [1, 2]],
    ['center.contact.list_ids__ne=4', [2, 3, 4, 5]],
    ['center.survey_ids=1', [1]],
    ['center.survey_ids=12', []],
    ['call_types=inbound_answered', [1]],
    ['call_types=abandoned', [2]],
    ['call_types=callback', [3]],
    ['call_types=automated_callback', [4]],
    ['call_types=outbound_not_answered', [5]],
    ['call_types__in=abandoned,callback', [2, 3]],
    ['call_types__ne=all_inbound', [4, 5]],
    ['tags__in=vip,other', [1]],
    [`where=${JSON.stringify({ field: 'center.agents.id', op: 'member', value: 8 })}`, [4]],
    [`where=${JSON.stringify({ field: 'call_types', op: 'in', value: ['abandoned', 'callback'] })}`, [2, 3]],
    [`where=${JSON.stringify({ not: { field: 'tags', value: 'vip' } })}`, [2, 3, 4, 5]],
  ]
  for (const [query, ids] of found)
    it(`?${query} finds ${ids.join(', ') || 'nothing'}`, async () => {
      const answer = await list(query)
      assert.deepEqual(answer.ids, ids, JSON.stringify(answer.body).slice(0, 300))
      assert.equal(answer.body.total, ids.length)
    })

  const refused: [query: string, field: string, why: RegExp][] = [
    ['call_types=missed', 'call_types', new RegExp(CALL_TYPES.join(', '))],
    ['call_types__in=abandoned,missed', 'call_types__in', /must be one of/],
    ['call_types__prefix=aband', 'call_types__prefix', /list/],
    ['center.agents.id=Ann', 'center.agents.id', /number/],
    ['center.agents.id=', 'center.agents.id', /empty/],
    ['center.agents.id__gt=3', 'center.agents.id__gt', /list/],
    ['center.contact.list_ids=1,2', 'center.contact.list_ids', /number/],
    ['center.agents.alias=Ann', 'center.agents.alias', /parameter/],
    ['center.ring_group.id=Sales', 'center.ring_group.id', /number/],
    ['center.requested_callback=yes', 'center.requested_callback', /true or false/],
    ['where={"field":"call_types","value":"missed"}', 'where', /must be one of/],
    ['where={"field":"center.agents.id","op":"in","value":[]}', 'where', /empty/],
  ]
  for (const [query, field, why] of refused)
    it(`?${query} is a 400 that says why`, async () => {
      const { status, body } = await list(query)
      const error = body.error as Json
      assert.deepEqual([status, error.field], [400, field], JSON.stringify(error))
      assert.match(String(error.message), why)
    })

  it('knows every field and list by its name on the wire, and each by one', () => {
    const names = [...Object.keys(FIELDS), ...Object.keys(LIST_FIELDS)].map((field) => fieldWire(field as never))
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^[a-z0-9_.]+$/)
  })

  for (const field of ORDER_FIELDS)
    it(`pages a list ordered by ${fieldWire(field)} with its cursor`, async () => {
      const order = `-${fieldWire(field)}`
      const whole = (await (await server.native(`/calls?order=${order}&limit=100`)).json()) as Json
      const paged: unknown[] = []
      let cursor: unknown = null
      do {
        const next = cursor === null ? '' : `&cursor=${cursor}`
        const answer = await server.native(`/calls?order=${order}&limit=1${next}`)
        const page = (await answer.json()) as Json
        assert.equal(answer.status, 200, JSON.stringify(page))
        paged.push(...(page.calls as unknown[]))
        cursor = page.next_cursor
      } while (cursor !== null)
      assert.deepEqual(paged, whole.calls)
    })
})
