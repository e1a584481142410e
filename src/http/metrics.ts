import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ChangeFeed } from '../dialect/native/change-feed.ts'
import type { Pipeline } from '../ingest/pipeline.ts'
import type { Reaper } from '../ingest/reaper.ts'
import type { CallStore } from '../store/call-store.ts'
import type { CountWatch } from '../store/count-watch.ts'
import type { Keeper } from '../store/keeper.ts'
import { watchKeeper } from './keeper-metrics.ts'
import { watchLanes } from './lane-metrics.ts'
import { watchUpkeep } from './upkeep-metrics.ts'

/** What Prometheus is told. Labels are of bounded sets: no account, number or key is ever one. */
export interface Metrics {
  text(): Promise<string>
  contentType: string
}

export interface Watched {
  calls: CallStore
  pipeline: Pipeline
  feed: ChangeFeed
  reaper?: Reaper | null
  countWatch?: CountWatch | null
  keeper?: Keeper | null
}

/** Watches every request of the app from here on. */
export function watch(
  app: FastifyInstance,
  { calls, pipeline, feed, reaper = null, countWatch = null, keeper = null }: Watched,
): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'calltrail_http_request_duration_seconds',
    help: 'Time from request to answer, by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  })
  new Counter({
    name: 'calltrail_reports_total',
    help: 'Records taken in, over HTTP and from files, by what became of them.',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, count] of Object.entries(pipeline.counts)) this.inc({ outcome }, count)
    },
  })
  new Gauge({
    name: 'calltrail_waiting_reports',
    help: 'Reports that wait for the disk.',
    registers: [registry],
    collect() {
      this.set(calls.waitingReports)
    },
  })
  new Gauge({
    name: 'calltrail_log_bytes',
    help: 'Size of the write-ahead logs: more than 400 MiB for long means that a reader never ends, or that checkpoints fail.',
    registers: [registry],
    async collect() {
      this.set((await calls.logBytes()) ?? 0)
    },
  })
  new Gauge({
    name: 'calltrail_live_calls',
    help: 'Calls that have not ended.',
    registers: [registry],
    async collect() {
      this.set(await calls.liveCalls())
    },
  })
  new Gauge({
    name: 'calltrail_change_streams',
    help: 'Change streams that are open.',
    registers: [registry],
    collect() {
      this.set(feed.open)
    },
  })
  new Counter({
    name: 'calltrail_inferred_ends_total',
    help: 'Calls whose end never came and was inferred.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(reaper?.inferred ?? 0)
    },
  })
  new Counter({
    name: 'calltrail_counts_checked_total',
    help: 'Counts behind totals and summaries that were counted again, some every minute.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(countWatch?.checked ?? 0)
    },
  })
  new Counter({
    name: 'calltrail_wrong_counts_total',
    help: 'Those of them that were wrong: the log names each, and calltrail doctor --full finds all.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(countWatch?.wrong ?? 0)
    },
  })
  watchLanes(registry, calls)
  watchUpkeep(registry, calls)
  if (keeper !== null) watchKeeper(registry, keeper)
  const inFlight = new Gauge({
    name: 'calltrail_http_requests_in_flight',
    help: 'Requests that are not answered yet, this one included, open change streams not.',
    registers: [registry],
  })
  // Hooks that wait for nothing call back: each that is async costs every request some microtasks.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isStream(request)) inFlight.inc()
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    // A stream takes as long as somebody watches, which says nothing of how fast the server is.
    if (!isStream(request)) {
      inFlight.dec()
      const route = request.routeOptions.url ?? 'none'
      requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    }
    done()
  })
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function isStream({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.endless === true
}
