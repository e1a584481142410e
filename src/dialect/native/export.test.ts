import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aReport } from '../../../test/support/a-report.ts'
import { ArrayCallStore } from '../../../test/support/array-call-store.ts'
import { collect } from '../../../test/support/collect.ts'
import { ALICE } from '../../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf, variedReports } from '../../../test/support/varied-calls.ts'
import { derive } from '../../ingest/derive.ts'
import { defaultSettings } from '../../record/account.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { writeCall } from '../../record/wire.ts'
import { recordsWriter } from '../../store/call-encoder.ts'
import type { CallStore } from '../../store/call-store.ts'
import type { Order } from '../../store/query.ts'
import { CSV_COLUMNS, csv, EXPORT_MODULE, ledBy, ndjson } from './export.ts'

const BY_START: Order = { by: 'startedAtUs', descending: true }
const COUNT = 600

/** Texts that a spreadsheet or a reader of CSV could take for something else. */
const AWKWARD = [
  '=1+1',
  '+SUM(A1)',
  '@x',
  '-2',
  '+49 (30)',
  'a "quoted" name',
  'two\r\nlines',
  'a,b',
  "'",
  '\t=1',
  'ü💡',
]

describe('an export', () => {
  const at = new SqliteStoreInFolder()
  let store: CallStore
  let records: CallRecord[]
  before(async () => {
    store = await at.open()
    await store.append(variedReports({ count: COUNT, seed: 4, accountId: ALICE }))
    await store.append(
      AWKWARD.map((name, n) => aReport({ call_uuid: uuidOf(9000 + n), from: { number: '+12025550101', name } })),
    )
    records = (await collect(store.scan({ accountId: ALICE, where: null, order: BY_START }))).flat()
  })
  after(() => at.remove())

  const exported = async (name: 'csv' | 'ndjson', order = BY_START, calls: CallStore = store) => {
    const query = { accountId: ALICE, where: null, order, encoder: { module: EXPORT_MODULE, name } }
    const parts = await collect(calls.scanText(query))
    return Buffer.concat(parts.map(({ bytes }) => bytes)).toString('utf8')
  }

  it('has a line for each call, contact centre or not', () => {
    assert.equal(records.length, COUNT + AWKWARD.length)
    assert.ok(records.filter(({ center }) => center !== null).length > 100)
    assert.ok(records.filter(({ center, recordings }) => center === null && recordings.length > 0).length > 1)
  })

  it('as NDJSON is each call in its wire form', async () => {
    const lines = (await exported('ndjson')).split('\n')
    assert.equal(lines.pop(), '')
    assert.deepEqual(
      lines,
      records.map((call) => JSON.stringify(writeCall(call))),
    )
  })

  it('as CSV has the values of the wire form under their names, quoted where they must be and never a formula', async () => {
    const lines = records.map((call) => CSV_COLUMNS.map((name) => csvField(wireValue(call, name))).join(','))
    assert.equal(await exported('csv'), lines.map((line) => `${line}\r\n`).join(''))
  })

  it('is the same from records', async () => {
    for (const [name, encoder] of Object.entries({ csv, ndjson }))
      assert.equal(Buffer.from(recordsWriter(encoder)(records)).toString('utf8'), await exported(name as 'csv'))
  })

  it('says of each part how many calls are in it', async () => {
    const encoder = { module: EXPORT_MODULE, name: 'ndjson' }
    for await (const { bytes, calls } of store.scanText({ accountId: ALICE, where: null, order: BY_START, encoder }))
      assert.equal(Buffer.from(bytes).toString('utf8').split('\n').length - 1, calls)
  })

  it('is in any order that a list can have, one without a cursor too', async () => {
    const orders: Order[] = [
      { by: 'endedAtUs', descending: false },
      { by: 'startedAtUs', descending: false, thenBy: [{ by: 'id', descending: true }] },
    ]
    for (const order of orders) {
      const sorted = (await collect(store.scan({ accountId: ALICE, where: null, order }))).flat()
      const lines = (await exported('ndjson', order)).split('\n').slice(0, -1)
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).call_uuid),
        sorted.map(({ callUuid }) => callUuid),
      )
    }
  })

  it('says the same of a call in every store', async () => {
    const model = new ArrayCallStore({ settingsOf: () => defaultSettings('Anybody'), derive })
    await model.append([aReport()])
    const other = new SqliteStoreInFolder()
    const real = await other.open()
    await real.append([aReport()])
    const [ours, theirs] = [await exported('csv', BY_START, real), await exported('csv', BY_START, model)]
    await other.remove()
    const ownNumbers = /^\d+,|,\d+\r\n$/g
    assert.equal(ours.replace(ownNumbers, ''), theirs.replace(ownNumbers, ''))
  })

  it('has its head where there are no calls, and tells before it that it cannot begin', async () => {
    const nothing = ledBy(csv.head, { parts: (async function* () {})(), unsent: () => 0 })
    assert.equal(Buffer.concat(await collect(nothing)).toString(), csv.head)
    const query = { accountId: ALICE, where: null, order: BY_START, encoder: { module: EXPORT_MODULE, name: 'none' } }
    await assert.rejects(collect(ledBy(csv.head, { parts: store.scanText(query), unsent: () => 0 })), /exports no none/)
  })
})

/** `from.number` of the wire form. */
function wireValue(call: CallRecord, name: string): unknown {
  let value: unknown = writeCall(call)
  for (const part of name.split('.')) value = (value as Record<string, unknown> | null)?.[part] ?? null
  return value
}

function csvField(value: unknown): string {
  if (value === null) return ''
  if (typeof value !== 'string' && typeof value !== 'object') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=@\t\r]|^[+-](?![\d.]*$)/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
