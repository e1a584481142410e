import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { NOON } from './support/plivo-calls.ts'
import { PlivoServer } from './support/plivo-server.ts'

const CURRENT = `/v1/Account/${ALICE}/Zentrunk/Call/`
const LEGACY = `/v1/Account/${ALICE}/Call/`

/** 45 calls, of which three at a time ended in the same microsecond; odd ones are inbound. */
const CALLS = Array.from({ length: 45 }, (_, ordinal) => ({
  call_uuid: `00000000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`,
  direction: ordinal % 2 === 0 ? 'outbound' : 'inbound',
  from: { number: '+12025551234' },
  to: { number: '+13128574907' },
  started_at: '2026-09-18T10:00:00Z',
  ended_at: `2026-09-18T10:${String(10 + Math.floor(ordinal / 3)).padStart(2, '0')}:00Z`,
}))
const NEWEST_FIRST = CALLS.map(({ call_uuid }) => call_uuid).reverse()

const idsOf = (objects: readonly Record<string, unknown>[]) => objects.map(({ call_uuid }) => call_uuid)

describe('pages of Plivo lists', () => {
  let server: PlivoServer
  before(async () => {
    server = await PlivoServer.start({ now: NOON, store: 'sqlite' })
    await server.add(ALICE, ...CALLS)
  })
  after(() => server.close())

  for (const limit of [1, 7, 15, 20]) {
    it(`of ${limit}, followed by their next path, list each call once, and back by their previous path`, async () => {
      const seen: unknown[] = []
      let path: unknown = `${CURRENT}?limit=${limit}`
      let last: unknown = null
      while (typeof path === 'string') {
        const { body } = await server.ask(path)
        assert.equal(body.meta.total_count, 45)
        seen.push(...idsOf(body.objects))
        last = path
        path = body.meta.next
      }
      assert.deepEqual(seen, NEWEST_FIRST)
      let pages = 0
      for (path = last; typeof path === 'string'; pages++) path = (await server.ask(path)).body.meta.previous
      assert.equal(pages, Math.ceil(45 / limit))
    })
  }

  it('are twenty rows unless told otherwise, and say so', async () => {
    const { body } = await server.ask(CURRENT)
    assert.equal(body.objects.length, 20)
    assert.deepEqual(body.meta, {
      limit: 20,
      offset: 0,
      total_count: 45,
      previous: null,
      next: `${CURRENT}?limit=20&offset=20`,
    })
  })

  it('name their neighbours by a path with the filters sorted and form-encoded', async () => {
    const { body } = await server.ask(
      `${CURRENT}?to_number=%2B1312&offset=5&foo=bar&limit=5&end_time__gte=2026-09-18%2010:00&callback_url=x&call_direction=inbound`,
    )
    const filters = 'call_direction=inbound&end_time__gte=2026-09-18+10%3A00&to_number=%2B1312'
    assert.equal(body.meta.total_count, 22)
    assert.equal(body.meta.next, `${CURRENT}?${filters}&limit=5&offset=10`)
    assert.equal(body.meta.previous, `${CURRENT}?${filters}&limit=5&offset=0`)
  })

  it('have a page before that begins at 0 at the least', async () => {
    const { body } = await server.ask(`${CURRENT}?offset=3&limit=20`)
    assert.equal(body.meta.previous, `${CURRENT}?limit=20&offset=0`)
  })

  it('end where the calls end', async () => {
    assert.equal((await server.ask(`${CURRENT}?offset=25&limit=20`)).body.meta.next, null)
    assert.equal((await server.ask(`${CURRENT}?offset=24&limit=20`)).body.meta.next, `${CURRENT}?limit=20&offset=44`)
  })

  it('far behind the last call are empty, and still have one before', async () => {
    const { body } = await server.ask(`${CURRENT}?offset=1000000000000`)
    assert.deepEqual(body.objects, [])
    assert.deepEqual(body.meta, {
      limit: 20,
      offset: 1_000_000_000_000,
      total_count: 45,
      previous: `${CURRENT}?limit=20&offset=999999999980`,
      next: null,
    })
  })

  it('of the older API only say whether there are neighbours', async () => {
    const seen: unknown[] = []
    let next: unknown = true
    for (let offset = 0; next; offset += 20) {
      const { body } = await server.ask(`${LEGACY}?offset=${offset}`)
      assert.equal(body.meta.previous, offset > 0)
      seen.push(...idsOf(body.objects))
      next = body.meta.next
    }
    assert.deepEqual(seen, NEWEST_FIRST)
  })
})

describe('the windows of Plivo lists', () => {
  const searched: { query: string; header: string }[] = [
    { query: '', header: '2026-08-20T12:00:00.000000Z/..' },
    { query: 'end_time__gte=2026-09-01', header: '2026-09-01T00:00:00.000000Z/..' },
    { query: 'end_time__gt=2026-09-01', header: '2026-09-02T00:00:00.000000Z/..' },
    { query: 'end_time__gte=2020-01-01', header: '2026-06-21T12:00:00.000000Z/..' },
    { query: 'end_time=2026-09-18 08:52', header: '2026-09-18T08:52:00.000000Z/2026-09-18T08:53:00.000000Z' },
    { query: 'end_time=2020-01-01', header: '2020-01-02T00:00:00.000000Z/2020-01-02T00:00:00.000000Z' },
    {
      query: 'end_time__gte=2026-09-01&end_time__lte=2026-09-02',
      header: '2026-09-01T00:00:00.000000Z/2026-09-03T00:00:00.000000Z',
    },
  ]
  for (const { query, header } of searched) {
    it(`?${query} searches ${header}`, async (t) => {
      const server = await PlivoServer.start({ now: NOON })
      t.after(() => server.close())
      for (const list of [CURRENT, LEGACY])
        assert.equal((await server.ask(`${list}?${query}`)).headers.get('calltrail-searched'), header)
    })
  }

  it('are settings: another cap, another window, and no horizon', async (t) => {
    const limits = { plivoPageRows: 100, plivoDefaultWindowDays: 400, plivoHorizonDays: null }
    const server = await PlivoServer.start({ now: '2027-09-19 12:00:00', limits })
    t.after(() => server.close())
    await server.add(ALICE, ...CALLS)
    const all = await server.ask(`${CURRENT}?limit=100`)
    assert.equal(all.body.objects.length, 45)
    assert.equal((await server.ask(CURRENT)).body.objects.length, 20)
    assert.equal((await server.ask(`${CURRENT}?limit=101`)).status, 400)
    const years = await server.ask(`${CURRENT}?end_time__gte=2001-01-01&end_time__lte=2027-01-01`)
    assert.equal(years.body.meta.total_count, 45)
  })
})
