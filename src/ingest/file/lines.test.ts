import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { collect } from '../../../test/support/collect.ts'
import { splitLines } from './lines.ts'
import type { Piece, StreamFault } from './stream-fault.ts'
import { MAX_RECORD_BYTES, NOT_UTF8, type TextItem, TOO_LONG } from './text-item.ts'

const START = { line: 1, offset: 0 }

async function* inChunks(bytes: Buffer, size: number, fault?: StreamFault): AsyncGenerator<Piece> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  if (fault !== undefined) yield fault
}

async function linesOf(pieces: AsyncIterable<Piece>, from = START): Promise<TextItem[]> {
  return (await collect(splitLines(pieces, from))).filter((batch) => Array.isArray(batch)).flat()
}

const fault = (kind: StreamFault['fault']): StreamFault => ({ fault: kind, detail: '', bytesIn: 0, bytesOut: 0 })

describe('splitLines', () => {
  const cases: {
    what: string
    given: Buffer
    lines: [line: number, text: string, end: number, problem: string | null][]
  }[] = [
    { what: 'nothing', given: Buffer.alloc(0), lines: [] },
    {
      what: 'a last line without an end',
      given: Buffer.from('a\nb'),
      lines: [
        [1, 'a', 2, null],
        [2, 'b', 3, null],
      ],
    },
    {
      what: 'CRLF',
      given: Buffer.from('a\r\nb\r\n'),
      lines: [
        [1, 'a', 3, null],
        [2, 'b', 6, null],
      ],
    },
    {
      what: 'a byte order mark',
      given: Buffer.from('\uFEFFa\n\uFEFFb\n'),
      lines: [
        [1, 'a', 5, null],
        [2, '\uFEFFb', 10, null],
      ],
    },
    { what: 'blank lines, which are counted', given: Buffer.from('\n \na\n\n'), lines: [[3, 'a', 5, null]] },
    {
      what: 'two-byte letters',
      given: Buffer.from('Zoë\nü\n'),
      lines: [
        [1, 'Zoë', 5, null],
        [2, 'ü', 8, null],
      ],
    },
    {
      what: 'a line that is not UTF-8',
      given: Buffer.from('a\nZo\xeb\nb', 'latin1'),
      lines: [
        [1, 'a', 2, null],
        [2, 'Zo\ufffd', 6, NOT_UTF8],
        [3, 'b', 7, null],
      ],
    },
  ]
  for (const size of [1, 3, 1000])
    for (const { what, given, lines } of cases)
      it(`in chunks of ${size}: ${what}`, async () => {
        const items = await linesOf(inChunks(given, size))
        assert.deepEqual(
          items.map(({ line, text, end, problem }) => [line, text, end, problem]),
          lines,
        )
      })

  for (const size of [1000, 65_536, 4_000_000])
    it(`refuses a line over a mebibyte and goes on, in chunks of ${size}`, async () => {
      const long = Buffer.alloc(MAX_RECORD_BYTES + 1, 97)
      const fits = Buffer.alloc(MAX_RECORD_BYTES, 98)
      const items = await linesOf(inChunks(Buffer.concat([long, Buffer.from('\n'), fits, Buffer.from('\nc\n')]), size))
      assert.deepEqual(
        items.map(({ text, problem }) => [text.length, problem]),
        [
          [4096, TOO_LONG],
          [MAX_RECORD_BYTES, null],
          [1, null],
        ],
      )
    })

  it('gives no half line of a stream that was cut, but the last line of one that only has garbage behind it', async () => {
    const given = Buffer.from('a\nb')
    assert.deepEqual(
      (await linesOf(inChunks(given, 9, fault('truncated')))).map(({ text }) => text),
      ['a'],
    )
    assert.deepEqual(
      (await linesOf(inChunks(given, 9, fault('trailing_garbage')))).map(({ text }) => text),
      ['a', 'b'],
    )
  })

  it('gives the fault last', async () => {
    const batches = await collect(splitLines(inChunks(Buffer.from('a\n'), 9, fault('corrupt')), START))
    assert.deepEqual(batches.at(-1), fault('corrupt'))
  })

  it('goes on after any line as if it had never stopped', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(7),
        async (lines, size, stop) => {
          const bytes = Buffer.from(lines.join('\n'))
          const all = await linesOf(inChunks(bytes, size))
          const last = all[stop]
          if (last === undefined) return
          const rest = await linesOf(inChunks(bytes.subarray(last.end), size), {
            line: last.nextLine,
            offset: last.end,
          })
          assert.deepEqual([...all.slice(0, stop + 1), ...rest], all)
        },
      ),
    )
  })
})
