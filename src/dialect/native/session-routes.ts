import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CALL_TYPES, type CallRecord, DIRECTIONS, Party, STATES } from '../../record/call-record.ts'
import { isUuid } from '../../record/identity.ts'
import { formatRfc3339 } from '../../record/time.ts'
import { callWireSchema, codecOf, writeCall } from '../../record/wire.ts'
import type { CallStore } from '../../store/call-store.ts'
import { badRequest, FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import { readingFor } from '../reading.ts'
import type { CallParts } from './call-routes.ts'
import { callerOf, callersWith } from './caller.ts'
import { type Conversation, tellConversation } from './conversation.ts'
import { EVENTS } from './conversation-events.ts'

/** `GET /sessions/{session_id}`: one conversation told from all its legs. */
export const sessionRoutes: FastifyPluginAsyncTypebox<CallParts> = async (app, { parts, guard }) => {
  const { calls, limits } = parts
  app.setValidatorCompiler(() => (value) => ({ value }))

  app.get('/sessions/:sessionId', { schema: TELL, onRequest: callersWith(guard, 'read') }, async (request, reply) => {
    const { accountId } = callerOf(request)
    const { sessionId } = request.params as { sessionId: string }
    const [unknown] = Object.keys(request.query as object)
    if (unknown !== undefined) throw badRequest(unknown, 'is not a parameter of this request')
    const found = isSession(sessionId)
      ? await calls.findBySession({ accountId, sessionId }, readingFor(reply, limits))
      : []
    const [first, ...others] = found
    if (first === undefined) throw new FaultError({ code: 'not_found', what: 'such session in this account' })
    const conversation = tellConversation([first, ...others])
    return presentConversation(conversation, await relatedOf(calls, conversation))
  })
  refuseOtherMethods(app, '/sessions/:sessionId', ['GET', 'HEAD'])
}

/** A call cannot have any other session: it would be found nowhere, or be no text for the store. */
function isSession(sessionId: string): boolean {
  return sessionId !== '' && sessionId.length <= 256 && sessionId.isWellFormed() && !sessionId.includes('\u0000')
}

/** The calls that legs of the conversation go back to: what an automated callback calls back. */
async function relatedOf(
  calls: Pick<CallStore, 'find'>,
  { calls: legs, primary }: Conversation,
): Promise<CallRecord[]> {
  const own = new Set(legs.map(({ callUuid }) => callUuid))
  const uuids = new Set(legs.flatMap(({ center }) => center?.originalCallUuid?.toLowerCase() ?? []))
  const wanted = [...uuids].filter((callUuid) => isUuid(callUuid) && !own.has(callUuid))
  const found = await Promise.all(wanted.map((callUuid) => calls.find({ accountId: primary.accountId, callUuid })))
  return found.filter((call) => call !== null)
}

const party = codecOf('party', Party)
const timeOrNull = (us: number | null) => (us === null ? null : formatRfc3339(us))

function presentConversation(told: Conversation, related: readonly CallRecord[]) {
  return {
    session_id: told.sessionId,
    state: told.state,
    direction: told.direction,
    from: party.write(told.from) as Record<string, unknown>,
    to: party.write(told.to) as Record<string, unknown>,
    started_at: formatRfc3339(told.startedAtUs),
    answered_at: timeOrNull(told.answeredAtUs),
    ended_at: timeOrNull(told.endedAtUs),
    call_types: told.callTypes,
    talk_seconds: told.talkS,
    wait_seconds: told.waitS,
    primary: told.primary.callUuid,
    counted: told.counted,
    events: told.events.map(({ atUs, event, callUuid, about }) => ({
      at: timeOrNull(atUs),
      event,
      call_uuid: callUuid,
      ...about,
    })),
    calls: told.calls.map(writeCall),
    related: related.map(writeCall),
  }
}

const WireCall = Type.Unsafe<Record<string, unknown>>(callWireSchema)
const Word = (words: readonly string[]) => Type.Unsafe<string>({ type: 'string', enum: [...words] })
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const WireParty = Type.Unsafe<Record<string, unknown>>(party.schema)

const TELL = {
  tags: ['native'],
  summary: 'Tell one conversation from all its legs',
  description: `Every leg of a session in order of its start, and what happened in order. \`primary\` is the leg that stands for
the conversation, and \`counted\` how many of its legs totals count. \`related\` has the call that an automated callback
goes back to.`,
  params: Type.Object({ sessionId: Type.String({ maxLength: 256, description: 'session_id, percent-encoded' }) }),
  response: {
    200: Type.Object({
      session_id: Type.String(),
      state: Word(STATES),
      direction: Word(DIRECTIONS),
      from: WireParty,
      to: WireParty,
      started_at: Type.String(),
      answered_at: OrNull(Type.String()),
      ended_at: OrNull(Type.String()),
      call_types: Type.Array(Word(CALL_TYPES)),
      talk_seconds: Type.Integer(),
      wait_seconds: OrNull(Type.Integer()),
      primary: Type.String(),
      counted: Type.Integer(),
      events: Type.Array(
        Type.Object(
          { at: OrNull(Type.String()), event: Word(EVENTS), call_uuid: Type.String() },
          {
            description: 'And who or what it is about: leg, ivr, ring_group, agent, by, transfer, to_agent, to_number.',
          },
        ),
      ),
      calls: Type.Array(WireCall),
      related: Type.Array(WireCall),
    }),
  },
}
