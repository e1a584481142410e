import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Account } from '../../record/account.ts'
import { callWireSchema } from '../../record/wire.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import { readingFor } from '../reading.ts'
import { type CallParts, LISTED, refuseParameters } from './call-routes.ts'
import { callerOf, callersWith } from './caller.ts'
import { LISTED_AS } from './export.ts'
import { sendList } from './list-answer.ts'
import { type NativeQuery, type Parameters, readCursor, readLimit, readQuery, writeCursor } from './query.ts'

/** `GET /calls/live`: the calls that have not ended. */
export const liveRoutes: FastifyPluginAsyncTypebox<CallParts> = async (app, { parts, guard }) => {
  const { calls, directory, limits } = parts
  app.setValidatorCompiler(() => (value) => ({ value }))

  app.get('/calls/live', { schema: LIVE, onRequest: callersWith(guard, 'read') }, async (request, reply) => {
    const account = directory.account(callerOf(request).accountId) as Account
    const parameters = request.query as Parameters
    refuseParameters(parameters, ['format', 'as'])
    const query: NativeQuery = { ...readQuery(parameters, account.settings), live: true }
    const { where, order } = query
    const [limit, after] = [readLimit(parameters), readCursor(parameters, query)]
    const page = await calls.listText(
      { where, order, live: true, accountId: account.id, limit, after, total: true, encoder: LISTED_AS },
      readingFor(reply, limits),
    )
    const next = page.next === null ? null : writeCursor(query, page.next)
    return sendList(reply, page, { total: page.total, next_cursor: next })
  })
  refuseOtherMethods(app, '/calls/live', ['GET', 'HEAD'])
}

const LIVE = {
  tags: ['native'],
  summary: 'List the calls that have not ended',
  description: 'Newest first, with the filters, order and cursor of `GET /calls`.',
  querystring: Type.Object({
    limit: Type.Optional(Type.String({ description: '1..1000, default 50' })),
    cursor: Type.Optional(Type.String({ description: 'next_cursor of the page before' })),
    ...LISTED,
  }),
  response: {
    200: Type.Object({
      calls: Type.Array(Type.Unsafe<Record<string, unknown>>(callWireSchema)),
      total: Type.Integer(),
      next_cursor: Type.Union([Type.String(), Type.Null()]),
    }),
  },
}
