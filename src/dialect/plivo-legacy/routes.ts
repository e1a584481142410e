import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { SignInGuard } from '../access.ts'
import { JSON_TYPE } from '../listed.ts'
import type { DialectParts } from '../parts.ts'
import { readingFor } from '../reading.ts'
import { enterZentrunk } from '../zentrunk/access.ts'
import { searchedHeader } from '../zentrunk/end-time.ts'
import { neighbours } from '../zentrunk/page.ts'
import { readParameters } from '../zentrunk/parameters.ts'
import { bothForms, onlyReads, speakPlivo } from '../zentrunk/routes.ts'
import { AccountPath, CallPath, ERRORS, SEARCHED_HEADER, SECURITY } from '../zentrunk/schema.ts'
import { findShown, listShown } from '../zentrunk/shown.ts'
import { listedAs } from './listed.ts'
import { presentLegacyCall } from './present.ts'
import { PARAMETERS, readListRequest } from './query.ts'
import { PlivoLegacyCall, PlivoLegacyCallList, PlivoLegacyListQuery } from './schema.ts'

const LIST = '/:authId/Call'
const CALL = `${LIST}/:callUuid`

const described = { tags: ['plivo-legacy'], security: SECURITY }

/** Plivo's older Zentrunk API. Registered under `/v1/Account`, on a server that keeps trailing slashes. */
export const plivoLegacyRoutes: FastifyPluginAsyncTypebox<{ parts: DialectParts; guard: SignInGuard }> = async (
  app,
  { parts, guard },
) => {
  const { calls, directory, limits, now } = parts
  speakPlivo(app)
  for (const path of [LIST, CALL]) onlyReads(app, path)

  const zoneOf = (accountId: string) => directory.account(accountId)?.settings.timeZone ?? 'UTC'

  for (const { url, hide } of bothForms(app, LIST)) {
    const summary = 'List calls, latest end first'
    const response = { 200: PlivoLegacyCallList, ...ERRORS }
    const schema = { ...described, hide, summary, params: AccountPath, querystring: PlivoLegacyListQuery, response }
    app.get(url, { schema }, async (request, reply) => {
      const accountId = enterZentrunk(guard, request, request.params.authId)
      const zone = zoneOf(accountId)
      const asked = readListRequest(readParameters(request.query, PARAMETERS), { limits, nowUs: now(), zone })
      const encoder = listedAs(zone)
      const page = await listShown(calls, { accountId, encoder }, asked, readingFor(reply, limits))
      const { previous, next } = neighbours(asked.paging, page.total)
      const { limit, offset } = asked.paging
      reply.header(SEARCHED_HEADER, searchedHeader(asked.window))
      const meta = { limit, next: next !== null, offset, previous: previous !== null, total_count: page.total }
      const head = JSON.stringify({ api_id: randomUUID(), meta })
      const list = `${head.slice(0, -1)},"objects":[${page.objects}]}`
      return reply.type(JSON_TYPE).send(list as never)
    })
  }

  for (const { url, hide } of bothForms(app, CALL)) {
    const response = { 200: PlivoLegacyCall, ...ERRORS }
    const schema = { ...described, hide, summary: 'Retrieve a call', params: CallPath, response }
    app.get(url, { schema }, async (request) => {
      const accountId = enterZentrunk(guard, request, request.params.authId)
      const call = await findShown(calls, accountId, request.params.callUuid)
      return presentLegacyCall(call, zoneOf(accountId))
    })
  }
}
