import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatRfc3339, readTime } from '../../record/time.ts'
import { FaultError } from '../fault.ts'
import type { DialectLimits } from '../parts.ts'
import { readEndWindow, searchedHeader } from './end-time.ts'

const LIMITS: DialectLimits = {
  plivoPageRows: 20,
  plivoDefaultWindowDays: 30,
  plivoHorizonDays: 90,
  plivoRequestsPer5S: null,
  nativeRequestsPerMinute: null,
  portsipRequestsPerMinute: null,
  streamHeartbeatS: 15,
  changeStreams: 100,
  listDeadlineS: null,
  exportDeadlineS: null,
  failedSignInsPerMinute: null,
}

const CONTEXT = { zone: 'UTC', nowUs: readTime('2026-09-19 12:00', 'UTC') ?? 0, limits: LIMITS, elseFromUs: null }

/** `end_time__gte=2026-09-01 & end_time__lt=2026-09-02` as the parameters they are. */
function given(query: string): Map<string, string> {
  const pairs = query === '' ? [] : query.split(' & ')
  return new Map(pairs.map((pair): [string, string] => pair.split('=') as [string, string]))
}

describe('readEndWindow', () => {
  // What each form means of 11:47, 11:47:30 and 11:47:30.5, in the order from | before.
  const cases: { query: string; from: string; before: string | null }[] = [
    { query: 'end_time=2026-09-01 11:47', from: '11:47:00.000000', before: '11:48:00.000000' },
    { query: 'end_time=2026-09-01 11:47:30', from: '11:47:30.000000', before: '11:47:31.000000' },
    { query: 'end_time=2026-09-01 11:47:30.5', from: '11:47:30.500000', before: '11:47:30.500001' },
    { query: 'end_time__gt=2026-09-01 11:47', from: '11:48:00.000000', before: null },
    { query: 'end_time__gt=2026-09-01 11:47:30', from: '11:47:31.000000', before: null },
    { query: 'end_time__gt=2026-09-01 11:47:30.5', from: '11:47:30.500001', before: null },
    { query: 'end_time__gte=2026-09-01 11:47', from: '11:47:00.000000', before: null },
    { query: 'end_time__gte=2026-09-01 11:47:30', from: '11:47:30.000000', before: null },
    {
      query: 'end_time__gte=2026-09-01 11:00 & end_time__lt=2026-09-01 11:47',
      from: '11:00:00.000000',
      before: '11:47:00.000000',
    },
    {
      query: 'end_time__gte=2026-09-01 11:00 & end_time__lte=2026-09-01 11:47',
      from: '11:00:00.000000',
      before: '11:48:00.000000',
    },
    {
      query: 'end_time__gte=2026-09-01 11:00 & end_time__lte=2026-09-01 11:47:30',
      from: '11:00:00.000000',
      before: '11:47:31.000000',
    },
    {
      query: 'end_time=2026-09-01 11:47 & end_time__gte=2026-09-01 11:47:20 & end_time__lte=2026-09-01 11:47:30',
      from: '11:47:20.000000',
      before: '11:47:31.000000',
    },
    {
      query: 'end_time__gt=2026-09-01 11:00 & end_time__gte=2026-09-01 11:30',
      from: '11:30:00.000000',
      before: null,
    },
  ]
  for (const { query, from, before } of cases) {
    it(`${query} is from ${from} to ${before ?? 'the end'}`, () => {
      const window = readEndWindow(given(query), CONTEXT)
      assert.equal(formatRfc3339(window.fromUs), `2026-09-01T${from}Z`)
      assert.equal(window.beforeUs === null ? null : formatRfc3339(window.beforeUs), before && `2026-09-01T${before}Z`)
    })
  }

  it('reads a time without a zone as local, and one with a zone as it says', () => {
    const context = { ...CONTEXT, zone: 'America/New_York' }
    for (const query of ['end_time__gte=2026-09-01 11:47', 'end_time__gte=2026-09-01T15:47:00Z'])
      assert.equal(readEndWindow(given(query), context).fromUs, readTime('2026-09-01T15:47:00Z', 'UTC'))
  })

  it('searches the usual days without a time, unless the request names another time', () => {
    assert.equal(searchedHeader(readEndWindow(given(''), CONTEXT)), '2026-08-20T12:00:00.000000Z/..')
    const elseFromUs = readTime('2026-07-01', 'UTC')
    assert.equal(searchedHeader(readEndWindow(given(''), { ...CONTEXT, elseFromUs })), '2026-07-01T00:00:00.000000Z/..')
  })

  it('never searches before the horizon, and always without one', () => {
    const query = 'end_time__gte=2001-01-01'
    assert.equal(searchedHeader(readEndWindow(given(query), CONTEXT)), '2026-06-21T12:00:00.000000Z/..')
    const limits = { ...LIMITS, plivoHorizonDays: null }
    assert.equal(searchedHeader(readEndWindow(given(query), { ...CONTEXT, limits })), '2001-01-01T00:00:00.000000Z/..')
  })

  it('searches no further back than the horizon where that is nearer than the usual days', () => {
    const limits = { ...LIMITS, plivoHorizonDays: 7 }
    assert.equal(searchedHeader(readEndWindow(given(''), { ...CONTEXT, limits })), '2026-09-12T12:00:00.000000Z/..')
  })

  const refused: { query: string; field: string }[] = [
    { query: 'end_time__lt=2026-09-01', field: 'end_time__lt' },
    { query: 'end_time__lte=2026-09-01', field: 'end_time__lte' },
    { query: 'end_time__gte=2026-06-01 & end_time__lt=2026-08-30 00:01', field: 'end_time__lt' },
    { query: 'end_time__gt=2026-06-01 00:00 & end_time__lte=2026-08-30 00:00:01', field: 'end_time__lte' },
    { query: 'end_time=11:47', field: 'end_time' },
    { query: 'end_time__gte=2026-09-01 11', field: 'end_time__gte' },
  ]
  for (const { query, field } of refused) {
    it(`refuses ${query} by the name ${field}`, () => {
      assert.throws(
        () => readEndWindow(given(query), CONTEXT),
        (error) => error instanceof FaultError && error.fault.code === 'bad_request' && error.fault.field === field,
      )
    })
  }

  it('lets an upper bound stand beside an exact time', () => {
    const window = readEndWindow(given('end_time=2026-09-01 & end_time__lt=2026-09-01 12:00'), CONTEXT)
    assert.equal(searchedHeader(window), '2026-09-01T00:00:00.000000Z/2026-09-01T12:00:00.000000Z')
  })
})
