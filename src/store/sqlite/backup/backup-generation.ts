import type { DatabaseSync } from 'node:sqlite'

const LARGEST = 0x7fff_ffff

/**
 * A file's generation, by which a backup sees that it has changed: a number in the file's own header (SQLite's
 * `application_id`), raised in the same transaction as the first change since the file was opened or last backed up. The
 * header's own change counter would not do, because it stands still for most commits in WAL mode.
 */
export function raiseGeneration(db: DatabaseSync): void {
  const generation = generationOf(db)
  db.exec(`PRAGMA application_id = ${generation >= LARGEST ? 1 : generation + 1}`)
}

export function generationOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA application_id').get()?.application_id)
}
