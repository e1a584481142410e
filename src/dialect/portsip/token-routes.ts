import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Directory, Principal } from '../../store/directory.ts'
import { requireScope, type SignInGuard, signIn } from '../access.ts'
import { badRequest, type Fault, FaultError, toFault } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import type { DialectParts } from '../parts.ts'
import { toGrantError } from './errors.ts'
import { ERRORS, TokenRequest, Tokens } from './schema.ts'

const PATH = '/login/oauth/token'
const FORM = 'application/x-www-form-urlencoded'
const BODY_LIMIT_BYTES = 16 * 1024
/** A grant has six. */
const MOST_FIELDS = 50

const SECOND_US = 1_000_000
/** PortSIP's own `expires_in`. */
const ACCESS_S = 1800
/** Not documented; ours. A refresh gives a new one, so a client that asks once in 30 days never signs in again. */
const REFRESH_S = 30 * 24 * 3600

/**
 * `POST /api/login/oauth/token`: the password and refresh grants. Tokens read what their key can read, and no more; they
 * end with it.
 */
export const tokenRoutes: FastifyPluginAsyncTypebox<{ parts: DialectParts; guard: SignInGuard }> = async (
  app,
  { parts, guard },
) => {
  app.setErrorHandler((error, request, reply) => {
    const fault = grantFault(toFault(error))
    if (fault.code === 'internal') request.log.error({ err: error }, 'unhandled')
    const { status, headers, body } = toGrantError(fault)
    return reply.code(status).headers(headers).send(body)
  })
  app.addContentTypeParser(FORM, { parseAs: 'string' }, async (_request: FastifyRequest, body: string) =>
    readForm(body),
  )
  refuseOtherMethods(app as never, PATH, ['POST'])

  const schema = {
    tags: ['portsip'],
    summary: 'Exchange a key for a short-lived token',
    consumes: [FORM, 'application/json'],
    body: TokenRequest,
    response: { 200: Tokens, ...ERRORS },
  }
  app.post(PATH, { schema, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const given = (request.body ?? {}) as Record<string, unknown>
    const principal = granted(guard, request, given)
    requireScope(principal, 'read')
    reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
    return newTokens(parts.directory, principal, parts.now())
  })
}

/** What was posted may be nothing that a parser of ours knows: say what would be. */
function grantFault(fault: Fault): Fault {
  return fault.code === 'unsupported_media' ? { ...fault, why: `send ${FORM}` } : fault
}

/** The fields of a form. Throws `bad_request` for one that is given twice (RFC 6749, 3.2). */
function readForm(body: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  let left = MOST_FIELDS
  for (const [name, value] of new URLSearchParams(body)) {
    left -= 1
    if (left < 0) throw badRequest('body', `must have at most ${MOST_FIELDS} fields`)
    if (fields[name] !== undefined) throw badRequest(name.slice(0, 100), 'must be given only once')
    fields[name] = value
  }
  return fields
}

/** Who the grant proves to ask. Throws `unauthenticated`, `rate_limited`, or `bad_request` for what is no grant. */
function granted(guard: SignInGuard, request: FastifyRequest, given: Record<string, unknown>): Principal {
  const { directory, failures } = guard
  const grant = textOf(given, 'grant_type')
  if (grant === 'refresh_token') {
    const token = textOf(given, 'refresh_token')
    return signIn(guard, request, token, (secret) => directory.authenticateToken(secret, 'refresh'))
  }
  if (grant !== 'password') throw badRequest('grant_type', 'must be password or refresh_token')
  const username = textOf(given, 'username')
  const principal = signIn(guard, request, textOf(given, 'password'))
  if (principal.accountId === username) return principal
  failures.count(request.ip)
  throw new FaultError({ code: 'unauthenticated', why: 'the username is not the account of the key' })
}

function textOf(given: Record<string, unknown>, name: string): string {
  const value = given[name]
  if (typeof value !== 'string' || value === '') throw badRequest(name, 'is needed, as text')
  return value
}

function newTokens(directory: Directory, { keyId, accountId }: Principal, nowUs: number): Tokens {
  const keyEndsUs = directory.keys(accountId).find(({ id }) => id === keyId)?.expiresAtUs ?? Number.MAX_SAFE_INTEGER
  const expiresAtUs = Math.min(nowUs + ACCESS_S * SECOND_US, keyEndsUs)
  const refreshUntilUs = nowUs + REFRESH_S * SECOND_US
  return {
    access_token: directory.createToken({ keyId, use: 'access', expiresAtUs }),
    expires_in: Math.floor((expiresAtUs - nowUs) / SECOND_US),
    refresh_token: directory.createToken({ keyId, use: 'refresh', expiresAtUs: refreshUntilUs }),
    token_type: 'Bearer',
  }
}
