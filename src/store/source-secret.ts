import { hash, timingSafeEqual } from 'node:crypto'
import type { SourceAccess, SourceCredential } from './directory.ts'

/** The realm of a source's Basic and Digest: part of what is kept of a password, so it never changes. */
export const SOURCE_REALM = 'Calltrail'

export type DigestAlgorithm = Extract<SourceCredential, { scheme: 'digest' }>['algorithm']

/** What is kept of a source's secrets; the lists of bytes are hexadecimal. */
export interface KeptAccess {
  user: string | null
  password: KeptPassword | null
  /** SHA-256. */
  token: string | null
  addresses: readonly string[]
}

interface KeptPassword {
  sha256: string
  /** The HA1 of RFC 7616, section 3.4.2: H(user:realm:password). */
  ha1: Record<DigestAlgorithm, string>
}

export const NO_ACCESS: KeptAccess = { user: null, password: null, token: null, addresses: [] }

export function keepPassword(user: string, password: string): KeptPassword {
  const a1 = `${user}:${SOURCE_REALM}:${password}`
  return { sha256: sha256(password), ha1: { MD5: hash('md5', a1, 'hex'), 'SHA-256': sha256(a1) } }
}

export function keepToken(token: string): string {
  return sha256(token)
}

/** What may be shown. */
export function shownAccess({ user, password, token, addresses }: KeptAccess): SourceAccess {
  return { user, hasPassword: password !== null, hasToken: token !== null, addresses }
}

/** Compared with where there is nothing to compare with, so that a wrong user takes as long as a wrong password. */
const NOTHING = '0'.repeat(64)

/** Whether a credential is right; addresses are not looked at here. Takes the same time for whatever is wrong. */
export function isRightSecret(
  { user, password, token }: KeptAccess,
  credential: Exclude<SourceCredential, { scheme: 'address' }>,
): boolean {
  if (credential.scheme === 'bearer') {
    const isRight = isSame(sha256(credential.token), token ?? NOTHING)
    return isRight && token !== null
  }
  const isUser = isSame(sha256(credential.user), sha256(user ?? ''))
  const isRight =
    credential.scheme === 'basic'
      ? isSame(sha256(credential.password), password?.sha256 ?? NOTHING)
      : credential.verify(password?.ha1[credential.algorithm] ?? NOTHING)
  return isUser && isRight && user !== null && password !== null
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
