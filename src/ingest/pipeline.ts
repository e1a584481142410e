import type { Account } from '../record/account.ts'
import { callUuidFor } from '../record/identity.ts'
import type { Report } from '../record/report.ts'
import { type CallStore, type Outcome, ReportsRefusedError } from '../store/call-store.ts'
import type { Directory, QuarantineEntry, Source } from '../store/directory.ts'
import { accountsOf } from './accounts-of.ts'
import { type Arrival, type ReportReading, readReport } from './native/read-report.ts'
import type { Reading } from './reading.ts'
import { toldStartUs } from './told-start.ts'

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

/** `notKept`: it is not in the quarantine either, because a number that was erased stands in it. */
export type IngestResult = { outcome: Outcome } | { refused: Refused; notKept?: true }

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
      if (problem !== undefined) return unread(account, { field: 'record', reason: problem })
      return readCall(body, { account, source, arrivedAtUs, nowUs, raw, ordinal })
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
    const refused: QuarantineEntry[] = []
    const entries = new Map<number, number>()
    let at = 0
    const results = read.map(({ account, reading, beganAtUs }, index): IngestResult => {
      const result = reading.ok ? (appended[at++] as IngestResult) : { refused: reading.fault }
      const record = records[index] as Incoming
      if (!('refused' in result)) return result
      const entry = entryOf({ source, account, record, ...result.refused, beganAtUs, nowUs })
      const last = refused.at(-1)
      // An event about many legs is one record: it is kept once, as from when the first of them began.
      const isThere = last?.raw === entry.raw && last.accountId === entry.accountId && last.origin === entry.origin
      if (isThere) last.beganAtUs = earlier(last.beganAtUs ?? null, beganAtUs)
      else refused.push(entry)
      entries.set(index, refused.length - 1)
      return result
    })
    const kept = refused.length > 0 ? this.#directory.quarantine(refused) : []
    this.#count(results)
    if (!kept.includes(false)) return results
    const isKept = (index: number) => kept[entries.get(index) ?? -1] !== false
    return results.map((result, index) =>
      'refused' in result && !isKept(index) ? { ...result, notKept: true } : result,
    )
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
  /** Epoch us at which its call began; null where it does not say. */
  beganAtUs: number | null
}

function unread(account: Account | null, fault: Refused): Read {
  return { account, reading: { ok: false, fault }, beganAtUs: null }
}

function readCall(body: unknown, arrival: Arrival): Read {
  const { account } = arrival
  const reading = readReport(body, arrival)
  if (reading.ok) return { account, reading, beganAtUs: Number(reading.report.facts.startedAtUs ?? 0) || null }
  return { account, reading, beganAtUs: toldStartUs(body, { nowUs: arrival.nowUs ?? arrival.arrivedAtUs }) }
}

function earlier(oneUs: number | null, otherUs: number | null): number | null {
  return oneUs === null || otherUs === null ? null : Math.min(oneUs, otherUs)
}

function readOne(source: Source, given: { record: IncomingReading; account: Account | null; nowUs: number }): Read {
  const { record, account, nowUs } = given
  const { raw, ordinal = 0, arrivedAtUs = nowUs, reading } = record
  if (!reading.ok) return unread(account, { field: reading.field ?? 'record', reason: reading.detail })
  if (account === null) {
    const reason = `no rule of the source ${source.name} names the account of this call`
    return { ...unread(null, { field: 'account', reason }), beganAtUs: toldStartUs(reading.call, { nowUs }) }
  }
  const call = identified(reading, { accountId: account.id, source: source.name })
  return readCall(call, { account, source: source.name, arrivedAtUs, nowUs, raw, ordinal })
}

function entryOf(given: {
  source: string
  account: Account | null
  record: Incoming
  field: string
  reason: string
  beganAtUs: number | null
  nowUs: number
}): QuarantineEntry {
  const { source, account, record, field, reason, beganAtUs, nowUs } = given
  const { arrivedAtUs = nowUs, place: origin, raw } = record
  return { source, accountId: account?.id ?? null, arrivedAtUs, origin, field, reason, raw, beganAtUs }
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
