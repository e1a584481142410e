import type { FastifyRequest } from 'fastify'
import { basicCredentials, bearerKey, type SignInGuard } from '../dialect/access.ts'
import { FaultError } from '../dialect/fault.ts'
import type { Source } from '../store/directory.ts'
import { SOURCE_REALM } from '../store/source-secret.ts'
import { type DigestNonces, readDigest } from './digest.ts'

/** Answered 401, with what the source takes in `WWW-Authenticate`. */
export class SourceRefusal extends FaultError {
  readonly challenges: readonly string[]
  constructor(why: string, challenges: readonly string[]) {
    super({ code: 'unauthenticated', why })
    this.challenges = challenges
  }
}

/**
 * Lets a request in that comes from an address of the source's, or with one of its credentials. Throws `SourceRefusal`,
 * or `rate_limited` for an address that keeps failing. Only a wrong credential is a failure: a Digest client begins
 * without one, and one whose nonce has grown old is asked again.
 */
export function signInToSource(
  request: FastifyRequest,
  source: Source,
  { guard: { directory, failures }, nonces }: { guard: SignInGuard; nonces: DigestNonces },
): void {
  if (directory.admits(source.name, { scheme: 'address', address: request.ip })) return
  const blockedS = failures.retryAfterS(request.ip)
  if (blockedS !== null) throw new FaultError({ code: 'rate_limited', retryAfterS: blockedS })
  const refuse = (why: string, stale = false) => new SourceRefusal(why, challengesOf(source, nonces, stale))
  const header = request.headers.authorization
  if (header === undefined) throw refuse('no credential was given, and the address is not one that needs none')
  const answer = readDigest(header, { method: request.method, url: request.raw.url ?? '' })
  const credential = answer?.credential ?? plainCredential(request)
  if (credential === null || !directory.admits(source.name, credential)) {
    failures.count(request.ip)
    throw refuse('the credential is not one of this source')
  }
  if (answer !== null && !nonces.take(answer.nonce, answer.count)) throw refuse('the nonce is stale', true)
}

function plainCredential(request: FastifyRequest) {
  const basic = basicCredentials(request)
  if (basic !== null) return { scheme: 'basic', ...basic } as const
  const token = bearerKey(request)
  return token === null ? null : ({ scheme: 'bearer', token } as const)
}

/** A source that takes addresses only, or nobody yet, still has to name a scheme (RFC 9110, 11.6.1). */
function challengesOf({ access }: Source, nonces: DigestNonces, stale: boolean): string[] {
  const ofPassword = [...nonces.challenges({ stale }), `Basic realm="${SOURCE_REALM}", charset="UTF-8"`]
  const bearer = access.hasToken || !access.hasPassword ? [`Bearer realm="${SOURCE_REALM}"`] : []
  return [...(access.hasPassword ? ofPassword : []), ...bearer]
}
