import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { askNectarDesk, storeCalls } from './support/nectardesk.ts'
import { RunningServer } from './support/running-server.ts'

const EXAMPLE = JSON.parse(readFileSync(new URL('fixtures/nectardesk/calls.json', import.meta.url), 'utf8'))

const COUNT = 250

/** Two calls begin in each second, and every fifth is one of agent 7. */
const calls = Array.from({ length: COUNT }, (_, ordinal) => ({
  source_id: `call-${ordinal}`,
  direction: 'inbound',
  started_at: new Date(Date.UTC(2025, 7, 1, 12, 0, Math.floor(ordinal / 2))).toISOString(),
  ended_at: '2025-08-01T13:00:00Z',
  tags: [String(ordinal)],
  ...(ordinal % 5 === 0 ? { center: { agents: [{ id: 7, started_at: '2025-08-01T12:30:00Z' }] } } : {}),
}))

describe('the pages of the nectardesk dialect', () => {
  let server: RunningServer
  const ask = async (path: string) => (await askNectarDesk(server, path)).body
  before(async () => {
    server = await RunningServer.start()
    await storeCalls(server, calls)
  })
  after(() => server.stop())

  it('has a hundred calls and links to the next page as the documentation writes it', async () => {
    const { calls, meta } = await ask('/calls/')
    assert.equal(calls.length, 100)
    assert.deepEqual(meta, { page: 1, limit: 100, total: COUNT, next: '/api/v1/calls/?page=2', previous: null })
    assert.equal(meta.next, EXAMPLE.meta.next)
  })

  it('begins with the latest start, and of one second with the call stored last', async () => {
    const { calls } = await ask('/calls/?limit=1000')
    const places = calls.map(({ started_at, id }) => [started_at, id] as const)
    assert.deepEqual(
      places,
      [...places].sort(([a, idA], [b, idB]) => b - a || idB - idA),
    )
    assert.equal(new Set(places.map(([, id]) => id)).size, COUNT)
  })

  for (const query of ['', 'limit=7', 'limit=1000', 'agentId=7&limit=9', 'dateTo=2025-08-01T12:00&limit=11&page=1']) {
    it(`leads through all calls by its links, and back: ?${query}`, async () => {
      const whole = new URLSearchParams(query)
      whole.set('limit', '1000')
      const all = await ask(`/calls/?${whole}`)
      assert.ok(all.calls.length >= 10)
      const forth: string[] = []
      const seen: number[] = []
      for (let path: string | null = `/api/v1/calls/?${query}`; path !== null; ) {
        const page = await ask(path.replace('/api/v1', ''))
        assert.equal(page.meta.total, all.meta.total)
        seen.push(...page.calls.map(({ id }) => id))
        forth.push(path)
        path = page.meta.next
      }
      assert.deepEqual(
        seen,
        all.calls.map(({ id }) => id),
      )
      const back: string[] = []
      for (let path: string | null = forth.at(-1) as string; path !== null; ) {
        const page: Awaited<ReturnType<typeof ask>> = await ask(path.replace('/api/v1', ''))
        back.unshift(path)
        path = page.meta.previous
      }
      assert.equal(back.length, forth.length)
      assert.deepEqual(back.slice(1), forth.slice(1))
    })
  }

  it('keeps the filters in its links, a limit only where one was given, and nothing that it does not know', async () => {
    const cases: [query: string, next: string][] = [
      ['agentId=7&limit=10', '/api/v1/calls/?limit=10&agentId=7&page=2'],
      ['page=1&limit=100', '/api/v1/calls/?limit=100&page=2'],
      ['callback_url=http%3A%2F%2Fx&page=1', '/api/v1/calls/?page=2'],
      ['dateFrom=2025-08-01T00:00%2B02:00', '/api/v1/calls/?dateFrom=2025-08-01T00%3A00%2B02%3A00&page=2'],
    ]
    for (const [query, next] of cases) assert.equal((await ask(`/calls/?${query}`)).meta.next, next)
  })

  it('is empty behind the last page, and leads back to it', async () => {
    for (const page of [4, 5, 1_000_000_000_000]) {
      const { calls, meta } = await ask(`/calls/?page=${page}`)
      assert.deepEqual(calls, [])
      const previous = '/api/v1/calls/?page=3'
      assert.deepEqual(meta, { page, limit: 100, total: COUNT, next: null, previous })
    }
    const { meta } = await ask('/calls/?page=3&agentId=8')
    assert.deepEqual([meta.total, meta.next, meta.previous], [0, null, '/api/v1/calls/?agentId=8&page=1'])
  })

  it('tells what it searched', async () => {
    const searched = async (query: string) =>
      (await askNectarDesk(server, `/calls/?${query}`)).headers.get('calltrail-searched')
    assert.equal(await searched(''), '../..')
    assert.equal(await searched('dateFrom=2025-08-01'), '2025-08-01T00:00:00.000000Z/..')
    assert.equal(await searched('dateTo=2025-08-01T12:30'), '../2025-08-01T12:31:00.000000Z')
  })
})
