import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Keeping } from '../../store/keeping.ts'
import type { SignInGuard } from '../access.ts'
import { FaultError, toFault } from '../fault.ts'
import type { DialectParts } from '../parts.ts'
import { accountRoutes } from './account-routes.ts'
import { callRoutes, type PresentAs } from './call-routes.ts'
import type { ChangeFeed } from './change-feed.ts'
import { erasureRoutes } from './erasure-routes.ts'
import { NativeFailures, toNativeError } from './errors.ts'
import { keyRoutes } from './key-routes.ts'
import { liveRoutes } from './live-routes.ts'
import { quarantineRoutes } from './quarantine-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { sourceRoutes } from './source-routes.ts'
import { streamRoutes } from './stream-routes.ts'
import { summaryRoutes } from './summary-routes.ts'

/** The native API. `ingest` registers what takes calls in, so that it answers in the same voice. */
export const nativeRoutes: FastifyPluginAsyncTypebox<{
  parts: DialectParts & { keeping: Keeping | null }
  guard: SignInGuard
  presentAs: PresentAs
  feed: ChangeFeed
  ingest: (app: FastifyInstance) => unknown
}> = async (app, { parts, guard, presentAs, feed, ingest }) => {
  app.setErrorHandler((error, request, reply) => {
    const fault = toFault(error)
    if (fault.code === 'internal' || fault.code === 'cannot_store') request.log.error({ err: error }, 'unhandled')
    const { status, headers, body } = toNativeError(fault)
    return reply.code(status).headers(headers).serializer(JSON.stringify).send(body)
  })
  app.setNotFoundHandler(async () => {
    throw new FaultError({ code: 'unknown_path' })
  })
  app.addHook('onRoute', describe)
  const { keeping } = parts
  await app.register(callRoutes, { parts, guard, presentAs })
  for (const routes of [liveRoutes, streamRoutes, sessionRoutes]) await app.register(routes, { parts, guard, feed })
  for (const routes of [summaryRoutes, accountRoutes, keyRoutes, sourceRoutes, quarantineRoutes])
    await app.register(routes, { parts, guard })
  if (keeping !== null) await app.register(erasureRoutes, { parts: { ...parts, keeping }, guard })
  await ingest(app as unknown as FastifyInstance)
}

/** What all routes of this API have in common, for OpenAPI. */
function describe({ schema }: RouteOptions): void {
  if (schema === undefined || schema.hide === true) return
  schema.security = [{ bearer: [] }]
  schema.response = { ...(schema.response as object), ...NativeFailures }
}
