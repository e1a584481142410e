import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { countAll } from '../counts/count-tables.ts'
import type { SegmentRange } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import { CALLS_DDL } from '../folder/schema.ts'
import { LIFE } from '../folder/segment-sizes.ts'
import { CACHE_KIB, INDEXES, markComplete, NUMBER_INDEXES, openBare, TABLES } from './bare-file.ts'
import { CallFile } from './call-file.ts'
import { carry } from './carry.ts'
import { addRow, filterOf } from './filter-rows.ts'
import type { IdentityFilter } from './identity-filter.ts'
import { saveFilter } from './identity-filter-file.ts'
import { draftPath, syncFile, syncFolder } from './segment-files.ts'
import type { Touch } from './touches.ts'

/** Rows that one statement copies: some tens of milliseconds, so that a store that closes waits for no more. */
const CHUNK = 20_000
/** SQLite attaches ten files to one, and one of them is left over. */
export const MOST_SOURCES = 9
/** Named before each is done; throwing at one leaves what a crash there would. */
export type RewriteStep = 'copy rows' | 'copy entries' | 'pack' | 'index' | 'count' | 'filter' | 'sync' | 'catch up'

interface Built {
  range: SegmentRange
  filter: IdentityFilter
  file: CallFile | null
}

/**
 * Writes the calls of some segments into new files, each with its range of starts: pages full, in order of the key, and
 * indexes in bulk. Merging, splitting and vacuuming are this. Calls may change meanwhile: rows are copied a piece at a
 * time, and the keys that the writer has touched since before the first piece are carried over again afterwards.
 */
export class Rewrite {
  readonly #sources: readonly SegmentRange[]
  readonly #names: FileNames
  readonly #step: (step: RewriteStep) => void
  readonly #targets: Built[] = []
  readonly #from = new Map<number, CallFile>()

  constructor(given: {
    sources: readonly SegmentRange[]
    names: FileNames
    step?: (step: RewriteStep) => void
  }) {
    this.#sources = given.sources
    this.#names = given.names
    this.#step = given.step ?? (() => {})
  }

  /**
   * Copies everything into new files: ranges in order of time that together are what the sources cover. what `step` throws, and what
   * SQLite does.
   */
  build(targets: readonly SegmentRange[]): void {
    for (const range of targets) this.#targets.push({ range, filter: this.#buildOne(range), file: null })
  }

  /** Carries over what lies under the touched keys now. */
  catchUp(touches: readonly Touch[]): void {
    this.#step('catch up')
    carry(touches, {
      names: this.#names,
      from: (startedAtUs) => this.#source(startedAtUs),
      to: (startedAtUs) => this.#target(startedAtUs),
    })
    for (const { file } of this.#targets) if (file?.dirty) file.commit()
  }

  /** Closes the targets, on disk when it returns, and saves the filters of those that no longer grow. */
  finish(): { range: SegmentRange; filter: SharedArrayBuffer; isSaved: boolean }[] {
    this.#step('sync')
    this.close()
    return this.#targets.map(({ range, filter }) => {
      syncFile(range.path)
      const isSaved = range.life !== LIFE.open
      if (isSaved) saveFilter(range.path, filter)
      else syncFolder(dirname(range.path))
      return { range, filter: filter.shared, isSaved }
    })
  }

  /** Lets go of every file, as it is. */
  close(): void {
    for (const file of this.#from.values()) file.db.close()
    this.#from.clear()
    for (const target of this.#targets) {
      target.file?.db.close()
      target.file = null
    }
  }

  #buildOne(range: SegmentRange): IdentityFilter {
    const draft = draftPath(range.path)
    const copied = openBare(draft)
    try {
      this.#copy(copied, range)
      this.#step('pack')
      // Rows that come one by one leave a tenth of each page empty, even in order; this fills pages up.
      copied.prepare('VACUUM INTO ?').run(range.path)
    } finally {
      copied.close()
    }
    rmSync(draft)
    const db = openBare(range.path)
    try {
      this.#complete(db, range)
      return filterOf(db)
    } finally {
      db.close()
    }
  }

  #copy(db: DatabaseSync, range: SegmentRange): void {
    const sources = this.#sources.filter(({ fromUs, beforeUs }) => fromUs < range.beforeUs && beforeUs > range.fromUs)
    for (const table of TABLES) db.exec(table)
    for (const [at, source] of sources.entries()) db.prepare(`ATTACH ? AS s${at}`).run(source.path)
    this.#copyRows(db, { range, sources: sources.length })
    this.#copyEntries(db, { range, sources: sources.length })
    for (const at of sources.keys()) db.exec(`DETACH s${at}`)
  }

  #complete(db: DatabaseSync, range: SegmentRange): void {
    for (const index of range.life === LIFE.open ? INDEXES : [...INDEXES, ...NUMBER_INDEXES]) {
      this.#step('index')
      db.exec(index)
    }
    this.#step('count')
    db.exec(`INSERT INTO span SELECT 1, min(ended_at - started_at), max(ended_at - started_at) FROM calls
      HAVING count(*) > 0`)
    countAll(db)
    markComplete(db)
    this.#step('filter')
  }

  /** In order of the key: account after account, and within one the sources in order of time. */
  #copyRows(db: DatabaseSync, { range, sources }: { range: SegmentRange; sources: number }): void {
    const columns = columnsOf(db, 'calls')
    const last = db.prepare(
      'SELECT started_at, id FROM main.calls WHERE account = ? ORDER BY started_at DESC, id DESC LIMIT 1',
    )
    const copies = Array.from({ length: sources }, (_, at) =>
      db.prepare(`INSERT INTO main.calls (${columns}) SELECT ${columns} FROM s${at}.calls
        WHERE account = ? AND (started_at, id) > (?, ?) AND started_at < ? ORDER BY started_at, id LIMIT ${CHUNK}`),
    )
    for (const account of accountsOf(db, sources))
      for (const copy of copies) {
        // From what was copied last: a key that has come since before it is one of those that are carried over later.
        for (let copied = CHUNK; copied === CHUNK; ) {
          this.#step('copy rows')
          const at = last.get(account) as { started_at: number; id: number } | undefined
          const [startedAtUs, id] = [at?.started_at ?? range.fromUs - 1, at?.id ?? Number.MAX_SAFE_INTEGER]
          copied = Number(copy.run(account, startedAtUs, id, range.beforeUs).changes)
        }
      }
  }

  #copyEntries(db: DatabaseSync, { range, sources }: { range: SegmentRange; sources: number }): void {
    const columns = columnsOf(db, 'member')
    const all = Array.from(
      { length: sources },
      (_, at) => `SELECT ${columns} FROM s${at}.member WHERE account = ?1 AND started_at >= ?2 AND started_at < ?3`,
    ).join(' UNION ALL ')
    const copy = db.prepare(`INSERT INTO main.member (${columns}) ${all} ORDER BY account, kind, ref, started_at, id`)
    for (const account of accountsOf(db, sources)) {
      this.#step('copy entries')
      copy.run(account, range.fromUs, range.beforeUs)
    }
  }

  #source(startedAtUs: number): CallFile {
    const range = rangeOf(this.#sources, startedAtUs)
    let file = this.#from.get(range.no)
    if (file === undefined) {
      file = new CallFile(range.path, { ddl: CALLS_DDL, names: this.#names, cacheKib: 2048 })
      this.#from.set(range.no, file)
    }
    return file
  }

  #target(startedAtUs: number): CallFile {
    const { no } = rangeOf(
      this.#targets.map(({ range }) => range),
      startedAtUs,
    )
    const target = this.#targets.find(({ range }) => range.no === no) as Built
    if (target.file !== null) return target.file
    const { range, filter } = target
    const file = new CallFile(range.path, { ddl: CALLS_DDL, names: this.#names, cacheKib: CACHE_KIB })
    file.db.exec('PRAGMA synchronous = OFF') // the whole file is synced when it is finished
    file.watcher = { added: (row) => addRow(row, filter), touched: () => {} }
    target.file = file
    return file
  }
}

function rangeOf(ranges: readonly SegmentRange[], startedAtUs: number): SegmentRange {
  const found = ranges.find(({ fromUs, beforeUs }) => startedAtUs >= fromUs && startedAtUs < beforeUs)
  if (found === undefined) throw new Error(`what is rewritten does not cover ${startedAtUs}`)
  return found
}

/** By name: a file that was brought up to date has its columns in another order. */
function columnsOf(db: DatabaseSync, table: string): string {
  return db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name))
    .join(', ')
}

/** The accounts that have calls in the attached files, in order. */
function accountsOf(db: DatabaseSync, sources: number): number[] {
  const accounts = new Set<number>()
  for (let at = 0; at < sources; at += 1) {
    const next = db.prepare(`SELECT min(account) AS account FROM s${at}.calls WHERE account > ?`)
    for (let account: number | null = -1; account !== null; ) {
      account = (next.get(account) as { account: number | null }).account
      if (account !== null) accounts.add(account)
    }
  }
  return [...accounts].sort((a, b) => a - b)
}
