import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Pipeline } from '../ingest/pipeline.ts'
import type { CallStore } from '../store/call-store.ts'

/** What Prometheus is told. Labels are of bounded sets: no account, number or key is ever one. */
export interface Metrics {
  text(): Promise<string>
  contentType: string
}

/** Watches every request of the app from here on. */
export function watch(app: FastifyInstance, calls: CallStore, pipeline: Pipeline): Metrics {
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
  const inFlight = new Gauge({
    name: 'calltrail_http_requests_in_flight',
    help: 'Requests that are not answered yet, this one included.',
    registers: [registry],
  })
  app.addHook('onRequest', async () => inFlight.inc())
  app.addHook('onResponse', async (request, reply) => {
    inFlight.dec()
    const route = request.routeOptions.url ?? 'none'
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
