import type { Account } from '../../record/account.ts'
import { formatRfc3339 } from '../../record/time.ts'
import type { Key, Quarantined, Source } from '../../store/directory.ts'
import type { Erasure } from '../../store/keeping.ts'
import type { WireErasure, WireKey, WireQuarantined, WireSource } from './admin-schema.ts'
import { writeNames } from './settings-wire.ts'

const timeOrNull = (timeUs: number | null) => (timeUs === null ? null : formatRfc3339(timeUs))

/** The settings lie beside the account's own two fields, as `PATCH` takes them. */
export function presentAccount({ id, settings, createdAtUs }: Account) {
  return {
    account_id: id,
    created_at: formatRfc3339(createdAtUs),
    ...(writeNames(settings) as Record<string, unknown>),
  }
}

export function presentKey(key: Key): WireKey {
  return {
    id: key.id,
    account_id: key.accountId,
    name: key.name,
    scopes: [...key.scopes],
    created_at: formatRfc3339(key.createdAtUs),
    expires_at: timeOrNull(key.expiresAtUs),
    revoked_at: timeOrNull(key.revokedAtUs),
    last_used_at: timeOrNull(key.lastUsedAtUs),
  }
}

export function presentSource({ name, kind, timeZone, rules, access, services, createdAtUs }: Source): WireSource {
  const { user, hasPassword, hasToken, addresses } = access
  return {
    name,
    kind,
    time_zone: timeZone,
    rules: rules.map(({ match, value, accountId }) => ({ match, value, account_id: accountId })),
    access: { user, has_password: hasPassword, has_token: hasToken, addresses: [...addresses] },
    services: services.map(({ number, kind, name }) => ({ number, kind, name })),
    created_at: formatRfc3339(createdAtUs),
  }
}

/** An entry without its record, which may be as long as a request. */
export function presentQuarantined(entry: Quarantined): WireQuarantined {
  return {
    id: entry.id,
    source: entry.source,
    account_id: entry.accountId,
    arrived_at: formatRfc3339(entry.arrivedAtUs),
    origin: entry.origin,
    field: entry.field,
    reason: entry.reason,
    raw_bytes: Buffer.byteLength(entry.raw),
  }
}

export function presentErasure(erasure: Erasure): WireErasure {
  return {
    id: erasure.id,
    number_hash: erasure.numberHash,
    last_two_digits: erasure.lastTwo,
    key_id: erasure.byKey,
    reason: erasure.reason,
    begun_at: formatRfc3339(erasure.begunAtUs),
    finished_at: timeOrNull(erasure.finishedAtUs),
    calls: erasure.calls,
    reports: erasure.reports,
    quarantined: erasure.quarantined,
    put_aside: erasure.putAside,
  }
}
