import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { codecOf, type WireFault } from '../../record/wire.ts'
import { badRequest, FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { AdminParts } from './admin-parts.ts'
import { presentKey } from './admin-present.ts'
import { KeyPath, NewKey, NewWireKey, NoParameters, WireKey } from './admin-schema.ts'
import { callerOf, callersWith } from './caller.ts'
import { NativeFailures } from './errors.ts'
import { refusable } from './refusals.ts'
import { validateNative } from './validate.ts'

const KeyList = Type.Object({ keys: Type.Array(WireKey) })
const time = codecOf('expiresAtUs', Type.Integer())

/** `/keys`: those of the caller's account. */
export const keyRoutes: FastifyPluginAsyncTypebox<AdminParts> = async (app, { parts: { directory }, guard }) => {
  app.setValidatorCompiler(validateNative)
  const onRequest = callersWith(guard, 'admin')

  app.get('/keys', {
    onRequest,
    schema: LIST,
    handler: (request) => ({ keys: directory.keys(callerOf(request).accountId).map(presentKey) }),
  })

  app.post('/keys', {
    onRequest,
    schema: CREATE,
    handler: (request, reply) => {
      const caller = callerOf(request)
      const { name, scopes, expires_at: expiresAt = null } = request.body
      const foreign = scopes.find((scope) => !caller.scopes.includes(scope))
      if (foreign !== undefined)
        throw new FaultError({ code: 'forbidden', why: `this key lacks the scope ${foreign} and cannot give it` })
      const expiresAtUs = expiresAt === null ? null : readExpiry(expiresAt)
      const made = refusable(() => directory.createKey({ accountId: caller.accountId, name, scopes, expiresAtUs }))
      reply.code(201).header('cache-control', 'no-store')
      return { ...presentKey(made.key), secret: made.secret }
    },
  })
  refuseOtherMethods(app, '/keys', ['GET', 'HEAD', 'POST'])

  app.delete('/keys/:id', {
    onRequest,
    schema: REVOKE,
    handler: (request, reply) => {
      const { id: keyId } = request.params
      const isOurs = directory.revokeKey({ accountId: callerOf(request).accountId, keyId })
      if (!isOurs) throw new FaultError({ code: 'not_found', what: `key ${keyId} in this account` })
      reply.code(204)
      return null
    },
  })
  refuseOtherMethods(app, '/keys/:id', ['DELETE'])
}

function readExpiry(text: string): number {
  const faults: WireFault[] = []
  const timeUs = time.read(text, 'expires_at', faults)
  if (faults[0] !== undefined) throw badRequest(faults[0].field, faults[0].reason)
  return timeUs as number
}

const LIST = {
  tags: ['native'],
  summary: 'List keys',
  description: 'The keys of the account, expired and revoked ones too, without secrets. Takes the scope `admin`.',
  querystring: NoParameters,
  response: { 200: KeyList, ...NativeFailures },
}

const CREATE = {
  tags: ['native'],
  summary: 'Create a key',
  description:
    'Creates a key of the account and answers its secret this once. Nobody can give a scope that the own key does ' +
    'not have. Takes the scope `admin`.',
  querystring: NoParameters,
  body: NewKey,
  response: { 201: NewWireKey, ...NativeFailures },
}

const REVOKE = {
  tags: ['native'],
  summary: 'Revoke a key',
  description: 'Revokes a key of the account, at once and for good; it stays in the list. Takes the scope `admin`.',
  params: KeyPath,
  querystring: NoParameters,
  response: { 204: Type.Null({ description: 'The key is revoked.' }), ...NativeFailures },
}
