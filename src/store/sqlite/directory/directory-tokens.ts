import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { TokenUse } from '../../directory.ts'

/** What a token says of itself, before anybody has looked whether it is true. */
export interface ClaimedToken {
  use: TokenUse
  keyId: string
  expiresAtUs: number
}

export interface TokenSigner {
  /** `cta_<key id>_<end>_<signature>` for access, `ctr_…` for refresh; the end is epoch microseconds in base 36. */
  sign(claim: ClaimedToken, keyHash: Uint8Array): string
  /** Null for what is no token at all. */
  read(token: string): ClaimedToken | null
  /** Whether this server signed the token, for the key with that hash. Takes the same time for each answer. */
  isSigned(token: string, keyHash: Uint8Array): boolean
}

const FORM = /^(ct([ar])_([a-z0-9]{12})_([0-9a-z]{1,11}))_([A-Za-z0-9_-]{43})$/
const LETTER = { access: 'a', refresh: 'r' } as const

/**
 * Signs tokens with HMAC-SHA-256 under a secret that follows from the directory's salt: another directory's tokens are no
 * good here, and a restart changes nothing. The hash of the key is signed too, so a token is of one secret for good.
 */
export function tokenSigner(salt: Uint8Array): TokenSigner {
  const secret = Buffer.from(hkdfSync('sha256', salt, '', 'calltrail tokens', 32))
  const signatureOf = (claim: string, keyHash: Uint8Array) =>
    createHmac('sha256', secret).update(claim).update(keyHash).digest('base64url')
  return {
    sign({ use, keyId, expiresAtUs }, keyHash) {
      const claim = `ct${LETTER[use]}_${keyId}_${expiresAtUs.toString(36)}`
      return `${claim}_${signatureOf(claim, keyHash)}`
    },
    read(token) {
      const [, , letter, keyId = '', end = ''] = FORM.exec(token) ?? []
      if (letter === undefined) return null
      return { use: letter === 'a' ? 'access' : 'refresh', keyId, expiresAtUs: Number.parseInt(end, 36) }
    },
    isSigned(token, keyHash) {
      const [, claim = '', , , , signature = ''] = FORM.exec(token) ?? []
      const right = Buffer.from(signatureOf(claim, keyHash))
      const given = Buffer.from(signature)
      return given.length === right.length && timingSafeEqual(given, right)
    },
  }
}
