import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { collect } from '../../../test/support/collect.ts'
import { callFilesIn } from './open-file.ts'
import { type FileEnd, type FileRecord, type Position, readCallFile } from './read-call-file.ts'

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url)
const master = readFileSync(new URL('asterisk/master-21-columns.csv', FIXTURES))
const shortMaster = readFileSync(new URL('asterisk/master-18-columns.csv', FIXTURES))
const cdrs = readdirSync(new URL('freeswitch/json/', FIXTURES)).map((name) =>
  readFileSync(new URL(`freeswitch/json/${name}`, FIXTURES), 'utf8'),
)
const pretty = cdrs.map((text) => JSON.stringify(JSON.parse(text), null, 2)).join('\n')
const native = Array.from(
  { length: 10 },
  (_, index) => `{"source_id":"${index}","started_at":"2024-01-15T14:28:48Z"}\n`,
)

const folder = mkdtempSync(join(tmpdir(), 'calltrail-files-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

async function read(
  bytes: Buffer | string,
  from?: Position,
): Promise<{ format: string; records: FileRecord[]; end: FileEnd }> {
  const path = join(folder, `${files++}`)
  writeFileSync(path, bytes)
  const file = await readCallFile(path, { format: null, timeZone: 'UTC', ...(from === undefined ? {} : { from }) })
  assert.ok(file !== null)
  const all = await collect(file.records)
  const end = all.pop()
  assert.ok(end?.kind === 'end' && all.every(({ kind }) => kind === 'record'))
  return { format: file.format, records: all as FileRecord[], end }
}

const idOf = ({ reading }: FileRecord) =>
  'native' in reading ? reading.native : reading.ok ? reading.call.source_id : reading.detail
const isRefused = ({ reading }: FileRecord) => 'ok' in reading && !reading.ok

describe('readCallFile', () => {
  const forms = { plain: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync }
  const cases = [
    { what: 'JSON CDRs, one a line', given: Buffer.from(cdrs.join('')), format: 'freeswitch-json', records: 36 },
    { what: 'one JSON CDR', given: Buffer.from(cdrs[0] as string), format: 'freeswitch-json', records: 1 },
    { what: 'JSON CDRs printed over many lines', given: Buffer.from(pretty), format: 'freeswitch-json', records: 36 },
    { what: 'a list of JSON CDRs', given: Buffer.from(`[${cdrs.join(',')}]`), format: 'freeswitch-json', records: 36 },
    { what: 'Master.csv of 21 columns', given: master, format: 'asterisk-csv', records: 32 },
    { what: 'Master.csv of 18 columns', given: shortMaster, format: 'asterisk-csv', records: 13 },
    {
      what: 'Master.csv with CRLF',
      given: Buffer.from(master.toString().replaceAll('\n', '\r\n')),
      format: 'asterisk-csv',
      records: 32,
    },
    { what: 'native NDJSON', given: Buffer.from(native.join('')), format: 'native-ndjson', records: 10 },
  ]
  for (const [form, pack] of Object.entries(forms))
    for (const { what, given, format, records } of cases)
      it(`reads ${what}, ${form}`, async () => {
        const packed = pack(given)
        const file = await read(packed)
        assert.deepEqual(
          [file.format, file.records.length, file.records.filter(isRefused).length],
          [format, records, 0],
        )
        assert.deepEqual([file.end.fault, file.end.fileBytes], [null, packed.length])
      })

  it('gives each record as it stands in the file, with its line', async () => {
    const { records } = await read(native.join(''))
    assert.deepEqual(
      records.map(({ line, raw }) => [line, raw]),
      native.map((text, index) => [index + 1, text.trim()]),
    )
    const busy = (await read(master)).records.filter(({ raw }) => raw.includes('"BUSY"'))
    assert.deepEqual(
      busy.map(({ line, raw }) => [line, raw.split('\n').length]),
      [[4, 2]],
      'the rows of one call together',
    )
  })

  it('refuses one broken line in ten thousand, and reads the others', async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => native[index % 10] as string)
    lines[4321] = '{"source_id":"4321",\n'
    const { records, end } = await read(zstdCompressSync(lines.join('')))
    assert.deepEqual(
      records.filter(isRefused).map(({ line, raw }) => [line, raw]),
      [[4322, '{"source_id":"4321",']],
    )
    assert.deepEqual([records.length, end.fault], [10_000, null])
  })

  it('refuses a row of Master.csv that is none, and keeps the rows around it', async () => {
    const cut = master.indexOf('\n', master.indexOf('"Stasis"')) + 1
    const stray = Buffer.from('rm -rf\n\xff\n', 'latin1')
    const { records } = await read(Buffer.concat([master.subarray(0, cut), stray, master.subarray(cut)]))
    const before = master.subarray(0, cut).toString().split('\n').length
    assert.deepEqual(
      records.filter(isRefused).map(({ line }) => line),
      [before, before + 1],
    )
    assert.equal(records.length, 34)
  })

  for (const [form, pack] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)
    it(`gives the whole lines before the cut of a ${form} stream, and says how far they go`, async () => {
      const text = Array.from(
        { length: 20_000 },
        (_, index) => `{"source_id":"${index}-${(index ** 3 * 7919) % 1_000_003}"}\n`,
      ).join('')
      const packed = pack(text)
      const half = packed.subarray(0, packed.length / 2)
      const { records, end } = await read(half)
      assert.ok(records.length > 1000, `${records.length}`)
      assert.equal(records.filter(isRefused).length, 0)
      assert.deepEqual([end.fault?.fault, end.fault?.bytesIn], ['truncated', half.length])
      assert.deepEqual(end.next, {
        offset: Buffer.byteLength(text.split('\n').slice(0, records.length).join('\n')) + 1,
        line: records.length + 1,
      })
    })

  for (const [what, bytes] of [
    ['Master.csv', master],
    ['Master.csv, gzip', gzipSync(master)],
    ['JSON CDRs over many lines, zstd', zstdCompressSync(pretty)],
    ['native NDJSON', Buffer.from(native.join(''))],
  ] as const)
    it(`goes on after any record of ${what} without losing or changing one`, async () => {
      const { records } = await read(bytes)
      for (const [index, { next }] of records.entries()) {
        const rest = await read(bytes, next)
        // What belongs together is read again as long as not all of it was stored.
        const expected = records.slice(index + 1)
        assert.deepEqual(rest.records.slice(-expected.length || rest.records.length).map(idOf), expected.map(idOf))
        assert.deepEqual(rest.records.at(-1)?.line ?? null, expected.at(-1)?.line ?? null)
        assert.ok(rest.records.length - expected.length <= 2)
      }
    })

  it('is null for a file that is none of its formats', async () => {
    const path = join(folder, 'picture.png')
    writeFileSync(path, Buffer.from([0x89, 0x50, 0x4e, 0x47]))
    assert.equal(await readCallFile(path, { format: null, timeZone: 'UTC' }), null)
  })

  it('rejects for a file that is not there', async () => {
    await assert.rejects(readCallFile(join(folder, 'none'), { format: null, timeZone: 'UTC' }), { code: 'ENOENT' })
  })
})

describe('callFilesIn', () => {
  it('lists the files of calls in a folder by name, with their size', async () => {
    const inner = mkdtempSync(join(folder, 'folder-'))
    for (const name of ['b.cdr.json', 'a.cdr.json.gz', 'Master.csv', 'calls.ndjson.zst', 'README.md', 'core.1234'])
      writeFileSync(join(inner, name), 'xyz')
    assert.deepEqual(
      await callFilesIn(inner),
      ['Master.csv', 'a.cdr.json.gz', 'b.cdr.json', 'calls.ndjson.zst'].map((name) => ({
        path: join(inner, name),
        bytes: 3,
      })),
    )
  })
})
