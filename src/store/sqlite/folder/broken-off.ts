import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Finding } from '../doctor/doctor-finding.ts'
import { namedDamage } from './folder-check.ts'

/**
 * Databases of a folder beside which a rollback journal lies (sqlite.org/fileformat2.html, 3): a crash broke a change off
 * that began before the file had a write-ahead log, and whoever may only read cannot read it.
 */
function brokenOff(folder: string): string[] {
  return [folder, join(folder, 'segments')].filter(existsSync).flatMap((within) =>
    readdirSync(within).flatMap((name) => {
      const [, database] = /^(.+\.db)-journal$/.exec(name) ?? []
      if (database === undefined || database === 'lock.db' || !existsSync(join(within, database))) return []
      return (statSync(join(within, name), { throwIfNoEntry: false })?.size ?? 0) > 0 ? [join(within, database)] : []
    }),
  )
}

/** Has SQLite take back what was broken off. For who holds the folder, before anything in it is read. */
export function takeBack(folder: string): void {
  for (const path of brokenOff(folder)) {
    const db = new DatabaseSync(path, { timeout: 5000 })
    try {
      db.prepare('PRAGMA user_version').get()
    } catch (error) {
      throw namedDamage(error, path)
    } finally {
      db.close()
    }
  }
}

/** What cannot be examined before it was taken back, of a folder that nobody serves. */
export function* examineBrokenOff(folder: string): Generator<Finding> {
  for (const path of brokenOff(folder))
    yield {
      check: 'files',
      level: 'warning',
      what: `a crash broke off a change of ${relative(folder, path)} (${basename(path)}-journal)`,
      todo: 'start the server, which takes the change back, and run the command again',
    }
}
