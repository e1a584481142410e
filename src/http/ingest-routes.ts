import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { SignInGuard } from '../dialect/access.ts'
import { badRequest } from '../dialect/fault.ts'
import { callerOf, callersWith } from '../dialect/native/caller.ts'
import { toNativeError } from '../dialect/native/errors.ts'
import type { DialectParts } from '../dialect/parts.ts'
import type { Pipeline } from '../ingest/pipeline.ts'
import type { Account } from '../record/account.ts'
import { readRecords } from './record-stream.ts'

/** `POST /calls`: one call, an array, or NDJSON; gzip and zstd. Answers once everything it counts is on the disk. */
export const ingestRoutes: FastifyPluginAsyncTypebox<{
  directory: DialectParts['directory']
  guard: SignInGuard
  pipeline: Pipeline
  bodyLimitBytes: number
}> = async (app, { directory, guard, pipeline, bodyLimitBytes }) => {
  // The body is read here, as it comes: a stream of records has no size.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

  app.setValidatorCompiler(() => (value) => ({ value }))
  app.addHook('onSend', async (request, reply) => {
    if (request.raw.readableEnded) return
    // An answer before the end of the body: what still comes is thrown away, and the connection with it.
    reply.header('connection', 'close')
    request.raw.resume()
  })

  app.post('/calls', { schema: INGEST, onRequest: callersWith(guard, 'ingest') }, async (request, reply) => {
    const account = directory.account(callerOf(request).accountId) as Account
    const { source = 'api', ...others } = request.query as Record<string, string | undefined>
    const [unknown] = Object.keys(others)
    if (unknown !== undefined) throw badRequest(unknown, 'is not a parameter of this request')
    if (!/^[a-z0-9._-]{1,64}$/.test(source))
      throw badRequest('source', 'must be 1 to 64 of a-z, 0-9, dot, dash and underscore')
    const { tally, fault } = await readRecords({
      stream: (request.body as Readable | null) ?? Readable.from([]),
      contentType: request.headers['content-type'] ?? 'application/json',
      encoding: request.headers['content-encoding'] ?? '',
      limitBytes: bodyLimitBytes,
      store: (records) => pipeline.ingest(account, source, records),
    })
    if (fault === null) return tally
    // What came before the break is stored: the answer is the error, and how far it got.
    const { status, headers, body } = toNativeError(fault)
    return reply
      .code(status as 200)
      .headers(headers)
      .serializer(JSON.stringify)
      .send({ ...body, ...tally } as never)
  })
}

const Ingested = Type.Object({
  received: Type.Integer({ description: 'Records read.' }),
  stored: Type.Integer({ description: 'Calls that were new.' }),
  updated: Type.Integer({ description: 'Calls that changed.' }),
  duplicates: Type.Integer({ description: 'Reports that were here already.' }),
  rejected: Type.Array(Type.Object({ index: Type.Integer(), field: Type.String(), reason: Type.String() }), {
    description: 'The first 1000 of what was refused; kept in the quarantine, but for what holds an erased number.',
  }),
  rejected_total: Type.Integer(),
})

const INGEST = {
  tags: ['native'],
  summary: 'Store calls and reports of calls',
  description: `A call as \`GET /calls\` shows it, or any part of one; \`application/json\` with one or an array, or
\`application/x-ndjson\`; \`Content-Encoding\` gzip or zstd. \`?source=\` names the source instance. Answers once every
record is on the disk. Beside the fields of a call a report has \`kind\` (start, update, end, cdr, quality, correction),
\`reported_at\` (when the source made it: of two reports that state a field the later one holds; without it, when it
arrived) and \`clear\` (names of fields to empty). A call has the state ringing, queued, answered or ended. One bad record never fails the others: it is in \`rejected\`, and in the quarantine. A stream that
breaks off is answered 400 (413 for one that unpacks beyond measure) with the error and the same counts: whole records
before the break are stored. Sending a record again is harmless.`,
  consumes: ['application/json', 'application/x-ndjson'],
  querystring: Type.Object({ source: Type.Optional(Type.String({ description: 'The source instance; default api' })) }),
  body: Type.Unsafe<unknown>({ description: 'A call or report of a call, a list of them, or one a line.' }),
  response: { 200: Ingested },
}
