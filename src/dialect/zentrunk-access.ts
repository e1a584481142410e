import type { FastifyRequest } from 'fastify'
import { basicCredentials, requireScope, type SignInGuard, signIn } from './access.ts'
import { FaultError } from './fault.ts'
import type { DialectParts } from './parts.ts'
import { RateCounter } from './rate-counter.ts'

const WINDOW_MS = 5000

/** Lets a request in and gives the account it may read; throws `unauthenticated`, `forbidden` or `rate_limited`. */
export type Entrance = (request: FastifyRequest, pathAccountId: string) => string

/**
 * The entrance of both Plivo dialects: HTTP Basic with the account's id as the user and a key as the password, the
 * same account in the path, not more than the account's share of requests, and the scope `read`.
 */
export function zentrunkEntrance(parts: DialectParts, guard: SignInGuard): Entrance {
  const requests = requestsOf(parts)
  return (request, pathAccountId) => {
    const given = basicCredentials(request)
    const principal = signIn(guard, request, given?.password ?? null)
    const { accountId } = principal
    if (given?.user !== accountId) throw unauthenticated('the user is not the account of the key')
    if (pathAccountId !== accountId) throw unauthenticated('the path names another account')
    const retryAfterS = requests.retryAfterS(accountId)
    if (retryAfterS !== null) throw new FaultError({ code: 'rate_limited', retryAfterS })
    requests.count(accountId)
    requireScope(principal, 'read')
    return accountId
  }
}

function unauthenticated(why: string): FaultError {
  return new FaultError({ code: 'unauthenticated', why })
}

// Plivo's limit is on the account, whichever dialect it uses. The dialects do not know one another; what they have in
// common is the parts they were given, so the count hangs on those.
const counters = new WeakMap<DialectParts, RateCounter>()

function requestsOf(parts: DialectParts): RateCounter {
  const known = counters.get(parts)
  if (known !== undefined) return known
  const counter = new RateCounter({
    limit: parts.limits.plivoRequestsPer5S,
    windowMs: WINDOW_MS,
    now: () => parts.now() / 1000,
  })
  counters.set(parts, counter)
  return counter
}
