import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder, refusal } from '../../../../test/support/directory-in-folder.ts'
import {
  ACCOUNT_ID,
  type AccountSettings,
  centerSettingsAt,
  type DerivingSettings,
  defaultSettings,
} from '../../../record/account.ts'
import { DirectoryRefusal } from '../../directory-refusal.ts'

/** When `DirectoryInFolder` begins. */
const START_US = 1_705_328_928_000_000

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

  describe('settings that call types depend on', () => {
    const before = (seconds: number) => ({ ...defaultSettings('Alice'), serviceLevelS: seconds })
    /** The service level in force at each of these microseconds after the first change. */
    const levels = (...afterUs: number[]) => {
      const settings = at.directory.derivingSettings(ALICE) as DerivingSettings
      return afterUs.map((after) => centerSettingsAt(settings, START_US + after).serviceLevelS)
    }
    const changeAt = (afterUs: number, seconds: number) => {
      at.nowUs = START_US + afterUs
      at.directory.updateSettings(ALICE, before(seconds))
    }

    it('are what they were for what ended before they were changed, over a restart too', () => {
      at.addAccount(ALICE)
      changeAt(0, 30)
      changeAt(1000, 40)
      assert.deepEqual(levels(-1, 0, 999, 1000, 1e9), [20, 30, 30, 40, 40])
      at.reopen()
      assert.deepEqual(levels(-1, 0, 999, 1000, 1e9), [20, 30, 30, 40, 40])
      assert.equal(at.directory.account(ALICE)?.settings.serviceLevelS, 40)
    })

    it('are the same object until any setting is changed', () => {
      at.addAccount(ALICE)
      changeAt(0, 30)
      const first = at.directory.derivingSettings(ALICE)
      assert.equal(at.directory.derivingSettings(ALICE), first)
      assert.throws(() => Object.assign(first as object, { currency: 'EUR' }), TypeError)
      at.directory.applyCenterSettingsSince({ accountId: ALICE, sinceUs: START_US + 1 })
      assert.equal(at.directory.derivingSettings(ALICE), first, 'nothing was in force since then but these')
      at.directory.updateSettings(ALICE, { ...before(30), currency: 'EUR' })
      assert.equal(at.directory.derivingSettings(ALICE)?.currency, 'EUR')
      assert.equal(at.directory.derivingSettings(ALICE)?.past?.length, 1, 'no call type depends on a currency')
    })

    it('have no past where nothing was changed, and none for an account that is not there', () => {
      at.addAccount(ALICE)
      at.directory.updateSettings(ALICE, before(20))
      assert.equal(at.directory.derivingSettings(ALICE)?.past, undefined)
      assert.equal(at.directory.derivingSettings('MA000000000000000000'), null)
      assert.throws(
        () => at.directory.applyCenterSettingsSince({ accountId: 'MA000000000000000000', sinceUs: 0 }),
        refusal('invalid', 'accountId'),
      )
    })

    it('stay in order when two changes fall into one microsecond, or the clock is set back', () => {
      at.addAccount(ALICE)
      changeAt(0, 30)
      changeAt(0, 40)
      assert.deepEqual(levels(-1, 0), [20, 40])
      changeAt(-500, 50)
      assert.deepEqual(levels(-501, -500, 0), [20, 50, 50])
    })

    it('count at once when they are changed after a clock that was ahead was set back', () => {
      at.addAccount(ALICE)
      changeAt(1_000_000_000, 30)
      changeAt(100, 60)
      assert.deepEqual(levels(99, 100, 2_000_000_000), [20, 60, 60])
    })

    it('keep the newest thousand changes', () => {
      at.addAccount(ALICE)
      for (let change = 0; change <= 1000; change++) changeAt(change * 10, 30 + (change % 2))
      assert.equal(at.directory.derivingSettings(ALICE)?.past?.length, 1000)
      assert.deepEqual(levels(-1, 9, 10, 10_000), [30, 30, 31, 30])
    })

    for (const { since, expected, because } of [
      { since: 0, expected: [60, 60, 60, 60], because: 'all of the past' },
      { since: START_US, expected: [20, 60, 60, 60], because: 'since the first change' },
      { since: START_US + 500, expected: [20, 30, 60, 60], because: 'since between two changes' },
      { since: START_US + 1000, expected: [20, 30, 60, 60], because: 'since the last change but one' },
      { since: START_US + 2000, expected: [20, 30, 40, 60], because: 'since they are in force' },
      { since: START_US + 9000, expected: [20, 30, 40, 60], because: 'since a time to come' },
    ])
      it(`can be said to have been as they are now: ${because}`, () => {
        at.addAccount(ALICE)
        changeAt(0, 30)
        changeAt(1000, 40)
        changeAt(2000, 60)
        at.directory.applyCenterSettingsSince({ accountId: ALICE, sinceUs: since })
        assert.deepEqual(levels(-1, 499, 1500, 2500), expected)
        at.reopen()
        assert.deepEqual(levels(-1, 499, 1500, 2500), expected)
      })

    it('have their defaults where a later version added some', () => {
      at.addAccount(ALICE)
      changeAt(0, 30)
      const db = new DatabaseSync(at.path)
      db.exec(`UPDATE past_settings SET settings = '{"serviceLevelS":25}'`)
      db.close()
      at.reopen()
      const [past] = at.directory.derivingSettings(ALICE)?.past ?? []
      assert.deepEqual([past?.settings.serviceLevelS, past?.settings.timeZone], [25, 'UTC'])
    })
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
    {
      given: {
        businessHours: [
          { days: [1], from: '09:00', to: '17:00' },
          { days: [2], from: '09:00', to: '09:00' },
        ],
      },
      field: 'businessHours[1].to',
      because: 'no time or a whole day: nobody knows which',
    },
    {
      given: { businessHours: [{ days: [1], from: '24:00', to: '06:00' }] },
      field: 'businessHours[0].from',
      because: 'that is the next day',
    },
    {
      given: { businessHours: [{ days: [1], from: '9:00', to: '17:00' }] },
      field: 'businessHours[0].from',
      because: 'hours have two digits',
    },
    {
      given: { businessHours: [{ days: [8], from: '09:00', to: '17:00' }] },
      field: 'businessHours[0].days[0]',
      because: 'a week has seven days',
    },
    { given: { holidays: ['2026-12-25', '2026-02-29'] }, field: 'holidays[1]', because: '2026 is no leap year' },
    { given: { holidays: ['25.12.2026'] }, field: 'holidays[0]', because: 'dates are written as in ISO 8601' },
    {
      given: { ringGroups: [{ id: 1 }, { id: 2 }, { id: 1, serviceLevelS: 30 }] },
      field: 'ringGroups[2].id',
      because: 'a ring group has its settings in one place',
    },
    {
      given: { ringGroups: [{ id: 1 }, { id: 2, timeZone: 'Europe/Bonn' }] },
      field: 'ringGroups[1].timeZone',
      because: 'there is no such zone',
    },
    {
      given: { ringGroups: [{ id: 1, timeZone: '+02:00' }] },
      field: 'ringGroups[0].timeZone',
      because: 'an offset is not a zone',
    },
    {
      given: { ringGroups: [{ id: 1, holidays: ['2026-11-31'] }] },
      field: 'ringGroups[0].holidays[0]',
      because: 'November has 30 days',
    },
    {
      given: { ringGroups: [{ id: 1, businessHours: [{ days: [1], from: '08:00', to: '08:00' }] }] },
      field: 'ringGroups[0].businessHours[0].to',
      because: 'no time or a whole day: nobody knows which',
    },
    {
      given: { ringGroups: [{ id: 1, colour: 'red' }] as never },
      field: 'ringGroups[0].colour',
      because: 'it is not a setting',
    },
    {
      given: { serviceLevelFormula: 'best' as never },
      field: 'serviceLevelFormula',
      because: 'there is no such formula',
    },
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
