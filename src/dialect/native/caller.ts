import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Principal, Scope } from '../../store/directory.ts'
import { bearerKey, requireScope, type SignInGuard, signIn } from '../access.ts'
import { FaultError } from '../fault.ts'

const callers = new WeakMap<FastifyRequest, Principal>()

/**
 * A hook that lets in who has a key with one of the scopes, before anything else of the request is looked at: who may
 * not ask learns nothing about what could be asked.
 */
export function callersWith(guard: SignInGuard, ...scopes: [Scope, ...Scope[]]): onRequestHookHandler {
  return (request, _reply, done) => {
    const caller = signIn(guard, request, bearerKey(request))
    if (!scopes.some((scope) => caller.scopes.includes(scope))) requireScope(caller, scopes[0])
    if (scopes[0] !== 'ingest') countRequest(guard, caller)
    callers.set(request, caller)
    done()
  }
}

/** Ingest is never counted, only held back by what waits for the disk. */
function countRequest({ nativeRequests }: SignInGuard, { accountId }: Principal): void {
  const retryAfterS = nativeRequests.retryAfterS(accountId)
  if (retryAfterS !== null) throw new FaultError({ code: 'rate_limited', retryAfterS })
  nativeRequests.count(accountId)
}

/** Who sent a request that `callersWith` let in. */
export function callerOf(request: FastifyRequest): Principal {
  const caller = callers.get(request)
  if (caller === undefined) throw new FaultError({ code: 'internal' })
  return caller
}
