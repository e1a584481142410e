import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { uuidToBytes, uuidV5 } from '../../../record/identity.ts'
import { fingerprint, IdentityFilter } from './identity-filter.ts'
import { dropFilter, filterPath, isFilterCurrent, loadFilter, saveFilter } from './identity-filter-file.ts'

const CALLS = 20_000

const kinds: [kind: string, uuid: (n: number) => Uint8Array][] = [
  ['counted up by their switch', (n) => uuidToBytes(uuidOf(n))],
  ['made of an id', (n) => uuidToBytes(uuidV5('calltrail', String(n)))],
]

function filled(uuid: (n: number) => Uint8Array): IdentityFilter {
  const filter = IdentityFilter.make(CALLS)
  for (let n = 0; n < CALLS; n += 1) filter.add(fingerprint(uuid(n)), { id: 1000 + n, startedAtUs: 5_000_000 + n })
  filter.markWhole()
  return filter
}

describe('an identity filter', () => {
  for (const [kind, uuid] of kinds)
    it(`denies no call that it was given, and of others lets one in three hundred pass, of UUIDs ${kind}`, () => {
      const filter = filled(uuid)
      let passed = 0
      for (let n = 0; n < CALLS; n += 1) {
        assert.ok(filter.mayHold(fingerprint(uuid(n))))
        if (filter.mayHold(fingerprint(uuid(CALLS + n)))) passed += 1
      }
      assert.ok(passed < CALLS / 300, `${passed} of ${CALLS}`)
    })

  it('is the same whether calls are added one by one or many at once', () => {
    const uuid = (n: number) => uuidToBytes(uuidV5('calltrail', String(n)))
    const filter = IdentityFilter.make(CALLS)
    for (let from = 0; from < CALLS; from += 5000) {
      const uuids = Buffer.concat(Array.from({ length: 5000 }, (_, n) => uuid(from + n)))
      const bounds = { firstId: 1000 + from, lastId: 5999 + from, lastStartUs: 5_004_999 + from }
      filter.addAll(uuids, bounds)
    }
    filter.markWhole()
    assert.deepEqual(Buffer.from(filter.shared), Buffer.from(filled(uuid).shared))
  })

  it('tells between which ids its calls lie, and when the last began', () => {
    const filter = filled((n) => uuidToBytes(uuidOf(n)))
    assert.deepEqual(
      [999, 1000, 1000 + CALLS - 1, 1000 + CALLS].map((id) => filter.mayHoldId(id)),
      [false, true, true, false],
    )
    assert.equal(filter.lastStartUs, 5_000_000 + CALLS - 1)
    assert.equal(filter.keys, CALLS)
  })

  it('holds nothing while it is empty, and denies nothing until it is whole', () => {
    const filter = IdentityFilter.make(0)
    const print = fingerprint(uuidToBytes(uuidOf(1)))
    assert.deepEqual([filter.mayHold(print), filter.mayHoldId(1)], [true, true])
    filter.markWhole()
    assert.deepEqual([filter.mayHold(print), filter.mayHoldId(1), filter.lastStartUs], [false, false, -1])
  })
})

describe('the saved filter of a segment', () => {
  let folder: string
  let segment: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-filter-'))
    segment = join(folder, '000007.db')
    writeFileSync(segment, 'calls')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is as it was', () => {
    const filter = filled((n) => uuidToBytes(uuidOf(n)))
    saveFilter(segment, filter)
    assert.ok(isFilterCurrent(segment))
    assert.deepEqual(new Uint8Array(loadFilter(segment)?.shared as SharedArrayBuffer), new Uint8Array(filter.shared))
    dropFilter(segment)
    assert.equal(loadFilter(segment), null)
  })

  it('is not believed when a bit of it flipped, when it is cut short, and when the segment has changed since', () => {
    saveFilter(
      segment,
      filled((n) => uuidToBytes(uuidOf(n))),
    )
    const whole = readFileSync(filterPath(segment))
    for (const at of [0, 5, 9, 40, whole.length - 1]) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] as number) ^ 1
      writeFileSync(filterPath(segment), flipped)
      assert.equal(loadFilter(segment), null, `octet ${at}`)
    }
    for (const length of [0, 10, whole.length - 1]) {
      writeFileSync(filterPath(segment), whole.subarray(0, length))
      assert.equal(loadFilter(segment), null)
    }
    writeFileSync(filterPath(segment), whole)
    assert.notEqual(loadFilter(segment), null)
    appendFileSync(segment, ' and more')
    assert.equal(loadFilter(segment), null)
    assert.equal(isFilterCurrent(segment), false)
  })
})
