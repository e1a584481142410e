import { type BlockList, isIPv4 } from 'node:net'
import { addressOf, peerNetwork } from '../../account-of.ts'
import type { Directory, Source, SourceGiven, SourceKind, SourceRule, SourceService } from '../../directory.ts'
import { invalid } from '../../directory-refusal.ts'
import { checkSource } from '../../source-check.ts'
import { isRightSecret, type KeptAccess, keepPassword, keepToken, NO_ACCESS, shownAccess } from '../../source-secret.ts'
import { frozen } from '../folder/frozen.ts'
import type { DirectoryFile } from './directory-file.ts'

type Sources = Pick<Directory, 'sources' | 'source' | 'putSource' | 'deleteSource' | 'admits'>

interface HeldSource {
  source: Source
  access: KeptAccess
  networks: readonly BlockList[]
}

/** The sources, held in memory; listed by name. Of their secrets only hashes are kept. */
export function sourceTable(
  { db, change }: DirectoryFile,
  { now, isAccount }: { now: () => number; isAccount: (id: string) => boolean },
): Sources {
  const held = new Map<string, HeldSource>()
  for (const row of db.prepare('SELECT * FROM sources').iterate()) {
    const { source, access } = readSource(row as unknown as SourceRow)
    held.set(source.name, hold(source, access))
  }
  const put = db.prepare(
    `INSERT OR REPLACE INTO sources (name, kind, time_zone, rules, created_at_us, access, services)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const drop = db.prepare('DELETE FROM sources WHERE name = ?')
  return {
    sources: () =>
      [...held.values()].map(({ source }) => source).sort((one, other) => (one.name < other.name ? -1 : 1)),
    source: (name) => held.get(name)?.source ?? null,
    putSource(given) {
      checkSource(given, isAccount)
      const { name, kind, timeZone } = given
      const before = held.get(name)
      const access = accessOf(given.access ?? {}, before?.access ?? NO_ACCESS)
      const rules = given.rules.map(({ match, value, accountId }) => ({ match, value, accountId }))
      const services = (given.services ?? []).map(({ number, kind, name }) => ({ number, kind, name }))
      const createdAtUs = before?.source.createdAtUs ?? now()
      const source = { name, kind, timeZone, rules, access: shownAccess(access), services, createdAtUs }
      const columns = [JSON.stringify(rules), createdAtUs, JSON.stringify(access), JSON.stringify(services)] as const
      change(() => put.run(name, kind, timeZone, ...columns))
      held.set(name, hold(source, access))
      return held.get(name)?.source as Source
    },
    admits(name, credential) {
      const found = held.get(name)
      if (credential.scheme === 'address') return isOneOf(found?.networks ?? [], credential.address)
      return isRightSecret(found?.access ?? NO_ACCESS, credential)
    },
    deleteSource(name) {
      if (!held.has(name)) return false
      change(() => drop.run(name))
      held.delete(name)
      return true
    },
  }
}

function hold(source: Source, access: KeptAccess): HeldSource {
  const networks = access.addresses.flatMap((address) => peerNetwork(address) ?? [])
  return { source: frozen(source), access: frozen(access), networks }
}

function isOneOf(networks: readonly BlockList[], peer: string): boolean {
  const address = addressOf(peer)
  return address !== null && networks.some((network) => network.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'))
}

/** What was there before, with what is given in place of it. */
function accessOf(given: NonNullable<SourceGiven['access']>, before: KeptAccess): KeptAccess {
  const { token, addresses } = given
  return {
    ...userOf(given, before),
    token: token === undefined ? before.token : token === null ? null : keepToken(token),
    addresses: addresses === undefined ? before.addresses : [...addresses],
  }
}

/** A user and a password are there together or not at all: what is kept of a password has the user in it. */
function userOf(
  { user, password }: NonNullable<SourceGiven['access']>,
  before: KeptAccess,
): Pick<KeptAccess, 'user' | 'password'> {
  if (user === null || password === null) {
    if (user != null) throw invalid('access.password', 'is needed with a user')
    if (password != null) throw invalid('access.user', 'is needed with a password')
    return { user: null, password: null }
  }
  const named = user ?? before.user
  if (password !== undefined) {
    if (named === null) throw invalid('access.user', 'is needed with a password')
    return { user: named, password: keepPassword(named, password) }
  }
  if (named !== before.user) throw invalid('access.password', 'is needed with a new user')
  return { user: before.user, password: before.password }
}

interface SourceRow {
  name: string
  kind: string
  time_zone: string
  rules: string
  created_at_us: number
  access: string
  services: string
}

function readSource(row: SourceRow): { source: Source; access: KeptAccess } {
  const access = { ...NO_ACCESS, ...(JSON.parse(row.access) as Partial<KeptAccess>) }
  const source = {
    name: row.name,
    kind: row.kind as SourceKind,
    timeZone: row.time_zone,
    rules: JSON.parse(row.rules) as SourceRule[],
    access: shownAccess(access),
    services: JSON.parse(row.services) as SourceService[],
    createdAtUs: row.created_at_us,
  }
  return { source, access }
}
