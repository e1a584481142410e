import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeId, encodeId, foreignIds, ownId, shownId, shownSessionId } from './ids.ts'

describe('an id of PortSIP', () => {
  it('is the base64 of a decimal, as the documented example shows', () => {
    assert.equal(encodeId('700551909773148160'), 'NzAwNTUxOTA5NzczMTQ4MTYw')
    assert.equal(decodeId('NzAwNTUxOTA5NzczMTQ4MTYw'), '700551909773148160')
    assert.equal(shownId({ id: 7 }), 'Nw==')
  })

  it('comes back as it went out, with its padding and without', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,30}$/), (decimal) => {
        assert.equal(decodeId(encodeId(decimal)), decimal)
        assert.equal(decodeId(encodeId(decimal).replace(/=+$/, '')), decimal)
      }),
    )
  })

  const none = [
    '',
    '=',
    '12',
    'abc',
    'QUJD',
    'Nw=x',
    'Nx==',
    'N',
    'Nw===',
    '878156644691742720',
    'bm8gbnVtYmVy',
    '漢字',
  ]
  for (const text of none) it(`does not decode ${JSON.stringify(text)}`, () => assert.equal(decodeId(text), null))

  const own: { id: string; is: number | null; because: string }[] = [
    { id: 'Nw==', is: 7, because: 'that is how it is written' },
    { id: '7', is: 7, because: 'the plain decimal is read too' },
    { id: '9007199254740991', is: Number.MAX_SAFE_INTEGER, because: 'that is the largest of ours' },
    { id: '9007199254740992', is: null, because: 'that is one more' },
    { id: 'NzAwNTUxOTA5NzczMTQ4MTYw', is: null, because: "PortSIP's own are larger than ours" },
    { id: '0', is: null, because: 'ours begin with 1' },
    { id: '007', is: null, because: 'ours have no zeros before them' },
    { id: '-7', is: null, because: 'ours have no sign' },
    { id: '7e3', is: null, because: 'ours are digits' },
  ]
  for (const { id, is, because } of own)
    it(`takes ${id} for ${is ?? 'none'} of ours: ${because}`, () => assert.equal(ownId(id), is))

  it('may be what a source called the call, as given, decoded or encoded', () => {
    assert.deepEqual(foreignIds('878156644691742720'), ['878156644691742720', 'ODc4MTU2NjQ0NjkxNzQyNzIw'])
    assert.deepEqual(foreignIds('ODc4MTU2NjQ0NjkxNzQyNzIw'), ['ODc4MTU2NjQ0NjkxNzQyNzIw', '878156644691742720'])
    assert.deepEqual(foreignIds('pbx-1'), ['pbx-1', 'cGJ4LTE='])
  })

  it('of a session is encoded where it is a decimal, and that of the call where there is none', () => {
    assert.equal(shownSessionId({ id: 7, sessionId: '700551909773148160' }), 'NzAwNTUxOTA5NzczMTQ4MTYw')
    assert.equal(shownSessionId({ id: 7, sessionId: 'a8c2-session' }), 'a8c2-session')
    assert.equal(shownSessionId({ id: 7, sessionId: null }), 'Nw==')
  })
})
