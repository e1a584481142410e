import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type FileFormat, isOneObjectALine, SNIFFED_BYTES, sniffFormat } from './sniff.ts'

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url)
const captured = (name: string) => readFileSync(new URL(name, FIXTURES))
const cdr = captured(`freeswitch/json/${readdirSync(new URL('freeswitch/json/', FIXTURES))[0]}`)
const pretty = JSON.stringify(JSON.parse(cdr.toString()), null, 2)
const native = '{"from":{"number":"+12025550100"},"started_at":"2024-01-15T14:28:48Z"}\n'

describe('sniffFormat', () => {
  const cases: { what: string; given: Buffer; name?: string; format: FileFormat | null; aLine?: boolean }[] = [
    { what: 'a captured JSON CDR', given: cdr, format: 'freeswitch-json', aLine: true },
    { what: 'the same printed over lines', given: Buffer.from(pretty), format: 'freeswitch-json', aLine: false },
    { what: 'a list of them', given: Buffer.from(`[${pretty}]`), format: 'freeswitch-json', aLine: false },
    {
      what: 'many of them, more than is looked at',
      given: Buffer.concat(Array(9).fill(cdr)).subarray(0, SNIFFED_BYTES),
      format: 'freeswitch-json',
      aLine: true,
    },
    {
      what: 'a captured Master.csv of 21 columns',
      given: captured('asterisk/master-21-columns.csv'),
      format: 'asterisk-csv',
    },
    {
      what: 'a captured Master.csv of 18 columns',
      given: captured('asterisk/master-18-columns.csv'),
      format: 'asterisk-csv',
    },
    {
      what: 'a Master.csv whose first line is broken',
      given: Buffer.concat([Buffer.from('","Dial\n'), captured('asterisk/master-18-columns.csv')]),
      format: 'asterisk-csv',
    },
    { what: 'native NDJSON', given: Buffer.from(native), format: 'native-ndjson', aLine: true },
    {
      what: 'native NDJSON with a byte order mark',
      given: Buffer.from(`\uFEFF${native}`),
      format: 'native-ndjson',
      aLine: true,
    },
    {
      what: 'native NDJSON whose first line is broken',
      given: Buffer.from(`{"from":\n${native}`),
      format: 'native-ndjson',
      aLine: true,
    },
    {
      what: 'an empty object that is named as a CDR',
      given: Buffer.from('{}\n'),
      name: 'x.cdr.json',
      format: 'freeswitch-json',
      aLine: true,
    },
    { what: 'a CSV with a header', given: Buffer.from('call_uuid,from\n1,2\n'), format: null },
    { what: 'nothing', given: Buffer.alloc(0), format: null },
    {
      what: 'a picture',
      given: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 0xff]),
      name: 'Master.csv',
      format: null,
    },
  ]
  for (const { what, given, name = 'file', format, aLine } of cases)
    it(`takes ${what} for ${format}`, () => {
      assert.equal(sniffFormat(given, name), format)
      if (aLine !== undefined) assert.equal(isOneObjectALine(given), aLine)
    })
})
