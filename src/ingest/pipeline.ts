import type { Account } from '../record/account.ts'
import { callUuidFor } from '../record/identity.ts'
import type { Report } from '../record/report.ts'
import { type CallStore, type Outcome, ReportsRefusedError } from '../store/call-store.ts'
import type { Directory, Quarantined, Source } from '../store/directory.ts'
import { accountsOf } from './accounts-of.ts'
import { type ReportReading, readReport } from './native/read-report.ts'
import type { Reading } from './reading.ts'

/** One record on its way in. `raw` is kept as it came; `place` tells people where it stood, such as a file and line. */
export interface Incoming {
  raw: string
  place: string | null
  /** Which of several equal records of one file this is, from 0. */
  ordinal?: number
  /** Epoch us of its arrival, where that was earlier than now: of a record that is read again. */
  arrivedAtUs?: number
}

/** A record whose account is known: it came with an account's key. */
export interface IncomingBody extends Incoming {
  /** The record, read as JSON; absent where `raw` is that JSON: it is read then, and not kept while the disk is waited for. */
  body?: unknown
  /** Why there is no body to read, where there is none. */
  problem?: string
}

/** A record that a switch's reader has read. */
export interface IncomingReading extends Incoming {
  reading: Reading
}

export interface Refused {
  field: string
  reason: string
}

export type IngestResult = { outcome: Outcome } | { refused: Refused }

/** From records to the store: reads, names the account, stores, and keeps what it has to refuse in the quarantine. */
export class Pipeline {
  readonly #calls: CallStore
  readonly #directory: Directory
  readonly #now: () => number
  /** What became of every record since the start, over HTTP and from files. */
  readonly counts: Record<Outcome | 'refused', number> = { stored: 0, updated: 0, duplicate: 0, refused: 0 }

  /** `now` gives epoch microseconds. */
  constructor(parts: { calls: CallStore; directory: Directory; now: () => number }) {
    this.#calls = parts.calls
    this.#directory = parts.directory
    this.#now = parts.now
  }

  /**
   * Stores records in the native form for one account: a result for each, in order, once they are on the disk. One bad
   * record never fails the others. Rejects with `StoreBusyError` when nothing was stored because too much is waiting.
   */
  async ingest(account: Account, source: string, records: readonly IncomingBody[]): Promise<IngestResult[]> {
    const nowUs = this.#now()
    const read = records.map((record): Read => {
      const { raw, ordinal = 0, arrivedAtUs = nowUs } = record
      const { body, problem } = bodyOf(record)
      if (problem !== undefined) return { account, reading: { ok: false, fault: { field: 'record', reason: problem } } }
      return { account, reading: readReport(body, { account, source, arrivedAtUs, nowUs, raw, ordinal }) }
    })
    return this.#store(read, { source, records, nowUs })
  }

  /** Stores what a switch's reader made of its records; the source's rules name the account of each. */
  async ingestReadings(source: Source, records: readonly IncomingReading[]): Promise<IngestResult[]> {
    const nowUs = this.#now()
    const readings = records.map(({ reading }) => reading)
    const accounts = await accountsOf(source, readings, this.#calls)
    const read = records.map((record, index) => {
      const named = accounts[index] ?? null
      return readOne(source, { record, account: named === null ? null : this.#directory.account(named), nowUs })
    })
    return this.#store(read, { source: source.name, records, nowUs })
  }

  /** Stores what could be read, and keeps the rest in the quarantine: a result for each, in order. */
  async #store(
    read: readonly Read[],
    { source, records, nowUs }: { source: string; records: readonly Incoming[]; nowUs: number },
  ): Promise<IngestResult[]> {
    const appended = await this.#append(read.flatMap(({ reading }) => (reading.ok ? [reading.report] : [])))
    const refused: Omit<Quarantined, 'id'>[] = []
    let at = 0
    const results = read.map(({ account, reading }, index): IngestResult => {
      const result = reading.ok ? (appended[at++] as IngestResult) : { refused: reading.fault }
      const record = records[index] as Incoming
      if (!('refused' in result)) return result
      const entry = entryOf({ source, account, record, ...result.refused, nowUs })
      const last = refused.at(-1)
      // An event about many legs is one record: it is kept once.
      const isKept = last?.raw === entry.raw && last.accountId === entry.accountId && last.origin === entry.origin
      if (!isKept) refused.push(entry)
      return result
    })
    if (refused.length > 0) this.#directory.quarantine(refused)
    this.#count(results)
    return results
  }

  /** Halves what cannot be stored together until only the report at fault is left out. */
  async #append(reports: readonly Report[]): Promise<IngestResult[]> {
    try {
      return (await this.#calls.append(reports)).map((outcome) => ({ outcome }))
    } catch (error) {
      if (!(error instanceof ReportsRefusedError)) throw error
      if (reports.length === 1) return [{ refused: { field: 'record', reason: error.message } }]
      const half = reports.length >> 1
      return [...(await this.#append(reports.slice(0, half))), ...(await this.#append(reports.slice(half)))]
    }
  }

  #count(results: readonly IngestResult[]): void {
    for (const result of results) this.counts['refused' in result ? 'refused' : result.outcome] += 1
  }
}

function bodyOf({ raw, body, problem }: IncomingBody): Pick<IncomingBody, 'body' | 'problem'> {
  if (problem !== undefined) return { problem }
  if (body !== undefined) return { body }
  try {
    return { body: JSON.parse(raw) }
  } catch (error) {
    return { problem: `is not JSON: ${(error as Error).message}` }
  }
}

/** One record, read: whose it is, where that is known, and its report or why there is none. */
interface Read {
  account: Account | null
  reading: ReportReading
}

function readOne(source: Source, given: { record: IncomingReading; account: Account | null; nowUs: number }): Read {
  const { record, account, nowUs } = given
  const { raw, ordinal = 0, arrivedAtUs = nowUs, reading } = record
  const refuse = (field: string, reason: string): Read => ({
    account,
    reading: { ok: false, fault: { field, reason } },
  })
  if (!reading.ok) return refuse(reading.field ?? 'record', reading.detail)
  if (account === null) return refuse('account', `no rule of the source ${source.name} names the account of this call`)
  const call = identified(reading, { accountId: account.id, source: source.name })
  return { account, reading: readReport(call, { account, source: source.name, arrivedAtUs, nowUs, raw, ordinal }) }
}

function entryOf(given: {
  source: string
  account: Account | null
  record: Incoming
  field: string
  reason: string
  nowUs: number
}): Omit<Quarantined, 'id'> {
  const { source, account, record, field, reason, nowUs } = given
  const { arrivedAtUs = nowUs } = record
  return { source, accountId: account?.id ?? null, arrivedAtUs, origin: record.place, field, reason, raw: record.raw }
}

/** The call with the UUIDs that follow from its source's own ids: its own, and that of the call it is a leg of. */
function identified(
  { call, identity, parentIdentity, parentSourceId }: Extract<Reading, { ok: true }>,
  { accountId, source }: { accountId: string; source: string },
): Record<string, unknown> {
  const own = identity === undefined ? {} : { call_uuid: callUuidFor({ accountId, source, sourceId: identity }) }
  const parent = parentIdentity ?? parentSourceId
  if (parent === undefined || call.parent_uuid != null) return { ...call, ...own }
  return { ...call, ...own, parent_uuid: callUuidFor({ accountId, source, sourceId: parent }) }
}
