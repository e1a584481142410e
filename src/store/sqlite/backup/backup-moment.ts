import { closeSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { folderPaths, openForReading, openSegment, readRanges } from '../folder/folder.ts'
import type { BackupGate } from './backup-gate.ts'
import { generationOf } from './backup-generation.ts'

/** What is kept of a file's pages while it is copied. */
const CACHE_KIB = 256

/** A database as it was at the moment of the backup; `close` gives its snapshot back. */
export interface HeldDatabase {
  name: string
  db: DatabaseSync
  bytes: number
  /** See `BackupFile.state`. */
  state: string | null
  close(): void
}

/** A file of the raw log, of which only the first `bytes` are of the backup: it may have grown since. */
export interface HeldRaw {
  name: string
  fd: number
  ino: number
  bytes: number
  close(): void
}

/** A data folder at one moment, all of it held: whatever is committed, moved or deleted afterwards changes nothing here. */
export interface Moment {
  takenAtUs: number
  /** The last place in the change sequence that was given out. */
  lastChange: number
  reserved: { call_id: number; change: number }
  /** In the order in which they are best copied and given back: those that are written to most come first. */
  databases: HeldDatabase[]
  raw: HeldRaw[]
  /** Milliseconds that the writer stood still. */
  heldMs: number
  close(): void
}

/**
 * Takes a snapshot of every file while the writer stands still between two groups. Whatever was acknowledged before is in
 * them; a call is in one file only, as between any two groups; and the reports that the rows name lie in the raw log, which
 * is written first.
 */
export function takeMoment(
  folder: string,
  { gate, askHold, nowUs }: { gate: BackupGate; askHold: () => void; nowUs: () => number },
): Moment {
  const paths = folderPaths(folder)
  const meta = openForReading(paths.meta, CACHE_KIB)
  const opened = new Map<string, DatabaseSync>()
  const open = (path: string) => {
    const known = opened.get(path) ?? openForReading(path, CACHE_KIB)
    opened.set(path, known)
    return known
  }
  const raw: HeldRaw[] = []
  const close = () => {
    for (const db of [meta, ...opened.values()]) if (db.isOpen) db.close()
    for (const file of raw) file.close()
  }
  try {
    // Opened beforehand, so that the writer need not wait for that; the map may still change until it stands still.
    for (const { path } of readRanges(meta, folder)) {
      const db = openSegment(path, { meta, folder, cacheKib: CACHE_KIB })
      if (db !== null) opened.set(path, db)
    }
    open(paths.live)
    askHold()
    return gate.whileHeld(() => {
      const startMs = performance.now()
      const takenAtUs = nowUs()
      snapshot(meta)
      const segments = readRanges(meta, folder).map(({ path }) => path)
      const files = [paths.live, ...segments.reverse()]
      for (const path of files) snapshot(open(path))
      for (const [path, db] of opened) if (!files.includes(path)) db.close()
      raw.push(...holdRaw(paths.raw))
      const databases = [
        held(meta, 'meta.db'),
        held(open(paths.live), 'live.db'),
        ...segments.map((path) => held(open(path), `segments/${basename(path)}`, path)),
      ]
      return {
        takenAtUs,
        lastChange: gate.lastChange,
        reserved: reservedOf(meta),
        databases,
        raw,
        heldMs: performance.now() - startMs,
        close,
      }
    })
  } catch (error) {
    close()
    throw error
  }
}

/** The first read of a transaction is what takes its snapshot. */
function snapshot(db: DatabaseSync): void {
  db.exec('BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1')
}

function held(db: DatabaseSync, name: string, path: string | null = null): HeldDatabase {
  const [pages, pageSize] = [numberOf(db, 'page_count'), numberOf(db, 'page_size')]
  return {
    name,
    db,
    bytes: pages * pageSize,
    state: path === null ? null : stateOf(db, path),
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}

/**
 * See `BackupFile.state`. The inode keeps a copy of a folder, which goes its own way under the same generations, from being
 * taken for the folder.
 */
export function stateOf(db: DatabaseSync, path: string): string {
  // By its name: to close a file takes the locks of this whole process on it away (fcntl(2)).
  const { ino } = statSync(path)
  const versions = [numberOf(db, 'user_version'), numberOf(db, 'schema_version'), generationOf(db)]
  return [ino, numberOf(db, 'page_count'), numberOf(db, 'freelist_count'), ...versions].join(' ')
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0])
}

function holdRaw(folder: string): HeldRaw[] {
  const names = readdirSync(folder).filter((name) => /^\d{6}\.zlog$/.test(name))
  return names.sort().map((name) => {
    const fd = openSync(join(folder, name), 'r')
    const { size, ino } = fstatSync(fd)
    return { name: `raw/${name}`, fd, ino, bytes: size, close: once(() => closeSync(fd)) }
  })
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}

function reservedOf(meta: DatabaseSync): Moment['reserved'] {
  const reserved = meta.prepare('SELECT reserved FROM sequences WHERE name = ?')
  const of = (name: string) => Number(reserved.get(name)?.reserved ?? 0)
  return { call_id: of('call id'), change: of('change') }
}
