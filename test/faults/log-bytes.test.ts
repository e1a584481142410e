import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { LogWatch } from '../../src/store/log-watch.ts'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import { RunningServer } from '../support/running-server.ts'

const MIB = 1024 * 1024
const aCall = (n: number) => ({
  source_id: `call ${n}`,
  direction: 'inbound',
  from: { number: `+1202555${String(n).padStart(4, '0')}` },
  started_at: '2024-01-15T14:28:48Z',
  ended_at: '2024-01-15T14:32:00Z',
})

describe('The write-ahead logs', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  const segment = () => join(folderPaths(server.folder).segments, '000001.db')
  const sizes = () =>
    [folderPaths(server.folder).meta, folderPaths(server.folder).live, segment()]
      .map((path) => statSync(`${path}-wal`).size)
      .reduce((sum, bytes) => sum + bytes)
  const metric = async () =>
    Number(/^calltrail_log_bytes (\d+)$/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1])

  it('have their size in the metrics', async () => {
    await server.post([aCall(1), aCall(2)])
    assert.ok(sizes() > 0)
    assert.equal(await metric(), sizes())
  })

  it('are told of once when a reader that never ends keeps them growing, and once when they are small again', async () => {
    const told: string[] = []
    const watch = new LogWatch({
      calls: server.calltrail.calls,
      mostBytes: sizes() + MIB,
      onLarge: () => told.push('large'),
      onBack: () => told.push('back'),
      onError: (error) => assert.fail(error as Error),
    })
    await watch.look()
    const reader = new DatabaseSync(segment())
    reader.exec('BEGIN; SELECT * FROM calls')
    for (let n = 10; (await metric()) < 3 * MIB; n += 200)
      await server.post(Array.from({ length: 200 }, (_, at) => aCall(n + at)))
    await watch.look()
    await watch.look()
    assert.deepEqual(told, ['large'])
    reader.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
    reader.close()
    await watch.look()
    await watch.look()
    assert.deepEqual(told, ['large', 'back'])
  })
})
