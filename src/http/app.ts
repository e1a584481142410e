import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { newGuard } from '../dialect/access.ts'
import { toFault } from '../dialect/fault.ts'
import { ChangeFeed } from '../dialect/native/change-feed.ts'
import { nativeRoutes } from '../dialect/native/routes.ts'
import { nectarDeskRoutes } from '../dialect/nectardesk/routes.ts'
import type { DialectParts } from '../dialect/parts.ts'
import { plivoRoutes } from '../dialect/plivo/routes.ts'
import { plivoLegacyRoutes } from '../dialect/plivo-legacy/routes.ts'
import { portsipRoutes } from '../dialect/portsip/routes.ts'
import type { Pipeline } from '../ingest/pipeline.ts'
import type { Reaper } from '../ingest/reaper.ts'
import type { CountWatch } from '../store/count-watch.ts'
import type { Keeper } from '../store/keeper.ts'
import type { Keeping } from '../store/keeping.ts'
import { ingestRoutes } from './ingest-routes.ts'
import { watch } from './metrics.ts'
import { OPENAPI } from './openapi.ts'
import { opsRoutes } from './ops-routes.ts'
import { replayRoutes } from './replay-routes.ts'
import { SHOWN_AS } from './shown-as.ts'
import { sourceEventRoutes } from './source-routes.ts'
import { closeUnread } from './unread-answers.ts'
import { answerFault } from './voices.ts'

export interface AppParts extends DialectParts {
  /** Forgetting, where the store can. */
  keeping?: Keeping | null
  pipeline: Pipeline
  /** What infers ends, where something does. */
  reaper?: Reaper | null
  /** What has the store's counts checked, where something does. */
  countWatch?: CountWatch | null
  /** What lets go of what is old, where something does. */
  keeper?: Keeper | null
  logger: FastifyBaseLogger | false
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  /** Largest JSON body, and largest record of a stream. */
  bodyLimitBytes: number
  tls: { cert: Buffer; key: Buffer } | null
  opsAccess: 'open' | 'operator'
  /** Seconds after which a connection is closed whose client reads nothing of what waits for it. */
  unreadAnswerS: number
}

/** The whole server, not yet listening; `serve` and the tests build it the same way. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const app = newInstance(parts)
  // Presenters build exactly what goes out; a serializer that checks each value against a schema again is slower.
  app.setSerializerCompiler(() => JSON.stringify)
  const guard = newGuard(parts)
  const feed = new ChangeFeed(parts.calls)
  const metrics = watch(app, { ...parts, feed })
  logRequests(app)
  lettingGo(app, parts)
  closeUnread(app, { seconds: parts.unreadAnswerS })
  await app.register(swagger, OPENAPI)
  await app.register(opsRoutes, { guard, metrics, access: parts.opsAccess })
  await app.register(plivoRoutes, { prefix: '/v1/Account', parts, guard })
  await app.register(plivoLegacyRoutes, { prefix: '/v1/Account', parts, guard })
  await app.register(portsipRoutes, { prefix: '/api', parts, guard })
  await app.register(nectarDeskRoutes, { prefix: '/api/v1', parts, guard })
  await app.register(nativeRoutes, {
    prefix: '/calltrail/v1',
    parts: { keeping: null, ...parts },
    guard,
    presentAs: SHOWN_AS,
    feed,
    ingest: (native: FastifyInstance) => {
      for (const routes of [ingestRoutes, sourceEventRoutes, replayRoutes])
        native.register(routes as typeof ingestRoutes, { ...parts, guard })
    },
  })
  app.setNotFoundHandler((request, reply) => answerFault(request.url, { code: 'unknown_path' }, reply))
  await app.ready()
  return app
}

/** A long filter shall be refused by the dialect that knows what is wrong with it, not by Node's 16 KiB. */
const MAX_HEADER_BYTES = 128 * 1024

function newInstance({ logger, tls, trustedProxies, bodyLimitBytes }: AppParts): FastifyInstance {
  const options = {
    ...(logger === false ? { logger: false } : { loggerInstance: logger }),
    ...(tls === null ? {} : { https: { ...tls, maxHeaderSize: MAX_HEADER_BYTES } }),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: bodyLimitBytes,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    forceCloseConnections: 'idle' as const,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2304 },
    frameworkErrors: (error: Error, request: { url: string }, reply: FastifyReply) =>
      answerFault(request.url, toFault(error), reply),
  }
  return Fastify(options as object) as unknown as FastifyInstance
}

/**
 * Once it stops, every answer closes its connection: one kept alive would hold the stop up for a minute, and one on
 * which nothing was asked yet, such as a browser opens ahead of its requests, for as long as its client likes.
 */
function lettingGo(app: FastifyInstance, { tls }: AppParts): void {
  let stopping = false
  const unasked = new Set<Socket>()
  app.server.on(tls === null ? 'connection' : 'secureConnection', (socket: Socket) => {
    unasked.add(socket)
    socket.once('close', () => unasked.delete(socket))
  })
  app.server.on('request', ({ socket }: IncomingMessage) => unasked.delete(socket))
  app.addHook('preClose', async () => {
    stopping = true
    for (const socket of unasked) socket.destroy()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) reply.header('connection', 'close')
    done(null, payload)
  })
}

/** One line for each answer, by route and not by URL: a URL can hold numbers. Health checks are not worth one. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    if (route !== '/healthz' && route !== '/readyz') {
      const ms = Math.round(reply.elapsedTime * 100) / 100
      request.log.info({ method: request.method, route, status: reply.statusCode, ms }, 'answered')
    }
    done()
  })
}
