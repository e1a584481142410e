import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import pg from 'pg'
import type { DerivingSettings } from '../../src/record/account.ts'
import type { Report } from '../../src/record/report.ts'
import type { Derive, Outcome } from '../../src/store/call-store.ts'
import type { Reach } from './cluster.ts'
import { Names } from './names.ts'
import { ROW_TYPES } from './rows.ts'
import { Writer } from './writer.ts'

/** Settings come along when they are new or have changed. */
export type Task = { settings: [string, DerivingSettings][] } & (
  | { kind: 'append'; reports: Report[] }
  | { kind: 'rederive'; accountId: string; callUuids: readonly string[]; paths: readonly string[] }
)

/** What a task did; `changed` has the last change of each account. No outcomes for a rederivation. */
export interface Done {
  outcomes: Outcome[]
  changedCalls: number
  changed: Map<string, number>
}
export type WriterAnswer = 'ready' | Done | { error: unknown }

const { reach, deriveModule } = workerData as { reach: Reach; deriveModule: string }
const { derive } = (await import(deriveModule)) as { derive: Derive }
const port = parentPort as MessagePort
const pool = new pg.Pool({ ...reach, max: 1 })
const client = new pg.Client({ ...reach, types: ROW_TYPES })
await client.connect()
const accounts = new Names(pool, 'accounts')
const sources = new Names(pool, 'sources')
await Promise.all([accounts.load(), sources.load()])
const settings = new Map<string, DerivingSettings>()
const settingsOf = (accountId: string) => {
  const found = settings.get(accountId)
  if (found === undefined) throw new Error(`the writer was not told of the account ${accountId}`)
  return found
}
const writer = new Writer({ client, accounts, sources, derive, settingsOf })
await writer.prepare()

port.on('message', async (task: Task | 'close') => {
  if (task === 'close') {
    await client.end()
    await pool.end()
    port.close()
    return
  }
  for (const [accountId, value] of task.settings) settings.set(accountId, value)
  try {
    const done = await (task.kind === 'append' ? writer.append(task.reports) : writer.rederive(task))
    port.postMessage(done satisfies WriterAnswer)
  } catch (error) {
    port.postMessage({ error } satisfies WriterAnswer)
  }
})
port.postMessage('ready' satisfies WriterAnswer)
