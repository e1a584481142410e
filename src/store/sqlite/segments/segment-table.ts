import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { folderPaths, type SegmentRange } from '../folder/folder.ts'
import type { Life } from '../folder/segment-sizes.ts'

/** What `segments.file` is for a number: a number is of one file for ever, and so is its name. */
export function segmentFile(no: number): string {
  return `${String(no).padStart(6, '0')}.db`
}

/** The range map in `meta.db`, for its one writer. Every change is one commit. */
export class SegmentTable {
  readonly #meta: DatabaseSync
  readonly #folder: string

  constructor(meta: DatabaseSync, folder: string) {
    this.#meta = meta
    this.#folder = folder
  }

  /** The greatest number that was ever given. */
  get lastNo(): number {
    const row = this.#meta
      .prepare(
        `SELECT max(coalesce((SELECT max(no) FROM segments), 0),
           coalesce((SELECT reserved FROM sequences WHERE name = 'segment'), 0)) AS last`,
      )
      .get() as { last: number }
    return row.last
  }

  /** A number that was never given, on disk before it returns; no file has its name. */
  nextNo(): number {
    let no = this.lastNo + 1
    while (existsSync(this.pathOf(no))) no += 1
    this.#meta.prepare("INSERT OR REPLACE INTO sequences VALUES ('segment', ?)").run(no)
    return no
  }

  pathOf(no: number): string {
    return join(folderPaths(this.#folder).segments, segmentFile(no))
  }

  /** Puts segments in the place of others; together they cover the same time. */
  replace(gone: readonly number[], come: readonly SegmentRange[]): void {
    const remove = this.#meta.prepare('DELETE FROM segments WHERE no = ?')
    const insert = this.#meta.prepare(
      'INSERT INTO segments (no, from_us, before_us, file, life) VALUES (?, ?, ?, ?, ?)',
    )
    this.#change(() => {
      for (const no of gone) remove.run(no)
      for (const { no, fromUs, beforeUs, life } of come) insert.run(no, fromUs, beforeUs, segmentFile(no), life)
    })
  }

  setLife(no: number, life: Life): void {
    this.#meta.prepare('UPDATE segments SET life = ? WHERE no = ?').run(life, no)
  }

  #change(work: () => void): void {
    this.#meta.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#meta.exec('COMMIT')
    } catch (error) {
      if (this.#meta.isTransaction) this.#meta.exec('ROLLBACK')
      throw error
    }
  }
}
