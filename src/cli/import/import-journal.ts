import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Position } from '../../ingest/file/read-call-file.ts'
import type { InputFile } from './input-files.ts'

const DDL = `
  CREATE TABLE IF NOT EXISTS files (
    path TEXT NOT NULL,
    target TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    next_line INTEGER NOT NULL,
    records INTEGER NOT NULL,
    done INTEGER NOT NULL,
    PRIMARY KEY (path, target)
  ) STRICT, WITHOUT ROWID;`

/** How far an import has come with a file: everything before `next` is on the disk. */
export interface FileProgress {
  file: InputFile
  /** Where its calls go, in words that differ for what differs. */
  target: string
  next: Position
  /** Records before `next`. */
  records: number
  done: boolean
}

/**
 * What imports that did not end have done so far, in `imports.db` of the data folder. A file is known by its path, its
 * size and the time of its last change. It may lag behind: what is imported again are duplicates.
 */
export class ImportJournal {
  readonly #db: DatabaseSync
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #forget: StatementSync

  constructor(folder: string) {
    this.#db = new DatabaseSync(join(folder, 'imports.db'), { timeout: 5000 })
    // Nothing here needs to outlive a power failure.
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${DDL}`)
    this.#find = this.#db.prepare(
      'SELECT next_offset, next_line, records, done FROM files WHERE path = ? AND target = ? AND bytes = ? AND changed_at = ?',
    )
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#forget = this.#db.prepare('DELETE FROM files WHERE path = ? AND target = ?')
  }

  /** What an earlier import that did not end has done with this very file; null when it was not begun. */
  find(file: InputFile, target: string): FileProgress | null {
    const row = this.#find.get(file.path, target, file.bytes, file.changedAtUs) as
      | { next_offset: number; next_line: number; records: number; done: number }
      | undefined
    if (row === undefined) return null
    const next = { offset: row.next_offset, line: row.next_line }
    return { file, target, next, records: row.records, done: row.done === 1 }
  }

  write(all: readonly FileProgress[]): void {
    this.#together(() => {
      for (const { file, target, next, records, done } of all)
        this.#put.run(file.path, target, file.bytes, file.changedAtUs, next.offset, next.line, records, done ? 1 : 0)
    })
  }

  /** The import has ended: the same files are imported from their beginnings the next time. */
  forget(all: readonly Pick<FileProgress, 'file' | 'target'>[]): void {
    this.#together(() => {
      for (const { file, target } of all) this.#forget.run(file.path, target)
    })
  }

  close(): void {
    this.#db.close()
  }

  #together(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    work()
    this.#db.exec('COMMIT')
  }
}
