import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ARRIVED_AT_US, aReport, CALL_UUID, reportOf } from '../../../../test/support/a-report.ts'
import { anyReportBodies } from '../../../../test/support/any-body.ts'
import { derive } from '../../../ingest/derive.ts'
import { defaultSettings } from '../../../record/account.ts'
import { fold, isLone, LoneState, plainState } from '../../../record/merge.ts'
import { type Report, reportHash } from '../../../record/report.ts'
import { encodeRow, withHead } from '../row/encode-row.ts'
import type { Row } from '../row/row-columns.ts'
import { rowIsCenter } from '../row/row-head.ts'
import { centerColumns, membersOf, PLAIN_CALL } from '../row/row-members.ts'
import { ArrivedReport, unpackReports } from './arrived-report.ts'
import { packReports } from './packed-reports.ts'

const SETTINGS = { ...defaultSettings('Alice'), currency: 'EUR', serviceLevelS: 5 }
const GIVEN = { derive, settingsOf: () => SETTINGS }

/** Reports as they are on the other side: packed, copied as a message is, and unpacked. */
function arrived(reports: readonly Report[]): ArrivedReport[] {
  return unpackReports(structuredClone(packReports(reports, GIVEN)))
}

const FIELDS: Record<keyof Report, true> = {
  accountId: true,
  callUuid: true,
  source: true,
  kind: true,
  eventAtUs: true,
  arrivedAtUs: true,
  startGuessUs: true,
  facts: true,
  lists: true,
  listsBehind: true,
  clear: true,
  raw: true,
}

/** A report's fields, whatever it is an object of. */
function told(report: Report) {
  return Object.fromEntries(Object.keys(FIELDS).map((field) => [field, report[field as keyof Report]]))
}

const headOf = (report: Report) => ({ account: 3, source: 4, id: 5, seq: 6, callUuid: report.callUuid })

function sameOctets(row: Row): unknown[] {
  return row.map((value) => (value instanceof Uint8Array ? [...value] : value))
}

describe('packed reports', () => {
  const anyReports = anyReportBodies({ maxLength: 5 }).map((set) =>
    set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs })),
  )

  it('are the same reports on the other side, with their hashes', () => {
    fc.assert(
      fc.property(anyReports, (reports) => {
        const here = arrived(reports)
        assert.deepEqual(here.map(told), reports.map(told))
        assert.deepEqual(
          here.map(({ hash }) => hash),
          reports.map(reportHash),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('bring along the row that a report makes of a new call, its entries and its columns', () => {
    fc.assert(
      fc.property(anyReports, (reports) => {
        for (const report of arrived(reports)) {
          if (report.prepared === null) continue
          const { row, members, center } = report.prepared
          const state = fold(null, report)
          const derived = derive(state.facts, SETTINGS)
          const raw = new Map([[report.hash, { file: 1, offset: 2, index: 3 }]])
          const whole = encodeRow({ head: headOf(report), state, raw }, derived)
          assert.deepEqual(sameOctets(withHead(row, { head: headOf(report), state, raw })), sameOctets(whole))
          const isCenter = rowIsCenter(whole)
          assert.deepEqual(members, membersOf(state.facts, { ...report, center: isCenter }))
          assert.deepEqual(center, isCenter ? centerColumns(state.facts, derived) : PLAIN_CALL)
        }
      }),
      { numRuns: 300 },
    )
  })

  for (const { report, ready, because } of [
    { report: aReport(), ready: true, because: 'a CDR says all that there is of most calls' },
    { report: aReport({ kind: 'correction' }), ready: false, because: 'its trusts are not those of a CDR' },
    { report: aReport({ clear: ['tags'] }), ready: false, because: 'what it empties has a stamp of its own' },
    { report: aReport({ end_inferred: true }), ready: false, because: 'an end that was inferred is trusted less' },
    {
      report: reportOf({ call_uuid: CALL_UUID, tags: ['a'] }),
      ready: false,
      because: 'it does not say when the call began',
    },
  ])
    it(`${ready ? 'are' : 'are not'} prepared for ${report.kind} ${JSON.stringify(report.clear)}: ${because}`, () => {
      assert.equal(arrived([report])[0]?.prepared !== null, ready)
    })

  it('come without a row where nothing can be derived: the writer says which report is at fault', () => {
    const failing = () => {
      throw new Error('no settings')
    }
    const [report] = unpackReports(packReports([aReport()], { derive: failing, settingsOf: () => SETTINGS }))
    assert.equal(report?.prepared, null)
    assert.ok(report instanceof ArrivedReport)
  })

  it('are as many as there were, of several accounts and sources, and none is none', () => {
    const reports = ['fs-a', 'fs-b', 'fs-a'].map((source, n) => aReport({}, { source, accountId: `MA${n}` }))
    assert.deepEqual(
      arrived(reports).map(({ source, accountId }) => [source, accountId]),
      reports.map(({ source, accountId }) => [source, accountId]),
    )
    assert.deepEqual(arrived([]), [])
  })
})

describe('the state of a report alone', () => {
  it('is what folding it into nothing gives, and folds on like it', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), (set) => {
        const [report, ...others] = set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs }))
        if (report === undefined) return
        const lone = new LoneState(report, reportHash(report))
        const { facts, stamps, trusts, reports, receivedAtUs, updatedAtUs } = lone
        assert.deepEqual({ facts, stamps, trusts, reports, receivedAtUs, updatedAtUs }, fold(null, report))
        assert.deepEqual(plainState(lone), fold(null, report))
        const folded = others.reduce(fold, lone)
        assert.deepEqual(plainState(folded), others.reduce(fold, fold(null, report)))
      }),
      { numRuns: 200 },
    )
  })

  it('has one stamp for all where it is that of a CDR', () => {
    const report = aReport({ reported_at: '2024-01-15T14:33:00Z' }, { arrivedAtUs: ARRIVED_AT_US })
    const lone = new LoneState(report, reportHash(report))
    assert.ok(isLone(lone))
    assert.deepEqual(new Set(Object.values(lone.stamps)), new Set([lone.stampUs]))
  })
})
