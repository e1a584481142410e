// For `hide` in route schemas, which is declared there.
import type {} from '@fastify/swagger'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { CallRecord } from '../../record/call-record.ts'
import type { SignInGuard } from '../access.ts'
import { FaultError, toFault } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { DialectParts } from '../parts.ts'
import { readingFor } from '../reading.ts'
import { enter } from './access.ts'
import { NectarDeskError, toNectarDeskError, toWrongParameters, WrongParametersError } from './errors.ts'
import { originalIds } from './original-calls.ts'
import { metaOf } from './page.ts'
import { presentCall } from './present.ts'
import { readListRequest, searchedHeader } from './query.ts'
import { type NectarDeskCall, NectarDeskCallList, NectarDeskListQuery } from './schema.ts'

type Parts = Pick<DialectParts, 'calls' | 'directory' | 'now'>

/** NectarDesk's contact centre API. Registered under `/api/v1`, on a server that takes no notice of trailing slashes. */
export const nectarDeskRoutes: FastifyPluginAsyncTypebox<{ parts: DialectParts; guard: SignInGuard }> = async (
  app,
  { parts, guard },
) => {
  app.setErrorHandler((error, request, reply) => {
    const { status, headers, body } =
      error instanceof WrongParametersError ? toWrongParameters(error) : toNectarDeskError(toFault(error))
    if (status === 500) request.log.error({ err: error }, 'unhandled')
    return reply.code(status).headers(headers).send(body)
  })
  // The schema of the parameters describes them; the dialect reads them itself, to name each that is wrong.
  app.setValidatorCompiler(() => (value) => ({ value }))

  app.get('/calls/', { schema: LIST }, async (request, reply) => {
    const accountId = enter(guard, request)
    const { given, window, where, page, limit } = readListRequest(request.query, { zone: zoneOf(parts, accountId) })
    const order = { by: 'startedAtUs', descending: true } as const
    const offset = (page - 1) * limit
    const found = await parts.calls.list(
      { accountId, where, order, limit, offset, total: true },
      readingFor(reply, parts.limits),
    )
    reply.header('calltrail-searched', searchedHeader(window))
    return {
      calls: await showCalls(parts, accountId, found.calls),
      meta: metaOf(`${app.prefix}/calls/`, { given, page, limit }, found.total ?? 0),
    }
  })
  refuseOtherMethods(app as never, '/calls/', ['GET', 'HEAD'])

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
}

/** Calls of an account as this dialect shows them, in their order. */
export async function showCalls(
  { calls, directory, now }: Parts,
  accountId: string,
  shown: readonly CallRecord[],
): Promise<NectarDeskCall[]> {
  const settings = directory.derivingSettings(accountId)
  if (settings === null) throw new FaultError({ code: 'internal' })
  const around = { settings, nowUs: now(), originalIds: await originalIds(calls, accountId, shown) }
  return shown.map((call) => presentCall(call, around))
}

function zoneOf({ directory }: Parts, accountId: string): string {
  const account = directory.account(accountId)
  if (account === null) throw new FaultError({ code: 'internal' })
  return account.settings.timeZone
}

const LIST = {
  tags: ['nectardesk'],
  security: [{ accessToken: [] }],
  summary: 'Fetch calls, latest start first',
  querystring: NectarDeskListQuery,
  response: { 200: NectarDeskCallList, '4xx': NectarDeskError, '5xx': NectarDeskError },
}
