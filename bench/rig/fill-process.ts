import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import type { Plan } from './plan.ts'
import { plannedReports, settingsOf } from './planned-reports.ts'
import type { Stretch } from './side.ts'

/**
 * Fills our store with the calls of a plan: in a process that opens the folder itself, by the same `append` that the
 * server calls, in groups as big as its writer takes, durably. What it spares is HTTP and the late reports' second write.
 */
const { folder, plan, stretch } = JSON.parse(process.argv[2] ?? '') as { folder: string; plan: Plan; stretch: Stretch }

/** So many appends wait that the writer always has a full group to go on with. */
const WAITING = 16

const store = await openSqliteStore({
  folder,
  deriveModule: new URL('../../src/ingest/derive.ts', import.meta.url).href,
  readerThreads: 1,
  settingsOf,
  onFailure: (error) => {
    throw error
  },
})
const waiting: Promise<unknown>[] = []
for (const calls of plannedReports(plan, stretch)) {
  waiting.push(store.append(calls.flat()))
  if (waiting.length >= WAITING) await waiting.shift()
}
await Promise.all(waiting)
await store.close()
