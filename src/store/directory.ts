import type { Account, AccountSettings, DerivingSettings } from '../record/account.ts'

export const SCOPES = ['read', 'ingest', 'admin', 'operator'] as const
/** `read`, `ingest` and `admin` are of one account; `operator` is of the server. */
export type Scope = (typeof SCOPES)[number]

/** A key without its secret. Times are epoch microseconds. */
export interface Key {
  id: string
  accountId: string
  name: string
  scopes: readonly Scope[]
  createdAtUs: number
  expiresAtUs: number | null
  revokedAtUs: number | null
  lastUsedAtUs: number | null
}

export const SOURCE_KINDS = ['native', 'freeswitch', 'asterisk', 'portsip'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export const RULE_MATCHES = ['fixed', 'accountcode', 'domain', 'tenant', 'trunk', 'did', 'peer'] as const

/** Names the account of a record whose `match` equals `value`; `fixed` matches every record and has no value. */
export interface SourceRule {
  match: (typeof RULE_MATCHES)[number]
  value: string | null
  accountId: string
}

/** Who may send to `POST /sources/{name}`: whoever has one of these. Empty lets nobody in. */
export interface SourceAccess {
  /** For Basic and Digest; the password is kept as hashes (SHA-256, and the HA1 of RFC 7616 in MD5 and SHA-256). */
  user: string | null
  hasPassword: boolean
  /** For Bearer. */
  hasToken: boolean
  /** Addresses and networks that need nothing else. */
  addresses: readonly string[]
}

/** What a number inside a PBX is, where its records do not say: 8000 is a queue, 5000 an IVR. */
export interface SourceService {
  number: string
  kind: 'ivr' | 'queue'
  name: string | null
}

/** A credential that came with a request, as its scheme gives it. */
export type SourceCredential =
  | { scheme: 'basic'; user: string; password: string }
  | { scheme: 'bearer'; token: string }
  | { scheme: 'digest'; user: string; algorithm: 'MD5' | 'SHA-256'; verify(ha1: string): boolean }
  | { scheme: 'address'; address: string }

/** An instance of a system that sends reports in. */
export interface Source {
  /** `fs-london`: 1 to 64 of a-z, 0-9, dot, dash and underscore. */
  name: string
  kind: SourceKind
  /** Zone of times that the source writes without one. */
  timeZone: string
  /** First match names the account; no match: quarantine. */
  rules: readonly SourceRule[]
  access: SourceAccess
  services: readonly SourceService[]
  createdAtUs: number
}

/** A source as it is put: secrets go in and never come out. `null` takes one away; a user goes with its password. */
export interface SourceGiven extends Omit<Source, 'createdAtUs' | 'access' | 'services'> {
  access?: {
    user?: string | null
    password?: string | null
    token?: string | null
    addresses?: readonly string[]
  }
  services?: readonly SourceService[]
}

/** Something that arrived and could not be stored, kept until it is mended or dropped. */
export interface Quarantined {
  id: number
  source: string
  /** null where no rule named one. */
  accountId: string | null
  arrivedAtUs: number
  /** A file's name and line, or null. */
  origin: string | null
  field: string | null
  reason: string
  raw: string
}

/** Something that was refused, on its way into the quarantine. */
export interface QuarantineEntry extends Omit<Quarantined, 'id'> {
  /** Epoch us at which its call began; null, or left out, where it does not say. */
  beganAtUs?: number | null
}

/** An access token is for asking, a refresh token for getting new tokens. */
export type TokenUse = 'access' | 'refresh'

/** Who is asking: a key that was found, not expired and not revoked. */
export interface Principal {
  keyId: string
  accountId: string
  scopes: readonly Scope[]
}

/** Accounts, keys, sources and the quarantine. Reads are from memory; changes are on disk before they return. */
export interface Directory {
  accounts(): Account[]
  account(id: string): Account | null
  createAccount(given: { id?: string; settings: AccountSettings }): Account
  updateSettings(accountId: string, settings: AccountSettings): Account
  /** The account's settings with those that were in force before; the same object until they change. Null for no account. */
  derivingSettings(accountId: string): DerivingSettings | null
  /** What call types depend on counts as having been as it is now since that time. */
  applyCenterSettingsSince(given: { accountId: string; sinceUs: number }): void

  /** `secret` is the whole key, shown this once: `ct_<id>_<secret>`, unless one was given. */
  createKey(given: {
    accountId: string
    name: string
    scopes: readonly Scope[]
    expiresAtUs?: number | null
    secret?: string
  }): { key: Key; secret: string }
  keys(accountId: string): Key[]
  /** False when the account has no such key. */
  revokeKey(given: { accountId: string; keyId: string }): boolean
  /** Null for a key that is unknown, wrong, expired or revoked. Takes the same time for each. */
  authenticate(secret: string): Principal | null
  /**
   * A token that stands for a key, for reading only. It is signed and not kept: it lives until `expiresAtUs` or as long
   * as its key, whichever ends first, and over restarts.
   */
  createToken(given: { keyId: string; use: TokenUse; expiresAtUs: number }): string
  /** Whose key a token stands for; scopes `read`, or none where the key cannot read. Null for one that is no use. */
  authenticateToken(token: string, use: TokenUse): Principal | null

  sources(): Source[]
  source(name: string): Source | null
  /** Replaces the source whole, but for what `access` leaves out: that stays as it was. */
  putSource(source: SourceGiven): Source
  /** Whether the credential is one of those that the source lets in; false for a source that is not there. */
  admits(name: string, credential: SourceCredential): boolean
  deleteSource(name: string): boolean

  /**
   * A record that is there already, from the same place, is not taken again: a retry fills nothing. Of each, in order,
   * whether it may be there: one that holds a number that was erased, of a call that began before that, is not.
   */
  quarantine(entries: readonly QuarantineEntry[]): boolean[]
  /** Newest first; `accountId` null lists all accounts and those without. */
  quarantined(query: { accountId: string | null; limit: number; beforeId?: number }): {
    entries: Quarantined[]
    total: number
  }
  quarantinedById(id: number): Quarantined | null
  dropQuarantined(ids: readonly number[]): number
  /** As `dropQuarantined`, and the same records from the same places are not taken in again. */
  forgetQuarantined(ids: readonly number[]): number
  /** Drops the account's entries that arrived before a time; how many, or how many it would with `dryRun`. */
  dropQuarantinedBefore(given: { accountId: string; beforeUs: number; dryRun: boolean }): number

  close(): void
}
