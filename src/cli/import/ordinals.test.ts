import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ordinals } from './ordinals.ts'

const CALL = { started_at: '2026-01-15T14:28:48Z', from: { number: '1001' } }

describe('Ordinals', () => {
  it('counts equal records, whatever lies between them', () => {
    const ordinals = new Ordinals()
    const other = { ...CALL, from: { number: '1002' } }
    const given = [CALL, other, CALL, other, CALL].map((native) => ordinals.of({ native }))
    assert.deepEqual(given, [0, 0, 1, 1, 2])
  })

  it('counts what a switch’s reader made of equal rows', () => {
    const ordinals = new Ordinals()
    const reading = { ok: true, call: CALL, hints: {} } as const
    assert.deepEqual([ordinals.of(reading), ordinals.of(reading)], [0, 1])
  })

  for (const { reading, because } of [
    { reading: { native: { ...CALL, source_id: '1' } }, because: 'it has an id of its source' },
    { reading: { native: { ...CALL, call_uuid: '1' } }, because: 'it has a UUID' },
    { reading: { native: 'text' }, because: 'it is no record' },
    { reading: { ok: false, reason: 'unreadable', field: null, detail: '' }, because: 'it could not be read' },
  ] as const)
    it(`gives no ordinal to a record where ${because}`, () => {
      assert.equal(new Ordinals().of(reading), null)
    })
})
