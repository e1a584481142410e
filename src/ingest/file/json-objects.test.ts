import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { collect } from '../../../test/support/collect.ts'
import { splitObjects } from './json-objects.ts'
import type { TextItem } from './text-item.ts'
import { MAX_RECORD_BYTES, NOT_UTF8, TOO_LONG } from './text-item.ts'

async function objectsOf(bytes: Buffer, size: number): Promise<TextItem[]> {
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  })()
  return (await collect(splitObjects(chunks, { line: 1, offset: 0 }))).filter((batch) => Array.isArray(batch)).flat()
}

describe('splitObjects', () => {
  const cases: {
    what: string
    given: string
    objects: [line: number, text: string, end: number, problem: string | null][]
  }[] = [
    { what: 'nothing', given: ' \n ', objects: [] },
    {
      what: 'one over several lines',
      given: '{\n "a": {"b": 1}\n}\n',
      objects: [[1, '{\n "a": {"b": 1}\n}', 18, null]],
    },
    {
      what: 'two without anything between',
      given: '{"a":1}{"b":2}',
      objects: [
        [1, '{"a":1}', 7, null],
        [1, '{"b":2}', 14, null],
      ],
    },
    {
      what: 'a list of them',
      given: '[{"a":1},\n{"b":2}]',
      objects: [
        [1, '{"a":1}', 8, null],
        [2, '{"b":2}', 17, null],
      ],
    },
    { what: 'braces and quotes within text', given: '{"a":"}\\"{"}', objects: [[1, '{"a":"}\\"{"}', 12, null]] },
    {
      what: 'a backslash at the end of a text',
      given: '{"a":"\\\\"}{}',
      objects: [
        [1, '{"a":"\\\\"}', 10, null],
        [1, '{}', 12, null],
      ],
    },
    {
      what: 'one that never ends',
      given: '{"a":1}\n{"b":',
      objects: [
        [1, '{"a":1}', 7, null],
        [2, '{"b":', 13, 'is not complete'],
      ],
    },
    { what: 'stray ends before one', given: '}}]{"a":1}', objects: [[1, '{"a":1}', 10, null]] },
  ]
  for (const size of [1, 4, 1000])
    for (const { what, given, objects } of cases)
      it(`in chunks of ${size}: ${what}`, async () => {
        const items = await objectsOf(Buffer.from(given), size)
        assert.deepEqual(
          items.map(({ line, text, end, problem }) => [line, text, end, problem]),
          objects,
        )
      })

  it('refuses one that is not UTF-8', async () => {
    assert.deepEqual(
      (await objectsOf(Buffer.from('{"a":"\xeb"}{}', 'latin1'), 9)).map(({ problem }) => problem),
      [NOT_UTF8, null],
    )
  })

  for (const size of [1000, 4_000_000])
    it(`gives up on one over a mebibyte and finds the next, in chunks of ${size}`, async () => {
      const long = `{"a":"${'x'.repeat(MAX_RECORD_BYTES)}"}\n{"b":2}`
      const items = await objectsOf(Buffer.from(long), size)
      assert.deepEqual(
        items.map(({ problem }) => problem),
        [TOO_LONG, null],
      )
      assert.equal(items[1]?.text, '{"b":2}')
    })

  it('finds any objects, printed anyhow', async () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(objects, fc.nat(3), fc.integer({ min: 1, max: 50 }), async (given, indent, size) => {
        const text = given.map((object) => JSON.stringify(object, null, indent)).join(indent === 0 ? '' : '\n')
        const found = await objectsOf(Buffer.from(text), size)
        assert.deepEqual(
          found.map((item) => JSON.stringify(JSON.parse(item.text))),
          given.map((object) => JSON.stringify(object)),
        )
      }),
    )
  })
})
