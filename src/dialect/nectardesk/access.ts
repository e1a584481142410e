import type { FastifyRequest } from 'fastify'
import { requireScope, type SignInGuard, signIn } from '../access.ts'

/**
 * Lets a request in and gives the account that it reads: the header `Access-Token` with a key that has the scope `read`,
 * and no other form. Throws `unauthenticated`, `rate_limited` or `forbidden`.
 */
export function enter(guard: SignInGuard, request: FastifyRequest): string {
  const principal = signIn(guard, request, tokenOf(request))
  requireScope(principal, 'read')
  return principal.accountId
}

/** Null for no header, an empty one, and one that cannot be a key. Node joins a repeated one, which is then none. */
function tokenOf(request: FastifyRequest): string | null {
  const given = request.headers['access-token']
  return typeof given === 'string' && /^[^\s,]{1,512}$/.test(given) ? given : null
}
