import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { RunningServer } from '../support/running-server.ts'

type Json = Record<string, unknown>

/** Ten calls, a minute apart, the last two with B legs. */
function calls(): Json[] {
  const whole = Array.from({ length: 10 }, (_, n) => ({
    source_id: `call-${n}`,
    direction: n % 2 === 0 ? 'outbound' : 'inbound',
    from: { number: n === 3 ? '2025551234' : `+1312857${String(n).padStart(4, '0')}`, name: `Caller ${n}` },
    to: { number: '+442079460102' },
    started_at: `2024-01-15T14:${String(n).padStart(2, '0')}:00Z`,
    answered_at: n === 5 ? null : `2024-01-15T14:${String(n).padStart(2, '0')}:10Z`,
    ended_at: `2024-01-15T15:${String(59 - n * 2)}:00Z`,
    hangup: { side: 'caller', sip_status: n === 5 ? 487 : 200 },
    tags: n === 7 ? ['vip', 'späti'] : [],
    cost: { rate: '0.00500' },
  }))
  const legs = [8, 9].map((n) => ({ ...whole[n], source_id: `leg-${n}`, leg: 'b' }))
  return [...whole, ...legs]
}

describe('GET /calls', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    await server.native('/account', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ default_country: 'US', time_zone: 'America/New_York' }),
    })
    await server.post(calls())
  })
  after(() => server.stop())

  const list = async (query: string): Promise<{ ids: string[]; total: number; next: string | null; body: Json }> => {
    const body = (await (await server.native(`/calls?${query}`)).json()) as Json
    const ids = ((body.calls ?? []) as Json[]).map((call) => String(call.source_id))
    return { ids, total: body.total as number, next: body.next_cursor as string | null, body }
  }

  it('shows each conversation once, newest start first', async () => {
    const { ids, total } = await list('')
    assert.deepEqual([ids, total], [[9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `call-${n}`), 10])
  })

  it('shows every leg when asked', async () => {
    assert.equal((await list('legs=all')).total, 12)
  })

  for (const written of [
    '+1 (202) 555-1234',
    '0012025551234',
    '2025551234',
    '202-555-1234',
    'tel:+12025551234',
    '12025551234',
  ])
    it(`finds a number written as ${written}`, async () => {
      for (const field of ['from', 'number', 'from.number'])
        assert.deepEqual((await list(`${field}=${encodeURIComponent(written)}`)).ids, ['call-3'], field)
    })

  const cases: [query: string, ids: string, because: string][] = [
    ['direction=inbound', '9 7 5 3 1', 'a field equals'],
    ['direction__ne=inbound&limit=2', '8 6', 'a field differs'],
    ['from.number__prefix=%2B1312857000&order=started_at&limit=3', '0 1 2', 'a prefix of a number'],
    ['from.number__prefix=%2B1%20(202)', '3', 'a prefix in any written form'],
    ['from.name__contains=ler%207', '7', 'a part of a name'],
    ['from.name__suffix=9', '9', 'the end of a name'],
    ['answered_at=null', '5', 'a time that did not come'],
    ['duration=0', '5', 'never answered'],
    ['duration__gt=7000', '0', 'seconds, compared'],
    ['hangup.code=4420', '5', 'a code we derive'],
    ['hangup.code__in=4420,9999', '5', 'one of several'],
    ['tags=vip', '7', 'a tag'],
    [`tags=${encodeURIComponent('späti')}`, '7', 'a tag beyond ASCII'],
    ['started_at=2024-01-15T14:03:00Z', '3', 'a second'],
    ['started_at=2024-01-15T09:03', '3', "a minute in the account's zone"],
    ['started_at__gte=2024-01-15T14:08:00Z', '9 8', 'from a time on'],
    ['started_at__lt=2024-01-15T14:02:00Z', '1 0', 'before a time'],
    ['started_at__gt=2024-01-15', '', "after a whole day of the account's zone"],
    ['started_at=2024-01-15&limit=1', '9', "a day of the account's zone"],
    ['order=-duration&limit=2', '0 1', 'longest first'],
    ['order=ended_at&limit=2', '9 8', 'earliest end first'],
    ['direction=inbound&duration__gte=1&order=duration&limit=1', '9', 'several conditions at once'],
  ]
  for (const [query, ids, because] of cases)
    it(`?${query} finds ${ids || 'nothing'}: ${because}`, async () => {
      const wanted = ids === '' ? [] : ids.split(' ').map((n) => `call-${n}`)
      const { ids: found, body } = await list(query)
      assert.deepEqual(found, wanted, JSON.stringify(body).slice(0, 300))
    })

  it('takes a tree of and, or and not', async () => {
    const where = {
      or: [
        { field: 'hangup.code', value: 4420 },
        { and: [{ field: 'direction', value: 'outbound' }, { not: { field: 'duration', op: 'lt', value: 7000 } }] },
      ],
    }
    assert.deepEqual((await list(`where=${encodeURIComponent(JSON.stringify(where))}`)).ids, ['call-5', 'call-0'])
  })

  it('pages by cursor: each call once, in order, while newer ones arrive', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { ids, next } = await list(`limit=3&started_at__lt=2024-02-01${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(...ids)
      cursor = next
      await server.post({ source_id: `new-${seen.length}`, started_at: '2024-01-20T00:00:00Z', direction: 'inbound' })
    } while (cursor !== null)
    assert.deepEqual(
      seen,
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `call-${n}`),
    )
  })

  it('tells what it searched', async () => {
    const response = await server.native(
      '/calls?started_at__gte=2024-01-15T00:00:00Z&started_at__lt=2024-01-16T00:00:00Z',
    )
    const { searched } = (await response.json()) as Json
    assert.deepEqual(searched, { from: '2024-01-15T00:00:00.000000Z', to: '2024-01-16T00:00:00.000000Z' })
    assert.equal(
      response.headers.get('calltrail-searched'),
      'from=2024-01-15T00:00:00.000000Z; to=2024-01-16T00:00:00.000000Z',
    )
  })

  it('answers HEAD, and a trailing slash, as GET', async () => {
    const head = await server.native('/calls', { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
    assert.equal((await server.native('/calls/?limit=1')).status, 200)
  })
})

describe('GET /calls/{call_uuid}', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  it('shows the call, as a dialect would too, and the reports behind it', async () => {
    const [call] = calls() as [Json]
    const uuid = '90B6EB07-796C-4D86-A4FD-44ED11667DDB'
    await server.post({ ...call, call_uuid: uuid })
    await server.post({ call_uuid: uuid, kind: 'quality', quality: { mos: 4.2 } })
    const got = (await (await server.native(`/calls/${uuid}`)).json()) as Json
    assert.equal(got.call_uuid, uuid.toLowerCase())
    assert.equal((got.quality as Json).mos, 4.2)
    const plivo = (await (await server.native(`/calls/${uuid}?as=plivo`)).json()) as Json
    assert.equal(plivo.initiation_time, '2024-01-15 14:00:00')
    const { reports } = (await (await server.native(`/calls/${uuid}/reports`)).json()) as { reports: string[] }
    assert.deepEqual(
      reports.map((report) => (JSON.parse(report) as Json).kind ?? 'cdr'),
      ['cdr', 'quality'],
    )
  })
})

describe('GET /calls/export', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    await server.post(calls())
  })
  after(() => server.stop())

  it('streams the list as NDJSON, which can be taken in again and changes nothing', async () => {
    const response = await server.native('/calls/export?direction=inbound')
    assert.equal(response.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
    const text = await response.text()
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json)
    assert.deepEqual(
      lines.map((call) => call.source_id),
      ['call-9', 'call-7', 'call-5', 'call-3', 'call-1'],
    )
    const before = await (await server.native('/calls/export?legs=all')).text()
    const again = await server.native('/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: text,
    })
    const { rejected_total, stored } = (await again.json()) as Json
    assert.deepEqual({ rejected_total, stored }, { rejected_total: 0, stored: 0 })
    const volatile = /"(updated_at|change_seq)":[^,}]+/g
    assert.equal(
      (await (await server.native('/calls/export?legs=all')).text()).replace(volatile, ''),
      before.replace(volatile, ''),
    )
  })

  it('streams the list as CSV with a header, and keeps numbers as they are', async () => {
    const text = await (await server.native('/calls/export?format=csv&order=started_at')).text()
    const [header, first] = text.split('\r\n').map((line) => line.split(','))
    assert.ok(header?.includes('from.number'))
    assert.equal(first?.[header?.indexOf('from.number') as number], '+13128570000')
    assert.equal(text.trim().split('\r\n').length, 11)
  })
})

describe('GET /changes', () => {
  it('gives each change once to who asks after the last, in order', async () => {
    const server = await RunningServer.start()
    const changes = async (after: number) =>
      (await (await server.native(`/changes?after=${after}&limit=5`)).json()) as {
        calls: Json[]
        next: number
        more: boolean
      }
    await server.post(calls())
    const first = await changes(0)
    const second = await changes(first.next)
    const third = await changes(second.next)
    await server.post({ ...(calls()[0] as Json), kind: 'correction', tags: ['late'] })
    const fourth = await changes(third.next)
    await server.stop()
    assert.deepEqual([first.calls.length, second.calls.length, third.calls.length], [5, 5, 2])
    assert.deepEqual([first.more, third.more], [true, false])
    assert.deepEqual(
      fourth.calls.map((call) => [call.source_id, call.tags]),
      [['call-0', ['late']]],
    )
  })
})
