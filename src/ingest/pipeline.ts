import type { Account } from '../record/account.ts'
import type { Report } from '../record/report.ts'
import { accountOf } from '../store/account-of.ts'
import type { CallStore, Outcome } from '../store/call-store.ts'
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
    const outcomes = await this.#calls.append(reports)
    const refused: Omit<Quarantined, 'id'>[] = []
    let stored = 0
    const results = read.map((reading, index): IngestResult => {
      if (reading.ok) return { outcome: outcomes[stored++] as Outcome }
      refused.push(this.#entry({ source, account, record: records[index] as Incoming, ...reading.fault, arrivedAtUs }))
      return { refused: reading.fault }
    })
    if (refused.length > 0) this.#directory.quarantine(refused)
    return results
  }

  /** Stores what a switch's reader made of its records; the source's rules name the account of each. */
  async ingestReadings(source: Source, records: readonly (Incoming & { reading: Reading })[]): Promise<IngestResult[]> {
    const arrivedAtUs = this.#now()
    const reports: Report[] = []
    const refused: Omit<Quarantined, 'id'>[] = []
    const pending = records.map((record): { report: Report } | { refused: Refused } => {
      const made = this.#readOne(source, record, arrivedAtUs)
      if ('report' in made) reports.push(made.report)
      else refused.push(made.entry)
      return 'report' in made ? made : { refused: made.refused }
    })
    const outcomes = await this.#calls.append(reports)
    if (refused.length > 0) this.#directory.quarantine(refused)
    let stored = 0
    return pending.map((made) => ('report' in made ? { outcome: outcomes[stored++] as Outcome } : made))
  }

  #readOne(
    source: Source,
    record: Incoming & { reading: Reading },
    arrivedAtUs: number,
  ): { report: Report } | { refused: Refused; entry: Omit<Quarantined, 'id'> } {
    const { reading } = record
    const refuse = (account: Account | null, fault: Refused) => ({
      refused: fault,
      entry: this.#entry({ source: source.name, account, record, ...fault, arrivedAtUs }),
    })
    if (!reading.ok) return refuse(null, { field: reading.field ?? 'record', reason: reading.detail })
    const accountId = accountOf(source, reading.hints)
    const account = accountId === null ? null : this.#directory.account(accountId)
    if (account === null)
      return refuse(null, {
        field: 'account',
        reason: `no rule of the source ${source.name} names the account of this call`,
      })
    const read = readReport(reading.call, {
      account,
      source: source.name,
      arrivedAtUs,
      raw: record.raw,
      ordinal: record.ordinal ?? 0,
    })
    return read.ok ? { report: read.report } : refuse(account, read.fault)
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
