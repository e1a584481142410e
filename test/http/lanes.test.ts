import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { defaultSettings } from '../../src/record/account.ts'
import { ACCOUNT, KEY, RunningServer } from '../support/running-server.ts'
import { uuidOf } from '../support/varied-calls.ts'

type Json = Record<string, unknown>

const CALLS = 3000
const OTHER = 'MA00000000000000OTHER'.slice(0, 20)

/** Calls with a text that no index knows, of `bytes` characters. */
const someCalls = (count: number, bytes: number): Json[] =>
  Array.from({ length: count }, (_, n) => ({
    call_uuid: uuidOf(n),
    direction: 'inbound',
    from: { number: '+12025550101' },
    to: { number: '+12025550102' },
    started_at: new Date(Date.UTC(2024, 0, 15) + n * 1000).toISOString(),
    ended_at: new Date(Date.UTC(2024, 0, 15, 1) + n * 1000).toISOString(),
    user_data: 'x'.repeat(bytes),
  }))

/** Finds nothing, and looks at every call so many times for it. */
const heavy = (times: number): string =>
  `/calls?legs=all&where=${encodeURIComponent(
    JSON.stringify({
      or: Array.from({ length: times }, (_, n) => ({ field: 'user_data', op: 'contains', value: `y${n}` })),
    }),
  )}`

async function serverWith(given: {
  settings?: Parameters<typeof RunningServer.start>[0]
  count: number
  bytes: number
}): Promise<{ server: RunningServer; other: (path: string) => Promise<Response> }> {
  const server = await RunningServer.start({ pageReaders: 1, ...given.settings })
  const calls = someCalls(given.count, given.bytes)
  for (let at = 0; at < calls.length; at += 500) await server.post(calls.slice(at, at + 500))
  const { directory } = server.calltrail
  directory.createAccount({ id: OTHER, settings: defaultSettings('Other') })
  const { secret } = directory.createKey({ accountId: OTHER, name: 'other', scopes: ['read', 'ingest'] })
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const other = (path: string) => fetch(`${server.url}/calltrail/v1${path}`, { headers })
  const body = JSON.stringify(someCalls(5, 1))
  await fetch(`${server.url}/calltrail/v1/calls`, { method: 'POST', headers, body })
  return { server, other }
}

const lanesOf = (server: RunningServer) =>
  Object.fromEntries(server.calltrail.calls.lanes().map((lane) => [lane.lane, lane]))

describe('a list that takes long', () => {
  let server: RunningServer
  let other: (path: string) => Promise<Response>
  before(async () => {
    const started = await serverWith({ settings: { listDeadlineS: null }, count: CALLS, bytes: 100 })
    server = started.server
    other = started.other
  })
  after(() => server.stop())

  it('is answered rightly, though the thread for pages gives it up', async () => {
    const { total, calls } = (await (await server.native(heavy(90))).json()) as Json
    assert.deepEqual([total, calls], [0, []])
    assert.ok((lanesOf(server).pages?.givenUp as number) >= 1)
  })

  it("does not hold up another account's page, though twenty of them wait", async () => {
    let done = 0
    const lists = Array.from({ length: 20 }, () => server.native(heavy(10)).finally(() => (done += 1)))
    const pages = []
    for (let n = 0; n < 3; n += 1) pages.push(((await (await other('/calls?limit=2')).json()) as Json).total)
    const doneBefore = done
    assert.deepEqual(pages, [5, 5, 5])
    assert.ok(doneBefore < 10, `${doneBefore} heavy lists were answered before`)
    for (const answer of await Promise.all(lists)) assert.equal(answer.status, 200)
  })

  it('ends with the client that asked for it, and leaves the thread to who comes next', async () => {
    const before = lanesOf(server)
    const controller = new AbortController()
    const gone = Array.from({ length: 40 }, () => server.native(heavy(40), { signal: controller.signal }))
    const outcomes = Promise.allSettled(gone)
    await other('/calls')
    controller.abort()
    const rejected = (await outcomes).filter(({ status }) => status === 'rejected').length
    assert.ok(rejected >= 30, `${rejected} were given up`)
    // Of the same account, and so behind whatever of the forty is not given up.
    assert.equal((await server.native('/calls?limit=1')).status, 200)
    const lanes = lanesOf(server)
    const cancelled = (of: typeof lanes) => (of.pages?.cancelled ?? 0) + (of.heavy?.cancelled ?? 0)
    assert.ok(cancelled(lanes) - cancelled(before) >= 30)
    assert.deepEqual([lanes.pages?.waiting, lanes.heavy?.waiting], [0, 0])
  })

  it('is refused at its deadline, in words that say what to do, and counted', async () => {
    const short = await serverWith({ settings: { listDeadlineS: 0.02 }, count: CALLS, bytes: 100 })
    const answer = await short.server.native(heavy(90))
    const { error } = (await answer.json()) as { error: Json }
    const metrics = await (await fetch(`${short.server.url}/metrics`)).text()
    // Not over HTTP, where it has no longer than the list had.
    const order = { by: 'startedAtUs', descending: true } as const
    const page = await short.server.calltrail.calls.list({
      accountId: OTHER,
      where: null,
      order,
      limit: 1,
      total: true,
    })
    await short.server.stop()
    assert.deepEqual([answer.status, error.code, answer.headers.get('retry-after')], [503, 'too_slow', null])
    assert.match(String(error.message), /shorter range of time/)
    assert.match(metrics, /^calltrail_reads_too_slow_total\{lane="(pages|heavy)"\} 1$/m)
    assert.match(metrics, /^calltrail_reads_waiting\{lane="heavy"\} 0$/m)
    assert.match(metrics, /^calltrail_longest_slice_seconds\{lane="pages"\} [\d.]+$/m)
    assert.equal(page.total, 5)
  })

  it('may be under way when the store closes: what was asked is answered, what comes after is refused', async () => {
    const closing = await serverWith({ count: 500, bytes: 100 })
    const { calls } = closing.server.calltrail
    const where = { op: 'contains', field: 'userData', value: 'y' } as const
    const order = { by: 'startedAtUs', descending: true } as const
    const query = { accountId: ACCOUNT, where, order, limit: 5, total: true }
    const controller = new AbortController()
    const asked = Array.from({ length: 10 }, (_, n) => calls.list(query, n % 2 ? { signal: controller.signal } : {}))
    const settled = Promise.allSettled(asked)
    const closed = closing.server.stop()
    controller.abort(new Error('gone'))
    for (const [n, outcome] of (await settled).entries())
      assert.equal(outcome.status === 'fulfilled' ? outcome.value.total : outcome.reason.message, n % 2 ? 'gone' : 0)
    await closed
    await assert.rejects(calls.list(query), /closed/)
  })
})

describe('more questions of an account than may wait', () => {
  const MOST = 5
  let server: RunningServer
  let other: (path: string) => Promise<Response>
  before(async () => {
    const started = await serverWith({ settings: { waitingReads: MOST }, count: CALLS, bytes: 100 })
    server = started.server
    other = started.other
  })
  after(() => server.stop())

  it('are refused in words that say when to come back, and counted; those of another account are answered', async () => {
    const asked = Array.from({ length: 4 * MOST }, () => server.native(heavy(90)))
    assert.equal((await other('/calls?limit=2')).status, 200)
    const answers = await Promise.all(asked)
    const refused = answers.filter(({ status }) => status === 503)
    assert.ok(refused.length >= MOST, `${refused.length} were refused`)
    assert.ok(answers.filter(({ status }) => status === 200).length >= MOST)
    assert.equal(refused.length + answers.filter(({ status }) => status === 200).length, answers.length)
    for (const answer of refused) {
      const { error } = (await answer.json()) as { error: Json }
      assert.deepEqual([error.code, answer.headers.get('retry-after')], ['overloaded', '1'])
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    const counted = [...metrics.matchAll(/^calltrail_reads_refused_total\{lane="\w+"\} (\d+)$/gm)].map(([, n]) =>
      Number(n),
    )
    assert.equal(
      counted.reduce((sum, n) => sum + n, 0),
      refused.length,
    )
  })

  it('never cut off an export that has begun', async () => {
    const exported = Array.from({ length: 3 * MOST }, async () => {
      const answer = await server.native('/calls/export?legs=all')
      return answer.status === 200 ? (await answer.text()).split('\n').length - 1 : answer.status
    })
    const outcomes = new Set(await Promise.all(exported))
    assert.ok(outcomes.delete(CALLS), [...outcomes].join())
    outcomes.delete(503)
    assert.deepEqual([...outcomes], [])
  })
})

describe('answers that nobody reads', () => {
  let server: RunningServer
  let other: (path: string) => Promise<Response>
  let sockets: Socket[] = []
  before(async () => {
    const started = await serverWith({ settings: { unreadAnswerS: 1 }, count: 2500, bytes: 8000 })
    server = started.server
    other = started.other
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    await server.stop()
  })

  /** A connection that asks, and reads nothing until it is told to. */
  async function asking(path: string): Promise<Socket> {
    const { port, hostname } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.pause()
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(`GET /calltrail/v1${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n\r\n`)
    return socket
  }

  it('of 64 clients hold no thread and little memory, and end when they have not been read for long', async () => {
    const exports = '/calls/export?format=csv&legs=all'
    await other(exports)
    const { arrayBuffers: before } = process.memoryUsage()
    const ended: Promise<unknown>[] = []
    server.app.server.on('request', ({ url, socket }) => {
      if (url?.endsWith(exports)) ended.push(new Promise((resolve) => socket.once('close', resolve)))
    })
    sockets = await Promise.all(Array.from({ length: 64 }, (_, n) => asking(n % 2 ? exports : '/calls?limit=1000')))
    for (let n = 0; n < 10; n += 1) {
      const page = (await (await other('/calls?limit=2')).json()) as Json
      assert.equal(page.total, 5)
    }
    while (ended.length < 32) await other('/calls?limit=2')
    const { arrayBuffers } = process.memoryUsage()
    // Of each export two parts of 200 kB and what is on its way; a page of a thousand of these calls is 10 MB, and made one
    // after another.
    assert.ok(arrayBuffers - before < 450e6, `${(arrayBuffers - before) / 1e6} MB`)
    await Promise.all(ended)
    assert.deepEqual([lanesOf(server).exports?.waiting, lanesOf(server).pages?.waiting], [0, 0])
  })

  it('are no matter for a client that reads slowly, for longer than an unread one may stay', async () => {
    const socket = await asking('/calls/export?format=csv&legs=all')
    sockets.push(socket)
    let bytes = 0
    let text = ''
    const until = Date.now() + 3000
    for await (const chunk of socket.resume()) {
      bytes += chunk.length
      text = (text + chunk.toString('latin1')).slice(-10)
      // Some 8 MB/s at first: slower than the server writes, so that it has to wait.
      if (Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
      if (text.endsWith('\r\n0\r\n\r\n')) break
    }
    assert.ok(bytes > 2500 * 8000)
  })
})
