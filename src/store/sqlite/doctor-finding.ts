import { basename } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { openForReading } from './folder.ts'

/** What an examination of a data folder has found, and what to do about it. */
export interface Finding {
  /** What was looked at: `integrity`, `raw log`. */
  check: string
  /** `problem`: data are missing or wrong, or will be; `warning`: worth a look; `ok`: as it should be. */
  level: 'ok' | 'warning' | 'problem'
  what: string
  /** Null where there is nothing to do. */
  todo: string | null
}

export const RESTORE = 'stop the server, keep a copy of the folder, and restore the file from a backup'

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what, todo: null }
}

/** A file that SQLite cannot read is a finding like any other. */
export function* withFile(path: string, examine: (db: DatabaseSync) => Iterable<Finding>): Generator<Finding, void> {
  let db: DatabaseSync | null = null
  try {
    db = openForReading(path, 16_384)
    yield* examine(db)
  } catch (error) {
    const what = `${basename(path)} cannot be read: ${(error as Error).message}`
    yield { check: 'files', level: 'problem', what, todo: RESTORE }
  } finally {
    db?.close()
  }
}
