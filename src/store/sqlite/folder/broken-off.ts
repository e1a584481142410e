import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Finding } from '../doctor/doctor-finding.ts'
import { namedDamage, storedIn } from './folder-check.ts'

/**
 * Whether a rollback journal lies beside a database (sqlite.org/fileformat2.html, 3): a crash broke a change off that began
 * before the file had a write-ahead log, and whoever may only read cannot read it.
 */
function isBroken(folder: string, name: string): boolean {
  const journal = statSync(join(folder, `${name}-journal`), { throwIfNoEntry: false })
  return (journal?.size ?? 0) > 0 && existsSync(join(folder, name))
}

/** `meta.db` first, which names the others. What it does not name a crash left unfinished, and is removed. */
function* brokenOff(folder: string): Generator<string> {
  if (isBroken(folder, 'meta.db')) yield 'meta.db'
  if (!existsSync(join(folder, 'meta.db'))) return
  for (const name of storedIn(folder).names) if (isBroken(folder, name)) yield name
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

/** What cannot be examined before a start has taken it back or removed it, of a folder that nobody serves. */
export function* examineBrokenOff(folder: string): Generator<Finding> {
  const segments = existsSync(join(folder, 'segments')) ? readdirSync(join(folder, 'segments')) : []
  const names = [
    'meta.db',
    'live.db',
    ...segments.filter((name) => /\.db$/.test(name)).map((name) => `segments/${name}`),
  ]
  for (const name of names.filter((name) => isBroken(folder, name)))
    yield {
      check: 'files',
      level: 'warning',
      what: `a crash broke off a change of ${name} (${name}-journal)`,
      todo: 'start the server, which takes the change back, and run the command again',
    }
}
