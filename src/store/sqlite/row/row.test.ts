import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ARRIVED_AT_US,
  aBody,
  aLiveReport,
  aReport,
  CALL_UUID,
  recordOf,
  reportOf,
  stateOf,
} from '../../../../test/support/a-report.ts'
import { anyReportBodies } from '../../../../test/support/any-body.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { derive } from '../../../ingest/derive.ts'
import { defaultSettings } from '../../../record/account.ts'
import { FACTS } from '../../../record/facts.ts'
import type { CallState } from '../../../record/merge.ts'
import type { Report } from '../../../record/report.ts'
import { addFlat } from '../../../record/united-lists.ts'
import { DOC_KEYS, docKey, docPath } from './doc-keys.ts'
import { encodeRow } from './encode-row.ts'
import { rawAddresses } from './raw-addresses.ts'
import { ROW_COLUMNS, type Row } from './row-columns.ts'
import { rowFacts, rowFactsAndLists, rowState } from './row-facts.ts'
import { rowHead, rowReports } from './row-head.ts'
import { recordOfRow } from './row-record.ts'

const HEAD = { account: 3, source: 4, id: 7_005_519_097_731, seq: 12, callUuid: CALL_UUID }
const SETTINGS = defaultSettings('Alice')

function rowOf(state: CallState, raw = new Map()): Row {
  return encodeRow({ head: HEAD, state, raw }, derive(state.facts, SETTINGS))
}

function sameState(reports: readonly Report[]): void {
  const state = stateOf(reports) as CallState
  assert.deepEqual(rowState(rowOf(state), state.facts.source as string), state)
}

function column(row: Row, name: (typeof ROW_COLUMNS)[number]): unknown {
  return row[ROW_COLUMNS.indexOf(name)]
}

describe('a row of calls', () => {
  it('gives back the state that it was made of', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 4 }), (set) => {
        sameState(set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs })))
      }),
      { numRuns: 500 },
    )
  })

  const edges: { of: string; reports: Report[] }[] = [
    { of: 'a CDR told at its end', reports: [aReport({ reported_at: '2024-01-15T14:32:00Z' })] },
    { of: 'a CDR told at another time', reports: [aReport({ reported_at: '2024-01-15T14:32:01Z' })] },
    { of: 'a CDR without a time of its own', reports: [aReport()] },
    { of: 'a live call', reports: [aLiveReport()] },
    { of: 'an inferred end', reports: [aReport({ kind: 'end', end_inferred: true })] },
    { of: 'a call known by its quality alone', reports: [reportOf({ call_uuid: CALL_UUID, quality: { mos: 4.2 } })] },
    { of: 'a field that was emptied', reports: [aReport({ clear: ['tags', 'recordings', 'from.number'] })] },
    { of: 'a call that began in 1970', reports: [aReport({ started_at: '1970-01-01T00:00:00.000001Z' })] },
    { of: 'call types in whatever order', reports: [aReport({ center: { call_types: ['transfer', 'abandoned'] } })] },
  ]
  for (const { of, reports } of edges) it(`holds the state of ${of}`, () => sameState(reports))

  it('gives back the record that the state makes, derived fields and all', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), (set) => {
        const reports = set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs }))
        const state = stateOf(reports) as CallState
        const row = rowOf(state)
        const record = recordOfRow(row, { accountId: ALICE, source: state.facts.source as string })
        const { id, changeSeq } = recordOf(state)
        assert.deepEqual({ ...record, id, changeSeq }, recordOf(state))
      }),
      { numRuns: 300 },
    )
  })

  it('gives the facts of united lists with the others or apart, and says the same', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), (set) => {
        const reports = set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs }))
        const state = stateOf(reports) as CallState
        const row = rowOf(state)
        const source = state.facts.source as string
        const { facts, lists } = rowFactsAndLists(row, source)
        addFlat(lists, facts)
        assert.deepEqual(facts, rowFacts(row, source))
      }),
      { numRuns: 300 },
    )
  })

  it('gives back where it lies and what it is called', () => {
    const { account, id, seq, callUuid, receivedAtUs, updatedAtUs } = rowHead(rowOf(stateOf([aReport()]) as CallState))
    assert.deepEqual([account, id, seq, callUuid], [HEAD.account, HEAD.id, HEAD.seq, HEAD.callUuid])
    assert.deepEqual([receivedAtUs, updatedAtUs], [ARRIVED_AT_US, ARRIVED_AT_US])
  })

  it('gives back where each raw report lies, to the last file, octet and place that can be', () => {
    const state = stateOf([aReport(), aReport({ tags: ['b'] })]) as CallState
    const [first = '', second = ''] = state.reports
    const raw = new Map([
      [first, { file: 65_535, offset: 4_294_967_295, index: 65_535 }],
      [second, { file: 1, offset: 0, index: 0 }],
    ])
    assert.deepEqual(rawAddresses(rowReports(rowOf(state, raw))), raw)
  })

  it('has no document for a plain call', () => {
    const state = stateOf([reportOf({ ...aBody(), direction: null })]) as CallState
    const row = rowOf(state)
    const doc = column(row, 'doc')
    // The code that the hangup derives has a name, and the name is text.
    assert.deepEqual(doc === null ? [] : Object.keys(JSON.parse(doc as string)).filter((key) => key !== 'hn'), [])
  })
})

describe('keys of a document', () => {
  it('are of one path each, and never those of stamps and trusts', () => {
    const keys = Object.values(DOC_KEYS)
    assert.equal(new Set(keys).size, keys.length)
    assert.ok(!keys.includes('~') && !keys.includes('^') && !keys.includes(''))
  })

  it('lead back to the path, also for paths that have no key', () => {
    for (const path of [...FACTS.map((fact) => fact.path), 'recordings#7.url', 'center.agents#/s~.alias'])
      assert.equal(docPath(docKey(path)), path)
  })

  it('are of paths that there are', () => {
    const known = new Set(FACTS.map(({ path }) => path))
    assert.deepEqual(
      Object.keys(DOC_KEYS).filter((path) => !known.has(path)),
      [],
    )
  })
})
