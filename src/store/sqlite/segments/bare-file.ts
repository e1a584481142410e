import { DatabaseSync } from 'node:sqlite'
import { CALLS_DDL, NUMBER_INDEXES_DDL, PAGE_SIZE, SCHEMA_VERSION } from '../folder/schema.ts'

/** Memory of a connection that writes a file as a whole; indexes that need more are sorted on the disk. */
export const CACHE_KIB = 32_768
const isIndex = (statement: string) => /^\s*CREATE INDEX/.test(statement)

/** What a segment's file is made of, in statements: tables before rows, indexes in bulk behind them. */
export const TABLES: readonly string[] = statementsOf(CALLS_DDL).filter((statement) => !isIndex(statement))
export const INDEXES: readonly string[] = statementsOf(CALLS_DDL).filter(isIndex)
export const NUMBER_INDEXES: readonly string[] = statementsOf(NUMBER_INDEXES_DDL)

function statementsOf(ddl: string): string[] {
  return ddl.split(';').filter((statement) => statement.trim() !== '')
}

/** A file that nobody else has: a crash leaves it to the next start to remove. */
export function openBare(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 })
  db.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    PRAGMA cache_size = -${CACHE_KIB}`)
  return db
}

/** Marks a file that has all it is to have, with a write-ahead log: a reader then takes three system calls to lock it, not eight. */
export function markComplete(db: DatabaseSync): void {
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA journal_mode = WAL`)
}
