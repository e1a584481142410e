import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { SignInGuard } from '../dialect/access.ts'
import { FaultError } from '../dialect/fault.ts'
import { NoParameters, QuarantinePath } from '../dialect/native/admin-schema.ts'
import { callerOf, callersWith } from '../dialect/native/caller.ts'
import { NativeFailures } from '../dialect/native/errors.ts'
import { validateNative } from '../dialect/native/validate.ts'
import { refuseOtherMethods } from '../dialect/other-methods.ts'
import { replayEntry } from '../ingest/replay-entry.ts'
import type { CallStore } from '../store/call-store.ts'
import type { Directory } from '../store/directory.ts'

/** `POST /quarantine/{id}/replay`: reads an entry again, by the source's rules as they are now. */
export const replayRoutes: FastifyPluginAsyncTypebox<{
  calls: CallStore
  directory: Directory
  guard: SignInGuard
  now: () => number
}> = async (app, { calls, directory, guard, now }) => {
  app.setValidatorCompiler(validateNative)

  app.post('/quarantine/:id/replay', {
    onRequest: callersWith(guard, 'admin', 'operator'),
    schema: REPLAY,
    handler: async (request) => {
      const { accountId, scopes } = callerOf(request)
      const isOperator = scopes.includes('operator')
      const { id } = request.params
      const entry = directory.quarantinedById(id)
      if (entry === null || (!isOperator && entry.accountId !== accountId))
        throw new FaultError({ code: 'not_found', what: `entry ${id} in the quarantine` })
      const { raw = entry.raw } = request.body ?? {}
      // Whoever writes a source's records writes whose they are.
      if (raw !== entry.raw && !isOperator)
        throw new FaultError({ code: 'forbidden', why: 'to mend a record takes the scope operator' })
      const replayed = await replayEntry({ calls, directory, now }, { ...entry, raw })
      if (!replayed.stored) return { ...replayed }
      directory.dropQuarantined([id])
      return { stored: true, field: null, reason: null }
    },
  })
  refuseOtherMethods(app, '/quarantine/:id/replay', ['POST'])
}

const OrNullText = Type.Union([Type.String(), Type.Null()])

const REPLAY = {
  tags: ['native'],
  summary: 'Read a quarantined record again',
  description:
    'By the kind and rules of its source as they are now. What is stored leaves the quarantine; what is refused again ' +
    'stays as it was, and the answer says why. Takes the scope `admin`, or `operator` for any account’s and for `raw`.',
  params: QuarantinePath,
  querystring: NoParameters,
  body: Type.Optional(
    Type.Union([
      Type.Object(
        { raw: Type.Optional(Type.String({ description: 'The mended record, in place of the one that arrived.' })) },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
  ),
  response: {
    200: Type.Object({ stored: Type.Boolean(), field: OrNullText, reason: OrNullText }),
    ...NativeFailures,
  },
}
