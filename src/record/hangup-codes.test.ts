import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HANGUP_CODES, hangupName } from './hangup-codes.ts'

describe('HANGUP_CODES', () => {
  it('has the 81 codes of the documents, each once, ascending', () => {
    const codes = HANGUP_CODES.map(({ code }) => code)
    assert.equal(codes.length, 81)
    assert.equal(new Set(codes).size, 81)
    assert.deepEqual(
      codes,
      codes.toSorted((a, b) => a - b),
    )
  })

  it('has the families 3000 to 6000 only: other products use other tables', () => {
    assert(HANGUP_CODES.every(({ code }) => code >= 3000 && code < 7000))
  })

  it('has names in snake case and final SIP statuses', () => {
    for (const { name, recordName, sipStatus } of HANGUP_CODES) {
      assert.match(name, /^[a-z][a-z0-9_]+$/)
      assert.notEqual(recordName, name)
      assert(sipStatus === null || (sipStatus >= 200 && sipStatus < 700))
    }
  })

  const rows = [
    { code: 3000, name: 'normal_hangup', recordName: null, by: 'carrier', sipStatus: 200 },
    { code: 3020, name: 'rtp_timeout', recordName: null, by: 'platform', sipStatus: null },
    {
      code: 4030,
      name: 'insufficient_plivo_credits',
      recordName: 'insufficient_credits',
      by: 'platform',
      sipStatus: 402,
    },
    { code: 4410, name: 'user_busy', recordName: null, by: 'callee', sipStatus: 486 },
    { code: 4550, name: 'user_cancelled', recordName: 'customer_cancelled', by: 'customer', sipStatus: 487 },
    { code: 6030, name: 'alloted_timeout', recordName: null, by: 'platform', sipStatus: 408 },
  ]
  for (const row of rows) {
    it(`knows ${row.code} as ${row.name}`, () => {
      assert.deepEqual(
        HANGUP_CODES.find(({ code }) => code === row.code),
        row,
      )
    })
  }
})

describe('hangupName', () => {
  const names = [
    { code: 3000, name: 'normal_hangup' },
    { code: 3010, name: 'normal_hangup' },
    { code: 4550, name: 'user_cancelled' },
    { code: 6070, name: 'not_acceptable' },
    { code: 4210, name: null },
    { code: 0, name: null },
    { code: -1, name: null },
  ]
  for (const { code, name } of names) {
    it(`names ${code} ${name}`, () => assert.equal(hangupName(code), name))
  }
})
