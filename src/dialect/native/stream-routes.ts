import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { bearerKey } from '../access.ts'
import { badRequest, FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { CallParts } from './call-routes.ts'
import { callerOf, callersWith } from './caller.ts'
import type { StreamLegs } from './change-feed.ts'
import type { Parameters } from './query.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer goes on until the client or the server ends it. */
    endless?: boolean
  }
}

/** Seconds after which a stream that was one too many is worth another try. */
const FULL_RETRY_S = 10

/**
 * `GET /changes/stream`: the change sequence as Server-Sent Events (WHATWG HTML, 9.2). A Node stream is all that Fastify
 * needs for it: it is destroyed when the client goes, and read no faster than the client reads.
 */
export const streamRoutes: FastifyPluginAsyncTypebox<CallParts> = async (app, { parts, guard, feed }) => {
  const { calls, directory, limits } = parts
  app.setValidatorCompiler(() => (value) => ({ value }))
  const onRequest = callersWith(guard, 'read')
  app.addHook('preClose', async () => feed.stop())

  const config = { endless: true }
  app.get('/changes/stream', { schema: STREAM, onRequest, config, exposeHeadRoute: false }, async (request, reply) => {
    const { accountId } = callerOf(request)
    const { legs, after: asked } = readAsked(request)
    // A place that was never reached, as after a backup was restored, would be waited for in silence.
    const last = await calls.lastChange(accountId)
    const after = Math.min(asked ?? last, last)
    if (feed.openOf(accountId) >= limits.changeStreams)
      throw new FaultError({ code: 'rate_limited', retryAfterS: FULL_RETRY_S })
    const key = bearerKey(request) as string
    const stream = feed.watch({
      accountId,
      legs,
      after,
      mayWatch: () => directory.authenticate(key)?.scopes.includes('read') ?? false,
      heartbeatMs: limits.streamHeartbeatS * 1000,
      cutOff: () => reply.raw.destroy(),
    })
    return withHeaders(reply).send(stream.readable)
  })
  app.head('/changes/stream', { schema: { hide: true }, onRequest }, async (request, reply) => {
    readAsked(request)
    return withHeaders(reply).send()
  })
  refuseOtherMethods(app, '/changes/stream', ['GET', 'HEAD'])
}

/** A browser that reconnects asks for the address it was given first, and says in `Last-Event-ID` how far it got. */
function readAsked(request: FastifyRequest): { after: number | null; legs: StreamLegs } {
  const { after, legs = 'all', ...others } = request.query as Parameters
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw badRequest(unknown, 'is not a parameter of this request')
  if (legs !== 'all' && legs !== 'primary') throw badRequest('legs', 'must be all or primary')
  const lastEventId = request.headers['last-event-id']
  const asked = readPlace('after', after)
  return { after: readPlace('last-event-id', lastEventId === '' ? undefined : lastEventId) ?? asked, legs }
}

function readPlace(name: string, text: string | string[] | undefined): number | null {
  if (text === undefined) return null
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw badRequest(name, 'must be a whole number from 0')
  return Number(text)
}

function withHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no', // nginx would hold events back until it has a buffer full
  })
}

const STREAM = {
  tags: ['native'],
  summary: 'Watch calls change, as Server-Sent Events',
  description: `An event \`ready\` first, then one \`call\` for each call that changed, as \`GET /calls/{call_uuid}\` shows it, with
its \`change_seq\` as the id; a call that changed twice meanwhile comes once, as it is now. It begins with what changes from
now on, or after \`after\`, or after the \`Last-Event-ID\` of the request, which comes before \`after\`. A comment is sent
when nothing else is. It ends when the key does, or the server; an account has a bounded number of streams.`,
  querystring: Type.Object({
    after: Type.Optional(Type.String({ description: 'change_seq to start after' })),
    legs: Type.Optional(Type.String({ description: 'all (default), or primary: one leg of each conversation' })),
  }),
}
