import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { rawFileNumbers } from '../raw/raw-log.ts'
import { rawAddresses } from '../row/raw-addresses.ts'
import { cutOff } from './file-head.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { userName } from './user-name.ts'

/** A data folder that cannot be opened as it is; the message says what is wrong with which file, and what to do. */
export class UnusableFolderError extends Error {}

/** SQLite's codes (sqlite.org/rescode.html) for a file that is damaged, and for one that is no database. */
const DAMAGED = [11, 26]

/** What a restore lays its unfinished work in; a folder that has it and no `meta.db` is not to be opened. */
export const RESTORING = 'restoring'

/** What a restore of one file puts what it replaces in. */
export const ASIDE = 'damaged'

/** Whether a restore into this folder began and did not end. */
export function isRestoreUnfinished(folder: string): boolean {
  return existsSync(join(folder, RESTORING)) && !existsSync(join(folder, 'meta.db'))
}

/** What is written to, beside the folders and the files that every folder has: a server that could not would say so with each report, and not at its start. */
const WRITTEN = /^([a-z]+\.db-(wal|shm)|segments\/\d+\.(db(-wal|-shm)?|filter)|raw\/\d+\.zlog)$/

/** Throws `UnusableFolderError` where this user cannot write to the folder or to what lies in it. */
export function requireWritable(folder: string): void {
  for (const name of ['', 'lock.db', 'meta.db', 'live.db', 'segments', 'raw', ...writtenIn(folder)]) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.W_OK)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') continue
      const why = code === 'EROFS' ? 'its file system is read-only' : `the user ${userName()} may not write to it`
      throw new UnusableFolderError(`${path} cannot be written: ${why}`)
    }
  }
}

/** A folder that may not be looked into is refused for that when it is opened. */
function writtenIn(folder: string): string[] {
  const within = (name: string) => {
    try {
      return readdirSync(join(folder, name)).map((file) => join(name, file))
    } catch {
      return []
    }
  }
  return ['', 'segments', 'raw'].flatMap(within).filter((name) => WRITTEN.test(name))
}

/**
 * Throws `UnusableFolderError` where a file is missing that holds what was stored: it would be made anew, and empty. For
 * who holds the folder, before anything in it is made.
 */
export function requireWhole(folder: string): void {
  if (isRestoreUnfinished(folder))
    throw new UnusableFolderError(
      `a restore into ${folder} did not end: run it again, and it begins anew (calltrail restore BACKUP --into ${folder})`,
    )
  const isThere = existsSync(join(folder, 'meta.db'))
  const { isMade, names, reserved } = isThere ? storedIn(folder) : { isMade: false, names: [], reserved: 0 }
  if (!isMade) {
    // With another in its place the calls would be nobody's, or somebody else's. A log beside it is that of a first start.
    const found = storedFiles(folder).find((name) => !isThere || name !== 'meta.db-wal')
    if (found === undefined) return
    const what = `meta.db ${isThere ? 'has nothing in it' : 'is missing'}, and there is ${found}`
    throw new UnusableFolderError(`${folder}: ${what}; move the folder away, and ${restoreWhole(folder)}`)
  }
  for (const name of names) {
    const wrong = existsSync(join(folder, name)) ? cutOff(join(folder, name)) : 'is missing'
    if (wrong === null) continue
    throw new UnusableFolderError(`${folder}: ${name} ${wrong}; ${restoreFile(folder, name)}`)
  }
  // live.db, and the two latest segments: where new ids are.
  for (const name of [...names.slice(0, 1), ...names.slice(1).slice(-2)]) requireOneTime(folder, { name, reserved })
}

/**
 * Throws where a file has a call with an id that `meta.db` would give out again, or with a report in a file of the raw log
 * that would be begun again: they are of different times, as in a folder that was copied while it was in use.
 */
function requireOneTime(folder: string, { name, reserved }: { name: string; reserved: number }): void {
  const last = lastCall(join(folder, name))
  if (last === null) return
  if (last.id > reserved)
    throw new UnusableFolderError(
      `${folder}: ${name} has a call with the id ${last.id}, and by meta.db none is above ${reserved}: the folder was copied ` +
        `while it was in use; copy it again with the server stopped, or ${restoreWhole(folder)}`,
    )
  const addresses = [...rawAddresses(last.reports).values()]
  const raw = Math.max(0, ...addresses.map(({ file }) => file))
  const newest = existsSync(join(folder, 'raw')) ? Math.max(0, ...rawFileNumbers(join(folder, 'raw'))) : 0
  const nameOf = (no: number) => `raw/${String(no).padStart(6, '0')}.zlog`
  if (raw > newest) {
    const missing = nameOf(newest + 1)
    throw new UnusableFolderError(`${folder}: ${missing} is missing; ${restoreFile(folder, missing)}`)
  }
  const end = Math.max(0, ...addresses.filter(({ file }) => file === newest).map(({ offset }) => offset + 1))
  if (newest === 0 || end <= statSync(join(folder, nameOf(newest))).size) return
  throw new UnusableFolderError(
    `${folder}: ${nameOf(newest)} is cut off: reports of stored calls lay behind its end; ${restoreFile(folder, nameOf(newest))}; ` +
      `or go on without these reports, in a file of its own: touch ${join(folder, nameOf(newest + 1))}`,
  )
}

function lastCall(path: string): { id: number; reports: Uint8Array } | null {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  try {
    const last = db.prepare('SELECT id, reports FROM calls ORDER BY id DESC LIMIT 1').get()
    return (last as { id: number; reports: Uint8Array } | undefined) ?? null
  } catch (error) {
    throw namedDamage(error, path)
  } finally {
    db.close()
  }
}

/** What an error of SQLite says of a file: damage as an `UnusableFolderError` that names it, anything else as it is. */
export function namedDamage(error: unknown, path: string): unknown {
  const { errcode, message } = error as { errcode?: number; message?: string }
  if (errcode === undefined || !DAMAGED.includes(errcode & 0xff)) return error
  return new UnusableFolderError(
    `${path} is damaged (${message}): calltrail doctor says how much, calltrail restore puts a backup in its place`,
  )
}

/** How one file comes back. */
export function restoreFile(folder: string, name: string): string {
  return `put it back from a backup: calltrail restore BACKUP --file ${name} --into ${folder}`
}

/** How everything comes back. */
export function restoreWhole(folder: string): string {
  return `restore a backup: calltrail restore BACKUP --into ${folder}`
}

function storedFiles(folder: string): string[] {
  const within = (name: string, pattern: RegExp) =>
    existsSync(join(folder, name))
      ? readdirSync(join(folder, name)).flatMap((file) => (pattern.test(file) ? [`${name}/${file}`] : []))
      : []
  return [
    ...['live.db', 'meta.db-wal'].filter((name) => existsSync(join(folder, name))),
    ...within('segments', /\.db(-wal)?$/),
    ...within('raw', /\.zlog$/),
  ]
}

/**
 * Whether `meta.db` was made, the files that it counts on, and the last id that it may have given; none where no call was ever
 * stored, so that a first start may end anywhere.
 */
export function storedIn(folder: string): { isMade: boolean; names: string[]; reserved: number } {
  const nothing = { isMade: true, names: [], reserved: 0 }
  const path = join(folder, 'meta.db')
  let meta: DatabaseSync | null = null
  try {
    meta = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    const version = Number(meta.prepare('PRAGMA user_version').get()?.user_version)
    if (version === 0) return { ...nothing, isMade: false }
    if (version > SCHEMA_VERSION) return nothing // refused for that
    const ids = meta.prepare("SELECT reserved FROM sequences WHERE name = 'call id'").get()
    if (ids === undefined) return nothing
    const segments = meta.prepare('SELECT file FROM segments ORDER BY from_us').all()
    const names = ['live.db', ...segments.map(({ file }) => `segments/${file}`)]
    return { isMade: true, names, reserved: Number(ids.reserved) }
  } catch (error) {
    throw namedDamage(error, path)
  } finally {
    meta?.close()
  }
}
