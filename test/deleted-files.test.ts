import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'
import { afterEach, describe, it } from 'node:test'
import type { Expr } from '../src/store/query.ts'
import { folderPaths } from '../src/store/sqlite/folder/folder.ts'
import type { SqliteCallStore } from '../src/store/sqlite/sqlite-store.ts'
import { aReport, us } from './support/a-report.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { SqliteStoreInFolder } from './support/sqlite-store-in-folder.ts'
import { uuidOf } from './support/varied-calls.ts'

const ACCOUNTS = [ALICE, 'MA2025BBBBBBBBBBBBBB', 'MA2025CCCCCCCCCCCCCC'] as const
const BEGIN_US = us('2024-01-01T00:00:00Z')
const ORDER = { by: 'startedAtUs', descending: true } as const

/** Looks at every call many times, so that the questions of several accounts are under way at once. */
const LONG: Expr = {
  op: 'or',
  of: Array.from({ length: 60 }, (_, n) => ({ op: 'contains', field: 'userData', value: `y${n}` }) as const),
}

const call = (n: number) => {
  const at = (seconds: number) => new Date(BEGIN_US / 1000 + (n + seconds) * 1000).toISOString()
  const times = { started_at: at(0), answered_at: null, ended_at: at(30) }
  const body = { call_uuid: uuidOf(n), user_data: 'x'.repeat(500), ...times }
  return aReport(body, { accountId: ACCOUNTS[n % ACCOUNTS.length] as string })
}
const calls = (from: number, count: number) => Array.from({ length: count }, (_, n) => call(from + n))

/** Files of a folder that this process has open; those that are deleted end so. */
function openFiles(folder: string): string[] {
  const fds = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // the descriptor of this very look
    }
  })
  return fds.filter((path) => path.startsWith(folder))
}
const deleted = (folder: string) => openFiles(folder).filter((path) => path.endsWith(' (deleted)'))

/** Has several readers of every lane open every file. */
async function busy(store: SqliteCallStore): Promise<void> {
  await Promise.all(
    ACCOUNTS.flatMap((accountId) => [
      store.list({ accountId, where: LONG, order: ORDER, limit: 10, total: true }),
      store.summary({ accountId, by: 'endedAtUs', edgesUs: [BEGIN_US, 2 * BEGIN_US], legs: 'all' }),
      drained(store.scan({ accountId, where: LONG, order: ORDER })),
    ]),
  )
  for (let n = 0; n < 300; n += 1)
    await store.find({ accountId: ACCOUNTS[n % ACCOUNTS.length] as string, callUuid: uuidOf(n) })
}

async function drained(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

/** A question more, of every lane. */
async function ask(store: SqliteCallStore): Promise<void> {
  await store.append([call(1_000_000)])
  await store.lastChange(ALICE)
  await store.stats()
  await drained(store.scan({ accountId: ALICE, where: null, order: ORDER }))
}

describe('files of segments that were merged or dropped', { skip: process.platform !== 'linux' }, () => {
  const at = new SqliteStoreInFolder({
    segmentSizes: { openCalls: 300, fullCalls: 3000, mergeYoung: 4, overallFrom: 1000 },
  })
  afterEach(() => at.remove())

  it('are let go of by readers that have nothing to do, too', async () => {
    const store = await at.open()
    for (let from = 0; from < 900; from += 300) await store.append(calls(from, 300))
    await busy(store)
    const readers = openFiles(at.folder).filter((path) => path.endsWith('000001.db')).length
    assert.ok(readers > 4, `${readers} have the first segment open`)
    for (let from = 900; from < 1500; from += 300) await store.append(calls(from, 300))
    await settled(store)
    assert.ok(!readdirSync(folderPaths(at.folder).segments).includes('000001.db'))
    await ask(store)
    assert.deepEqual(deleted(at.folder), [])

    await busy(store)
    const [no] = readdirSync(folderPaths(at.folder).segments).filter((name) => name.endsWith('.db'))
    assert.ok(await store.maintenance.drop(Number.parseInt(no as string, 10), Number.MAX_SAFE_INTEGER))
    await settled(store)
    await ask(store)
    assert.deepEqual(deleted(at.folder), [])
  })
})

/** Until the maintenance thread has begun what there is to do, and has nothing left. */
async function settled(store: SqliteCallStore): Promise<void> {
  for (let rest = 0; rest < 3; ) {
    await store.lastChange(ALICE)
    rest = store.maintenance.state.task === null && store.maintenance.state.done > 0 ? rest + 1 : 0
  }
}
