import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Center, Named, Stream } from '../../../record/call-record.ts'
import { FACTS, type Json, UNITED_LISTS } from '../../../record/facts.ts'
import { wireFields } from '../../../record/wire.ts'
import { codePath, docCode, OBJECT_FIELDS, STAMPS, TRUSTS, WORDS } from './doc-codes.ts'
import { type RowTexts, ValueWriter } from './doc-value.ts'
import { ValueReader } from './doc-value-reader.ts'

const TEXTS: RowTexts = { from: '+12025551234', to: '+442071838750', trunk: '12604109832' }

function written(value: Json): Uint8Array {
  const writer = new ValueWriter()
  writer.begin()
  writer.refer(TEXTS)
  writer.value(value)
  return writer.taken()
}

function readAgain(value: Json): Json {
  const reader = new ValueReader(written(value), TEXTS)
  const again = reader.value()
  assert.ok(!reader.hasMore)
  return again
}

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.stringMatching(/^[0-9]{0,18}$/),
  fc.uuid(),
  fc.constantFrom(
    ...WORDS,
    ...Object.values(TEXTS),
    '12025551234',
    '5551234',
    '442071838750',
    '12604109832.zt.example',
  ),
)
const anyNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 300 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.integer({ min: 0, max: 100_000 }).map((value) => value / 10),
  ...[8, 16, 24, 32, 40, 48, 53].map((bits) => fc.constantFrom(2 ** bits - 1, 2 ** bits - 2, 1 - 2 ** bits)),
)
const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('value'), { noNullPrototype: true }),
  ),
}))

describe('a value in a document', () => {
  it('is the same when it is read again', () => {
    fc.assert(
      fc.property(anyValue, (value) => assert.deepEqual(readAgain(value), value === 0 ? 0 : value)),
      {
        numRuns: 1000,
      },
    )
  })

  it('is passed over as far as it goes', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const reader = new ValueReader(written([value, 'behind']), TEXTS)
        assert.equal(reader.enterList(), 2)
        reader.skip()
        assert.equal(reader.value(), 'behind')
      }),
    )
  })

  for (const { value, octets, because } of [
    { value: 23, octets: 1, because: 'a small number is in the first octet' },
    { value: 24, octets: 2, because: 'one past it is behind it' },
    { value: 1_705_329_300_000_000, octets: 8, because: 'microseconds of an epoch take seven' },
    { value: 4.2, octets: 3, because: 'a score is tenths' },
    { value: 'udp', octets: 1, because: 'it is a word that many calls have' },
    { value: '100000123', octets: 5, because: 'digits are a number' },
    { value: '0123456', octets: 8, because: 'a zero in front would be lost' },
    { value: '12025551234', octets: 2, because: "it is the caller's number without its +" },
    { value: '2071838750', octets: 2, because: "it ends the callee's number" },
    { value: '12604109832.zt.example', octets: 13, because: 'it begins with the trunk' },
    { value: '90b6eb07-796c-4d86-a4fd-44ed11667ddb', octets: 17, because: 'it is a UUID' },
    { value: '90B6EB07-796C-4D86-A4FD-44ED11667DDB', octets: 38, because: 'its capitals would be lost' },
  ])
    it(`takes ${octets} octets for ${value}: ${because}`, () => {
      assert.equal(written(value).length, octets)
      assert.equal(readAgain(value), value)
    })

  for (const cut of [1, 5, 12])
    it(`is refused where it ends after ${cut} octets`, () => {
      const bytes = written(['one text', 'another text'])
      assert.throws(() => new ValueReader(bytes.subarray(0, cut), TEXTS).value(), /ends in the middle/)
    })

  it('is refused where it is of a kind that a newer Calltrail made', () => {
    assert.throws(() => new ValueReader(Uint8Array.of(0xff - 1), TEXTS).value(), /does not know|in the middle/)
    assert.throws(() => new ValueReader(Uint8Array.of((6 << 5) | 24, 255), TEXTS).value(), /does not know/)
  })
})

describe('the numbers of paths in a document', () => {
  const paths = [...FACTS, ...UNITED_LISTS].map(({ path }) => path)

  it('are of one path each, of every path, and none of stamps and trusts', () => {
    const codes = [...paths, 'source'].map((path) => docCode(path))
    assert.equal(new Set(codes).size, codes.length)
    for (const code of codes) assert.ok(code !== undefined && code > 0 && code < STAMPS && code < TRUSTS)
  })

  it('lead back to the path, and a number of no path is refused', () => {
    for (const path of paths) assert.equal(codePath(docCode(path) as number), path)
    assert.throws(() => codePath(125), /does not know/)
  })

  it('never change: these are on the disks of others', () => {
    const known = ['sourceId', 'from.number', 'hangup.name', 'cost.currency', 'tags', 'userData', 'recordings']
    assert.deepEqual(
      known.map((path) => docCode(path)),
      [1, 7, 34, 50, 78, 79, 84],
    )
    assert.deepEqual([WORDS.indexOf('udp'), WORDS.indexOf('closed'), WORDS.indexOf('opus')], [0, 10, 23])
  })

  it('have all fields of the objects that are written as lists', () => {
    const nested = (name: string) => {
      const schema = (Center.properties as unknown as Record<string, { anyOf: object[] }>)[name]
      return wireFields(schema?.anyOf[0] as never).map((field) => field.name)
    }
    for (const name of ['number', 'contact', 'ivr', 'campaign', 'ringGroup', 'disposition'])
      assert.deepEqual([...(OBJECT_FIELDS[`center.${name}`] ?? [])].sort(), nested(name).sort())
    assert.deepEqual(
      [...(OBJECT_FIELDS.ringGroup ?? [])],
      wireFields(Named).map(({ name }) => name),
    )
    assert.deepEqual(
      [...(OBJECT_FIELDS['quality.streams'] ?? [])],
      wireFields(Stream).map(({ name }) => name),
    )
  })
})
