import type { Directory, Scope } from '../../src/store/directory.ts'

/** Every kind of credential that a request can come with. */
export const CREDENTIALS = [
  /** No credential at all. */
  'none',
  /** In the right form, and nothing that any key could be. */
  'garbage',
  /** A key with every scope, in the form of another face. */
  'wrong_scheme',
  /** A key of another account, with all that an account's own key can have. */
  'other_account',
  /** Keys of the account with every scope, no longer good. */
  'revoked',
  'expired',
  /** Keys of the account with this one scope. */
  'read',
  'ingest',
  'admin',
  'operator',
] as const
export type CredentialKind = (typeof CREDENTIALS)[number]

export interface Credential {
  kind: CredentialKind
  /** Whose it is, or claims to be. */
  accountId: string
  secret: string | null
}

/**
 * One credential of each kind: of `accountId`, but for the one of `otherAccountId`. They are good when `passTime` has
 * moved the directory's clock by an hour, but for the expired one.
 */
export function makeCredentials(
  directory: Directory,
  given: { accountId: string; otherAccountId: string; nowUs: number; passTime: (us: number) => void },
): Record<CredentialKind, Credential> {
  const { accountId, otherAccountId, nowUs, passTime } = given
  const all: Scope[] = ['read', 'ingest', 'admin', 'operator']
  const make = (kind: CredentialKind, scopes: readonly Scope[], more: { of?: string; expiresAtUs?: number } = {}) => {
    const { of = accountId, expiresAtUs = null } = more
    const { secret, key } = directory.createKey({ accountId: of, name: `${kind} key`, scopes, expiresAtUs })
    return { kind, accountId: of, secret, keyId: key.id }
  }
  const revoked = make('revoked', all)
  directory.revokeKey({ accountId, keyId: revoked.keyId })
  const expired = make('expired', all, { expiresAtUs: nowUs + 1 })
  passTime(3_600_000_000)
  return {
    none: { kind: 'none', accountId, secret: null },
    garbage: { kind: 'garbage', accountId, secret: 'ct_000000000000_garbage-that-no-key-could-be' },
    wrong_scheme: make('wrong_scheme', all),
    other_account: make('other_account', ['read', 'ingest', 'admin'], { of: otherAccountId }),
    revoked,
    expired,
    read: make('read', ['read']),
    ingest: make('ingest', ['ingest']),
    admin: make('admin', ['admin']),
    operator: make('operator', ['operator']),
  }
}

export type Face = 'bearer' | 'basic' | 'access-token'

/** The headers that carry a credential to a face: a Bearer key, Basic with the account and its key, or `Access-Token`. */
export function headersFor(face: Face, { kind, accountId, secret }: Credential): Record<string, string> {
  if (secret === null) return {}
  if (face === 'access-token' && kind !== 'wrong_scheme') return { 'access-token': secret }
  const basic = `Basic ${Buffer.from(`${accountId}:${secret}`).toString('base64')}`
  const isBearer = (face === 'bearer') !== (kind === 'wrong_scheme')
  return { authorization: isBearer ? `Bearer ${secret}` : basic }
}
