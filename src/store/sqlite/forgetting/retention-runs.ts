import type { DatabaseSync } from 'node:sqlite'

/** How far forgetting by age came, of each account, in `meta.db`. */
const DDL = `
  CREATE TABLE IF NOT EXISTS retention_runs (
    account TEXT PRIMARY KEY,
    at_us INTEGER NOT NULL,
    call_days INTEGER,
    links_before_us INTEGER NOT NULL,
    links_seq INTEGER NOT NULL,
    raw_before_us INTEGER NOT NULL,
    raw_file INTEGER NOT NULL,
    raw_offset INTEGER NOT NULL
  ) STRICT;
`

/** The last run of an account that was not refused. */
export interface RetentionRun {
  accountId: string
  atUs: number
  /** Days that calls were kept then; null for good. */
  callDays: number | null
  /** Calls that were over before this, and had not changed since, have no links left. */
  linksBeforeUs: number
  linksSeq: number
  /** Reports that arrived before this, and lay before that place, are gone. */
  rawBeforeUs: number
  rawUntil: { file: number; offset: number }
}

/** For the writer; a run is on the disk when this returns. */
export function writeRun(meta: DatabaseSync, run: RetentionRun): void {
  meta.exec(DDL)
  meta
    .prepare('INSERT OR REPLACE INTO retention_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      run.accountId,
      run.atUs,
      run.callDays,
      run.linksBeforeUs,
      run.linksSeq,
      run.rawBeforeUs,
      run.rawUntil.file,
      run.rawUntil.offset,
    )
}

/** The runs by account; `meta` is open for reading. */
export function readRuns(meta: DatabaseSync): Map<string, RetentionRun> {
  const isThere = meta.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'retention_runs'").get() !== undefined
  const rows = isThere ? meta.prepare('SELECT * FROM retention_runs').all() : []
  return new Map(
    rows.map((row) => [
      String(row.account),
      {
        accountId: String(row.account),
        atUs: Number(row.at_us),
        callDays: row.call_days as number | null,
        linksBeforeUs: Number(row.links_before_us),
        linksSeq: Number(row.links_seq),
        rawBeforeUs: Number(row.raw_before_us),
        rawUntil: { file: Number(row.raw_file), offset: Number(row.raw_offset) },
      },
    ]),
  )
}
