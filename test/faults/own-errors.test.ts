import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Report } from '../../src/record/report.ts'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import { RunningServer } from '../support/running-server.ts'

const start = (id: string) => ({
  kind: 'start',
  source_id: id,
  direction: 'inbound',
  started_at: '2024-01-15T14:28:48Z',
})
const update = (id: string) => ({ kind: 'update', source_id: id, tags: ['late'] })

describe('An error that no report is at fault for', () => {
  let server: RunningServer
  beforeEach(async () => {
    server = await RunningServer.start()
  })
  afterEach(() => server.stop())

  const change = (file: 'meta' | 'live', sql: string, ...values: Uint8Array[]) => {
    const db = new DatabaseSync(folderPaths(server.folder)[file])
    try {
      return values.length === 0 ? db.exec(sql) : db.prepare(sql).run(...values)
    } finally {
      db.close()
    }
  }
  const documentOf = () => {
    const db = new DatabaseSync(folderPaths(server.folder).live, { readOnly: true })
    try {
      return (db.prepare('SELECT doc FROM calls').get() as { doc: Uint8Array }).doc
    } finally {
      db.close()
    }
  }
  const send = async (records: unknown) => {
    const response = await server.post(records)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const quarantined = () => server.calltrail.directory.quarantined({ accountId: null, limit: 10 }).entries.length

  it('in the row of a call that a report is for: none of the request is refused, and all is stored once it is mended', async () => {
    await send(start('known'))
    const whole = documentOf()
    change('live', 'UPDATE calls SET doc = ?', new Uint8Array([0xff]))
    const failed = await send([start('new'), update('known')])
    assert.deepEqual([failed.status, (failed.body.error as { code: string }).code], [500, 'internal'])
    assert.equal(quarantined(), 0)
    change('live', 'UPDATE calls SET doc = ?', whole)
    const { body } = await send([start('new'), update('known')])
    assert.deepEqual([body.stored, body.updated, body.rejected_total], [1, 1, 0])
  })

  it('in a table that has nothing of a report in it, though SQLite calls it a constraint', async () => {
    change('meta', "CREATE TRIGGER odd BEFORE INSERT ON account_sources BEGIN SELECT RAISE(ABORT, 'odd'); END")
    const failed = await send([start('1'), start('2')])
    assert.deepEqual([failed.status, quarantined()], [500, 0])
    change('meta', 'DROP TRIGGER odd')
    assert.equal((await send([start('1'), start('2')])).body.stored, 2)
  })

  it('in a stream that its client is slow to end: it is told then, and the server goes on', async () => {
    change('live', 'ALTER TABLE member RENAME TO elsewhere')
    const { calls } = server.calltrail
    const append = calls.append.bind(calls)
    const failed = Promise.withResolvers<void>()
    mock.method(calls, 'append', (reports: readonly Report[]) => {
      const appended = append(reports)
      appended.catch(() => failed.resolve())
      return appended
    })
    const lines = Array.from({ length: 600 }, (_, n) => JSON.stringify({ ...start(`${n}`), session_id: 'S1' }))
    const body = async function* () {
      yield Buffer.from(lines.map((line) => `${line}\n`).join(''))
      await failed.promise
      await turn()
      yield Buffer.from(`${JSON.stringify(start('last'))}\n`)
    }
    const headers = { 'content-type': 'application/x-ndjson' }
    const sent = { method: 'POST', headers, body: ReadableStream.from(body()), duplex: 'half' } as RequestInit
    assert.equal((await server.native('/calls', sent)).status, 500)
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  })

  it('in our own SQL: it is no fault of the disk', async () => {
    change('live', 'ALTER TABLE member RENAME TO elsewhere')
    assert.equal((await send({ ...start('1'), session_id: 'S1' })).status, 500)
    change('live', 'ALTER TABLE elsewhere RENAME TO member')
    assert.equal((await send({ ...start('1'), session_id: 'S1' })).body.stored, 1)
    assert.equal(quarantined(), 0)
  })
})
