import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesToUuid, callUuidFor, type GivenIdentity, isUuid, uuidToBytes, uuidV5 } from './identity.ts'

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

describe('uuidV5', () => {
  const cases = [
    { name: 'www.example.com', uuid: '2ed6657d-e927-568b-95e1-2665a8aea6a2', from: 'RFC 9562, A.4' },
    { name: 'python.org', uuid: '886313e1-3b8a-5372-9b90-0c9aee199e5d', from: "Python's uuid module" },
  ]
  for (const { name, uuid, from } of cases) {
    it(`of ${name} is ${uuid}, as in ${from}`, () => assert.equal(uuidV5(DNS, name), uuid))
  }

  it('is a UUID of version 5 and the usual variant, whatever the name', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'binary' }), (namespace, name) => {
        assert.match(uuidV5(namespace, name), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }),
    )
  })
})

describe('isUuid', () => {
  for (const text of [
    DNS,
    DNS.toUpperCase(),
    '00000000-0000-0000-0000-000000000000',
    '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
  ]) {
    it(`${text} is one`, () => assert.equal(isUuid(text), true))
  }
  const none = [
    '',
    DNS.slice(1),
    `${DNS}0`,
    `${DNS}\n`,
    ` ${DNS.slice(1)}`,
    `{${DNS}}`,
    `urn:uuid:${DNS}`,
    DNS.replaceAll('-', ''),
    DNS.replace('6', 'g'),
    '6ba7b8109-dad-11d1-80b4-00c04fd430c8',
  ]
  for (const text of none) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(isUuid(text), false))
  }
})

describe('callUuidFor', () => {
  const given: GivenIdentity = { accountId: 'MA2025RK4E639VJFZAGV', source: 'fs-london' }
  const hashed = { ...given, contentHash: 'ab'.repeat(32) }

  it('is the given UUID, in lower case, whatever else is given', () => {
    assert.equal(callUuidFor({ ...hashed, sourceId: '7', callUuid: DNS.toUpperCase() }), DNS)
  })

  it('never changes: stored calls are found by it', () => {
    assert.equal(callUuidFor({ ...given, sourceId: '7' }), '06c5f90a-542b-52a8-8d97-0c2c5dbe9c0e')
    assert.equal(callUuidFor(hashed), 'a28527a1-7708-5cea-8b1d-54e7e38cb384')
  })

  it('takes null and empty text for "not given"', () => {
    const bySourceId = callUuidFor({ ...hashed, sourceId: '7' })
    assert.equal(callUuidFor({ ...hashed, sourceId: '7', callUuid: null }), bySourceId)
    assert.equal(callUuidFor({ ...hashed, sourceId: '7', callUuid: '' }), bySourceId)
    assert.equal(callUuidFor({ ...hashed, sourceId: null }), callUuidFor(hashed))
    assert.equal(callUuidFor({ ...hashed, sourceId: '' }), callUuidFor(hashed))
    assert.equal(callUuidFor({ ...hashed, ordinal: 0 }), callUuidFor(hashed))
  })

  it('differs with each part', () => {
    const uuids = [
      callUuidFor({ ...given, sourceId: '7' }),
      callUuidFor({ ...given, sourceId: '8' }),
      callUuidFor({ ...given, sourceId: '7', source: 'fs-paris' }),
      callUuidFor({ ...given, sourceId: '7', accountId: 'MA2025RK4E639VJFZAGW' }),
      callUuidFor({ ...given, source: 'fs', sourceId: '-london","7' }),
      callUuidFor(hashed),
      callUuidFor({ ...hashed, ordinal: 1 }),
      callUuidFor({ ...hashed, contentHash: 'ac'.repeat(32) }),
      callUuidFor({ ...given, sourceId: hashed.contentHash }),
    ]
    assert.equal(new Set(uuids).size, uuids.length)
  })

  it('crashes on a UUID that nobody checked, and without anything to go by', () => {
    assert.throws(() => callUuidFor({ ...given, callUuid: 'call-7' }), assert.AssertionError)
    assert.throws(() => callUuidFor(given), assert.AssertionError)
  })
})

describe('uuidToBytes and bytesToUuid', () => {
  it('follow the order in which a UUID is written', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, at) => at * 17)
    assert.equal(bytesToUuid(bytes), '00112233-4455-6677-8899-aabbccddeeff')
    assert.deepEqual(uuidToBytes('00112233-4455-6677-8899-AABBCCDDEEFF'), bytes)
  })

  it('undo each other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const uuid = bytesToUuid(bytes)
        assert(isUuid(uuid))
        assert.deepEqual(uuidToBytes(uuid), bytes)
        assert.deepEqual(uuidToBytes(uuid.toUpperCase()), bytes)
      }),
    )
  })
})
