// For `hide` in route schemas, which is declared there.
import type {} from '@fastify/swagger'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { DerivingSettings } from '../../record/account.ts'
import type { CallRecord } from '../../record/call-record.ts'
import type { SignInGuard } from '../access.ts'
import { FaultError, toFault } from '../fault.ts'
import { itemsOf, JSON_TYPE } from '../listed.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { DialectParts } from '../parts.ts'
import { readingFor } from '../reading.ts'
import { enter } from './access.ts'
import { NectarDeskError, toNectarDeskError, toWrongParameters, WrongParametersError } from './errors.ts'
import { listedAs, originalsIn, withOriginalIds } from './listed.ts'
import { originalIds, originalUuidOf } from './original-calls.ts'
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
    const encoder = listedAs({ settings: settingsOf(parts, accountId), nowUs: parts.now() })
    const found = await parts.calls.listText(
      { accountId, where, order, limit, offset, total: true, encoder },
      readingFor(reply, parts.limits),
    )
    const items = itemsOf(found)
    const ids = await originalIds(parts.calls, accountId, originalsIn(items))
    const meta = metaOf(`${app.prefix}/calls/`, { given, page, limit }, found.total ?? 0)
    const list = `{"calls":[${withOriginalIds(items, ids)}],"meta":${JSON.stringify(meta)}}`
    return reply
      .header('calltrail-searched', searchedHeader(window))
      .type(JSON_TYPE)
      .send(list as never)
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

/** A call of an account as this dialect shows it. */
export async function showCall(parts: Parts, accountId: string, call: CallRecord): Promise<NectarDeskCall> {
  const original = originalUuidOf(call)
  const ids = await originalIds(parts.calls, accountId, original === null ? [] : [original])
  return presentCall(call, { settings: settingsOf(parts, accountId), nowUs: parts.now(), originalIds: ids })
}

function settingsOf({ directory }: Parts, accountId: string): DerivingSettings {
  const settings = directory.derivingSettings(accountId)
  if (settings === null) throw new FaultError({ code: 'internal' })
  return settings
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
