import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Finding } from '../doctor/doctor-finding.ts'
import { namedDamage, storedIn, UnusableFolderError } from './folder-check.ts'

/**
 * Databases of a folder beside which a rollback journal lies (sqlite.org/fileformat2.html, 3), `meta.db` first, which names the
 * others: a crash broke a change off that began before the file had a write-ahead log, and whoever may only read cannot
 * read it. Files that `meta.db` does not name are what a crash left unfinished, and are removed.
 */
function* brokenOff(folder: string): Generator<string> {
  const isBroken = (name: string) =>
    existsSync(join(folder, name)) &&
    (statSync(join(folder, `${name}-journal`), { throwIfNoEntry: false })?.size ?? 0) > 0
  if (isBroken('meta.db')) yield 'meta.db'
  if (!existsSync(join(folder, 'meta.db'))) return
  for (const name of storedIn(folder).names) if (isBroken(name)) yield name
}

/** Has SQLite take back what was broken off. For who holds the folder, before anything in it is read. */
export function takeBack(folder: string): void {
  for (const name of brokenOff(folder)) {
    const db = new DatabaseSync(join(folder, name), { timeout: 5000 })
    try {
      db.prepare('PRAGMA user_version').get()
    } catch (error) {
      throw namedDamage(error, join(folder, name))
    } finally {
      db.close()
    }
  }
}

/** What cannot be examined before it was taken back, of a folder that nobody serves. */
export function* examineBrokenOff(folder: string): Generator<Finding> {
  try {
    for (const name of brokenOff(folder)) {
      yield {
        check: 'files',
        level: 'warning',
        what: `a crash broke off a change of ${name} (${name}-journal)`,
        todo: 'start the server, which takes the change back, and run the command again',
      }
      if (name === 'meta.db') return // it cannot tell of the others
    }
  } catch (error) {
    if (!(error instanceof UnusableFolderError)) throw error // damage is told of where the file is examined
  }
}
