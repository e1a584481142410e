import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { AdminParts } from './admin-parts.ts'
import { presentQuarantined } from './admin-present.ts'
import { NoParameters, QuarantinePath, QuarantineQuery, WireQuarantined, WireQuarantinedWhole } from './admin-schema.ts'
import { callerOf, callersWith } from './caller.ts'
import { NativeFailures } from './errors.ts'
import { validateNative } from './validate.ts'

const QuarantinePage = Type.Object({
  entries: Type.Array(WireQuarantined),
  total: Type.Integer({ description: 'All entries, not only those of this page.' }),
  next_before: Type.Union([Type.Integer(), Type.Null()], { description: 'Null on the last page.' }),
})

/** `/quarantine`: what arrived and could not be stored. Entries without an account are the operator's. */
export const quarantineRoutes: FastifyPluginAsyncTypebox<AdminParts> = async (app, { parts: { directory }, guard }) => {
  app.setValidatorCompiler(validateNative)
  const onRequest = callersWith(guard, 'admin', 'operator')
  const onRequestForOwn = callersWith(guard, 'admin')
  const onRequestForAll = callersWith(guard, 'operator')

  /** The entry, where the caller may see it; another account's is as if it did not exist. */
  const entryFor = (request: FastifyRequest, id: number) => {
    const caller = callerOf(request)
    const entry = directory.quarantinedById(id)
    if (entry === null || (!caller.scopes.includes('operator') && entry.accountId !== caller.accountId))
      throw new FaultError({ code: 'not_found', what: `entry ${id} in the quarantine` })
    return entry
  }

  app.get('/quarantine', {
    onRequest: (request, reply, done) => {
      const { all } = request.query as { all?: unknown }
      const hook = all === 'true' ? onRequestForAll : onRequestForOwn
      hook.call(app, request, reply, done)
    },
    schema: LIST,
    handler: (request) => {
      const caller = callerOf(request)
      const { limit = 50, before, all = false } = request.query
      const accountId = all ? null : caller.accountId
      const beforeId = before ?? Number.MAX_SAFE_INTEGER
      const { entries, total } = directory.quarantined({ accountId, limit, beforeId })
      // A page of huge records may be shorter than asked for, so its length does not tell whether it is the last.
      const lastId = entries.at(-1)?.id ?? 0
      const hasMore = directory.quarantined({ accountId, limit: 1, beforeId: lastId }).entries.length > 0
      return { entries: entries.map(presentQuarantined), total, next_before: hasMore ? lastId : null }
    },
  })
  refuseOtherMethods(app, '/quarantine', ['GET', 'HEAD'])

  app.get('/quarantine/:id', {
    onRequest,
    schema: READ,
    handler: (request) => {
      const entry = entryFor(request, request.params.id)
      return { ...presentQuarantined(entry), raw: entry.raw }
    },
  })

  app.delete('/quarantine/:id', {
    onRequest,
    schema: DROP,
    handler: (request, reply) => {
      directory.dropQuarantined([entryFor(request, request.params.id).id])
      reply.code(204)
      return null
    },
  })
  refuseOtherMethods(app, '/quarantine/:id', ['GET', 'HEAD', 'DELETE'])
}

const LIST = {
  tags: ['native'],
  summary: 'List the quarantine',
  description:
    'What arrived for the account and could not be stored, newest first, without the records themselves. Takes the ' +
    'scope `admin`; `all=true` takes `operator` and lists every account’s entries and those without one.',
  querystring: QuarantineQuery,
  response: { 200: QuarantinePage, ...NativeFailures },
}

const READ = {
  tags: ['native'],
  summary: 'Read a quarantined record',
  description: 'One entry with the record as it arrived. Takes the scope `admin`, or `operator` for any account’s.',
  params: QuarantinePath,
  querystring: NoParameters,
  response: { 200: WireQuarantinedWhole, ...NativeFailures },
}

const DROP = {
  tags: ['native'],
  summary: 'Drop a quarantined record',
  description: 'Drops the entry for good. Takes the scope `admin`, or `operator` for any account’s.',
  params: QuarantinePath,
  querystring: NoParameters,
  response: { 204: Type.Null({ description: 'The entry is dropped.' }), ...NativeFailures },
}
