import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { type AccountSettings, defaultSettings } from '../../record/account.ts'
import { changedSettings, readNames, settingsChanges, settingsFields, writeNames } from './settings-wire.ts'

const settings: AccountSettings = {
  ...defaultSettings('Alice'),
  businessHours: [{ days: [1, 2], from: '09:00', to: '17:00' }],
  ringGroups: [{ id: 7, serviceLevelS: 30, businessHours: [{ days: [6], from: '22:00', to: '06:00' }] }],
  retention: { callDays: 30, rawDays: 7, recordingDays: null },
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

it('leaves to choice within an entry of a list what the setting leaves to choice', () => {
  for (const fields of [settingsFields, settingsChanges]) {
    const ringGroups = (groups: unknown) => Value.Check(fields.ring_groups as TSchema, groups)
    assert.equal(ringGroups([{ id: 7 }]), true)
    assert.equal(ringGroups([{ id: 7, business_hours: [], holidays: ['2026-12-25'], short_abandon_s: 5 }]), true)
    assert.equal(ringGroups([{ service_level_s: 30 }]), false)
    assert.equal(ringGroups([{ id: 7, serviceLevelS: 30 }]), false)
  }
})

it('merges objects, replaces lists, and leaves the rest', () => {
  const changed = changedSettings(settings, { retention: { raw_days: null }, business_hours: [], currency: 'EUR' })
  assert.deepEqual(changed, {
    ...settings,
    retention: { callDays: 30, rawDays: null, recordingDays: null },
    businessHours: [],
    currency: 'EUR',
  })
})
