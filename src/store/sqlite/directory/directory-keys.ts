import { timingSafeEqual } from 'node:crypto'
import { type Directory, type Key, type Principal, SCOPES, type Scope } from '../../directory.ts'
import { invalid, taken } from '../../directory-refusal.ts'
import { hashOfKey, idOfKey, newKey } from '../../key-secret.ts'
import { checkLabel } from '../../settings-check.ts'
import { frozen } from '../folder/frozen.ts'
import type { DirectoryFile } from './directory-file.ts'
import { KeyUses } from './directory-key-uses.ts'
import { tokenSigner } from './directory-tokens.ts'

/** Compared with where there is no such key, so that a wrong id takes as long as a wrong secret. */
const NO_HASH = Buffer.alloc(32)

interface HeldKey {
  key: Key
  hash: Uint8Array
  principal: Principal
  /** Who asks with a token: the same, for reading only. */
  reader: Principal
}

type Keys = Pick<
  Directory,
  'createKey' | 'keys' | 'revokeKey' | 'authenticate' | 'createToken' | 'authenticateToken'
> & {
  /** Writes down when keys were last used. */
  writeUses(): void
}

/** The keys, held in memory by id; of a secret only its hash is kept. */
export function keyTable(
  file: DirectoryFile,
  { now, isAccount }: { now: () => number; isAccount: (id: string) => boolean },
): Keys {
  const { db, salt, change } = file
  const held = readKeys(db.prepare('SELECT * FROM api_keys ORDER BY created_at_us, id').all() as unknown as KeyRow[])
  const insert = db.prepare(
    `INSERT INTO api_keys (id, account_id, name, scopes, hash, created_at_us, expires_at_us) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const revoke = db.prepare('UPDATE api_keys SET revoked_at_us = ? WHERE id = ?')
  const uses = new KeyUses(file, now())

  return {
    createKey(given) {
      const { accountId, name, expiresAtUs = null } = given
      const atUs = now()
      checkKey(given, atUs)
      if (!isAccount(accountId)) throw invalid('accountId', 'is not an account of this server')
      const { id, secret } = given.secret === undefined ? newKey() : givenKey(given.secret, salt)
      if (held.has(id)) throw taken('secret', 'is the secret of a key already')
      const scopes = SCOPES.filter((scope) => given.scopes.includes(scope))
      const key = { id, accountId, name, scopes, createdAtUs: atUs, expiresAtUs, revokedAtUs: null, lastUsedAtUs: null }
      const hash = hashOfKey(secret)
      change(() => insert.run(id, accountId, name, JSON.stringify(scopes), hash, atUs, expiresAtUs))
      held.set(id, hold(key, hash))
      return { key: { ...key }, secret }
    },
    keys: (accountId) =>
      [...held.values()].filter(({ key }) => key.accountId === accountId).map(({ key }) => ({ ...key })),
    revokeKey({ accountId, keyId }) {
      const key = held.get(keyId)?.key
      if (key?.accountId !== accountId) return false
      if (key.revokedAtUs !== null) return true
      const atUs = now()
      change(() => revoke.run(atUs, keyId))
      key.revokedAtUs = atUs
      return true
    },
    authenticate(secret) {
      const found = held.get(idOfKey(secret, salt))
      const isRight = timingSafeEqual(hashOfKey(secret), found?.hash ?? NO_HASH)
      const atUs = now()
      if (found === undefined || !isRight || !isGood(found.key, atUs)) return null
      uses.add(found.key, atUs)
      return found.principal
    },
    ...tokens({ held, salt, now, uses }),
    writeUses: () => uses.flush(),
  }
}

/** Neither revoked nor expired. */
function isGood({ revokedAtUs, expiresAtUs }: Key, atUs: number): boolean {
  return revokedAtUs === null && (expiresAtUs === null || expiresAtUs > atUs)
}

/** Tokens stand for keys that are held: nothing of a token itself is. */
function tokens(given: {
  held: ReadonlyMap<string, HeldKey>
  salt: Uint8Array
  now: () => number
  uses: KeyUses
}): Pick<Keys, 'createToken' | 'authenticateToken'> {
  const { held, now, uses } = given
  const signer = tokenSigner(given.salt)
  return {
    createToken({ keyId, use, expiresAtUs }) {
      const found = held.get(keyId)
      if (found === undefined) throw invalid('keyId', 'is not a key of this server')
      const endsAtUs = Math.min(expiresAtUs, found.key.expiresAtUs ?? expiresAtUs)
      return signer.sign({ use, keyId, expiresAtUs: endsAtUs }, found.hash)
    },
    authenticateToken(token, use) {
      const claimed = signer.read(token)
      if (claimed === null) return null
      const found = held.get(claimed.keyId)
      const isSigned = signer.isSigned(token, found?.hash ?? NO_HASH)
      const atUs = now()
      if (found === undefined || !isSigned || claimed.use !== use) return null
      if (claimed.expiresAtUs <= atUs || !isGood(found.key, atUs)) return null
      uses.add(found.key, atUs)
      return found.reader
    },
  }
}

interface KeyRow {
  id: string
  account_id: string
  name: string
  scopes: string
  hash: Uint8Array
  created_at_us: number
  expires_at_us: number | null
  revoked_at_us: number | null
  last_used_at_us: number | null
}

function readKeys(rows: readonly KeyRow[]): Map<string, HeldKey> {
  return new Map(
    rows.map((row) => {
      const key: Key = {
        id: row.id,
        accountId: row.account_id,
        name: row.name,
        scopes: JSON.parse(row.scopes) as Scope[],
        createdAtUs: row.created_at_us,
        expiresAtUs: row.expires_at_us,
        revokedAtUs: row.revoked_at_us,
        lastUsedAtUs: row.last_used_at_us,
      }
      return [row.id, hold(key, row.hash)]
    }),
  )
}

function hold(key: Key, hash: Uint8Array): HeldKey {
  const principal = frozen({ keyId: key.id, accountId: key.accountId, scopes: [...key.scopes] })
  const scopes = key.scopes.filter((scope) => scope === 'read')
  return { key, hash, principal, reader: frozen({ ...principal, scopes }) }
}

function givenKey(secret: string, salt: Uint8Array): { id: string; secret: string } {
  if (secret.length < 20 || secret.length > 256) throw invalid('secret', 'must have 20 to 256 characters')
  return { id: idOfKey(secret, salt), secret }
}

function checkKey(given: Parameters<Directory['createKey']>[0], atUs: number): void {
  checkLabel('name', given.name)
  if (given.scopes.length === 0) throw invalid('scopes', `must name at least one of ${SCOPES.join(', ')}`)
  const unknown = given.scopes.find((scope) => !SCOPES.includes(scope))
  if (unknown !== undefined) throw invalid('scopes', `must be of ${SCOPES.join(', ')}`)
  if (given.expiresAtUs != null && given.expiresAtUs <= atUs) throw invalid('expiresAtUs', 'must be in the future')
}
