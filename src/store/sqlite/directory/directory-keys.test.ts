import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder, refusal } from '../../../../test/support/directory-in-folder.ts'
import { defaultSettings } from '../../../record/account.ts'
import type { Directory, Scope } from '../../directory.ts'
import { openSqliteDirectory } from './directory.ts'

const MINUTE_US = 60_000_000

describe('keys on SQLite', () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
    at.addAccount(ALICE)
  })
  afterEach(() => at.remove())
  const aKey = (given: Partial<Parameters<Directory['createKey']>[0]> = {}) =>
    at.directory.createKey({ accountId: ALICE, name: 'a key', scopes: ['read'], ...given })

  it('answers a key once and knows it again, over a restart as well', () => {
    const { key, secret } = aKey({ scopes: ['ingest', 'read'] })
    assert.match(secret, /^ct_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/)
    assert.equal(secret.split('_')[1], key.id)
    const principal = { keyId: key.id, accountId: ALICE, scopes: ['read', 'ingest'] }
    assert.deepEqual(at.directory.authenticate(secret), principal)
    at.reopen()
    assert.deepEqual(at.directory.authenticate(secret), principal)
  })

  it('writes no secret to disk', () => {
    const made = aKey().secret
    const given = aKey({ secret: 'correct horse battery staple' }).secret
    at.directory.close()
    const bytes = readFileSync(at.path).toString('latin1')
    assert.ok(bytes.includes(ALICE))
    for (const secret of [made, made.slice(-43), given]) assert.ok(!bytes.includes(secret))
  })

  it('knows a key that was given to it, of 20 to 256 characters of any kind', () => {
    const secrets = ['x'.repeat(20), 'ü'.repeat(256), 'with blanks and_underscores', 'ct_abcdefghijkl_another server']
    const ids = secrets.map((secret) => aKey({ secret }).key.id)
    for (const id of ids) assert.match(id, /^[a-z0-9]{12}$/)
    assert.equal(ids[3], 'abcdefghijkl')
    at.reopen()
    assert.deepEqual(
      secrets.map((secret) => at.directory.authenticate(secret)?.keyId),
      ids,
    )
  })

  it('tells nothing of a given key by its id: two directories make different ids of one secret', () => {
    const other = openSqliteDirectory({ path: join(at.folder, 'other.db'), now: () => at.nowUs })
    other.createAccount({ id: ALICE, settings: defaultSettings('Alice') })
    const secret = 'one secret, two servers'
    const { key } = other.createKey({ accountId: ALICE, name: 'x', scopes: ['read'], secret })
    other.close()
    assert.notEqual(aKey({ secret }).key.id, key.id)
  })

  it('does not know a key with one letter changed, cut off or added', () => {
    for (const secret of [aKey().secret, aKey({ secret: 'a secret that was given' }).secret]) {
      for (let index = 0; index < secret.length; index += 1) {
        const changed = secret.slice(0, index) + (secret[index] === 'x' ? 'y' : 'x') + secret.slice(index + 1)
        assert.equal(at.directory.authenticate(changed), null, changed)
      }
      assert.equal(at.directory.authenticate(secret.slice(0, -1)), null)
      assert.equal(at.directory.authenticate(`${secret}x`), null)
      assert.equal(at.directory.authenticate(` ${secret}`), null)
      assert.notEqual(at.directory.authenticate(secret), null)
    }
  })

  it('does not know nothing, a bare id, or a megabyte', () => {
    const { key } = aKey()
    for (const secret of ['', key.id, `ct_${key.id}`, `ct_${key.id}_`, 'x'.repeat(1 << 20), '\ud800'])
      assert.equal(at.directory.authenticate(secret), null)
  })

  it('lets a key in until the microsecond it expires', () => {
    const { secret } = aKey({ expiresAtUs: at.nowUs + 10 })
    at.nowUs += 9
    assert.notEqual(at.directory.authenticate(secret), null)
    at.nowUs += 1
    assert.equal(at.directory.authenticate(secret), null)
  })

  it('does not let a revoked key in, after a restart neither', () => {
    const { key, secret } = aKey()
    assert.equal(at.directory.revokeKey({ accountId: ALICE, keyId: key.id }), true)
    assert.equal(at.directory.authenticate(secret), null)
    at.nowUs += 1
    assert.equal(at.directory.revokeKey({ accountId: ALICE, keyId: key.id }), true)
    at.reopen()
    assert.equal(at.directory.authenticate(secret), null)
    assert.equal(at.directory.keys(ALICE)[0]?.revokedAtUs, 1_705_328_928_000_000)
  })

  it("shows and revokes an account's own keys only", () => {
    const mallory = at.directory.createAccount({ settings: defaultSettings('Mallory') }).id
    const { key, secret } = aKey()
    assert.equal(at.directory.revokeKey({ accountId: mallory, keyId: key.id }), false)
    assert.equal(at.directory.revokeKey({ accountId: ALICE, keyId: 'abcdefghijkl' }), false)
    assert.deepEqual(at.directory.keys(mallory), [])
    assert.deepEqual(
      at.directory.keys(ALICE).map(({ id }) => id),
      [key.id],
    )
    assert.notEqual(at.directory.authenticate(secret), null)
  })

  it('says when a key was last used, and writes that down once a minute and on close', () => {
    const { secret } = aKey()
    const shown = () => at.directory.keys(ALICE)[0]?.lastUsedAtUs
    const written = () => {
      const db = new DatabaseSync(at.path, { readOnly: true })
      const row = db.prepare('SELECT last_used_at_us AS us FROM api_keys').get()
      db.close()
      return row?.us
    }
    const firstUs = at.nowUs
    assert.equal(shown(), null)
    at.directory.authenticate(secret)
    assert.deepEqual([shown(), written()], [firstUs, null])
    at.nowUs = firstUs + MINUTE_US
    at.directory.authenticate(secret)
    assert.deepEqual([shown(), written()], [firstUs + MINUTE_US, firstUs + MINUTE_US])
    at.nowUs += MINUTE_US - 1
    at.directory.authenticate(secret)
    assert.deepEqual([shown(), written()], [firstUs + 2 * MINUTE_US - 1, firstUs + MINUTE_US])
    at.directory.close()
    assert.equal(written(), firstUs + 2 * MINUTE_US - 1)
  })

  it('lets keys in while uses cannot be written, and writes them later', () => {
    const { secret } = aKey()
    const full = new DatabaseSync(at.path)
    full.exec(`CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT raise(ABORT, 'disk full'); END`)
    at.nowUs += MINUTE_US
    assert.notEqual(at.directory.authenticate(secret), null)
    full.exec('DROP TRIGGER full')
    full.close()
    at.reopen()
    assert.equal(at.directory.keys(ALICE)[0]?.lastUsedAtUs, at.nowUs)
  })

  const refused: { given: Partial<Parameters<Directory['createKey']>[0]>; field: string; because: string }[] = [
    { given: { name: '' }, field: 'name', because: 'a name is needed' },
    { given: { scopes: [] }, field: 'scopes', because: 'it could do nothing' },
    { given: { scopes: ['root' as Scope] }, field: 'scopes', because: 'there is no such scope' },
    { given: { expiresAtUs: 1_705_328_928_000_000 }, field: 'expiresAtUs', because: 'it would be expired already' },
    { given: { secret: 'x'.repeat(19) }, field: 'secret', because: 'it could be guessed' },
    { given: { secret: 'x'.repeat(257) }, field: 'secret', because: 'it is too long' },
    { given: { accountId: 'MA000000000000000000' }, field: 'accountId', because: 'there is no such account' },
  ]
  for (const { given, field, because } of refused) {
    it(`makes no key of ${JSON.stringify(given).slice(0, 50)}: ${because}`, () => {
      assert.throws(() => aKey(given), refusal('invalid', field))
      assert.deepEqual(at.directory.keys(ALICE), [])
    })
  }

  it('takes no secret twice', () => {
    aKey({ secret: 'a secret that was given' })
    assert.throws(() => aKey({ secret: 'a secret that was given' }), refusal('exists', 'secret'))
  })
})
