import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { defaultSettings } from '../../src/record/account.ts'
import { openSqliteDirectory } from '../../src/store/sqlite/directory/directory.ts'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import { type Plan, tenantsOf } from './plan.ts'

/** The run's own folder. Others may pass through it, so that PostgreSQL can run as a user of its own. */
export function makeFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'calltrail-bench-'))
  chmodSync(folder, 0o711)
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** A data folder that knows the plan's tenants and their keys, and has no calls. */
export function makeDataFolder(folder: string, plan: Plan): void {
  mkdirSync(folder, { recursive: true })
  const directory = openSqliteDirectory({ path: folderPaths(folder).meta, now: () => Date.now() * 1000 })
  for (const { accountId, key, no } of tenantsOf(plan)) {
    directory.createAccount({ id: accountId, settings: defaultSettings(`Tenant ${no}`) })
    directory.createKey({ accountId, name: 'bench', scopes: ['read', 'ingest'], secret: key })
  }
  directory.close()
}

/** Bytes of every file under a folder. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

const BYTES_A_CALL = { ours: 650, theirs: 2200 }
/** While segments are merged, the calls of one are there twice. */
const MERGED_CALLS = 2_000_000
/** PostgreSQL keeps this much of its log at most, and writes some 2.5 KB of it for a call. */
export const MOST_WAL_BYTES = 8 * 2 ** 30
const WAL_BYTES_A_CALL = 2500
/** Calls a second over HTTP, one side after the other, and filled in, both sides at once. */
const CALLS_PER_S = { ours: 12_000, theirs: 8000, filledAlone: 15_000, filledBoth: 7000, copied: 150_000 }

/** What a run will need, roughly and rather too much. */
export function needsOf(given: {
  calls: number
  history: number
  postgres: boolean
  questions: number
  rounds: number
  seconds: number
  overHttp: boolean
}): { bytes: number; seconds: number } {
  const { calls, history, postgres, questions, rounds, seconds, overHttp } = given
  const theirs = postgres ? BYTES_A_CALL.theirs * calls + Math.min(WAL_BYTES_A_CALL * calls, MOST_WAL_BYTES) : 0
  const { ours: sent, theirs: pg, filledAlone, filledBoth, copied } = CALLS_PER_S
  const filling = calls / (postgres ? filledBoth : filledAlone)
  const loading = overHttp ? calls / sent + (postgres ? calls / pg : 0) : filling
  const asking = questions * rounds * seconds * 2.5 * (postgres ? 2 : 1)
  const ours = BYTES_A_CALL.ours * (calls + history + Math.min(calls, MERGED_CALLS))
  return { bytes: ours + theirs + 200e6, seconds: 10 + loading + history / copied + asking }
}

/** Bytes that may still be written where the folder is. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
