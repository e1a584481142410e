import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommandError } from './exit.ts'
import { readSettings } from './settings-arguments.ts'

describe('readSettings', () => {
  for (const { given, read, because } of [
    { given: ['time_zone=Europe/Berlin'], read: { time_zone: 'Europe/Berlin' }, because: 'text is text' },
    { given: ['name=123'], read: { name: '123' }, because: 'the name is text, whatever it looks like' },
    { given: ['name=a=b'], read: { name: 'a=b' }, because: 'only the first = divides' },
    { given: ['service_level_s=30'], read: { service_level_s: 30 }, because: 'seconds are a number' },
    { given: ['default_country=null'], read: { default_country: null }, because: 'a country can be none' },
    { given: ['default_country=DE'], read: { default_country: 'DE' }, because: 'or one' },
    { given: ['dial_out_prefixes=["9","0"]'], read: { dial_out_prefixes: ['9', '0'] }, because: 'a list is JSON' },
    {
      given: ['service_level_formula=abandoned_positive'],
      read: { service_level_formula: 'abandoned_positive' },
      because: 'a formula is one of a list of words',
    },
    { given: ['holidays=["2026-12-25"]'], read: { holidays: ['2026-12-25'] }, because: 'holidays are a list' },
    {
      given: ['ring_groups=[{"id":7,"service_level_s":30}]'],
      read: { ring_groups: [{ id: 7, service_level_s: 30 }] },
      because: 'and ring groups one of objects',
    },
    {
      given: ['billing_increment.first_s=60', 'billing_increment.next_s=6'],
      read: { billing_increment: { first_s: 60, next_s: 6 } },
      because: 'a part of an object is named with a dot',
    },
  ])
    it(`reads ${given.join(' ')}: ${because}`, () => {
      assert.deepEqual(readSettings(given), read)
    })

  for (const given of [
    'time_zone',
    '=x',
    'shoe_size=44',
    'billing_increment.third_s=1',
    'billing_increment.first_s.x=1',
  ])
    it(`refuses ${given} and names the settings there are`, () => {
      assert.throws(
        () => readSettings([given]),
        (error) => error instanceof CommandError && error.exitCode === 2 && /time_zone/.test(error.message),
      )
    })
})
