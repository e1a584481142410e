import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Facts } from '../../../record/facts.ts'
import { bytesToUuid } from '../../../record/identity.ts'
import { type NumberSearch, traceOf } from '../../../record/numbers-in-text.ts'
import type { NumberingPlan } from '../../../record/phone.ts'
import { holdsNumber } from '../../../record/redact-state.ts'
import { folderPaths, namesOf, openForReading, openSegment, readingMeta, readRanges } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import { rawAddresses } from '../row/raw-addresses.ts'
import { ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import { rowFacts } from '../row/row-facts.ts'
import { rowHead, rowReports, rowSource } from '../row/row-head.ts'
import { lastSeqOf } from '../segments/filter-rows.ts'

/** Rows that are read under one snapshot. */
const CHUNK_ROWS = 2000
const CACHE_KIB = 4096
const STARTED_AT = ROW_COLUMNS.indexOf('started_at')
const COLUMNS = ROW_COLUMNS.join(', ')

/** Some calls that were looked for, and how many were looked at since the last. */
export interface FoundCalls {
  callUuids: string[]
  /** The segment that they lie in; null for `live.db`. */
  segment: number | null
  lookedAt: number
}

/**
 * The calls of an account that began before a time and hold a number, in any field. Every call is looked at that was
 * there when the search began: one that moves to another file meanwhile is written, and what is written is looked at.
 */
export function* callsWithNumber(
  folder: string,
  given: { accountId: string; digits: string; plan: NumberingPlan; beganBeforeUs: number },
): Generator<FoundCalls> {
  const { accountId, digits, plan, beganBeforeUs } = given
  const search: NumberSearch = { plan, tokenOf: (row) => (row === digits ? '' : null) }
  const trace = traceOf(digits)
  const holds = (row: Row, { sources }: FileNames) => {
    const facts = rowFacts(row, sources.nameOf(rowSource(row)))
    return trace.test(JSON.stringify(facts)) && holdsNumber(facts, search)
  }
  for (const { rows, names, segment } of rowsOf(folder, { accountId, beforeUs: beganBeforeUs })) {
    const found = rows.filter((row) => holds(row, names))
    yield { callUuids: found.map((row) => rowHead(row).callUuid), segment, lookedAt: rows.length }
  }
}

/** The calls of an account that were over before a time: by their end, or by their start where they never ended. */
export function* callsOver(folder: string, given: Over): Generator<FoundCalls> {
  for (const { rows, segment } of rowsOver(folder, given, 'uuid'))
    yield { callUuids: rows.map(({ uuid }) => bytesToUuid(uuid as Uint8Array)), segment, lookedAt: rows.length }
}

/** Where the reports lie of the calls that `callsOver` finds, and of how many calls. */
export function* reportsOfCallsOver(
  folder: string,
  given: Over,
): Generator<{ addresses: RawAddress[]; lookedAt: number }> {
  for (const { rows } of rowsOver(folder, given, 'reports'))
    yield {
      addresses: rows.flatMap(({ reports }) => [...rawAddresses(reports as Uint8Array).values()]),
      lookedAt: rows.length,
    }
}

interface Over {
  accountId: string
  beforeUs: number
}

/** A column of their rows, some of them at a time; of each file also when there are none left. */
function* rowsOver(
  folder: string,
  { accountId, beforeUs }: Over,
  column: 'uuid' | 'reports',
): Generator<{ rows: Record<string, SQLOutputValue>[]; segment: number | null }> {
  for (const { db, account, segment } of filesOf(folder, { accountId, beforeUs: Number.MAX_SAFE_INTEGER })) {
    const condition = segment === null ? 'started_at' : 'ended_at'
    const next = db.prepare(
      `SELECT ${column}, ${condition} AS us, id FROM calls WHERE account = ? AND (${condition}, id) > (?, ?) AND ${condition} < ?
       ORDER BY ${condition}, id LIMIT ${CHUNK_ROWS}`,
    )
    let after: [number, number] = [-1, 0]
    for (let rows: Record<string, SQLOutputValue>[] = []; ; ) {
      rows = next.all(account, ...after, beforeUs)
      yield { rows, segment }
      const last = rows.at(-1)
      if (last === undefined || rows.length < CHUNK_ROWS) break
      after = [Number(last.us), Number(last.id)]
    }
  }
}

/**
 * The calls of an account that were over before a time and have links of recordings: those that were not over by the last
 * run, `doneBeforeUs`, and those that have changed since it, after `doneSeq`.
 */
export function* callsWithLinks(
  folder: string,
  given: { accountId: string; beforeUs: number; doneBeforeUs: number; doneSeq: number },
): Generator<FoundCalls> {
  const { accountId, beforeUs, doneBeforeUs, doneSeq } = given
  for (const { db, account, names, segment } of filesOf(folder, { accountId, beforeUs })) {
    const by = segment === null ? 'started_at' : 'ended_at'
    const next = db.prepare(
      `SELECT ${COLUMNS} FROM calls WHERE account = ?1 AND ${by} < ?2 AND id > ?5 AND id IN (
         SELECT id FROM calls WHERE account = ?1 AND ${by} >= ?3 AND ${by} < ?2
         UNION SELECT id FROM calls WHERE account = ?1 AND seq > ?4)
       ORDER BY id LIMIT ${CHUNK_ROWS}`,
    )
    next.setReturnArrays(true)
    for (let after = 0, rows: Row[] = []; ; ) {
      rows = next.all(account, beforeUs, doneBeforeUs, doneSeq, after) as unknown as Row[]
      const found = rows.filter((row) => hasLink(rowFacts(row, names.sources.nameOf(rowSource(row)))))
      yield { callUuids: found.map((row) => rowHead(row).callUuid), segment, lookedAt: rows.length }
      const last = rows.at(-1)
      if (last === undefined || rows.length < CHUNK_ROWS) break
      after = rowHead(last).id
    }
  }
}

function hasLink(facts: Facts): boolean {
  for (const path in facts) if (path.startsWith('recordings#') && path.endsWith('.url')) return true
  return false
}

/** A segment of which every call was over before its account's time; `raw` is where reports of its calls lie. */
export interface OverSegment {
  whole: number | null
  /** No call of it had changed later when it was looked at. */
  lastSeq: number
  calls: number
  raw: RawAddress[]
  lookedAt: number
}

/**
 * The segments of which nothing is to be kept by any account: first some of the places of its calls' reports, again and
 * again, and then, with none, its number in `whole`. An account that is not named keeps all.
 */
export function* segmentsOver(
  folder: string,
  { overBefore }: { overBefore: Readonly<Record<string, number>> },
): Generator<OverSegment> {
  const paths = folderPaths(folder)
  const meta = openForReading(paths.meta, 1000)
  try {
    const names = namesOf(meta)
    const latestUs = Math.max(0, ...Object.values(overBefore))
    for (const range of readRanges(meta, folder)) {
      // The last takes new calls; whatever began since is not over either.
      if (range.beforeUs > latestUs) continue
      const db = openSegment(range.path, { meta, folder, cacheKib: CACHE_KIB })
      if (db === null) continue
      try {
        const lastSeq = lastSeqOf(db)
        const calls = callsIfAllOver(db, (account) => overBefore[names.accounts.nameOf(account)] ?? 0)
        if (calls === null) continue
        yield* rawOf(db)
        yield { whole: range.no, lastSeq, calls, raw: [], lookedAt: 0 }
      } finally {
        db.close()
      }
    }
  } finally {
    meta.close()
  }
}

/** How many calls a file has; null where one of them is to be kept. */
function callsIfAllOver(db: DatabaseSync, beforeOf: (account: number) => number): number | null {
  const next = db.prepare('SELECT account FROM calls WHERE account > ? ORDER BY account LIMIT 1')
  const later = db.prepare('SELECT 1 FROM calls WHERE account = ? AND ended_at >= ? LIMIT 1')
  for (let row = next.get(-1); row !== undefined; row = next.get(Number(row.account)))
    if (later.get(Number(row.account), beforeOf(Number(row.account))) !== undefined) return null
  return Number(db.prepare('SELECT count(*) AS n FROM calls').get()?.n)
}

function* rawOf(db: DatabaseSync): Generator<OverSegment> {
  const next = db.prepare(`SELECT ${COLUMNS} FROM calls WHERE id > ? ORDER BY id LIMIT ${CHUNK_ROWS}`)
  next.setReturnArrays(true)
  for (let after = 0; ; ) {
    const rows = next.all(after) as unknown as Row[]
    const last = rows.at(-1)
    if (last === undefined) return
    yield {
      whole: null,
      lastSeq: 0,
      calls: 0,
      raw: rows.flatMap((row) => [...rawAddresses(rowReports(row)).values()]),
      lookedAt: rows.length,
    }
    after = rowHead(last).id
  }
}

/** The latest start of any call, epoch us; 0 where there is none. What the sources' clocks say, not ours. */
export function newestStart(folder: string): number {
  const { live } = folderPaths(folder)
  return readingMeta(folder, (meta) => {
    const accounts = [...namesOf(meta).accounts.names()].length
    const newestLiveUs = newestIn(openForReading(live, CACHE_KIB), accounts)
    // Segments lie in order of time. One of them may go between two looks: the map names another then.
    for (let ranges = readRanges(meta, folder); ; ) {
      const path = ranges.pop()?.path
      if (path === undefined) return newestLiveUs
      const db = openSegment(path, { meta, folder, cacheKib: CACHE_KIB })
      if (db === null) ranges = readRanges(meta, folder)
      else {
        const newestUs = newestIn(db, accounts)
        if (newestUs > 0) return Math.max(newestLiveUs, newestUs)
      }
    }
  })
}

/** Closes the file. */
function newestIn(db: DatabaseSync, accounts: number): number {
  try {
    const newest = db.prepare('SELECT max(started_at) AS us FROM calls WHERE account = ?')
    let us = 0
    for (let ref = 1; ref <= accounts; ref += 1) us = Math.max(us, Number(newest.get(ref)?.us ?? 0))
    return us
  } finally {
    db.close()
  }
}

/** The rows of an account's calls that began before a time, chunk by chunk. */
function* rowsOf(
  folder: string,
  given: { accountId: string; beforeUs: number },
): Generator<{ rows: Row[]; names: FileNames; segment: number | null }> {
  for (const { db, account, names, segment } of filesOf(folder, given)) {
    const next = db.prepare(
      `SELECT ${COLUMNS} FROM calls WHERE account = ? AND (started_at, id) > (?, ?) AND started_at < ?
       ORDER BY started_at, id LIMIT ${CHUNK_ROWS}`,
    )
    next.setReturnArrays(true)
    let after: [number, number] = [-1, 0]
    for (let rows: Row[] = []; ; ) {
      rows = next.all(account, ...after, given.beforeUs) as unknown as Row[]
      if (rows.length > 0) yield { rows, names, segment }
      const last = rows.at(-1)
      if (last === undefined || rows.length < CHUNK_ROWS) break
      after = [last[STARTED_AT] as number, rowHead(last).id]
    }
  }
}

interface OpenedFile {
  db: DatabaseSync
  /** Its number; null for `live.db`. */
  segment: number | null
  account: number
  names: FileNames
}

/**
 * `live.db` and then the segments with calls from before a time, in order of time, each open until the next is asked
 * for. The range map is read again for each, so that none is passed over when segments are merged or split meanwhile.
 */
function* filesOf(
  folder: string,
  { accountId, beforeUs }: { accountId: string; beforeUs: number },
): Generator<OpenedFile> {
  const paths = folderPaths(folder)
  const meta = openForReading(paths.meta, 1000)
  try {
    const names = namesOf(meta)
    const account = names.accounts.refOf(accountId)
    if (account === null) return
    yield* opened(openForReading(paths.live, CACHE_KIB), { segment: null, account, names })
    for (let fromUs = 0; fromUs < beforeUs; ) {
      const range = readRanges(meta, folder).find((one) => one.fromUs <= fromUs && fromUs < one.beforeUs)
      if (range === undefined) return
      const db = openSegment(range.path, { meta, folder, cacheKib: CACHE_KIB })
      if (db === null) continue // the map names another by now
      yield* opened(db, { segment: range.no, account, names })
      fromUs = range.beforeUs
    }
  } finally {
    meta.close()
  }
}

function* opened(db: DatabaseSync, rest: Omit<OpenedFile, 'db'>): Generator<OpenedFile> {
  try {
    yield { db, ...rest }
  } finally {
    db.close()
  }
}
