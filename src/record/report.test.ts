import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aBody, type Body, CALL_UUID, reportOf } from '../../test/support/a-report.ts'
import { anyReportBodies } from '../../test/support/any-body.ts'
import type { Facts } from './facts.ts'
import { canonicalReport, reportHash } from './report.ts'
import { withListsApart } from './united-lists.ts'

/** All that there can be in the JSON of a report: lists, a text with quotes, a number that is written twice. */
const CENTER_CALL: Body = aBody({
  kind: 'cdr',
  reported_at: '2024-01-15T14:32:01Z',
  clear: ['tags'],
  recordings: [{ id: 7, url: 'https://rec.example/7?a="b"' }],
  center: {
    queues: [{ ring_group: { id: 1, name: 'Sales' }, queued_at: '2024-01-15T14:28:50Z' }],
    agents: [{ id: 2, alias: 'Ann' }, { alias: 'Bö' }],
  },
})

describe('the hash of a report', () => {
  // Stores keep it with each call: one that changes would let every repeat of what they have in as news.
  for (const { what, body, hash } of [
    { what: 'a call', body: aBody(), hash: '796090f7c89b5279' },
    { what: "a contact centre's call", body: CENTER_CALL, hash: '93a5040f9b7921e6' },
    {
      what: 'one with a number as it was sent',
      body: { ...CENTER_CALL, from: { as_sent: '2025551234' } },
      hash: '7345a10f4ee35e2b',
    },
    {
      what: 'nothing but a recording',
      body: { call_uuid: CALL_UUID, recordings: [{ id: 1 }] },
      hash: 'e462a9041b178939',
    },
  ])
    it(`of ${what} is what it has been since the first stores`, () => assert.equal(reportHash(reportOf(body)), hash))

  it('is that of the report made again of its JSON', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), (set) => {
        for (const { body, arrivedAtUs } of set) {
          const report = reportOf(body, { arrivedAtUs })
          const json = canonicalReport(report)
          const [, , , flat] = JSON.parse(json) as [string, string, number, Facts]
          assert.deepEqual(withListsApart(flat).lists, report.lists)
          assert.equal(canonicalReport({ ...report, ...withListsApart(flat) }), json)
          assert.equal(JSON.stringify(JSON.parse(json)), json)
        }
      }),
      { numRuns: 200 },
    )
  })
})
