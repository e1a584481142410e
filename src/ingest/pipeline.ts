import type { Account } from '../record/account.ts'
import { callUuidFor, isUuid } from '../record/identity.ts'
import type { Report } from '../record/report.ts'
import { accountOf } from '../store/account-of.ts'
import { type CallStore, type Outcome, ReportsRefusedError } from '../store/call-store.ts'
import type { Directory, Quarantined, Source } from '../store/directory.ts'
import { type ReportReading, readReport } from './native/read-report.ts'
import type { Reading } from './reading.ts'

/** One record on its way in. `raw` is kept as it came; `place` tells people where it stood, such as a file and line. */
export interface Incoming {
  raw: string
  place: string | null
  /** Which of several equal records of one file this is, from 0. */
  ordinal?: number
}

/** A record whose account is known: it came with an account's key. */
export interface IncomingBody extends Incoming {
  body: unknown
  /** Why there is no body to read, where there is none. */
  problem?: string
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
    const arrivedAtUs = this.#now()
    const read = records.map(
      ({ body, raw, problem, ordinal = 0 }): ReportReading =>
        problem === undefined
          ? readReport(body, { account, source, arrivedAtUs, raw, ordinal })
          : { ok: false, fault: { field: 'record', reason: problem } },
    )
    const reports = read.flatMap((reading) => (reading.ok ? [reading.report] : []))
    const appended = await this.#append(reports)
    const refused: Omit<Quarantined, 'id'>[] = []
    let at = 0
    const results = read.map((reading, index): IngestResult => {
      const result = reading.ok ? (appended[at++] as IngestResult) : { refused: reading.fault }
      if ('refused' in result)
        refused.push(
          this.#entry({ source, account, record: records[index] as Incoming, ...result.refused, arrivedAtUs }),
        )
      return result
    })
    if (refused.length > 0) this.#directory.quarantine(refused)
    this.#count(results)
    return results
  }

  /** Stores what a switch's reader made of its records; the source's rules name the account of each. */
  async ingestReadings(source: Source, records: readonly (Incoming & { reading: Reading })[]): Promise<IngestResult[]> {
    const arrivedAtUs = this.#now()
    const reports: Report[] = []
    const refused: Omit<Quarantined, 'id'>[] = []
    const accounts = await this.#accountsOf(source, records)
    const pending = records.map((record, index): { report: Report } | { refused: Refused } => {
      const made = this.#readOne(source, { record, account: accounts[index] ?? null, arrivedAtUs })
      if ('report' in made) reports.push(made.report)
      else refused.push(made.entry)
      return 'report' in made ? made : { refused: made.refused }
    })
    const appended = await this.#append(reports)
    let at = 0
    const results = pending.map((made, index): IngestResult => {
      if (!('report' in made)) return made
      const result = appended[at++] as IngestResult
      const account = this.#directory.account(made.report.accountId)
      const record = records[index] as Incoming
      if ('refused' in result)
        refused.push(this.#entry({ source: source.name, account, record, ...result.refused, arrivedAtUs }))
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

  /**
   * The account of each record: by the source's rules, and for a leg that says nothing they look at, that of the call
   * it is a leg of, among these records or stored.
   */
  async #accountsOf(source: Source, records: readonly { reading: Reading }[]): Promise<(Account | null)[]> {
    const byRule = records.map(({ reading }) => (reading.ok ? accountOf(source, reading.hints) : null))
    const known = new Map<string, string>()
    records.forEach(({ reading }, index) => {
      const accountId = byRule[index]
      if (reading.ok && accountId != null) known.set(String(reading.call.call_uuid).toLowerCase(), accountId)
    })
    const found = records.map(async ({ reading }, index) => {
      const named = byRule[index] ?? (reading.ok ? await this.#parentAccount(source, reading.call, known) : null)
      return named === null ? null : this.#directory.account(named)
    })
    return Promise.all(found)
  }

  async #parentAccount(
    { rules }: Source,
    { parent_uuid: parent }: Record<string, unknown>,
    known: ReadonlyMap<string, string>,
  ): Promise<string | null> {
    if (typeof parent !== 'string' || !isUuid(parent)) return null
    const callUuid = parent.toLowerCase()
    const inBatch = known.get(callUuid)
    if (inBatch !== undefined) return inBatch
    for (const accountId of new Set(rules.map((rule) => rule.accountId)))
      if ((await this.#calls.find({ accountId, callUuid })) !== null) return accountId
    return null
  }

  #readOne(
    source: Source,
    given: { record: Incoming & { reading: Reading }; account: Account | null; arrivedAtUs: number },
  ): { report: Report } | { refused: Refused; entry: Omit<Quarantined, 'id'> } {
    const { record, account, arrivedAtUs } = given
    const { reading } = record
    const refuse = (fault: Refused) => ({
      refused: fault,
      entry: this.#entry({ source: source.name, account, record, ...fault, arrivedAtUs }),
    })
    if (!reading.ok) return refuse({ field: reading.field ?? 'record', reason: reading.detail })
    if (account === null)
      return refuse({
        field: 'account',
        reason: `no rule of the source ${source.name} names the account of this call`,
      })
    const read = readReport(withParent(reading, { accountId: account.id, source: source.name }), {
      account,
      source: source.name,
      arrivedAtUs,
      raw: record.raw,
      ordinal: record.ordinal ?? 0,
    })
    return read.ok ? { report: read.report } : refuse(read.fault)
  }

  #count(results: readonly IngestResult[]): void {
    for (const result of results) this.counts['refused' in result ? 'refused' : result.outcome] += 1
  }

  #entry(given: {
    source: string
    account: Account | null
    record: Incoming
    field: string
    reason: string
    arrivedAtUs: number
  }): Omit<Quarantined, 'id'> {
    return {
      source: given.source,
      accountId: given.account?.id ?? null,
      arrivedAtUs: given.arrivedAtUs,
      origin: given.record.place,
      field: given.field,
      reason: given.reason,
      raw: given.record.raw,
    }
  }
}

/** A leg of a call that has no UUID from its switch points to the UUID that its parent gets from its own id. */
function withParent(
  { call, parentSourceId }: Extract<Reading, { ok: true }>,
  { accountId, source }: { accountId: string; source: string },
): Record<string, unknown> {
  if (parentSourceId === undefined || call.parent_uuid != null) return call
  return { ...call, parent_uuid: callUuidFor({ accountId, source, sourceId: parentSourceId }) }
}
