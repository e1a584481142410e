import type { Account, AccountSettings } from '../record/account.ts'

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

export const SOURCE_KINDS = ['native', 'freeswitch', 'asterisk'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export const RULE_MATCHES = ['fixed', 'accountcode', 'domain', 'tenant', 'trunk', 'did', 'peer'] as const

/** Names the account of a record whose `match` equals `value`; `fixed` matches every record and has no value. */
export interface SourceRule {
  match: (typeof RULE_MATCHES)[number]
  value: string | null
  accountId: string
}

/** An instance of a system that sends reports in. */
export interface Source {
  /** `fs-london`: 1 to 64 of a-z, 0-9, dot, dash and underscore. */
  name: string
  kind: SourceKind
  /** Zone of times that the source writes without one. */
  timeZone: string
  /** First match names the account; no match: quarantine. */
  rules: readonly SourceRule[]
  createdAtUs: number
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

  sources(): Source[]
  source(name: string): Source | null
  putSource(source: Omit<Source, 'createdAtUs'>): Source
  deleteSource(name: string): boolean

  /** A record that is there already, from the same place, is not taken again: a retry fills nothing. */
  quarantine(entries: readonly Omit<Quarantined, 'id'>[]): void
  /** Newest first; `accountId` null lists all accounts and those without. */
  quarantined(query: { accountId: string | null; limit: number; beforeId?: number }): {
    entries: Quarantined[]
    total: number
  }
  quarantinedById(id: number): Quarantined | null
  dropQuarantined(ids: readonly number[]): number

  close(): void
}
