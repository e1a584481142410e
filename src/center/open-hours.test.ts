import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { us } from '../../test/support/a-report.ts'
import type { AccountSettings } from '../record/account.ts'
import { isOpen } from './open-hours.ts'

interface Row {
  hours?: AccountSettings['businessHours']
  holidays?: string[]
  zone?: string
  at: string
  open: boolean
  because: string
}

const WEEK = [1, 2, 3, 4, 5]
const NINE_TO_FIVE = [{ days: WEEK, from: '09:00', to: '17:00' }]
const NIGHTS = [{ days: [5], from: '22:00', to: '06:00' }]
const WHOLE_DAYS = [{ days: [1], from: '00:00', to: '24:00' }]

const tables: Record<string, Row[]> = {
  'by the clock': [
    { at: '2024-01-15T03:00:00Z', open: true, because: 'no hours are all hours' },
    { hours: NINE_TO_FIVE, at: '2024-01-15T09:00:00Z', open: true, because: 'nine is nine' },
    { hours: NINE_TO_FIVE, at: '2024-01-15T08:59:59.999999Z', open: false, because: 'it is not nine yet' },
    { hours: NINE_TO_FIVE, at: '2024-01-15T16:59:59.999999Z', open: true, because: 'it is not five yet' },
    { hours: NINE_TO_FIVE, at: '2024-01-15T17:00:00Z', open: false, because: 'at five nobody is there' },
    { hours: NINE_TO_FIVE, at: '2024-01-13T12:00:00Z', open: false, because: 'it is Saturday' },
    { hours: NINE_TO_FIVE, at: '1970-01-01T12:00:00Z', open: true, because: 'time began on a Thursday' },
    {
      hours: NINE_TO_FIVE,
      zone: 'America/New_York',
      at: '1970-01-01T04:00:00Z',
      open: false,
      because: 'and in New York on Wednesday at eleven at night',
    },
    {
      hours: [...NINE_TO_FIVE, { days: [6], from: '10:00', to: '12:00' }],
      at: '2024-01-13T11:00:00Z',
      open: true,
      because: 'one span of several is enough',
    },
    { hours: [{ days: [], from: '09:00', to: '17:00' }], at: '2024-01-15T12:00:00Z', open: false, because: 'no day' },
  ],
  'around midnight': [
    { hours: WHOLE_DAYS, at: '2024-01-15T23:59:59.999999Z', open: true, because: '24:00 is the end of the day' },
    { hours: WHOLE_DAYS, at: '2024-01-16T00:00:00Z', open: false, because: 'and the day ends with it' },
    { hours: NIGHTS, at: '2024-01-12T22:00:00Z', open: true, because: 'the night of Friday begins' },
    { hours: NIGHTS, at: '2024-01-13T05:59:59Z', open: true, because: 'and lasts until Saturday morning' },
    { hours: NIGHTS, at: '2024-01-13T06:00:00Z', open: false, because: 'until six' },
    { hours: NIGHTS, at: '2024-01-12T05:00:00Z', open: false, because: 'Friday morning is the night of Thursday' },
    {
      hours: [{ days: [7], from: '22:00', to: '06:00' }],
      at: '2024-01-15T05:00:00Z',
      open: true,
      because: 'the day after Sunday is Monday',
    },
    { hours: NIGHTS, at: '2024-01-12T21:59:59Z', open: false, because: 'the night has not begun' },
  ],
  'in a zone': [
    { zone: 'Europe/Berlin', hours: NINE_TO_FIVE, at: '2024-01-15T08:00:00Z', open: true, because: 'nine in winter' },
    { zone: 'Europe/Berlin', hours: NINE_TO_FIVE, at: '2024-07-15T07:00:00Z', open: true, because: 'nine in summer' },
    { zone: 'Europe/Berlin', hours: NINE_TO_FIVE, at: '2024-07-15T15:00:00Z', open: false, because: 'five in summer' },
    { zone: 'Asia/Kolkata', hours: NINE_TO_FIVE, at: '2024-01-15T03:30:00Z', open: true, because: 'half an hour off' },
    { zone: 'Pacific/Auckland', hours: NINE_TO_FIVE, at: '2024-01-14T20:00:00Z', open: true, because: 'Monday there' },
    {
      zone: 'Europe/Berlin',
      hours: [{ days: [7], from: '02:00', to: '03:00' }],
      at: '2024-10-27T01:30:00Z',
      open: true,
      because: 'an hour that comes twice is open twice',
    },
  ],
  'on holidays': [
    { holidays: ['2024-12-25'], at: '2024-12-25T12:00:00Z', open: false, because: 'nobody works' },
    { holidays: ['2024-12-25'], at: '2024-12-24T23:59:59Z', open: true, because: 'it is the eve' },
    { holidays: ['2024-12-25'], at: '2024-12-26T00:00:00Z', open: true, because: 'it is over' },
    {
      holidays: ['2024-12-25'],
      zone: 'America/New_York',
      at: '2024-12-26T04:59:59Z',
      open: false,
      because: 'it lasts longer in New York',
    },
    {
      holidays: ['2024-01-13'],
      hours: NIGHTS,
      at: '2024-01-13T01:00:00Z',
      open: false,
      because: 'the night shift ends when the holiday begins',
    },
    {
      holidays: ['2024-02-29'],
      hours: NINE_TO_FIVE,
      at: '2024-02-29T12:00:00Z',
      open: false,
      because: 'a Thursday of nine to five, and a holiday',
    },
  ],
}

for (const [title, rows] of Object.entries(tables))
  describe(`isOpen ${title}`, () => {
    for (const { hours: businessHours = [], holidays = [], zone: timeZone = 'UTC', at, open, because } of rows) {
      const when = businessHours.map(({ days, from, to }) => `${days} ${from}-${to}`).join(', ') || 'all hours'
      const but = holidays.length > 0 ? ` but ${holidays}` : ''
      it(`${open ? 'yes' : 'no'} at ${at} in ${timeZone}, ${when}${but}: ${because}`, () => {
        assert.equal(isOpen({ timeZone, businessHours, holidays }, us(at)), open)
      })
    }
  })
