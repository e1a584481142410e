import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { SignInGuard } from '../dialect/access.ts'
import { FaultError } from '../dialect/fault.ts'
import { toNativeError } from '../dialect/native/errors.ts'
import type { DialectParts } from '../dialect/parts.ts'
import { decompress } from '../ingest/file/decompress.ts'
import { isFault } from '../ingest/file/stream-fault.ts'
import { ingestInTurns } from '../ingest/ingest-in-turns.ts'
import type { IngestResult, Pipeline } from '../ingest/pipeline.ts'
import { readEventsOfBody } from '../ingest/portsip/events-of-body.ts'
import type { Source } from '../store/directory.ts'
import { DigestNonces } from './digest.ts'
import { SourceRefusal, signInToSource } from './source-sign-in.ts'

/** Events are some kilobytes; a list of many can be split. */
const MOST_BYTES = 1024 * 1024
const MAX_RATIO = 300

/**
 * `POST /sources/{name}`: what a system's webhooks send, with the source's own credentials. PortSIP takes 200 alone for
 * an acknowledgement, tries again after anything else, and no more after 404. So 200 is answered when the event is on
 * the disk: stored, or in the quarantine, where a retry would not help it.
 */
export const sourceEventRoutes: FastifyPluginAsyncTypebox<{
  directory: DialectParts['directory']
  guard: SignInGuard
  pipeline: Pipeline
  bodyLimitBytes: number
  now: () => number
}> = async (app, { directory, guard, pipeline, bodyLimitBytes, now }) => {
  const nonces = new DigestNonces({ now })
  const limitBytes = Math.min(bodyLimitBytes, MOST_BYTES)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.setValidatorCompiler(() => (value) => ({ value }))
  const inherited = app.errorHandler
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof SourceRefusal)) return inherited(error as never, request, reply)
    const message = 'why' in error.fault ? error.fault.why : ''
    const { status } = toNativeError(error.fault)
    reply.code(status).header('www-authenticate', error.challenges).serializer(JSON.stringify)
    return reply.send({ error: { code: error.fault.code, message } })
  })
  app.addHook('onSend', async (request, reply) => {
    if (request.raw.readableEnded) return
    // An answer before the end of the body: what still comes is thrown away, and the connection with it.
    reply.header('connection', 'close')
    request.raw.resume()
  })

  app.post('/sources/:name', {
    schema: RECEIVE,
    onRequest: async (request) => {
      signInToSource(request, sourceOf(request), { guard, nonces })
      // A content type that is none would be refused before a parser is asked.
      request.raw.headers['content-type'] = 'application/json'
    },
    handler: async (request) => {
      const source = sourceOf(request)
      const text = await readText(request, limitBytes)
      return tallyOf(await ingestInTurns(pipeline, source, readEventsOfBody(text, source, { peer: request.ip })))
    },
  })

  function sourceOf(request: FastifyRequest): Source {
    const { name } = request.params as { name: string }
    const source = directory.source(name)
    if (source === null) throw new FaultError({ code: 'not_found', what: `source ${name.slice(0, 64)}` })
    if (source.kind === 'portsip') return source
    const why = `is of the kind ${source.kind}, which has no webhooks; those of the kind portsip have`
    throw new FaultError({ code: 'conflict', field: 'source', why })
  }
}

/** The body unpacked, whatever its content type; bytes that are no UTF-8 are replaced, and show in the quarantine. */
async function readText(request: FastifyRequest, limitBytes: number): Promise<string> {
  const stream = (request.body as Readable | null) ?? Readable.from([])
  const chunks: Buffer[] = []
  const iterator = stream.iterator({ destroyOnReturn: false })
  for await (const piece of decompress(iterator, { maxBytes: limitBytes, maxRatio: MAX_RATIO })) {
    if (!isFault(piece)) chunks.push(piece)
    else if (piece.fault === 'too_large') throw new FaultError({ code: 'too_large', limitBytes })
    else throw new FaultError({ code: 'bad_request', field: 'body', why: `${piece.detail}: the request is not whole` })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tallyOf(results: readonly IngestResult[]) {
  const tally = { stored: 0, updated: 0, duplicates: 0, quarantined: 0 }
  for (const result of results) {
    if ('refused' in result) tally.quarantined += 1
    else if (result.outcome === 'stored') tally.stored += 1
    else if (result.outcome === 'updated') tally.updated += 1
    else tally.duplicates += 1
  }
  return tally
}

const RECEIVE = {
  tags: ['native'],
  summary: 'Take in what a system’s webhooks send',
  description: `For sources of the kind \`portsip\`: one event of a PortSIP PBX, or a list of them, as JSON whatever the content
type says; docs/sources/portsip.md has the set-up. Takes the source's own credentials: Basic, Digest, Bearer, or an address that
it lets in. Answers 200 once the event is on the disk; what cannot be read, or belongs to no account, is on the disk in the
quarantine.`,
  params: Type.Object({ name: Type.String() }),
  body: Type.Unsafe<unknown>({ description: 'An event, or a list of events.' }),
  response: {
    200: Type.Object(
      {
        stored: Type.Integer({ description: 'Calls and legs that were new.' }),
        updated: Type.Integer({ description: 'Calls and legs that changed.' }),
        duplicates: Type.Integer({ description: 'Reports that were here already.' }),
        quarantined: Type.Integer({
          description: 'Reports that could not be stored; kept for a replay, but for those with an erased number.',
        }),
      },
      { description: 'On the disk.' },
    ),
  },
}
