import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { pino } from 'pino'
import { limitsOf } from '../../src/cli/open.ts'
import { readConfig } from '../../src/config/config.ts'
import { buildApp } from '../../src/http/app.ts'
import { ACCOUNT, KEY, RunningServer } from '../support/running-server.ts'

const NUMBER = '+12025550147'

function aCall(more: object = {}): object {
  return {
    direction: 'outbound',
    from: { number: NUMBER, name: 'Ms Caller' },
    to: { number: '+442079460102' },
    started_at: '2024-01-15T14:28:48Z',
    ended_at: '2024-01-15T14:32:00Z',
    ...more,
  }
}

describe('health', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  it('is told without a credential', async () => {
    for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(server.url + path)).status, 200)
  })

  it('refuses other methods with Allow', async () => {
    const response = await fetch(`${server.url}/readyz`, { method: 'DELETE' })
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'])
  })
})

describe('/metrics', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  const metrics = async () => (await fetch(`${server.url}/metrics`)).text()

  it('counts what became of records, refusals too', async () => {
    await server.post([aCall({ source_id: '1' }), aCall({ source_id: '1' }), aCall({ direction: 'sideways' })])
    await server.post(aCall({ source_id: '1', tags: ['late'] }))
    const text = await metrics()
    for (const line of ['stored"} 1', 'duplicate"} 1', 'refused"} 1', 'updated"} 1'])
      assert.ok(text.includes(`calltrail_reports_total{outcome="${line}`), line)
  })

  it('times requests by route, never by URL', async () => {
    await server.native(`/calls?from=${encodeURIComponent(NUMBER)}`)
    const text = await metrics()
    assert.match(text, /request_duration_seconds_count\{method="GET",route="\/calltrail\/v1\/calls",status="200"\} \d/)
    assert.ok(!text.includes('2025550147'))
  })
})

describe('operations that are not open', () => {
  it('want a key with the scope operator', async () => {
    const server = await RunningServer.start({ opsAccess: 'operator' })
    try {
      const reader = server.calltrail.directory.createKey({ accountId: ACCOUNT, name: 'reader', scopes: ['read'] })
      for (const path of ['/metrics', '/openapi.json', '/docs/']) {
        const ask = async (key: string | null) =>
          (await fetch(server.url + path, key === null ? {} : { headers: { authorization: `Bearer ${key}` } })).status
        assert.deepEqual([await ask(null), await ask(reader.secret), await ask(KEY)], [401, 403, 200], path)
      }
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    } finally {
      await server.stop()
    }
  })
})

describe('the log', () => {
  it('has a line with a request id for each answer, and no number, name or key', async () => {
    const lines: string[] = []
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const server = await RunningServer.start()
    const given = {
      trustedProxies: [],
      bodyLimitBytes: 1_000_000,
      tls: null,
      opsAccess: 'open' as const,
      unreadAnswerS: 120,
    }
    const logger = pino({ level: 'trace' }, sink)
    const app = await buildApp({ ...server.calltrail, ...given, limits: limitsOf(readConfig({})), logger })
    const authorization = `Bearer ${KEY}`
    const ask = (url: string, more: object = {}) => app.inject({ url, headers: { authorization }, ...more })
    await ask('/calltrail/v1/calls', { method: 'POST', payload: [aCall(), { ...aCall(), from: { number: 5 } }] })
    const answer = await ask(`/calltrail/v1/calls?from=${encodeURIComponent(NUMBER)}&nonsense=${NUMBER}`)
    await ask(`/%zz?from=${NUMBER}`)
    await ask(`/nowhere/${NUMBER}`)
    await app.close()
    await server.stop()
    const log = lines.join('')
    assert.ok(log.includes(String(answer.headers['x-request-id'])))
    for (const secret of ['2025550147', 'Ms Caller', KEY, '442079460102']) assert.ok(!log.includes(secret), secret)
  })
})

describe('stopping', () => {
  it('finishes what was accepted: a call whose request was under way is answered and stored', async () => {
    const server = await RunningServer.start({ plivoHorizonDays: null })
    const posts = Array.from({ length: 20 }, (_, n) =>
      server.post(Array.from({ length: 50 }, (_, m) => aCall({ source_id: `${n}-${m}` }))),
    )
    await posts[0]
    const [, ...answers] = await Promise.all([server.restart(), ...posts.map((post) => post.catch(() => null))])
    const acknowledged = answers.filter((answer) => answer?.status === 200).length * 50
    const { total } = (await (await server.native('/calls?limit=1')).json()) as { total: number }
    await server.stop()
    assert.ok(acknowledged > 0)
    assert.ok(total >= acknowledged, `${total} stored of ${acknowledged} acknowledged`)
  })
})

describe('requests of the native API', () => {
  it('are limited per account by setting, with Retry-After, and ingest is not', async () => {
    const server = await RunningServer.start({ nativeRequestsPerMinute: 3 })
    const statuses = []
    for (let n = 0; n < 4; n += 1) statuses.push((await server.native('/account')).status)
    const refused = await server.native('/calls')
    const stored = await server.post(aCall())
    await server.stop()
    assert.deepEqual(statuses, [200, 200, 200, 429])
    assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    assert.equal(stored.status, 200)
  })
})

describe('failed sign-ins', () => {
  it('shut an address out for a while, in the voice of the API it asks', async () => {
    const server = await RunningServer.start({ failedSignInsPerMinute: 2 })
    const wrong = { headers: { authorization: 'Bearer ct_wrong_wrong_wrong_wrong' } }
    const statuses = []
    for (let n = 0; n < 3; n += 1) statuses.push((await fetch(`${server.url}/calltrail/v1/calls`, wrong)).status)
    const plivo = await server.plivo('/Zentrunk/Call/')
    const body = (await plivo.json()) as object
    await server.stop()
    assert.deepEqual(statuses, [401, 401, 429])
    assert.equal(plivo.status, 429)
    assert.deepEqual(Object.keys(body), ['api_id', 'error'])
  })
})
