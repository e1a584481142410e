import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { AdminParts } from './admin-parts.ts'
import { presentSource } from './admin-present.ts'
import { NoParameters, SourceGiven, SourcePath, WireSource } from './admin-schema.ts'
import { callersWith } from './caller.ts'
import { NativeFailures } from './errors.ts'
import { refusable } from './refusals.ts'
import { validateNative } from './validate.ts'

const SourceList = Type.Object({ sources: Type.Array(WireSource) })

/** `/sources`: what may send reports in, and whose calls those are. A source can serve every account of the server. */
export const sourceRoutes: FastifyPluginAsyncTypebox<AdminParts> = async (app, { parts: { directory }, guard }) => {
  app.setValidatorCompiler(validateNative)
  const onRequest = callersWith(guard, 'operator')

  app.get('/sources', {
    onRequest,
    schema: LIST,
    handler: () => ({ sources: directory.sources().map(presentSource) }),
  })
  refuseOtherMethods(app, '/sources', ['GET', 'HEAD'])

  app.put('/sources/:name', {
    onRequest,
    schema: PUT,
    handler: (request, reply) => {
      const { name } = request.params
      const isNew = directory.source(name) === null
      const source = refusable(() => directory.putSource({ name, ...readSource(request.body) }))
      reply.code(isNew ? 201 : 200)
      return presentSource(source)
    },
  })

  app.delete('/sources/:name', {
    onRequest,
    schema: DELETE,
    handler: (request, reply) => {
      const { name } = request.params
      if (!directory.deleteSource(name)) throw new FaultError({ code: 'not_found', what: `source ${name}` })
      reply.code(204)
      return null
    },
  })
  // POST is what the source itself sends to, with credentials of its own; it is registered with ingest.
  refuseOtherMethods(app, '/sources/:name', ['PUT', 'DELETE', 'POST'])
}

function readSource({ kind, time_zone: timeZone = 'UTC', rules = [], access, services = [] }: SourceGiven) {
  return {
    kind,
    timeZone,
    ...(access === undefined ? {} : { access }),
    services: services.map(({ number, kind: what, name = null }) => ({ number, kind: what, name })),
    rules: rules.map(({ match, value = null, account_id: accountId }) => ({ match, value, accountId })),
  }
}

const LIST = {
  tags: ['native'],
  summary: 'List sources',
  description: 'Every source of the server with its rules, by name. Takes the scope `operator`.',
  querystring: NoParameters,
  response: { 200: SourceList, ...NativeFailures },
}

const PUT = {
  tags: ['native'],
  summary: 'Create or replace a source',
  description:
    'The rules are tried in order, and the first that matches names the account of a record; a record that none ' +
    'matches is quarantined. The source is replaced whole, but for what `access` leaves out: that stays as it was. ' +
    'Secrets go in and are never shown. Takes the scope `operator`.',
  params: SourcePath,
  querystring: NoParameters,
  body: SourceGiven,
  response: { 200: WireSource, 201: WireSource, ...NativeFailures },
}

const DELETE = {
  tags: ['native'],
  summary: 'Delete a source',
  description: 'Nothing more is taken from it; its calls stay. Takes the scope `operator`.',
  params: SourcePath,
  querystring: NoParameters,
  response: { 204: Type.Null({ description: 'The source is deleted.' }), ...NativeFailures },
}
