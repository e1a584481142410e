import type { FastifyRequest } from 'fastify'
import { bearerKey, requireScope, type SignInGuard, signIn } from '../access.ts'
import { FaultError } from '../fault.ts'

/**
 * Lets a request in and gives the account that it may read: `Authorization: Bearer` with an access token or a key, not more
 * than the account's share of requests, and the scope `read`. Throws `unauthenticated`, `rate_limited` or `forbidden`.
 */
export function enterPortsip(guard: SignInGuard, request: FastifyRequest): string {
  const { directory, portsipRequests } = guard
  const principal = signIn(
    guard,
    request,
    bearerKey(request),
    (given) => directory.authenticateToken(given, 'access') ?? directory.authenticate(given),
  )
  const { accountId } = principal
  const retryAfterS = portsipRequests.retryAfterS(accountId)
  if (retryAfterS !== null) throw new FaultError({ code: 'rate_limited', retryAfterS })
  portsipRequests.count(accountId)
  requireScope(principal, 'read')
  return accountId
}
