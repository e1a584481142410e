import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { DialectLimits } from '../dialect/parts.ts'
import { Pipeline } from '../ingest/pipeline.ts'
import { defaultSettings } from '../record/account.ts'
import { type Directory, SCOPES } from '../store/directory.ts'
import type { Keeping } from '../store/keeping.ts'
import { openSqliteDirectory } from '../store/sqlite/directory/directory.ts'
import { folderPaths, lockFolder, makeFolder, prepareFolder } from '../store/sqlite/folder/folder.ts'
import type { Migration } from '../store/sqlite/folder/migration-progress.ts'
import { openSqliteStore, type SqliteCallStore } from '../store/sqlite/sqlite-store.ts'
import { growingClock } from './clock.ts'

/** An opened data folder: everything a server or a command works with. */
export interface Calltrail {
  calls: SqliteCallStore
  /** Forgetting, in the same store. */
  keeping: Keeping
  directory: Directory
  pipeline: Pipeline
  now: () => number
  /** Account and key made on the first start, shown once; null on every later one. */
  created: { accountId: string; key: string } | null
  close(): Promise<void>
}

/** Accounts, keys, sources and the quarantine of a data folder, without its calls. */
export type OpenedDirectory = Pick<Calltrail, 'directory' | 'now' | 'created' | 'close'>

/** The system's clock, which `performance.now` leaves behind when a machine sleeps or its clock is set. */
export const nowUs: () => number = growingClock(Date.now)

/** What whoever opens a folder is told. */
export interface Told {
  /** Nothing can be stored any more. */
  onFailure: (error: Error) => void
  /** Files of an older version are being brought up to this one, before the folder is open. */
  onMigration?: (migration: Migration) => void
}

/** Opens the data folder and holds it. */
export async function openCalltrail(config: Config, { onFailure, onMigration }: Told): Promise<Calltrail> {
  makeFolder(config.data)
  let directory: Directory | null = null
  const calls = await openSqliteStore({
    folder: config.data,
    deriveModule: new URL('../ingest/derive.ts', import.meta.url).href,
    readerThreads: config.pageReaders,
    waitingReports: config.waitingReports,
    waitingReads: config.waitingReads,
    onFailure,
    onMigration,
    settingsOf: (accountId) => {
      const settings = directory?.derivingSettings(accountId)
      if (!settings) throw new Error(`there is no account ${accountId}`)
      return settings
    },
  })
  try {
    directory = openSqliteDirectory({ path: folderPaths(config.data).meta, now: nowUs, onFailure })
    const opened = directory
    return {
      calls,
      keeping: calls.keeping,
      directory,
      pipeline: new Pipeline({ calls, directory, now: nowUs }),
      now: nowUs,
      created: firstAccount(directory, config),
      async close() {
        await calls.close()
        opened.close()
      },
    }
  } catch (error) {
    await calls.close()
    directory?.close()
    throw error
  }
}

/**
 * Opens only the directory of a data folder, and holds the folder just so: what needs no calls need not wait for the
 * threads of the store. Throws `FolderLockedError` when another process holds it.
 */
export async function openDirectory(config: Config): Promise<OpenedDirectory> {
  const lock = lockFolder(config.data)
  try {
    const { meta } = folderPaths(config.data)
    if (!existsSync(meta)) prepareFolder(config.data)
    const directory = openSqliteDirectory({ path: meta, now: nowUs })
    return {
      directory,
      now: nowUs,
      created: firstAccount(directory, config),
      async close() {
        directory.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

function firstAccount(directory: Directory, config: Config): Calltrail['created'] {
  if (directory.accounts().length > 0) return null
  const account = directory.createAccount({
    ...(config.bootstrapAccount === null ? {} : { id: config.bootstrapAccount }),
    settings: defaultSettings('Main'),
  })
  const { secret } = directory.createKey({
    accountId: account.id,
    name: 'first key',
    scopes: SCOPES,
    ...(config.bootstrapKey === null ? {} : { secret: config.bootstrapKey }),
  })
  return { accountId: account.id, key: secret }
}

export function limitsOf(config: Config): DialectLimits {
  const { plivoPageRows, plivoDefaultWindowDays, plivoHorizonDays, plivoRequestsPer5S } = config
  const { nativeRequestsPerMinute, portsipRequestsPerMinute, failedSignInsPerMinute } = config
  const { streamHeartbeatS, changeStreams, listDeadlineS, exportDeadlineS } = config
  return {
    plivoPageRows,
    plivoDefaultWindowDays,
    plivoHorizonDays,
    plivoRequestsPer5S,
    nativeRequestsPerMinute,
    portsipRequestsPerMinute,
    streamHeartbeatS,
    changeStreams,
    listDeadlineS,
    exportDeadlineS,
    failedSignInsPerMinute,
  }
}
