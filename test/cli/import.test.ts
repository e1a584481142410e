import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { ALICE, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

interface Summary {
  files: number
  records: number
  stored: number
  updated: number
  duplicates: number
  refused: number
  refused_by_reason: { field: string; reason: string; count: number }[]
  incomplete: { file: string; reason: string; records: number | null; line: number | null }[]
}

const FIXTURES = resolve(import.meta.dirname, '../fixtures')
const FREESWITCH = resolve(FIXTURES, 'freeswitch/json')
const ASTERISK = resolve(FIXTURES, 'asterisk/master-21-columns.csv')

const outcome = ({ records, stored, duplicates, refused }: Summary) => ({ records, stored, duplicates, refused })

describe('calltrail import, alone', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  after(() => at.remove())

  it('takes in what FreeSWITCH and Asterisk wrote, each file as what it is', async () => {
    const first = await at.json<Summary>(['import', FREESWITCH, ASTERISK])
    assert.equal(first.files, 37)
    assert.ok(first.stored > 50)
    assert.deepEqual(outcome(first), { records: first.stored, stored: first.stored, duplicates: 0, refused: 0 })
    const { stdout } = await at.run(['source', 'list'])
    assert.match(stdout, new RegExp(`^asterisk +asterisk +UTC +fixed=${ALICE}$`, 'm'))
    assert.match(stdout, new RegExp(`^freeswitch +freeswitch +UTC +fixed=${ALICE}$`, 'm'))
  })

  it('changes nothing when it is run again', async () => {
    const lines = ndjsonCalls(20)
    const path = at.file('again.ndjson')
    writeFileSync(path, `${lines.join('\n')}\n{"started_at":\n`)
    const first = await at.json<Summary>(['import', path], { code: 3 })
    assert.deepEqual(outcome(first), { records: 21, stored: 20, duplicates: 0, refused: 1 })
    const again = await at.json<Summary>(['import', path], { code: 3 })
    assert.deepEqual(outcome(again), { records: 21, stored: 0, duplicates: 20, refused: 1 })
    const { entries } = await at.json<{ entries: { origin: string }[] }>(['quarantine', 'list'])
    assert.equal(entries.filter(({ origin }) => origin === `${path}:21`).length, 1)
  })
})

describe('calltrail import, on a folder that is being served', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  before(async () => {
    await at.serve()
    await at.json(['source', 'put', 'native-one', '--kind', 'native'])
    await at.json(['source', 'put', 'pbx', '--kind', 'asterisk', '--time-zone', 'Europe/Berlin'])
    mkdirSync(at.file('none'))
  })
  after(() => at.remove())
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(at.file(name), content)
    return at.file(name)
  }

  it('has the server read the files, whose calls it answers with', async () => {
    const text = `${ndjsonCalls(2000).join('\n')}\nnot JSON\n`
    writeFileSync(at.file('calls.ndjson'), text)
    const { code, stdout, stderr } = await at.run(['import', 'calls.ndjson'])
    assert.equal(code, 3)
    assert.match(stdout, /^stored +2,000$/m)
    assert.match(stderr, /source import was made: of kind native/)
    assert.match(stderr, /\d % {2}[\d,]+ records/)
    const again = await at.json<Summary>(['import', 'calls.ndjson'], { code: 3 })
    assert.deepEqual(outcome(again), { records: 2001, stored: 0, duplicates: 2000, refused: 1 })
  })

  it('sends standard input there', async () => {
    const input = `${ndjsonCalls(5000).join('\n')}\n`
    const summary = await at.json<Summary>(['import', '-', '--source', 'piped'], { input })
    assert.deepEqual(outcome(summary), { records: 5000, stored: 5000, duplicates: 0, refused: 0 })
  })

  it('costs one broken line in ten thousand that line alone, which is kept with its place and the reason', async () => {
    const lines = ndjsonCalls(10_000)
    lines[4710] = lines[4710]?.slice(0, -2) ?? ''
    const path = write('broken.ndjson', lines.join('\n'))
    const { code, stdout } = await at.run(['import', path, '--source', 'broken'])
    assert.equal(code, 3)
    assert.match(stdout, /^stored +9,999$/m)
    assert.match(stdout, /^ +1 +record +is not JSON$/m)
    const { entries } = await at.json<{ entries: Record<string, unknown>[] }>(['quarantine', 'list', '--limit', '1'])
    const { id, account_id, source, origin, reason } = entries[0] as Record<string, unknown>
    assert.deepEqual(
      { account_id, source, origin, reason },
      { account_id: ALICE, source: 'broken', origin: `${path}:4711`, reason: 'is not JSON' },
    )
    const { raw } = await at.json<{ raw: string }>(['quarantine', 'show', String(id)])
    assert.equal(raw, lines[4710])
  })

  it('reads gzip and zstd, several frames too', async () => {
    const [first, second] = [ndjsonCalls(60).slice(0, 30), ndjsonCalls(60).slice(30)].map(
      (half) => `${half.join('\n')}\n`,
    )
    const pack = (name: string, packer: (text: string) => Buffer) =>
      write(name, Buffer.concat([packer(first as string), packer(second as string)]))
    const files = [pack('a.ndjson.gz', gzipSync), pack('b.ndjson.zst', zstdCompressSync)]
    const summary = await at.json<Summary>(['import', ...files, '--source', 'packed'])
    assert.deepEqual(outcome(summary), { records: 120, stored: 60, duplicates: 60, refused: 0 })
  })

  it('stores the whole lines of a file that was cut off, and says how far it got', async () => {
    const packed = gzipSync(ndjsonCalls(5000).join('\n'))
    const path = write('cut.ndjson.gz', packed.subarray(0, packed.length / 2))
    const summary = await at.json<Summary>(['import', path, '--source', 'cut'], { code: 3 })
    const [cut] = summary.incomplete
    assert.equal(summary.stored, summary.records)
    assert.ok(summary.stored > 1000 && summary.stored < 4000, `${summary.stored}`)
    assert.equal(cut?.file, path)
    assert.equal(cut.records, summary.stored)
    assert.equal(cut.line, summary.stored + 1)
    assert.match(cut.reason, /stops in the middle/)
  })

  it('reads NDJSON from standard input, packed or not', async () => {
    const input = `${ndjsonCalls(3).join('\r\n')}\n\nnot JSON\n`
    const plain = await at.json<Summary>(['import', '-', '--source', 'stdin'], { input, code: 3 })
    assert.deepEqual(outcome(plain), { records: 4, stored: 3, duplicates: 0, refused: 1 })
    const packed = await at.json<Summary>(['import', '-', '--source', 'stdin'], { input: gzipSync(input), code: 3 })
    assert.deepEqual(outcome(packed), { records: 4, stored: 0, duplicates: 3, refused: 1 })
  })

  it('keeps equal calls without an id apart, and meets each of them again', async () => {
    const call = '{"started_at":"2026-01-15T14:28:48Z","ended_at":"2026-01-15T14:29:48Z","from":{"number":"1001"}}'
    const path = write('equal.ndjson', `${call}\n${call}\n${call}\n`)
    const first = await at.json<Summary>(['import', path, '--source', 'equal'])
    assert.deepEqual(outcome(first), { records: 3, stored: 3, duplicates: 0, refused: 0 })
    const again = await at.json<Summary>(['import', path, '--source', 'equal'])
    assert.deepEqual(outcome(again), { records: 3, stored: 0, duplicates: 3, refused: 0 })
  })

  it('imports the other files where one cannot be read', async () => {
    const files = [
      write('notes.txt', 'call mother\n'),
      write('empty.csv', ''),
      write('one.ndjson', ndjsonCalls(1).join()),
    ]
    const summary = await at.json<Summary>(['import', ...files, '--source', 'mixed'], { code: 3 })
    assert.equal(summary.stored, 1)
    assert.deepEqual(
      summary.incomplete.map(({ file, records }) => ({ file, records })),
      [{ file: at.file('notes.txt'), records: null }],
    )
  })

  it('reads the times of a new source in its zone', async () => {
    mkdirSync(at.file('berlin'))
    cpSync(ASTERISK, at.file('berlin/Master.csv'))
    await at.json(['import', 'berlin', '--source', 'pbx-berlin', '--time-zone', 'Europe/Berlin'])
    const { sources } = await at.json<{ sources: { name: string; time_zone: string }[] }>(['source', 'list'])
    assert.equal(sources.find(({ name }) => name === 'pbx-berlin')?.time_zone, 'Europe/Berlin')
  })

  for (const { args, because } of [
    { args: ['nowhere.ndjson'], because: 'the file is not there' },
    { args: ['.', '--source', 'x'], because: 'the folder has no file of calls' },
    { args: [ASTERISK, '--source', 'native-one'], because: 'the source is of another kind' },
    { args: [ASTERISK, '--source', 'pbx', '--time-zone', 'UTC'], because: 'the source has another time zone' },
    { args: [ASTERISK, '--source', 'pbx', '--account', 'MANOBODY000000000000'], because: 'no rule names that account' },
    { args: [ASTERISK, '--source', 'new', '--account', 'MANOBODY000000000000'], because: 'there is no such account' },
    { args: [ASTERISK, '-'], because: 'standard input stands alone' },
  ])
    it(`does nothing and ends with 2 where ${because}`, async () => {
      const { code, stdout, stderr } = await at.run(['import', ...args], { cwd: at.file('none') })
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, /^calltrail: /)
    })

  it('quarantines what no rule names an account for, and takes it in once one does', async () => {
    await at.json(['source', 'put', 'fs-new', '--kind', 'freeswitch', '--rule', `domain:nobody.example=${ALICE}`])
    const file = readFileSync(resolve(FREESWITCH, 'a_6b33f15e-8053-4642-a4b7-3d880cfc8cbd.cdr.json'))
    const path = write('unknown.cdr.json', file)
    const refused = await at.json<Summary>(['import', path, '--source', 'fs-new'], { code: 3 })
    assert.deepEqual(
      refused.refused_by_reason.map(({ field }) => field),
      ['account'],
    )
    await at.json(['source', 'put', 'fs-new', '--rule', `fixed=${ALICE}`])
    const replayed = await at.json(['quarantine', 'replay', '--all', '--source', 'fs-new'])
    assert.deepEqual(replayed, { replayed: 1, stored: 1, refused: [] })
  })
})
