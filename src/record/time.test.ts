import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { formatDateTime, formatRfc3339, isNoTime, readTime, readTimeRange } from './time.ts'
import { isZone } from './zone.ts'

/** Epoch microseconds of an RFC 3339 time, by a reader that is not ours. */
const us = (text: string) => Number(Temporal.Instant.from(text).epochNanoseconds / 1000n)
const YEAR_2200_US = us('2200-01-01T00:00:00Z')

describe('readTime', () => {
  const read = [
    // as written | zone | instant
    ['2024-01-15T14:28:48.000000Z', 'UTC', '2024-01-15T14:28:48Z'],
    ['2024-01-15T14:28:48Z', 'Asia/Kolkata', '2024-01-15T14:28:48Z'],
    ['2024-01-15t14:28:48z', 'UTC', '2024-01-15T14:28:48Z'],
    ['2024-01-15T14:28:48.5Z', 'UTC', '2024-01-15T14:28:48.5Z'],
    ['2024-01-15T14:28:48.123456789Z', 'UTC', '2024-01-15T14:28:48.123456Z'],
    ['2024-01-15T14:28:48.999999999Z', 'UTC', '2024-01-15T14:28:48.999999Z'],
    ['2024-01-15T14:28:48,25Z', 'UTC', '2024-01-15T14:28:48.25Z'],
    ['2024-01-15T14:28Z', 'UTC', '2024-01-15T14:28:00Z'],
    ['2023-01-02T12:34:56.789+0000', 'UTC', '2023-01-02T12:34:56.789Z'],
    ['2017-05-22 17:49:40+05:30', 'UTC', '2017-05-22T12:19:40Z'],
    ['2017-05-22 17:49:40 +05:30', 'UTC', '2017-05-22T12:19:40Z'],
    ['2017-05-22 17:49:40 05:30', 'UTC', '2017-05-22T12:19:40Z'],
    ['2017-05-22 17:49:40-0800', 'UTC', '2017-05-23T01:49:40Z'],
    ['2017-05-22 17:49:40-08', 'UTC', '2017-05-23T01:49:40Z'],
    ['2017-05-22 17:49:40-00:00', 'Asia/Kolkata', '2017-05-22T17:49:40Z'],
    ['2017-05-22 17:49:40 UTC', 'Asia/Kolkata', '2017-05-22T17:49:40Z'],
    ['2017-05-22 17:49 GMT', 'Asia/Kolkata', '2017-05-22T17:49:00Z'],
    ['2017-05-22 17:49:40 UTC+02:00', 'UTC', '2017-05-22T15:49:40Z'],
    ['  2017-05-22 17:49:40\r\n', 'UTC', '2017-05-22T17:49:40Z'],
    ['2021-03-21 11:47', 'UTC', '2021-03-21T11:47:00Z'],
    ['2021-03-21 11:47:30', 'UTC', '2021-03-21T11:47:30Z'],
    ['2021-03-21 11:47:30.000001', 'UTC', '2021-03-21T11:47:30.000001Z'],
    ['2021-03-21', 'UTC', '2021-03-21T00:00:00Z'],
    ['2021-03-21', 'Asia/Kolkata', '2021-03-20T18:30:00Z'],
    ['2021-03-21 11:47', 'Asia/Kolkata', '2021-03-21T06:17:00Z'],
    ['2021-03-21 11:47', '+05:30', '2021-03-21T06:17:00Z'],
    ['2021-03-21 11:47', '-0800', '2021-03-21T19:47:00Z'],
    ['2021-03-21 11:47', 'GMT', '2021-03-21T11:47:00Z'],
    ['2024/06/17 05:59:49', 'Europe/Stockholm', '2024-06-17T03:59:49Z'],
    ['2024-02-29 00:00:00', 'UTC', '2024-02-29T00:00:00Z'],
    ['2000-02-29 00:00:00', 'UTC', '2000-02-29T00:00:00Z'],
    ['2016-12-31T23:59:60Z', 'UTC', '2016-12-31T23:59:59.999999Z'],
    ['2016-12-31T23:59:60.5Z', 'UTC', '2016-12-31T23:59:59.999999Z'],
    ['1970-01-01T00:00:00.000001Z', 'UTC', '1970-01-01T00:00:00.000001Z'],
    ['2199-12-31T23:59:59.999999Z', 'UTC', '2199-12-31T23:59:59.999999Z'],
    ['Fri, 18 Oct 2019 17:02:00 +0000', 'Asia/Kolkata', '2019-10-18T17:02:00Z'],
    ['Fri, 18 Oct 2019 17:02:00 -0430', 'UTC', '2019-10-18T21:32:00Z'],
    ['Fri, 18 Oct 2019 17:02:00 GMT', 'Asia/Kolkata', '2019-10-18T17:02:00Z'],
    ['Fri, 18 Oct 2019 17:02:00 EDT', 'UTC', '2019-10-18T21:02:00Z'],
    ['Fri, 18 Oct 2019 17:02:00 +0000 (UTC)', 'UTC', '2019-10-18T17:02:00Z'],
    ['5 May 2019 07:02 +0200', 'UTC', '2019-05-05T05:02:00Z'],
    ['5 May 2019 07:02', '+02:00', '2019-05-05T05:02:00Z'],
    ['*12:34:56.789 UTC Mon Jan 2 2023', 'Asia/Kolkata', '2023-01-02T12:34:56.789Z'],
    ['.12:34:56.789 UTC Mon Jan  2 2023', 'UTC', '2023-01-02T12:34:56.789Z'],
    ['12:34:56.789 CET Mon Jan 2 2023', 'Europe/Berlin', '2023-01-02T11:34:56.789Z'],
    ['17:00:49.052 UTC Thu Dec 14 2017', 'UTC', '2017-12-14T17:00:49.052Z'],
    ['17:00:49.052 UTC+02:00 Thu Dec 14 2017', 'UTC', '2017-12-14T15:00:49.052Z'],
    ['1725845648', 'Asia/Kolkata', '2024-09-09T01:34:08Z'],
    ['1725845648123', 'UTC', '2024-09-09T01:34:08.123Z'],
    ['1725845648123456', 'UTC', '2024-09-09T01:34:08.123456Z'],
    ['1795243427.785', 'UTC', '2026-11-21T06:43:47.785Z'],
    ['1795243427.7851239', 'UTC', '2026-11-21T06:43:47.785123Z'],
    ['1725845648123.5', 'UTC', '2024-09-09T01:34:08.1235Z'],
    ['1725845648123456.9', 'UTC', '2024-09-09T01:34:08.123456Z'],
    ['0000000001', 'UTC', '1970-01-01T00:00:01Z'],
  ] as const
  for (const [text, zone, instant] of read) {
    it(`reads '${text.trim()}' in ${zone} as ${instant}`, () => {
      assert.equal(readTime(text, zone), us(instant))
    })
  }

  const numbers = [
    [1725845648, '2024-09-09T01:34:08Z'],
    [1725845648123, '2024-09-09T01:34:08.123Z'],
    [1725845648123456, '2024-09-09T01:34:08.123456Z'],
    [1795243427.785, '2026-11-21T06:43:47.785Z'],
    [1725845648123.5, '2024-09-09T01:34:08.1235Z'],
    [7258118399, '2199-12-31T23:59:59Z'],
    [7258118400, '1970-03-26T00:08:38.4Z'],
  ] as const
  for (const [value, instant] of numbers) {
    it(`reads the number ${value} by its magnitude as ${instant}`, () => {
      assert.equal(readTime(value, 'UTC'), us(instant))
    })
  }

  const refused = [
    ['', 'nothing did not happen'],
    ['0', 'epoch 0 did not happen'],
    ['0001-01-01T00:00:00Z', 'the year 1 did not happen'],
    ['0000-00-00 00:00:00', 'the year 0 did not happen'],
    ['2023-02-29', 'there was no such day'],
    ['1900-02-29', 'there was no such day'],
    ['2024-02-30', 'there was no such day'],
    ['2024-04-31', 'there was no such day'],
    ['2024-00-10', 'there is no such month'],
    ['2024-13-10', 'there is no such month'],
    ['2024-01-00', 'there is no such day'],
    ['1969-12-31T23:59:59Z', 'it is before 1970'],
    ['2200-01-01T00:00:00Z', 'it is after 2199'],
    ['1970-01-01T00:00:00+05:30', 'in UTC it is before 1970'],
    ['2199-12-31T23:00:00-05:30', 'in UTC it is after 2199'],
    ['2024-01-15T24:00:00Z', 'there is no hour 24'],
    ['2024-01-15T23:60:00Z', 'there is no minute 60'],
    ['2024-01-15T23:59:61Z', 'there is no second 61'],
    ['2024-01-15T14:28:48.Z', 'a point wants decimals'],
    ['2024-01-15T14:28:48.1234567890Z', 'ten decimals are more than nine'],
    ['2024-01-15T14:28:48+24:00', 'there is no such offset'],
    ['2024-01-15T14:28:48+05:60', 'there is no such offset'],
    ['2024-01-15T14:28:48+5', 'an offset has two digits of hours'],
    ['2024-01-15T14:28:48Z+05:30', 'one offset is enough'],
    ['2024-01-15T14:28:48 CET', 'the name of a zone is no offset here'],
    ['2024-01-15T14', 'an hour wants minutes'],
    ['2024-01-15T1:28', 'hours have two digits'],
    ['2024-01/15', 'the separators differ'],
    ['2024-01-15_14:28:48', 'the separator is no T or blank'],
    ['20240115T142848Z', 'the basic form of ISO 8601 is not RFC 3339'],
    ['15/01/2024 14:28', 'day and month could be either way round'],
    ['Fri, 30 Feb 2024 17:02:00 +0000', 'there was no such day'],
    ['Fri, 18 Okt 2019 17:02:00 +0000', 'there is no such month'],
    ['Fri, 18 Oct 2019 17:02:00 CET', 'RFC 2822 has no such zone'],
    ['Fri, 18 Oct 2019 24:02:00 GMT', 'there is no hour 24'],
    ['25:34:56.789 UTC Mon Jan 2 2023', 'there is no hour 25'],
    ['12:34:56 UTC Mon Foo 2 2023', 'there is no such month'],
    ['-1', 'it is before 1970'],
    ['1.7e9', 'it is no plain figure'],
    ['7258118400000000', 'it is after 2199'],
    ['99999999999999999999', 'it is after 2199'],
    ['never', 'it is a word'],
    [`2024-01-15T14:28:48Z${' '.repeat(80)}`, 'it is too long'],
  ] as const
  for (const [text, because] of refused) {
    it(`does not read '${text.slice(0, 40)}': ${because}`, () => {
      assert.equal(readTime(text, 'UTC'), null)
    })
  }

  for (const value of [0, -0, -1, Number.NaN, Number.POSITIVE_INFINITY, 7_258_118_400_000_000, 2 ** 60]) {
    it(`does not read the number ${value}`, () => assert.equal(readTime(value, 'UTC'), null))
  }

  const clockChanges = [
    ['2024-10-27 01:30:00', 'Europe/London', '2024-10-27T00:30:00Z', 'the repeated hour is the first one'],
    ['2024-10-27 00:59:59', 'Europe/London', '2024-10-26T23:59:59Z', 'the hour before it is summer time'],
    ['2024-10-27 02:00:00', 'Europe/London', '2024-10-27T02:00:00Z', 'the hour after it is winter time'],
    ['2024-03-31 00:59:59', 'Europe/London', '2024-03-31T00:59:59Z', 'before the gap'],
    ['2024-03-31 01:30:00', 'Europe/London', '2024-03-31T01:30:00Z', 'the skipped hour moves forward'],
    ['2024-03-31 02:00:00', 'Europe/London', '2024-03-31T01:00:00Z', 'after the gap'],
    ['2024-03-10 02:30:00', 'America/New_York', '2024-03-10T07:30:00Z', 'the skipped hour moves forward'],
    ['2024-11-03 01:30:00', 'America/New_York', '2024-11-03T05:30:00Z', 'the repeated hour is the first one'],
    ['2018-11-04 00:00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', 'a midnight can be skipped'],
    ['2011-12-30 12:00:00', 'Pacific/Apia', '2011-12-30T22:00:00Z', 'a whole day can be skipped'],
    ['2023-12-31 23:59:59', 'Pacific/Kiritimati', '2023-12-31T09:59:59Z', 'the year of the zone is not that of UTC'],
    ['2023-12-31 23:59:59', 'Pacific/Niue', '2024-01-01T10:59:59Z', 'the year of the zone is not that of UTC'],
  ] as const
  for (const [text, zone, instant, because] of clockChanges) {
    it(`reads ${text} of ${zone} as ${instant}: ${because}`, () => {
      assert.equal(readTime(text, zone), us(instant))
    })
  }

  it('reads every local time of every zone as Temporal does', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const years = { min: us('1970-01-03T00:00:00Z') / 1e6, max: us('2037-12-31T00:00:00Z') / 1e6 }
    fc.assert(
      fc.property(zones, fc.integer(years), (zone, localS) => {
        const local = new Date(localS * 1000).toISOString().slice(0, 19)
        const expected = Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds * 1000
        assert.equal(readTime(local, zone), expected)
      }),
    )
  })

  it('reads what formatRfc3339 wrote as the same microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: YEAR_2200_US - 1 }), (timeUs) => {
        assert.equal(readTime(formatRfc3339(timeUs), 'America/New_York'), timeUs)
      }),
    )
  })

  it('never throws on any text, and answers within 1970..2199', () => {
    const almost = fc.stringMatching(/^[-0-9 :.TZ+/]{0,32}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost), (text) => {
        const timeUs = readTime(text, 'Europe/London')
        assert(timeUs === null || (Number.isSafeInteger(timeUs) && timeUs > 0 && timeUs < YEAR_2200_US))
        const range = readTimeRange(text, 'Europe/London')
        assert(range === null || (range.fromUs >= 0 && range.fromUs < range.beforeUs))
      }),
    )
  })

  it('crashes on a zone that nobody checked', () => {
    assert.throws(() => readTime('2024-01-15 14:28', 'Mars/Olympus'), assert.AssertionError)
  })
})

describe('isNoTime', () => {
  for (const value of [
    0,
    '',
    ' ',
    '0',
    '0.000',
    '0001-01-01T00:00:00Z',
    '0000-00-00 00:00:00',
    '1970-01-01T00:00:00Z',
  ]) {
    it(`'${value}' says that it did not happen`, () => assert.equal(isNoTime(value), true))
  }
  for (const value of [1, '1', '2024-02-30', 'soon', '1970-01-01T00:00:01Z', '1970-01-01']) {
    it(`'${value}' does not`, () => assert.equal(isNoTime(value), false))
  }
})

describe('readTimeRange', () => {
  const spans = [
    ['2021-03-21 11:47', 'UTC', '2021-03-21T11:47:00Z', '2021-03-21T11:48:00Z'],
    ['2021-03-21 11:47:30', 'UTC', '2021-03-21T11:47:30Z', '2021-03-21T11:47:31Z'],
    ['2021-03-21 11:47:30.5', 'UTC', '2021-03-21T11:47:30.5Z', '2021-03-21T11:47:30.500001Z'],
    ['2021-03-21T11:47:30.000000Z', 'UTC', '2021-03-21T11:47:30Z', '2021-03-21T11:47:30.000001Z'],
    ['2021-03-21T11:47+05:30', 'UTC', '2021-03-21T06:17:00Z', '2021-03-21T06:18:00Z'],
    ['2021-03-21', 'UTC', '2021-03-21T00:00:00Z', '2021-03-22T00:00:00Z'],
    ['2021-12-31', 'UTC', '2021-12-31T00:00:00Z', '2022-01-01T00:00:00Z'],
    ['2021-03-21', 'Asia/Kolkata', '2021-03-20T18:30:00Z', '2021-03-21T18:30:00Z'],
    ['2024-03-31', 'Europe/London', '2024-03-31T00:00:00Z', '2024-03-31T23:00:00Z'],
    ['2024-10-27', 'Europe/London', '2024-10-26T23:00:00Z', '2024-10-28T00:00:00Z'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
    ['2024-10-27 01:30', 'Europe/London', '2024-10-27T00:30:00Z', '2024-10-27T00:31:00Z'],
    ['2016-12-31T23:59:60Z', 'UTC', '2016-12-31T23:59:59.999999Z', '2017-01-01T00:00:00Z'],
    ['1725845648', 'UTC', '2024-09-09T01:34:08Z', '2024-09-09T01:34:09Z'],
    ['1725845648123', 'UTC', '2024-09-09T01:34:08.123Z', '2024-09-09T01:34:08.124Z'],
    ['1725845648123456', 'UTC', '2024-09-09T01:34:08.123456Z', '2024-09-09T01:34:08.123457Z'],
    ['1795243427.785', 'UTC', '2026-11-21T06:43:47.785Z', '2026-11-21T06:43:47.785001Z'],
    ['Fri, 18 Oct 2019 17:02 +0000', 'UTC', '2019-10-18T17:02:00Z', '2019-10-18T17:03:00Z'],
    ['Fri, 18 Oct 2019 17:02:00 GMT', 'UTC', '2019-10-18T17:02:00Z', '2019-10-18T17:02:01Z'],
    ['12:34:56.789 UTC Mon Jan 2 2023', 'UTC', '2023-01-02T12:34:56.789Z', '2023-01-02T12:34:56.789001Z'],
    ['0', 'UTC', '1970-01-01T00:00:00Z', '1970-01-01T00:00:01Z'],
    ['1970-01-01', 'UTC', '1970-01-01T00:00:00Z', '1970-01-02T00:00:00Z'],
    ['1970-01-01', 'Asia/Kolkata', '1970-01-01T00:00:00Z', '1970-01-01T18:30:00Z'],
    ['2199-12-31', 'UTC', '2199-12-31T00:00:00Z', '2200-01-01T00:00:00Z'],
  ] as const
  for (const [text, zone, from, before] of spans) {
    it(`'${text}' in ${zone} is from ${from} to before ${before}`, () => {
      assert.deepEqual(readTimeRange(text, zone), { fromUs: us(from), beforeUs: us(before) })
    })
  }

  it('is empty for a day that the zone skipped', () => {
    const midnightUs = us('2011-12-30T10:00:00Z')
    assert.deepEqual(readTimeRange('2011-12-30', 'Pacific/Apia'), { fromUs: midnightUs, beforeUs: midnightUs })
  })

  for (const text of ['', '2021-02-30', '2200-01-01', '1969-12-31', 'today']) {
    it(`does not read '${text}'`, () => assert.equal(readTimeRange(text, 'UTC'), null))
  }
})

describe('formatRfc3339', () => {
  for (const text of [
    '2024-01-15T14:28:48.000000Z',
    '2024-02-29T23:59:59.999999Z',
    '1970-01-01T00:00:00.000000Z',
    '1969-12-31T23:59:59.999999Z',
    '2199-12-31T00:00:00.000001Z',
  ]) {
    it(`shows ${text}`, () => assert.equal(formatRfc3339(us(text)), text))
  }

  it('shows the milliseconds that Date shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: YEAR_2200_US - 1 }), (timeUs) => {
        const iso = new Date(Math.floor(timeUs / 1000)).toISOString()
        assert.equal(formatRfc3339(timeUs), `${iso.slice(0, 23)}${String(timeUs % 1000).padStart(3, '0')}Z`)
      }),
    )
  })
})

describe('formatDateTime', () => {
  const shown = [
    ['2024-01-15T14:32:00.999999Z', 'UTC', '2024-01-15 14:32:00'],
    ['2024-01-15T14:32:00Z', '+05:30', '2024-01-15 20:02:00'],
    ['2024-01-15T14:32:00Z', 'Asia/Kolkata', '2024-01-15 20:02:00'],
    ['2024-10-27T00:59:59Z', 'Europe/London', '2024-10-27 01:59:59'],
    ['2024-10-27T01:00:00Z', 'Europe/London', '2024-10-27 01:00:00'],
    ['2024-12-31T23:30:00Z', 'Europe/Berlin', '2025-01-01 00:30:00'],
    ['2024-01-01T00:30:00Z', 'America/New_York', '2023-12-31 19:30:00'],
  ] as const
  for (const [instant, zone, text] of shown) {
    it(`shows ${instant} in ${zone} as ${text}`, () => assert.equal(formatDateTime(us(instant), zone), text))
  }

  it('shows the clock that Temporal shows', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: us('2037-12-31T00:00:00Z') }), (zone, timeUs) => {
        const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(timeUs / 1000)).toZonedDateTimeISO(zone)
        assert.equal(formatDateTime(timeUs, zone), local.toString().slice(0, 19).replace('T', ' '))
      }),
    )
  })
})

describe('isZone', () => {
  for (const name of [
    'UTC',
    'utc',
    'Z',
    'GMT',
    'Etc/UTC',
    '+05:30',
    '-0800',
    'UTC+02:00',
    'Europe/London',
    'europe/london',
  ]) {
    it(`${name} is one`, () => assert.equal(isZone(name), true))
  }
  for (const name of ['', 'Mars/Olympus', 'London', '+25:00', '05:30', '+5', 'UTC+', 'x'.repeat(200)]) {
    it(`'${name.slice(0, 20)}' is none`, () => assert.equal(isZone(name), false))
  }
})
