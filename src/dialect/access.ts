import type { FastifyRequest } from 'fastify'
import type { Directory, Principal, Scope } from '../store/directory.ts'
import { FaultError } from './fault.ts'
import type { DialectLimits } from './parts.ts'
import { RateCounter } from './rate-counter.ts'

/** Refuses an address that failed to sign in too often, before its credential is even looked at. */
export interface SignInGuard {
  directory: Directory
  failures: RateCounter
  /** Requests of each account on the native API. */
  nativeRequests: RateCounter
  /** Requests of each account on Plivo's dialects together. */
  plivoRequests: RateCounter
  /** Requests of each account on PortSIP's API. */
  portsipRequests: RateCounter
}

/** The guard of a whole server: the limits of all its dialects. `now` is epoch microseconds. */
export function newGuard(given: {
  directory: Directory
  limits: Pick<
    DialectLimits,
    'failedSignInsPerMinute' | 'nativeRequestsPerMinute' | 'plivoRequestsPer5S' | 'portsipRequestsPerMinute'
  >
  now: () => number
}): SignInGuard {
  const now = () => given.now() / 1000
  const perMinute = (limit: number | null) => new RateCounter({ limit, windowMs: 60_000, now })
  return {
    directory: given.directory,
    failures: perMinute(given.limits.failedSignInsPerMinute),
    nativeRequests: perMinute(given.limits.nativeRequestsPerMinute),
    portsipRequests: perMinute(given.limits.portsipRequestsPerMinute),
    plivoRequests: new RateCounter({ limit: given.limits.plivoRequestsPer5S, windowMs: 5000, now }),
  }
}

/**
 * The key's principal; throws `unauthenticated`, or `rate_limited` for an address that keeps failing. A dialect that knows
 * other credentials than keys says how to `authenticate` them.
 */
export function signIn(
  { directory, failures }: SignInGuard,
  request: FastifyRequest,
  secret: string | null,
  authenticate: (secret: string) => Principal | null = (given) => directory.authenticate(given),
): Principal {
  const blockedS = failures.retryAfterS(request.ip)
  if (blockedS !== null) throw new FaultError({ code: 'rate_limited', retryAfterS: blockedS })
  const principal = secret === null ? null : authenticate(secret)
  if (principal === null) {
    if (secret !== null) failures.count(request.ip)
    throw new FaultError({
      code: 'unauthenticated',
      why: secret === null ? 'no key was given' : 'the key is unknown, expired or revoked',
    })
  }
  return principal
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.includes(scope)) return
  throw new FaultError({ code: 'forbidden', why: `this key lacks the scope ${scope}` })
}

/** `Authorization: Bearer KEY` -> KEY; null for anything else. */
export function bearerKey(request: FastifyRequest): string | null {
  const match = /^Bearer +([^\s]{1,512})$/i.exec(request.headers.authorization ?? '')
  return match?.[1] ?? null
}

/** `Authorization: Basic` -> user and password; null for anything else. */
export function basicCredentials(request: FastifyRequest): { user: string; password: string } | null {
  const match = /^Basic +([A-Za-z0-9+/=_-]{1,2048})$/i.exec(request.headers.authorization ?? '')
  if (match?.[1] === undefined) return null
  const text = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
