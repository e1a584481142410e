import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerKey, requireScope, type SignInGuard, signIn } from '../dialect/access.ts'
import { toFault } from '../dialect/fault.ts'
import { refuseOtherMethods } from '../dialect/other-methods.ts'
import type { Metrics } from './metrics.ts'
import { answerFault } from './voices.ts'

export interface OpsParts {
  guard: SignInGuard
  metrics: Metrics
  /** Who may read metrics and documentation: everyone, or keys with the scope operator. */
  access: 'open' | 'operator'
}

/** `/healthz` and `/readyz` for everyone; `/metrics`, `/openapi.json` and `/docs` by setting. */
export async function opsRoutes(app: FastifyInstance, { guard, metrics, access }: OpsParts): Promise<void> {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  app.setErrorHandler((error, request, reply) => answerFault(request.url, toFault(error), reply))
  const hide = { schema: { hide: true } }

  app.get('/healthz', hide, async () => ({ status: 'ok' }))
  app.get('/readyz', hide, async (_request, reply) => {
    if (stopping) return reply.code(503).send({ status: 'stopping' })
    return { status: 'ready' }
  })
  for (const path of ['/healthz', '/readyz']) refuseOtherMethods(app, path, ['GET', 'HEAD'])

  await app.register(async (guarded) => {
    guarded.addHook('onRequest', async (request: FastifyRequest) => {
      if (access === 'operator') requireScope(signIn(guard, request, bearerKey(request)), 'operator')
    })
    guarded.get('/metrics', hide, async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.text()),
    )
    guarded.get('/openapi.json', hide, async () => app.swagger())
    for (const path of ['/metrics', '/openapi.json']) refuseOtherMethods(guarded, path, ['GET', 'HEAD'])
    await guarded.register(swaggerUi, { routePrefix: '/docs', logLevel: 'silent' })
  })
}
