import type { DerivingSettings } from '../record/account.ts'
import type { CallRecord } from '../record/call-record.ts'
import type { Facts } from '../record/facts.ts'
import type { Report } from '../record/report.ts'
import type { Lists } from '../record/united-lists.ts'
import type { FindTextKey, ListTextQuery, ScanTextQuery, TextPage, TextPart } from './call-encoder.ts'
import type { CallQuery, Scalar } from './query.ts'
import type { SummaryQuery, SummaryRow } from './summary.ts'

/** What became of one report: a new call, a changed call, or nothing new. */
export type Outcome = 'stored' | 'updated' | 'duplicate'

export interface CallPage {
  calls: CallRecord[]
  /** Exact number of matches, null where the query did not ask. */
  total: number | null
  /** Where the next page begins; null on the last page. */
  next: { value: Scalar; id: number } | null
}

export interface ChangesPage {
  /** In order of `changeSeq`; a call that changed twice shows its last change only. */
  calls: CallRecord[]
  /** What to ask after next: the last `changeSeq` given, or what was asked when there was none. */
  next: number
}

/** What an engine needs to know of an account to derive a call's fields. */
export type SettingsOf = (accountId: string) => DerivingSettings

/** Derived paths for the facts of a call; a module exports it as `derive`, so that a writer thread can load it. */
export type Derive = (facts: Facts, settings: DerivingSettings, lists?: Lists) => Facts

/** What is asked of a scan. */
export type ScanQuery = Omit<CallQuery, 'limit' | 'offset' | 'after' | 'total'>

/** When a read ends without its answer. */
export interface Reading {
  /**
   * Nobody waits any more: the read rejects with the signal's reason, and its work ends within some 20 ms. A read that has
   * one is a client's, and rejects with `StoreBusyError` where too many of its account's wait already; a scan only before
   * its first page.
   */
  signal?: AbortSignal
  /** Milliseconds, at most 2,000,000,000, after which it rejects with `TooSlowError`; null, and nothing, never does. */
  deadlineMs?: number | null
}

/** One lane of an engine that reads in several, so that one kind of question never waits for another. */
export interface LaneLoad {
  /** Its name, of a small set. */
  lane: string
  /** Questions that wait or are being answered. */
  waiting: number
  /** The longest that a thread did not look up from its work since this was last asked. */
  longestSliceMs: number
  /**
   * Questions since the start that ended by their signal, by their deadline, that another lane was given, and that were
   * refused because too many of their account waited.
   */
  cancelled: number
  tooSlow: number
  givenUp: number
  refused: number
}

/** Reports of a call as they came, oldest first. Those that were let go or erased are not counted. */
export interface RawReports {
  reports: string[]
  /** How many more are stored and cannot be read: the disk has damaged them. */
  unreadable: number
}

export interface CallStore {
  /**
   * Stores reports for good before it resolves: one outcome for each, in order. A report already stored changes
   * nothing: a replay is harmless. Rejects with `StoreBusyError` when too much is waiting, with
   * `DiskRefusedError` when the disk is full, and with `ReportsRefusedError` when one of them cannot be stored by any
   * means; nothing of them is stored then.
   */
  append(reports: readonly Report[]): Promise<Outcome[]>
  /** The call, or null when this account has none with that id. */
  find(key: { accountId: string; callUuid: string }): Promise<CallRecord | null>
  /** As `find`, written by an encoder, without its head. */
  findText(key: FindTextKey): Promise<string | null>
  findById(key: { accountId: string; id: number }): Promise<CallRecord | null>
  /** Every leg of a conversation, at most 1000, by start and then by id. */
  findBySession(key: { accountId: string; sessionId: string }, reading?: Reading): Promise<CallRecord[]>
  /** Calls that a source knows by this id, at most 1000, by start and then by id: several sources may use one id. */
  findBySourceId(key: { accountId: string; sourceId: string }, reading?: Reading): Promise<CallRecord[]>
  /** A page in the query's order, at most `limit` (1..1000). */
  list(query: CallQuery, reading?: Reading): Promise<CallPage>
  /** As `list`, written by an encoder. */
  listText(query: ListTextQuery, reading?: Reading): Promise<TextPage>
  /**
   * Every match in the query's order, in pages of some hundred; calls that arrive meanwhile may or may not be in it, and one
   * that moves in the order meanwhile may come twice, or not at all.
   * Between two pages it holds nothing. The deadline is that of the whole.
   */
  scan(query: ScanQuery, reading?: Reading): AsyncIterable<CallRecord[]>
  /** As `scan`, written by an encoder, in UTF-8 and in parts of some 200 kB; what stands before the calls is not in it. */
  scanText(query: ScanTextQuery, reading?: Reading): AsyncIterable<TextPart>
  /** Calls added up by time and direction: what there is of each, by bucket and then in the order of `DIRECTIONS`. */
  summary(query: SummaryQuery, reading?: Reading): Promise<SummaryRow[]>
  /** Calls of an account that changed after a point of its change sequence. */
  changes(query: { accountId: string; after: number; limit: number }, reading?: Reading): Promise<ChangesPage>
  /** The account's last `changeSeq`: whoever asks for changes after it misses none to come. 0 where it has no calls. */
  lastChange(accountId: string): Promise<number>
  /** Calls of any account that have not ended and of which nothing came since, the longest silent first. */
  silent(query: { updatedBeforeUs: number; limit: number }): Promise<CallRecord[]>
  /**
   * Derives these paths of the calls anew, by their account's settings, and leaves every other fact as it is. A call
   * that changes by it gets a new `changeSeq`; resolves, once that is on the disk, with how many did.
   */
  rederive(given: { accountId: string; callUuids: readonly string[]; paths: readonly string[] }): Promise<number>
  /**
   * Calls back after each commit with the accounts that changed and the last `changeSeq` of each, when a read sees them.
   * Returns what ends it. A listener must not throw.
   */
  watch(listener: (changed: ReadonlyMap<string, number>) => void): () => void
  /** The reports of a call as they came; none when there is no such call. */
  rawReports(key: { accountId: string; callUuid: string }): Promise<RawReports>
  /** Reports accepted and not yet on the disk. */
  readonly waitingReports: number
  /** Calls of all accounts that have not ended. */
  liveCalls(): Promise<number>
  /** What each lane has to do; empty for an engine that has none. */
  lanes(): LaneLoad[]
  /** Recounts a little of what the engine counts ahead, chosen by chance; nothing in an engine that counts nothing ahead. */
  checkCounts(): Promise<CountCheck>
  /** What the engine does with its files by itself; null in an engine that does nothing. */
  upkeep(): Upkeep | null
  /** Bytes of what is safe on the disk and not in its place yet (write-ahead logs); null in an engine that has no such. */
  logBytes(): Promise<number | null>
  /** Counts every call: not for a hot path. */
  stats(): Promise<StoreStats>
  /** Finishes what was accepted, then closes. */
  close(): Promise<void>
}

/** What a check of counts has found. */
export interface CountCheck {
  /** Counts that were looked at. */
  counts: number
  /** Those that were wrong, in words: where it is, what it says and what it should say. */
  wrong: string[]
}

/** What an engine does with its files by itself, while it serves. */
export interface Upkeep {
  /** Files of ended calls, each with its range of starts. */
  segments: number
  /** Bytes of memory that tell which calls a file does not hold: they grow with the calls, 2 to 5 for each. */
  filterBytes: number
  /** What is under way, a word of a small set; null for nothing. */
  underWay: string | null
  /** Something is left to do: now, within a minute, or again because it failed. */
  isDue: boolean
  /** Pieces of work since the start that were done, and that failed and are tried again. */
  done: number
  failed: number
  /** Why the last one failed that did. */
  lastFailure: string | null
}

export interface StoreStats {
  calls: number
  liveCalls: number
  segments: number
}

/** Too much is waiting, to be stored or to be answered: come back in `retryAfterS` seconds. */
export class StoreBusyError extends Error {
  readonly retryAfterS: number
  constructor(retryAfterS = 1) {
    super('more is waiting than the store accepts')
    this.retryAfterS = retryAfterS
  }
}

/** The disk does not take what is to be stored: it is full, or fails. Nothing of it was stored; it may be sent again. */
export class DiskRefusedError extends Error {
  readonly retryAfterS = 10
}

/** One of the reports cannot be stored, now or later; which one, only storing each alone can tell. */
export class ReportsRefusedError extends Error {}

/** A read took longer than its deadline, and was given up. */
export class TooSlowError extends Error {
  readonly deadlineMs: number
  constructor(deadlineMs: number) {
    super(`a read took longer than the ${deadlineMs} ms that it had`)
    this.deadlineMs = deadlineMs
  }
}

/** Sorting by this field would take more than the store does for one request. */
export class TooManyToSortError extends Error {
  readonly matches: number
  constructor(matches: number) {
    super(`${matches} calls match, and only up to a million can be sorted by this field`)
    this.matches = matches
  }
}
