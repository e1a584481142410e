import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { ErasureBegun } from '../../keeping.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import type { RetentionRun } from './retention-runs.ts'

/** What the writer does for whoever forgets, between two groups. */
export type KeepingWork =
  /** Answers with the erasure's id. */
  | { do: 'begin'; erasure: ErasureBegun }
  | { do: 'finish'; erasure: { id: number; nowUs: number; calls: number; reports: number; quarantined: number } }
  /** How far forgetting by age has come. */
  | { do: 'run'; run: RetentionRun }
  /** Empties a file of the raw log; answers whether it could. */
  | { do: 'drop raw file'; file: number }
  /** Writes `live.db` and `meta.db` anew, without the room that is free in them. */
  | { do: 'compact' }
  /** Answers with how many reports were there. */
  | { do: 'blank'; raw: RawAddress[] }
  /** Empties the write-ahead logs, so that pages as they were are gone; answers with whether a reader kept one. */
  | { do: 'empty logs' }

/** Empties the write-ahead logs of databases. False where a reader keeps one of them: it is to be tried again. */
export function emptyLogs(paths: readonly string[]): boolean {
  let allEmpty = true
  for (const path of paths) {
    if (!existsSync(path) || (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) continue
    const db = new DatabaseSync(path)
    try {
      const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
      if (busy !== 0) allEmpty = false
    } finally {
      db.close()
    }
  }
  return allEmpty
}
