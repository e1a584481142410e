import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder, refusal } from '../../../test/support/directory-in-folder.ts'
import { ACCOUNT_ID, type AccountSettings, defaultSettings } from '../../record/account.ts'
import { DirectoryRefusal } from '../directory-refusal.ts'

describe('accounts on SQLite', () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
  })
  afterEach(() => at.remove())
  it('keeps an account and its settings over a restart', () => {
    const settings = { ...defaultSettings('Alice'), timeZone: 'Asia/Kolkata', dialOutPrefixes: ['9'] }
    const account = at.directory.createAccount({ settings })
    assert.match(account.id, ACCOUNT_ID)
    at.directory.updateSettings(account.id, { ...settings, currency: 'INR' })
    at.reopen()
    assert.deepEqual(at.directory.account(account.id), {
      id: account.id,
      settings: { ...settings, currency: 'INR' },
      createdAtUs: 1_705_328_928_000_000,
    })
  })

  it('lists accounts in order of creation and gives each another id', () => {
    const ids = ['one', 'two', 'three'].map((name) => {
      at.nowUs += 1
      return at.directory.createAccount({ settings: defaultSettings(name) }).id
    })
    assert.equal(new Set(ids).size, 3)
    at.reopen()
    assert.deepEqual(
      at.directory.accounts().map(({ id }) => id),
      ids,
    )
  })

  it('gives settings that a later version added their defaults', () => {
    at.addAccount(ALICE)
    const db = new DatabaseSync(at.path)
    db.exec(`UPDATE accounts SET settings = '{"name":"Alice","currency":"EUR"}'`)
    db.close()
    at.reopen()
    assert.deepEqual(at.directory.account(ALICE)?.settings, { ...defaultSettings('Alice'), currency: 'EUR' })
  })

  it('cannot be changed from outside through what it gave out', () => {
    const { settings } = at.addAccount(ALICE)
    assert.throws(() => settings.dialOutPrefixes.push('9'), TypeError)
    assert.throws(() => Object.assign(settings, { currency: 'EUR' }), TypeError)
  })

  const refusals: { given: Partial<AccountSettings>; field: string; because: string }[] = [
    { given: { name: '' }, field: 'name', because: 'a name is needed' },
    { given: { name: '  ' }, field: 'name', because: 'blanks are no name' },
    { given: { name: 'a\u0000b' }, field: 'name', because: 'a control character is not shown' },
    { given: { timeZone: 'Mars/Olympus' }, field: 'timeZone', because: 'there is no such zone' },
    { given: { timeZone: '+05:30' }, field: 'timeZone', because: 'an offset is not a zone' },
    { given: { timeZone: '' }, field: 'timeZone', because: 'an empty zone is none' },
    { given: { currency: 'usd' }, field: 'currency', because: 'codes are upper case' },
    { given: { currency: 'UDS' }, field: 'currency', because: 'there is no such currency' },
    { given: { defaultCountry: 'ZZ' }, field: 'defaultCountry', because: 'there is no such country' },
    { given: { dialOutPrefixes: ['x'] }, field: 'dialOutPrefixes[0]', because: 'a letter cannot be dialled' },
    {
      given: { billingIncrement: { firstS: 60, nextS: 0 } },
      field: 'billingIncrement.nextS',
      because: 'a step of 0',
    },
    { given: { serviceLevelS: 1.5 }, field: 'serviceLevelS', because: 'seconds are whole' },
    { given: { colour: 'red' } as object, field: 'colour', because: 'it is not a setting' },
  ]
  for (const { given, field, because } of refusals) {
    it(`refuses ${JSON.stringify(given)}, naming ${field}: ${because}`, () => {
      const settings = { ...defaultSettings('Alice'), ...given }
      const isRefusal = (error: unknown) => error instanceof DirectoryRefusal && error.field === field
      assert.throws(() => at.directory.createAccount({ settings }), isRefusal)
      at.addAccount(ALICE)
      assert.throws(() => at.directory.updateSettings(ALICE, settings), isRefusal)
      assert.deepEqual(at.directory.account(ALICE)?.settings, defaultSettings('Alice'))
    })
  }

  it('refuses an id of another form, and one that is taken', () => {
    const settings = defaultSettings('Mallory')
    assert.throws(() => at.directory.createAccount({ id: 'mallory', settings }), refusal('invalid', 'accountId'))
    at.addAccount(ALICE)
    assert.throws(() => at.directory.createAccount({ id: ALICE, settings }), refusal('exists', 'accountId'))
    assert.equal(at.directory.account(ALICE)?.settings.name, 'Alice')
    assert.throws(() => at.directory.updateSettings('MA000000000000000000', settings), refusal('invalid', 'accountId'))
  })
})
