import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { defaultSettings } from '../../record/account.ts'
import type { Principal } from '../../store/directory.ts'
import { FaultError } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { AdminParts } from './admin-parts.ts'
import { presentAccount, presentKey } from './admin-present.ts'
import { NewAccount, NewWireKey, NoParameters, SettingsChanges, WireAccount } from './admin-schema.ts'
import { callerOf, callersWith } from './caller.ts'
import { NativeFailures } from './errors.ts'
import { refusable } from './refusals.ts'
import { changedSettings } from './settings-wire.ts'
import { validateNative } from './validate.ts'

const CreatedAccount = Type.Object({ account: WireAccount, key: NewWireKey })
const AccountList = Type.Object({ accounts: Type.Array(WireAccount) })

/** `/account`, the caller's own, and `/accounts`, all of the server. */
export const accountRoutes: FastifyPluginAsyncTypebox<AdminParts> = async (app, { parts: { directory }, guard }) => {
  app.setValidatorCompiler(validateNative)
  const own = ({ accountId }: Principal) => {
    const account = directory.account(accountId)
    if (account === null) throw new FaultError({ code: 'not_found', what: 'such account' })
    return account
  }

  app.get('/account', {
    onRequest: callersWith(guard, 'read'),
    schema: READ,
    handler: (request) => presentAccount(own(callerOf(request))),
  })

  app.patch('/account', {
    onRequest: callersWith(guard, 'admin'),
    schema: CHANGE,
    handler: (request) => {
      const { id, settings } = own(callerOf(request))
      return presentAccount(refusable(() => directory.updateSettings(id, changedSettings(settings, request.body))))
    },
  })
  refuseOtherMethods(app, '/account', ['GET', 'HEAD', 'PATCH'])

  app.get('/accounts', {
    onRequest: callersWith(guard, 'operator'),
    schema: LIST,
    handler: () => ({ accounts: directory.accounts().map(presentAccount) }),
  })

  app.post('/accounts', {
    onRequest: callersWith(guard, 'operator'),
    schema: CREATE,
    handler: (request, reply) => {
      const { account_id: id, ...given } = request.body
      const settings = changedSettings(defaultSettings(given.name), given)
      const account = refusable(() => directory.createAccount(id === undefined ? { settings } : { id, settings }))
      const { key, secret } = directory.createKey({
        accountId: account.id,
        name: 'first key',
        scopes: ['read', 'ingest', 'admin'],
      })
      reply.code(201).header('cache-control', 'no-store')
      return { account: presentAccount(account), key: { ...presentKey(key), secret } }
    },
  })
  refuseOtherMethods(app, '/accounts', ['GET', 'HEAD', 'POST'])
}

const READ = {
  tags: ['native'],
  summary: 'Read the account',
  description: 'The account of the key and its settings. Takes the scope `read`.',
  querystring: NoParameters,
  response: { 200: WireAccount, ...NativeFailures },
}

const CHANGE = {
  tags: ['native'],
  summary: 'Change settings of the account',
  description:
    'Changes the settings that the body names and leaves the others; an object is merged, a list replaced. New ' +
    'settings count for what is stored and asked from then on. Takes the scope `admin`.',
  querystring: NoParameters,
  body: SettingsChanges,
  response: { 200: WireAccount, ...NativeFailures },
}

const LIST = {
  tags: ['native'],
  summary: 'List accounts',
  description: 'Every account of the server, in order of creation. Takes the scope `operator`.',
  querystring: NoParameters,
  response: { 200: AccountList, ...NativeFailures },
}

const CREATE = {
  tags: ['native'],
  summary: 'Create an account',
  description:
    'Creates an account with a first key of the scopes `read`, `ingest` and `admin`, whose secret is answered this ' +
    'once. Takes the scope `operator`.',
  querystring: NoParameters,
  body: NewAccount,
  response: { 201: CreatedAccount, ...NativeFailures },
}
