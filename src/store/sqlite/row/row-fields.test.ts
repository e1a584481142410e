import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CALL_UUID, reportOf, stateOf } from '../../../../test/support/a-report.ts'
import { anyReportBodies } from '../../../../test/support/any-body.ts'
import { derive } from '../../../ingest/derive.ts'
import { defaultSettings } from '../../../record/account.ts'
import { FACTS, UNITED_LISTS } from '../../../record/facts.ts'
import type { CallState } from '../../../record/merge.ts'
import { fieldsReader } from '../../../record/record-fields.ts'
import { encodeRow } from './encode-row.ts'
import { RowFields } from './row-fields.ts'
import { recordOfRow } from './row-record.ts'

const HEAD = { account: 3, source: 4, id: 7_005_519_097_731, seq: 12, callUuid: CALL_UUID }
const SETTINGS = defaultSettings('Alice')
const OWN = ['id', 'callUuid', 'accountId', 'source', 'state', 'stated', 'receivedAtUs', 'updatedAtUs', 'changeSeq']
const FIELDS = [
  ...OWN,
  ...FACTS.map(({ path }) => path),
  ...UNITED_LISTS.map(({ path }) => path),
  'callTypes',
  'center',
]

describe('fields of a row', () => {
  const read = new RowFields(FIELDS)
  const one = FIELDS.map((field) => ({ field, alone: new RowFields([field]) }))

  it('are those of its record, all of them and each alone', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 3 }), (set) => {
        const state = stateOf(set.map(({ body, arrivedAtUs }) => reportOf(body, { arrivedAtUs }))) as CallState
        const row = encodeRow({ head: HEAD, state, raw: new Map() }, derive(state.facts, SETTINGS))
        const names = { accountId: 'MAALICE0000000000000', source: state.facts.source as string }
        const record = recordOfRow(row, names)
        const wanted = fieldsReader(FIELDS)(record)
        assert.deepEqual(read.read(row, names), wanted)
        for (const [at, { field, alone }] of one.entries())
          assert.deepEqual(alone.read(row, names), [wanted[at]], field)
      }),
      { numRuns: 200 },
    )
  })
})
