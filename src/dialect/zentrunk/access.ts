import type { FastifyRequest } from 'fastify'
import { basicCredentials, requireScope, type SignInGuard, signIn } from '../access.ts'
import { FaultError } from '../fault.ts'

/**
 * Lets a request to a Plivo dialect in and gives the account that it may read: HTTP Basic with the account's id as the
 * user and a key as the password, the same account in the path, not more than the account's share of requests, and the
 * scope `read`. Throws `unauthenticated`, `rate_limited` or `forbidden`.
 */
export function enterZentrunk(guard: SignInGuard, request: FastifyRequest, pathAccountId: string): string {
  const given = basicCredentials(request)
  const principal = signIn(guard, request, given?.password ?? null)
  const { accountId } = principal
  if (given?.user !== accountId) throw unauthenticated('the user is not the account of the key')
  if (pathAccountId !== accountId) throw unauthenticated('the path names another account')
  const retryAfterS = guard.plivoRequests.retryAfterS(accountId)
  if (retryAfterS !== null) throw new FaultError({ code: 'rate_limited', retryAfterS })
  guard.plivoRequests.count(accountId)
  requireScope(principal, 'read')
  return accountId
}

function unauthenticated(why: string): FaultError {
  return new FaultError({ code: 'unauthenticated', why })
}
