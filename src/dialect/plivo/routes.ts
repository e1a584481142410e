import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { SignInGuard } from '../access.ts'
import { JSON_TYPE } from '../listed.ts'
import type { DialectParts } from '../parts.ts'
import { readingFor } from '../reading.ts'
import { enterZentrunk } from '../zentrunk/access.ts'
import { searchedHeader } from '../zentrunk/end-time.ts'
import { neighbours, pagePath } from '../zentrunk/page.ts'
import { readParameters } from '../zentrunk/parameters.ts'
import { bothForms, onlyReads, speakPlivo } from '../zentrunk/routes.ts'
import { AccountPath, CallPath, ERRORS, SEARCHED_HEADER, SECURITY } from '../zentrunk/schema.ts'
import { findShown, listShown } from '../zentrunk/shown.ts'
import { presentInsights } from './insights.ts'
import { LISTED_AS } from './listed.ts'
import { presentCall } from './present.ts'
import { PARAMETERS, readListRequest } from './query.ts'
import { PlivoCall, PlivoCallList, PlivoInsights, PlivoListQuery } from './schema.ts'

const LIST = '/:authId/Zentrunk/Call'
const CALL = `${LIST}/:callUuid`
const INSIGHTS = `${CALL}/Insights`

const described = { tags: ['plivo'], security: SECURITY }

/** Plivo's SIP trunking API, the current one. Registered under `/v1/Account`, on a server that keeps trailing slashes. */
export const plivoRoutes: FastifyPluginAsyncTypebox<{ parts: DialectParts; guard: SignInGuard }> = async (
  app,
  { parts, guard },
) => {
  const { calls, limits, now } = parts
  speakPlivo(app)
  for (const path of [LIST, CALL, INSIGHTS]) onlyReads(app, path)

  for (const { url, hide } of bothForms(app, LIST)) {
    const summary = 'List calls, latest end first'
    const response = { 200: PlivoCallList, ...ERRORS }
    const schema = { ...described, hide, summary, params: AccountPath, querystring: PlivoListQuery, response }
    app.get(url, { schema }, async (request, reply) => {
      const accountId = enterZentrunk(guard, request, request.params.authId)
      const given = readParameters(request.query, PARAMETERS)
      const asked = readListRequest(given, { limits, nowUs: now() })
      const page = await listShown(calls, { accountId, encoder: LISTED_AS }, asked, readingFor(reply, limits))
      const { previous, next } = neighbours(asked.paging, page.total)
      const pathTo = (offset: number | null) =>
        offset === null
          ? null
          : pagePath(`${app.prefix}/${accountId}/Zentrunk/Call/`, given, { ...asked.paging, offset })
      reply.header(SEARCHED_HEADER, searchedHeader(asked.window))
      const meta = { ...asked.paging, total_count: page.total, previous: pathTo(previous), next: pathTo(next) }
      const head = JSON.stringify({ api_id: randomUUID(), meta })
      const list = `${head.slice(0, -1)},"objects":[${page.objects}]}`
      return reply.type(JSON_TYPE).send(list as never)
    })
  }

  for (const { url, hide } of bothForms(app, CALL)) {
    const response = { 200: PlivoCall, ...ERRORS }
    const schema = { ...described, hide, summary: 'Retrieve a call', params: CallPath, response }
    app.get(url, { schema }, async (request) => {
      const accountId = enterZentrunk(guard, request, request.params.authId)
      return presentCall(await findShown(calls, accountId, request.params.callUuid))
    })
  }

  for (const { url, hide } of bothForms(app, INSIGHTS)) {
    const response = { 200: PlivoInsights, ...ERRORS }
    const schema = { ...described, hide, summary: 'Retrieve call insights', params: CallPath, response }
    app.get(url, { schema }, async (request) => {
      const accountId = enterZentrunk(guard, request, request.params.authId)
      return presentInsights(await findShown(calls, accountId, request.params.callUuid), randomUUID())
    })
  }
}
