import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type AccountSettings, defaultSettings } from '../../record/account.ts'
import { changedSettings, readNames, settingsFields, writeNames } from './settings-wire.ts'

const settings: AccountSettings = {
  ...defaultSettings('Alice'),
  businessHours: [{ days: [1, 2], from: '09:00', to: '17:00' }],
  retention: { callDays: 30, rawDays: 7 },
}

it('has a wire name for every setting, and back', () => {
  assert.deepEqual(Object.keys(settingsFields), Object.keys(writeNames(settings) as object))
  assert.deepEqual(readNames(writeNames(settings)), settings)
})

it('writes names in snake_case at every depth', () => {
  assert.deepEqual(writeNames({ timeZone: 'UTC', retention: { callDays: null } }), {
    time_zone: 'UTC',
    retention: { call_days: null },
  })
})

it('merges objects, replaces lists, and leaves the rest', () => {
  const changed = changedSettings(settings, { retention: { raw_days: null }, business_hours: [], currency: 'EUR' })
  assert.deepEqual(changed, {
    ...settings,
    retention: { callDays: 30, rawDays: null },
    businessHours: [],
    currency: 'EUR',
  })
})
