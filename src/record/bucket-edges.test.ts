import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bucketEdges, type Interval } from './bucket-edges.ts'
import { formatDateTime, readTime } from './time.ts'
import { offsetAt } from './zone.ts'

const HOUR_US = 3_600_000_000
const us = (written: string, zone = 'UTC') => readTime(written, zone) as number

function edges(
  from: string,
  before: string,
  { interval, zone = 'UTC' }: { interval: Interval; zone?: string },
): number[] {
  const range = { fromUs: us(from, zone), beforeUs: us(before, zone) }
  return bucketEdges(range, { interval, zone, most: 1000 }) ?? []
}

/** How long each bucket is, in hours. */
const hours = (found: number[]) => found.slice(1).map((edge, n) => (edge - (found[n] as number)) / HOUR_US)

describe('bucketEdges', () => {
  it('cuts where the interval ends, and keeps the ends that were asked for', () => {
    const found = edges('2024-01-15T10:50:00', '2024-01-15T13:00:01', { interval: 'hour' })
    assert.deepEqual(
      found.map((edge) => formatDateTime(edge, 'UTC').slice(11)),
      ['10:50:00', '11:00:00', '12:00:00', '13:00:00', '13:00:01'],
    )
  })

  it('makes one bucket of what an interval holds', () => {
    assert.deepEqual(hours(edges('2024-01-15T10:00', '2024-01-15T10:15', { interval: '15m' })), [0.25])
    assert.deepEqual(hours(edges('2024-01-15T10:00', '2024-01-15T10:01', { interval: 'month' })), [1 / 60])
  })

  for (const { zone, from, before, lengths, because } of [
    {
      zone: 'Europe/Berlin',
      from: '2024-03-30',
      before: '2024-04-02',
      lengths: [24, 23, 24],
      because: 'the clocks go forward',
    },
    {
      zone: 'Europe/Berlin',
      from: '2024-10-26',
      before: '2024-10-29',
      lengths: [24, 25, 24],
      because: 'the clocks go back',
    },
    {
      zone: 'America/Sao_Paulo',
      from: '2018-11-03',
      before: '2018-11-06',
      lengths: [24, 23, 24],
      because: 'they do so at midnight',
    },
    {
      zone: 'America/Sao_Paulo',
      from: '2018-02-16',
      before: '2018-02-19',
      lengths: [24, 25, 24],
      because: 'they go back at midnight',
    },
    {
      zone: 'America/Havana',
      from: '2024-11-02',
      before: '2024-11-05',
      lengths: [24, 25, 24],
      because: 'midnight comes twice',
    },
    {
      zone: 'Australia/Lord_Howe',
      from: '2024-04-06',
      before: '2024-04-09',
      lengths: [24, 24.5, 24],
      because: 'by half an hour',
    },
    { zone: 'Pacific/Apia', from: '2011-12-29', before: '2012-01-01', lengths: [24, 24], because: 'a day is left out' },
    { zone: '+05:30', from: '2024-03-30', before: '2024-04-01', lengths: [24, 24], because: 'they never change' },
  ])
    it(`gives days of ${lengths.join(', ')} hours in ${zone} where ${because}`, () => {
      assert.deepEqual(hours(edges(from, before, { interval: 'day', zone })), lengths)
    })

  it('gives months of their own length', () => {
    const days = hours(edges('2024-01-01', '2024-05-01', { interval: 'month', zone: 'Europe/Berlin' })).map(
      (h) => h / 24,
    )
    assert.deepEqual(days, [31, 29, 31 - 1 / 24, 30])
  })

  it('begins hours where a clock of the zone does', () => {
    const [, second = 0] = edges('2024-01-15T10:10', '2024-01-15T12:00', { interval: 'hour', zone: 'Asia/Kolkata' })
    assert.equal(second, us('2024-01-15T05:30:00Z'))
  })

  it('counts an hour of the clock once where it comes twice, but for half an hour that is repeated', () => {
    const berlin = hours(edges('2024-10-27T00:00', '2024-10-27T06:00', { interval: 'hour', zone: 'Europe/Berlin' }))
    assert.deepEqual(berlin, Array(7).fill(1))
    const lordHowe = hours(
      edges('2024-04-07T00:00', '2024-04-07T04:00', { interval: 'hour', zone: 'Australia/Lord_Howe' }),
    )
    assert.deepEqual(lordHowe, [1, 1.5, 1, 1])
  })

  it('goes forward in every zone, each edge where its clock shows the interval', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const from = { fromUs: us('2024-01-01T00:07:00Z'), beforeUs: us('2025-01-01T00:00:00Z') }
      const days = bucketEdges(from, { interval: 'day', zone, most: 1000 }) ?? []
      assert.ok(days.length >= 366 && days.length <= 368, `${zone}: ${days.length}`)
      for (const edge of days.slice(1, -1)) {
        const local = edge + offsetAt(edge, zone)
        assert.ok(local % (24 * HOUR_US) === 0 || local % (24 * HOUR_US) === HOUR_US, `${zone} ${edge}`)
      }
    }
  })

  it('is nothing where it would be too many', () => {
    const day = { fromUs: us('2024-01-15'), beforeUs: us('2024-01-16') }
    assert.equal(bucketEdges(day, { interval: 'hour', zone: 'UTC', most: 24 })?.length, 25)
    assert.equal(bucketEdges(day, { interval: 'hour', zone: 'UTC', most: 23 }), null)
  })
})
