import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder, refusal } from '../../../../test/support/directory-in-folder.ts'
import { defaultSettings } from '../../../record/account.ts'
import type { Directory, Scope } from '../../directory.ts'
import { openSqliteDirectory } from './directory.ts'

const SECOND_US = 1_000_000

describe('tokens on SQLite', () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
    at.addAccount(ALICE)
  })
  afterEach(() => at.remove())
  const aKey = (scopes: readonly Scope[] = ['read', 'ingest', 'admin'], expiresAtUs: number | null = null) =>
    at.directory.createKey({ accountId: ALICE, name: 'a key', scopes, expiresAtUs })
  const aToken = (keyId: string, over: Partial<Parameters<Directory['createToken']>[0]> = {}) =>
    at.directory.createToken({ keyId, use: 'access', expiresAtUs: at.nowUs + 1800 * SECOND_US, ...over })
  const whose = (token: string) => at.directory.authenticateToken(token, 'access')

  it('stand for their key, for reading only, over a restart as well', () => {
    const { key } = aKey()
    const token = aToken(key.id)
    assert.match(token, /^cta_[a-z0-9]{12}_[0-9a-z]+_[A-Za-z0-9_-]{43}$/)
    assert.deepEqual(whose(token), { keyId: key.id, accountId: ALICE, scopes: ['read'] })
    at.reopen()
    assert.deepEqual(whose(token), { keyId: key.id, accountId: ALICE, scopes: ['read'] })
  })

  it('have no scope where their key cannot read', () => {
    const { key } = aKey(['ingest', 'operator'])
    assert.deepEqual(whose(aToken(key.id))?.scopes, [])
  })

  it('are no keys', () => {
    const token = aToken(aKey().key.id)
    assert.equal(at.directory.authenticate(token), null)
  })

  it('end at their time', () => {
    const token = aToken(aKey().key.id)
    at.nowUs += 1800 * SECOND_US - 1
    assert.notEqual(whose(token), null)
    at.nowUs += 1
    assert.equal(whose(token), null)
  })

  it('end with their key, when it is revoked and when it expires', () => {
    const revoked = aKey()
    const ofRevoked = aToken(revoked.key.id)
    at.directory.revokeKey({ accountId: ALICE, keyId: revoked.key.id })
    assert.equal(whose(ofRevoked), null)
    at.reopen()
    assert.equal(whose(ofRevoked), null)
    const expiring = aKey(['read'], at.nowUs + SECOND_US)
    const ofExpiring = aToken(expiring.key.id)
    assert.notEqual(whose(ofExpiring), null)
    at.nowUs += SECOND_US
    assert.equal(whose(ofExpiring), null)
  })

  it('are for asking or for getting new ones, not for both', () => {
    const { key } = aKey()
    const refresh = aToken(key.id, { use: 'refresh' })
    assert.equal(whose(refresh), null)
    assert.equal(at.directory.authenticateToken(refresh, 'refresh')?.keyId, key.id)
    assert.equal(at.directory.authenticateToken(aToken(key.id), 'refresh'), null)
  })

  it('are not known with one letter changed, cut off or added', () => {
    const token = aToken(aKey().key.id)
    for (let index = 0; index < token.length; index += 1)
      for (const letter of ['x', 'y', 'a', '0', 'A', '_'])
        if (token[index] !== letter) {
          const changed = token.slice(0, index) + letter + token.slice(index + 1)
          assert.equal(whose(changed), null, changed)
        }
    for (const changed of [token.slice(0, -1), `${token}x`, ` ${token}`, `${token}=`, '', 'cta_', 'x'.repeat(1 << 20)])
      assert.equal(whose(changed), null)
  })

  it('are not known to another directory with the same key', () => {
    const secret = 'one secret, two servers'
    const mine = at.directory.createKey({ accountId: ALICE, name: 'x', scopes: ['read'], secret })
    const other = openSqliteDirectory({ path: join(at.folder, 'other.db'), now: () => at.nowUs })
    other.createAccount({ id: ALICE, settings: defaultSettings('Alice') })
    const theirs = other.createKey({ accountId: ALICE, name: 'x', scopes: ['read'], secret })
    const token = other.createToken({ keyId: theirs.key.id, use: 'access', expiresAtUs: at.nowUs + SECOND_US })
    other.close()
    assert.equal(whose(token), null)
    assert.equal(whose(token.replace(theirs.key.id, mine.key.id)), null)
  })

  it('count as a use of their key', () => {
    const { key } = aKey()
    const token = aToken(key.id)
    at.nowUs += 5 * SECOND_US
    whose(token)
    assert.equal(at.directory.keys(ALICE)[0]?.lastUsedAtUs, at.nowUs)
  })

  it('are of keys that there are', () => assert.throws(() => aToken('aaaaaaaaaaaa'), refusal('invalid', 'keyId')))
})
