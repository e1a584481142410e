import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { callAt } from './calls.ts'
import type { Asking, Flow, LoadJobs, Sent } from './load-jobs.ts'
import { Loads } from './loads.ts'
import type { Plan, Tenant } from './plan.ts'
import { percentile } from './spread.ts'

/** Makes the load in a process of its own, so that making it does not slow down who measures or what is measured. */

/** One `POST /calls`: NDJSON of one tenant. */
interface IngestRequest {
  key: string
  body: Buffer
}

let plan: Plan | null = null
let loads: Loads | null = null
let prepared: readonly IngestRequest[] = []

const jobs: { [Kind in keyof LoadJobs]: (given: LoadJobs[Kind]['given']) => Promise<LoadJobs[Kind]['result']> } = {
  async plan(given) {
    plan = given.plan
    loads = new Loads(given.plan, given.kind)
    return null
  },
  async prepare({ load }) {
    loads?.skipTo(load)
    const next = loads?.next() ?? null
    prepared = [...(next?.requests ?? [])].map(({ tenant, records }) => ndjson(tenant, records))
    return next?.contents ?? null
  },
  send: ({ origin, connections }) => send(origin, prepared, connections),
  ask,
  download,
  trickle,
  flood,
}

process.on('message', async ({ no, kind, given }: { no: number; kind: keyof LoadJobs; given: never }) => {
  try {
    process.send?.({ no, result: await jobs[kind](given) })
  } catch (error) {
    process.send?.({ no, error: (error as Error).stack ?? String(error) })
  }
})
process.on('disconnect', () => process.exit())

const none = (): Sent => ({ seconds: 0, received: 0, stored: 0, updated: 0, duplicates: 0, rejected: 0 })

async function send(origin: string, requests: readonly IngestRequest[], connections: number): Promise<Sent> {
  const pool = new Pool(origin, { connections, headersTimeout: 120_000, bodyTimeout: 120_000 })
  const sent = none()
  let at = 0
  const startedMs = performance.now()
  await inParallel(connections, async () => {
    for (let request = requests[at++]; request !== undefined; request = requests[at++]) await post(pool, request, sent)
  })
  sent.seconds = (performance.now() - startedMs) / 1000
  await pool.close()
  return sent
}

/** Sends a request until it is taken: a server that has too much waiting says so with 503. */
async function post(pool: Pool, { key, body }: IngestRequest, sent: Sent): Promise<void> {
  for (;;) {
    const response = await pool.request({
      method: 'POST',
      path: '/calltrail/v1/calls',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body,
    })
    const text = await response.body.text()
    if (response.statusCode === 503) {
      await pause(Number(response.headers['retry-after'] ?? 1) * 100)
      continue
    }
    if (response.statusCode !== 200) throw new Error(`POST /calls: ${response.statusCode} ${text.slice(0, 500)}`)
    const tally = JSON.parse(text) as Sent & { rejected_total: number; rejected: unknown[] }
    if (tally.rejected_total > 0) throw new Error(`POST /calls refused records: ${text.slice(0, 500)}`)
    sent.received += tally.received
    sent.stored += tally.stored
    sent.updated += tally.updated
    sent.duplicates += tally.duplicates
    return
  }
}

async function ask({
  origin,
  asking,
  connections,
  seconds,
}: LoadJobs['ask']['given']): Promise<LoadJobs['ask']['result']> {
  const pool = new Pool(origin, { connections })
  const times: number[] = []
  let at = 0
  const startedMs = performance.now()
  const endMs = startedMs + seconds * 1000
  await inParallel(connections, async () => {
    do {
      const next = asking[at++ % asking.length] as Asking
      const askedMs = performance.now()
      const response = await pool.request({
        method: 'GET',
        path: next.path,
        headers: next.headers,
      })
      if (response.statusCode !== 200)
        throw new Error(`GET ${next.path}: ${response.statusCode} ${await response.body.text()}`)
      await response.body.dump({ limit: 2 ** 30 })
      times.push(performance.now() - askedMs)
    } while (performance.now() < endMs)
  })
  const tookS = (performance.now() - startedMs) / 1000
  await pool.close()
  return { answers: times.length, seconds: tookS, p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) }
}

async function download({
  origin,
  asking,
  mostSeconds,
}: LoadJobs['download']['given']): Promise<LoadJobs['download']['result']> {
  const pool = new Pool(origin, { connections: 1 })
  const startedMs = performance.now()
  const { path, headers } = asking
  const response = await pool.request({ method: 'GET', path, headers })
  if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode}`)
  let lines = 0
  let bytes = 0
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, end + 1)) lines += 1
    if (performance.now() - startedMs > mostSeconds * 1000) break
  }
  const seconds = (performance.now() - startedMs) / 1000
  await pool.destroy()
  return { lines, bytes, seconds }
}

function requestOf({ tenant, from, records }: Flow, no: number): IngestRequest {
  const calls = Array.from({ length: records }, (_, at) => callAt(plan as Plan, tenant, from + no * records + at))
  return ndjson(tenant, calls)
}

function ndjson({ key }: Tenant, records: readonly object[]): IngestRequest {
  return { key, body: Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join('')) }
}

async function trickle(given: LoadJobs['trickle']['given']): Promise<Sent> {
  const pool = new Pool(given.origin, { connections: 1 })
  const sent = none()
  const startedMs = performance.now()
  for (let no = 0; no < given.seconds * given.requestsPerS; no += 1) {
    await pause(Math.max(0, startedMs + (no / given.requestsPerS) * 1000 - performance.now()))
    await post(pool, requestOf(given, no), sent)
  }
  sent.seconds = (performance.now() - startedMs) / 1000
  await pool.close()
  return sent
}

async function flood(given: LoadJobs['flood']['given']): Promise<LoadJobs['flood']['result']> {
  const pool = new Pool(given.origin, { connections: given.connections })
  const sent = none()
  let no = 0
  await inParallel(given.connections, async () => {
    while (no < given.mostRequests) {
      try {
        await post(pool, requestOf(given, no++), sent)
      } catch (error) {
        if (!GONE.has((error as { code?: string }).code ?? '')) throw error
        return
      }
    }
  })
  await pool.destroy()
  return { acknowledged: sent.stored }
}

/** How a request ends whose server was killed. */
const GONE = new Set(['UND_ERR_SOCKET', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

async function inParallel(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work))
}
