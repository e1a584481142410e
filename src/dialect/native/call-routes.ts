import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Account } from '../../record/account.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { isUuid } from '../../record/identity.ts'
import { callWireSchema, writeCall } from '../../record/wire.ts'
import type { SignInGuard } from '../access.ts'
import { badRequest, FaultError } from '../fault.ts'
import { JSON_TYPE } from '../listed.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { DialectParts } from '../parts.ts'
import { readingFor } from '../reading.ts'
import { callerOf, callersWith } from './caller.ts'
import type { ChangeFeed } from './change-feed.ts'
import { alone, CSV_TYPE, csv, EXPORT_MODULE, LISTED_AS, ledBy, NDJSON_TYPE, ndjson } from './export.ts'
import { sendList } from './list-answer.ts'
import { type Parameters, readCursor, readLimit, readQuery, writeCursor } from './query.ts'

/** Shows a call as another dialect would, at once or later; null for a call that the dialect does not show. */
export type PresentAs = Readonly<Record<string, (call: CallRecord, account: Account, parts: DialectParts) => unknown>>

/** What the routes about calls are given. */
export interface CallParts {
  parts: DialectParts
  guard: SignInGuard
  feed: ChangeFeed
}

const WireCall = Type.Unsafe<Record<string, unknown>>(callWireSchema)

/** `GET /calls`, `/calls/{call_uuid}`, `/calls/{call_uuid}/reports`, `/calls/export` and `/changes`. */
export const callRoutes: FastifyPluginAsyncTypebox<Omit<CallParts, 'feed'> & { presentAs: PresentAs }> = async (
  app,
  { parts, guard, presentAs },
) => {
  const { calls, directory, limits } = parts
  const reader = (request: FastifyRequest): Account => directory.account(callerOf(request).accountId) as Account
  // Parameters are read by `readQuery`, which names what is wrong with each; the schemas describe them.
  app.setValidatorCompiler(() => (value) => ({ value }))
  const onRequest = callersWith(guard, 'read')

  app.get('/calls', { schema: LIST, onRequest }, async (request, reply) => {
    const account = reader(request)
    const parameters = request.query as Parameters
    refuseParameters(parameters, ['format', 'as'])
    const query = readQuery(parameters, account.settings)
    const [limit, after] = [readLimit(parameters), readCursor(parameters, query)]
    const { where, order, searched } = query
    const page = await calls.listText(
      { where, order, accountId: account.id, limit, after, total: true, encoder: LISTED_AS },
      readingFor(reply, limits),
    )
    reply.header('calltrail-searched', searchedHeader(searched))
    const next = page.next === null ? null : writeCursor(query, page.next)
    return sendList(reply, page, { total: page.total, next_cursor: next, searched })
  })
  refuseOtherMethods(app, '/calls', ['GET', 'HEAD', 'POST'])

  app.get('/calls/export', { schema: EXPORT, onRequest, exposeHeadRoute: false }, async (request, reply) => {
    const account = reader(request)
    const parameters = request.query as Parameters
    refuseParameters(parameters, ['limit', 'cursor', 'as'])
    const format = parameters.format ?? 'ndjson'
    if (format !== 'ndjson' && format !== 'csv') throw badRequest('format', 'must be ndjson or csv')
    const query = readQuery(parameters, account.settings)
    const { where, order } = query
    const changesAfter = await calls.lastChange(account.id)
    const text = calls.scanText(
      { accountId: account.id, where, order, encoder: { module: EXPORT_MODULE, name: format } },
      readingFor(reply, { listDeadlineS: limits.exportDeadlineS }),
    )
    reply.header('content-type', format === 'csv' ? CSV_TYPE : NDJSON_TYPE)
    reply.header('content-disposition', `attachment; filename="calls.${format}"`)
    reply.header('calltrail-searched', searchedHeader(query.searched))
    reply.header('calltrail-changes-after', changesAfter)
    const { head } = format === 'csv' ? csv : ndjson
    const body = ledBy(head, { parts: text, unsent: () => reply.raw.writableLength })
    return reply.send(Readable.from(body, { objectMode: false, highWaterMark: 1 }))
  })
  // Fastify's own HEAD would run the whole export and throw it away.
  app.head('/calls/export', { schema: { hide: true }, onRequest }, async (request, reply) => {
    const csv = (request.query as Parameters).format === 'csv'
    return reply.header('content-type', csv ? CSV_TYPE : NDJSON_TYPE).send()
  })
  refuseOtherMethods(app, '/calls/export', ['GET', 'HEAD'])

  app.get('/calls/:callUuid', { schema: GET, onRequest }, async (request, reply) => {
    const account = reader(request)
    const { callUuid } = request.params as { callUuid: string }
    const parameters = request.query as Parameters
    const { as } = parameters
    for (const name of Object.keys(parameters))
      if (name !== 'as') throw badRequest(name, 'is not a parameter of this request')
    const key = { accountId: account.id, callUuid: callUuid.toLowerCase() }
    if (!isUuid(callUuid)) throw new FaultError({ code: 'call_not_found', callId: callUuid })
    if (as === undefined || as === 'native') {
      const text = await calls.findText({ ...key, encoder: alone })
      if (text === null) throw new FaultError({ code: 'call_not_found', callId: callUuid })
      return reply.type(JSON_TYPE).send(text as never)
    }
    const call = await calls.find(key)
    if (call === null) throw new FaultError({ code: 'call_not_found', callId: callUuid })
    const present = typeof as === 'string' && Object.hasOwn(presentAs, as) ? presentAs[as] : undefined
    if (present === undefined) throw badRequest('as', `must be one of native, ${Object.keys(presentAs).join(', ')}`)
    const presented = await present(call, account, parts)
    if (presented === null) throw new FaultError({ code: 'not_found', what: `call ${callUuid} in the dialect ${as}` })
    return reply.serializer(JSON.stringify).send(presented as never)
  })
  refuseOtherMethods(app, '/calls/:callUuid', ['GET', 'HEAD'])

  app.get('/calls/:callUuid/reports', { schema: REPORTS, onRequest }, async (request) => {
    const account = reader(request)
    const { callUuid } = request.params as { callUuid: string }
    const key = { accountId: account.id, callUuid: callUuid.toLowerCase() }
    if (!isUuid(callUuid) || (await calls.find(key)) === null)
      throw new FaultError({ code: 'call_not_found', callId: callUuid })
    return calls.rawReports(key)
  })
  refuseOtherMethods(app, '/calls/:callUuid/reports', ['GET', 'HEAD'])

  app.get('/changes', { schema: CHANGES, onRequest }, async (request, reply) => {
    const account = reader(request)
    const parameters = request.query as Parameters
    for (const name of Object.keys(parameters))
      if (name !== 'after' && name !== 'limit') throw badRequest(name, 'is not a parameter of this request')
    const after = parameters.after ?? '0'
    if (typeof after !== 'string' || !/^\d{1,15}$/.test(after))
      throw badRequest('after', 'must be a whole number from 0')
    const limit = readLimit(parameters, { usual: 100 })
    const query = { accountId: account.id, after: Number(after), limit }
    const page = await calls.changes(query, readingFor(reply, limits))
    return { calls: page.calls.map(writeCall), next: page.next, more: page.calls.length === limit }
  })
  refuseOtherMethods(app, '/changes', ['GET', 'HEAD'])
}

/** Throws `bad_request` for the first of these that is given. */
export function refuseParameters(parameters: Parameters, names: readonly string[]): void {
  for (const name of names)
    if (parameters[name] !== undefined) throw badRequest(name, 'is not a parameter of this request')
}

function searchedHeader({ from, to }: { from: string | null; to: string | null }): string {
  return `from=${from ?? '*'}; to=${to ?? '*'}`
}

const Searched = Type.Object({
  from: Type.Union([Type.String(), Type.Null()]),
  to: Type.Union([Type.String(), Type.Null()]),
})

const FILTERS = `Filters are \`field\` or \`field__op\` with the fields of a call (\`direction\`, \`hangup.code\`,
\`started_at\`, …) and the operators ne, lt, lte, gt, gte, in (comma-separated), prefix, suffix, contains; \`from\`,
\`to\` and \`number\` find a number in any written form. \`tags\`, \`call_types\`, \`center.agents.id\`,
\`center.contact.list_ids\` and \`center.survey_ids\` are lists, of which a value, ne and in can be asked. A time stands for its own precision in the
account's zone. \`where\` takes a JSON tree of and, or, not and {field, op, value}. An unknown parameter is refused.`

/** Parameters of every list, for OpenAPI. */
export const LISTED = {
  legs: Type.Optional(Type.String({ description: 'primary (default): each conversation once; all: B legs too' })),
  order: Type.Optional(Type.String({ description: 'A field, with - for descending; default -started_at' })),
  where: Type.Optional(Type.String({ description: 'A JSON expression tree' })),
}

const LIST = {
  tags: ['native'],
  summary: 'List calls',
  description: `Newest first, with an exact total and a cursor that is stable while calls arrive. ${FILTERS}`,
  querystring: Type.Object({
    limit: Type.Optional(Type.String({ description: '1..1000, default 50' })),
    cursor: Type.Optional(Type.String({ description: 'next_cursor of the page before' })),
    ...LISTED,
  }),
  response: {
    200: Type.Object({
      calls: Type.Array(WireCall),
      total: Type.Integer(),
      next_cursor: Type.Union([Type.String(), Type.Null()]),
      searched: Searched,
    }),
  },
}

const EXPORT = {
  tags: ['native'],
  summary: 'Export calls as NDJSON or CSV',
  description: `Streams every match of the same query as the list. ${FILTERS}

It is no picture of one moment: a call that a report moves in the order while the export runs, as a corrected start does, may
come twice, as it was and as it is then, or not at all. Of two lines with one call_uuid the one with the higher change_seq holds;
the changes after \`Calltrail-Changes-After\`, a header of the answer (\`GET /changes?after=\`), bring what was missed.`,
  querystring: Type.Object({
    format: Type.Optional(Type.String({ description: 'ndjson (default) or csv' })),
    ...LISTED,
  }),
}

const ByUuid = Type.Object({ callUuid: Type.String({ maxLength: 128 }) })

const GET = {
  tags: ['native'],
  summary: 'Get one call',
  description: '`?as=` plivo, plivo-legacy, nectardesk or portsip shows it as that dialect would.',
  params: ByUuid,
  response: { 200: WireCall },
}

const REPORTS = {
  tags: ['native'],
  summary: 'Get the reports of a call as they came',
  params: ByUuid,
  response: {
    200: Type.Object({
      reports: Type.Array(Type.String()),
      unreadable: Type.Integer({
        minimum: 0,
        description:
          'How many more are stored and cannot be read: the disk has damaged them. calltrail doctor says where',
      }),
    }),
  },
}

const CHANGES = {
  tags: ['native'],
  summary: 'Calls that changed, for incremental sync',
  description: 'In order of change_seq, from after the given one; a call that changed twice comes once, as it is now.',
  querystring: Type.Object({
    after: Type.Optional(Type.String({ description: 'change_seq to start after, default 0' })),
    limit: Type.Optional(Type.String({ description: '1..1000, default 100' })),
  }),
  response: { 200: Type.Object({ calls: Type.Array(WireCall), next: Type.Integer(), more: Type.Boolean() }) },
}
