import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { eraseNumber } from '../../store/erase-number.ts'
import { FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { ErasureParts } from './admin-parts.ts'
import { presentErasure } from './admin-present.ts'
import { NewErasure, NoParameters, WireErasure } from './admin-schema.ts'
import { callerOf, callersWith } from './caller.ts'
import { NativeFailures } from './errors.ts'
import { refused } from './refusals.ts'
import { validateNative } from './validate.ts'

const ErasureList = Type.Object({ erasures: Type.Array(WireErasure) })

/** `/erasures`: subscribers' numbers that were erased from the caller's account. */
export const erasureRoutes: FastifyPluginAsyncTypebox<ErasureParts> = async (app, { parts, guard }) => {
  app.setValidatorCompiler(validateNative)
  const onRequest = callersWith(guard, 'admin')

  app.get('/erasures', {
    onRequest,
    schema: LIST,
    handler: (request) => ({ erasures: parts.keeping.erasures(callerOf(request).accountId).map(presentErasure) }),
  })

  app.post('/erasures', {
    onRequest,
    schema: CREATE,
    handler: async (request, reply) => {
      const { accountId, keyId, scopes } = callerOf(request)
      const account = parts.directory.account(accountId)
      if (account === null) throw new FaultError({ code: 'not_found', what: 'such account' })
      const { number, reason } = request.body
      const unassigned = scopes.includes('operator')
      const asked = { account, number, reason, byKey: keyId, unassigned }
      const erasure = await eraseNumber(parts, asked).catch(refused)
      reply.code(201).header('cache-control', 'no-store')
      return presentErasure(erasure)
    },
  })
  refuseOtherMethods(app, '/erasures', ['GET', 'HEAD', 'POST'])
}

const LIST = {
  tags: ['native'],
  summary: 'List erasures',
  description:
    'What was erased from the account, the latest first: never the number itself, only a hash that no other server can ' +
    'make of it, and its last two digits. Takes the scope `admin`.',
  querystring: NoParameters,
  response: { 200: ErasureList, ...NativeFailures },
}

const CREATE = {
  tags: ['native'],
  summary: 'Erase a number',
  description:
    'Takes a subscriber’s number out of every call of the account, out of the reports as they came and out of the ' +
    'quarantine, with the names beside it. Calls stay, with their times and amounts, so totals do not change. Answers ' +
    'when nothing of it is left in the files of the server (`put_aside` tells of others), which takes minutes where there are millions of calls; it goes on where the ' +
    'client goes away. With the scope `operator` it looks at records in quarantine that belong to no account, too. Takes ' +
    'the scope `admin`.',
  querystring: NoParameters,
  body: NewErasure,
  response: { 201: WireErasure, ...NativeFailures },
}
