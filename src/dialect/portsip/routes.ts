import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { SignInGuard } from '../access.ts'
import { FaultError, toFault } from '../fault.ts'
import { JSON_TYPE } from '../listed.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { DialectParts } from '../parts.ts'
import { readingFor } from '../reading.ts'
import { enterPortsip } from './access.ts'
import { toPortsipError } from './errors.ts'
import { findShown, legsOf, listShown } from './find.ts'
import { CDRS_LISTED_AS, LOGS_LISTED_AS } from './listed.ts'
import { presentCallLog, presentLeg } from './present.ts'
import { readListRequest } from './query.ts'
import { CallLog, CallLogList, CallPath, CdrLegs, CdrList, ERRORS, ListQuery } from './schema.ts'
import { tokenRoutes } from './token-routes.ts'

const READS = ['GET', 'HEAD']
const described = { tags: ['portsip'], security: [{ bearer: [] }] }

/** PortSIP's REST API, call logs and CDRs. Registered under `/api`; what nobody has under that answers in its voice. */
export const portsipRoutes: FastifyPluginAsyncTypebox<{ parts: DialectParts; guard: SignInGuard }> = async (
  app,
  { parts, guard },
) => {
  const { calls, limits } = parts
  app.setErrorHandler((error, request, reply) => {
    const fault = toFault(error)
    if (fault.code === 'internal') request.log.error({ err: error }, 'unhandled')
    const { status, headers, body } = toPortsipError(fault)
    return reply.code(status).headers(headers).send(body)
  })
  // The schemas of these routes describe them; the dialect reads what it is given itself, to name it in its errors.
  app.setValidatorCompiler(() => (value) => ({ value }))
  const unknownPath = async (): Promise<never> => {
    throw new FaultError({ code: 'unknown_path' })
  }
  for (const url of ['/', '/*'])
    app.route({
      method: app.supportedMethods,
      url,
      schema: { hide: true },
      onRequest: unknownPath,
      handler: unknownPath,
    })
  for (const path of ['/calllogs', '/calllogs/:id', '/cdrs', '/cdrs/:id']) refuseOtherMethods(app as never, path, READS)
  await app.register(tokenRoutes, { parts, guard })

  const lists = { ...described, querystring: ListQuery }
  const listLogs = {
    ...lists,
    summary: 'List call logs, newest start first',
    response: { 200: CallLogList, ...ERRORS },
  }
  app.get('/calllogs', { schema: listLogs }, async (request, reply) => {
    const accountId = enterPortsip(guard, request)
    const asked = readListRequest(request.query)
    const list = await listShown(calls, { accountId, encoder: LOGS_LISTED_AS }, asked, readingFor(reply, limits))
    return reply.type(JSON_TYPE).send(list as never)
  })

  const listCdrs = { ...lists, summary: 'List CDRs, newest start first', response: { 200: CdrList, ...ERRORS } }
  app.get('/cdrs', { schema: listCdrs }, async (request, reply) => {
    const accountId = enterPortsip(guard, request)
    const asked = readListRequest(request.query)
    const list = await listShown(calls, { accountId, encoder: CDRS_LISTED_AS }, asked, readingFor(reply, limits))
    return reply.type(JSON_TYPE).send(list as never)
  })

  const one = { ...described, params: CallPath }
  const readLog = { ...one, summary: 'Retrieve a call log', response: { 200: CallLog, ...ERRORS } }
  app.get('/calllogs/:id', { schema: readLog }, async (request, reply) => {
    const accountId = enterPortsip(guard, request)
    return presentCallLog(await findShown(calls, accountId, request.params.id, readingFor(reply, limits)))
  })

  const readCdr = { ...one, summary: 'Retrieve the legs of a session', response: { 200: CdrLegs, ...ERRORS } }
  app.get('/cdrs/:id', { schema: readCdr }, async (request, reply) => {
    const accountId = enterPortsip(guard, request)
    const reading = readingFor(reply, limits)
    const legs = await legsOf(calls, await findShown(calls, accountId, request.params.id, reading), reading)
    return { items: legs.map(presentLeg) }
  })
}
