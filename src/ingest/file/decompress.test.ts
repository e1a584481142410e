import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { collect } from '../../../test/support/collect.ts'
import { decompress, packingOf, type UnpackLimits } from './decompress.ts'
import { isFault, type StreamFault } from './stream-fault.ts'

const FREE: UnpackLimits = { maxBytes: Number.POSITIVE_INFINITY, maxRatio: Number.POSITIVE_INFINITY }

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function unpack(
  bytes: Buffer,
  { size = 65_536, limits = FREE } = {},
): Promise<{ text: string; fault: StreamFault | null }> {
  const parts: Buffer[] = []
  let fault: StreamFault | null = null
  for await (const piece of decompress(inChunks(bytes, size), limits)) {
    assert.equal(fault, null, 'nothing follows a fault')
    if (isFault(piece)) fault = piece
    else parts.push(piece)
  }
  return { text: Buffer.concat(parts).toString(), fault }
}

const zstd = (text: string) => zstdCompressSync(text)
const gzip = (text: string) => gzipSync(text)
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
const named = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2]),
  Buffer.from('a.csv\0note\0'),
  Buffer.from([1, 2]),
  gzip('one\n').subarray(10),
])

const cases: { what: string; given: Buffer; text: string; fault: string | null }[] = [
  { what: 'nothing', given: Buffer.alloc(0), text: '', fault: null },
  { what: 'plain text', given: Buffer.from('one\n'), text: 'one\n', fault: null },
  { what: 'a gzip member', given: gzip('one\n'), text: 'one\n', fault: null },
  { what: 'a gzip member with every optional header', given: named, text: 'one\n', fault: null },
  { what: 'two gzip members', given: Buffer.concat([gzip('one\n'), gzip('two\n')]), text: 'one\ntwo\n', fault: null },
  {
    what: 'gzip padded with zeros',
    given: Buffer.concat([gzip('one\n'), Buffer.alloc(600)]),
    text: 'one\n',
    fault: null,
  },
  {
    what: 'gzip and garbage',
    given: Buffer.concat([gzip('one\n'), Buffer.from('GARBAGE')]),
    text: 'one\n',
    fault: 'trailing_garbage',
  },
  { what: 'gzip without its checksum', given: gzip('one\n').subarray(0, -8), text: 'one\n', fault: 'truncated' },
  {
    what: 'gzip with a wrong checksum',
    given: Buffer.concat([gzip('one\n').subarray(0, -8), Buffer.alloc(8, 1)]),
    text: 'one\n',
    fault: 'corrupt',
  },
  { what: 'half a gzip header', given: gzip('one\n').subarray(0, 5), text: '', fault: 'truncated' },
  { what: 'a zstd frame', given: zstd('one\n'), text: 'one\n', fault: null },
  { what: 'two zstd frames', given: Buffer.concat([zstd('one\n'), zstd('two\n')]), text: 'one\ntwo\n', fault: null },
  {
    what: 'zstd frames among skippable ones',
    given: Buffer.concat([skippable, zstd('one\n'), skippable, zstd('two\n'), skippable]),
    text: 'one\ntwo\n',
    fault: null,
  },
  { what: 'an empty zstd frame', given: zstd(''), text: '', fault: null },
  {
    what: 'two zstd frames and garbage',
    given: Buffer.concat([zstd('one\n'), zstd('two\n'), Buffer.from('GARBAGE')]),
    text: 'one\ntwo\n',
    fault: 'trailing_garbage',
  },
  {
    what: 'half a second zstd frame',
    given: Buffer.concat([zstd('one\n'), zstd('two\n').subarray(0, 8)]),
    text: 'one\n',
    fault: 'truncated',
  },
  {
    what: 'zstd, then gzip',
    given: Buffer.concat([zstd('one\n'), gzip('two\n')]),
    text: 'one\n',
    fault: 'trailing_garbage',
  },
]

describe('decompress', () => {
  for (const size of [1, 5, 65_536])
    for (const { what, given, text, fault } of cases)
      it(`in chunks of ${size}, ${what}: ${fault ?? 'all of it'}`, async () => {
        const unpacked = await unpack(given, { size })
        assert.deepEqual([unpacked.text, unpacked.fault?.fault ?? null], [text, fault])
      })

  it('says where the garbage begins', async () => {
    const frames = Buffer.concat([zstd('one\n'), zstd('two\n')])
    const { fault } = await unpack(Buffer.concat([frames, Buffer.from('GARBAGE')]))
    assert.deepEqual([fault?.bytesIn, fault?.bytesOut], [frames.length, 8])
  })

  it('gives what came before the cut of a long stream', async () => {
    const text = Array.from({ length: 60_000 }, (_, line) => `${line} ${(line ** 3 * 7919) % 1_000_003}\n`).join('')
    for (const packed of [gzip(text), zstd(text)]) {
      const half = packed.subarray(0, packed.length / 2)
      const { text: begun, fault } = await unpack(half)
      assert.equal(fault?.fault, 'truncated')
      assert.equal(fault?.bytesIn, half.length)
      assert.ok(begun.length > 50_000 && text.startsWith(begun), `${begun.length} of ${text.length}`)
    }
  })

  it('stops a bomb at the ratio or at the size, before it is unpacked', async () => {
    const zeros = Buffer.alloc(30_000_000)
    for (const packed of [gzipSync(zeros), zstdCompressSync(zeros)]) {
      for (const limits of [
        { ...FREE, maxRatio: 100 },
        { ...FREE, maxBytes: 2_000_000 },
      ]) {
        const { text, fault } = await unpack(packed, { size: 1024, limits })
        assert.equal(fault?.fault, 'too_large')
        assert.ok(text.length <= 5_000_000, `${text.length}`)
      }
    }
    assert.equal(
      (await unpack(Buffer.alloc(3000, 97), { limits: { ...FREE, maxBytes: 2000 } })).fault?.fault,
      'too_large',
    )
  })

  it('lets small streams be as regular as they like', async () => {
    const { text, fault } = await unpack(gzipSync(Buffer.alloc(1_000_000)), { limits: { ...FREE, maxRatio: 2 } })
    assert.deepEqual([text.length, fault], [1_000_000, null])
  })

  it('tells of a disk that fails', async () => {
    const failing = (async function* () {
      yield Buffer.from('one\n')
      throw Object.assign(new Error('x'), { code: 'EIO' })
    })()
    const pieces = await collect(decompress(failing, FREE))
    assert.deepEqual(pieces.at(-1), { fault: 'unreadable', detail: 'EIO', bytesIn: 4, bytesOut: 4 })
  })

  it('gives back anything that was packed, however it is cut into frames and chunks', async () => {
    const frames = fc.array(fc.tuple(fc.string({ maxLength: 300 }), fc.boolean()), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(frames, fc.boolean(), fc.integer({ min: 1, max: 200 }), async (parts, isZstd, size) => {
        const packed = Buffer.concat(parts.map(([part]) => (isZstd ? zstd(part) : gzip(part))))
        const { text, fault } = await unpack(packed, { size })
        assert.deepEqual([text, fault], [Buffer.from(parts.map(([part]) => part).join('')).toString(), null])
      }),
      { numRuns: 60 },
    )
  })
})

describe('packingOf', () => {
  it('tells by the first bytes', () => {
    assert.deepEqual([gzip(''), zstd(''), skippable, Buffer.from('{"'), Buffer.alloc(0)].map(packingOf), [
      'gzip',
      'zstd',
      'zstd',
      'none',
      'none',
    ])
  })
})
