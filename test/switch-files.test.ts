import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type FileRecord, readCallFile } from '../src/ingest/file/read-call-file.ts'
import { readReport } from '../src/ingest/native/read-report.ts'
import { type Account, defaultSettings } from '../src/record/account.ts'
import { type CallState, fold } from '../src/record/merge.ts'
import { collect } from './support/collect.ts'

const FIXTURES = new URL('./fixtures/', import.meta.url)
const account: Account = { id: 'MA2025RK4E639VJFZAGV', settings: defaultSettings('Lab'), createdAtUs: 1 }
const ARRIVED_AT_US = 1_795_300_000_000_000
const folder = mkdtempSync(join(tmpdir(), 'calltrail-switches-'))
after(() => rmSync(folder, { recursive: true }))

const cdrs = readdirSync(new URL('freeswitch/json/', FIXTURES)).map((name) =>
  readFileSync(new URL(`freeswitch/json/${name}`, FIXTURES), 'utf8'),
)
const master = (columns: number) => readFileSync(new URL(`asterisk/master-${columns}-columns.csv`, FIXTURES), 'utf8')

/** Files of the captures; the 16 columns, which were not captured, are the first sixteen of the rows with 21. */
const sources: { name: string; text: string; lines: string[] }[] = [
  { name: 'freeswitch', text: cdrs.join('') },
  { name: 'asterisk, 21 columns', text: master(21) },
  { name: 'asterisk, 18 columns', text: master(18) },
  { name: 'asterisk, 16 columns', text: master(21).replaceAll(/,"[^"]*","(?:[^"]|"")*","[^"]*","[^"]*",\d+$/gm, '') },
].map(({ name, text }) => ({
  name,
  text,
  lines: text
    .trim()
    .split('\n')
    .map((line) => `${line}\n`),
}))

async function recordsOf(text: string): Promise<FileRecord[]> {
  const path = join(folder, 'file')
  writeFileSync(path, text)
  const file = await readCallFile(path, { format: null, timeZone: 'UTC' })
  return (await collect(file?.records ?? assert.fail('not sniffed'))).filter((record) => record.kind === 'record')
}

/** What a store would hold after these records: the facts of each call by its id. */
function importInto(calls: Map<string, CallState>, records: FileRecord[]): Map<string, CallState> {
  for (const { reading, raw } of records) {
    assert.ok('ok' in reading && reading.ok)
    const read = readReport(reading.call, { account, source: 'fs', arrivedAtUs: ARRIVED_AT_US, raw })
    assert.ok(read.ok, JSON.stringify(read))
    calls.set(read.report.callUuid, fold(calls.get(read.report.callUuid) ?? null, read.report))
  }
  return calls
}

const factsOf = (calls: Map<string, CallState>) =>
  Object.fromEntries([...calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { facts }]) => [id, facts]))

for (const { name, text, lines } of sources)
  describe(`a file of ${name}`, () => {
    it('is accepted record by record', async () => {
      const records = await recordsOf(text)
      assert.ok(records.length >= 12, `${records.length}`)
      assert.equal(importInto(new Map(), records).size, records.length)
    })

    it('leaves the same calls after any number of imports', async () => {
      const records = await recordsOf(text)
      const once = importInto(new Map(), records)
      assert.deepEqual(importInto(importInto(new Map(once), records), records.toReversed()), once)
    })

    it('leaves the same calls when any part of it was imported before', async () => {
      const whole = factsOf(importInto(new Map(), await recordsOf(text)))
      for (let count = 1; count < lines.length; count++) {
        const begun = importInto(new Map(), await recordsOf(lines.slice(0, count).join('')))
        assert.deepEqual(factsOf(importInto(begun, await recordsOf(text))), whole, `after ${count} lines`)
      }
    })
  })
