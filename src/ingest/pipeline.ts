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
      ({ body, raw, problem, ordinal = 0 }): Read => ({
        account,
        reading:
          problem === undefined
            ? readReport(body, { account, source, arrivedAtUs, raw, ordinal })
            : { ok: false, fault: { field: 'record', reason: problem } },
      }),
    )
    return this.#store(read, { source, records, arrivedAtUs })
  }

  /** Stores what a switch's reader made of its records; the source's rules name the account of each. */
  async ingestReadings(source: Source, records: readonly (Incoming & { reading: Reading })[]): Promise<IngestResult[]> {
    const arrivedAtUs = this.#now()
    const accounts = await this.#accountsOf(source, records)
    const read = records.map((record, index) =>
      readOne(source, { record, account: accounts[index] ?? null, arrivedAtUs }),
    )
    return this.#store(read, { source: source.name, records, arrivedAtUs })
  }

  /** Stores what could be read, and keeps the rest in the quarantine: a result for each, in order. */
  async #store(
    read: readonly Read[],
    { source, records, arrivedAtUs }: { source: string; records: readonly Incoming[]; arrivedAtUs: number },
  ): Promise<IngestResult[]> {
    const appended = await this.#append(read.flatMap(({ reading }) => (reading.ok ? [reading.report] : [])))
    const refused: Omit<Quarantined, 'id'>[] = []
    let at = 0
    const results = read.map(({ account, reading }, index): IngestResult => {
      const result = reading.ok ? (appended[at++] as IngestResult) : { refused: reading.fault }
      const record = records[index] as Incoming
      if ('refused' in result) refused.push(entryOf({ source, account, record, ...result.refused, arrivedAtUs }))
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
   * The account of each record: by the source's rules, and for one that says nothing they look at, that of the call it
   * is about or a leg of, among these records or stored.
   */
  async #accountsOf(source: Source, records: readonly { reading: Reading }[]): Promise<(Account | null)[]> {
    const byRule = records.map(({ reading }) => (reading.ok ? accountOf(source, reading.hints) : null))
    const known = new Map<string, string>()
    records.forEach(({ reading }, index) => {
      const accountId = byRule[index]
      if (!reading.ok || accountId == null) return
      known.set(String(reading.call.call_uuid).toLowerCase(), accountId)
      if (reading.identity !== undefined) known.set(`identity ${reading.identity}`, accountId)
    })
    const found = records.map(async ({ reading }, index) => {
      const named = byRule[index] ?? (reading.ok ? await this.#accountByCall(source, reading, known) : null)
      return named === null ? null : this.#directory.account(named)
    })
    return Promise.all(found)
  }

  async #accountByCall(
    { name, rules }: Source,
    { call: { parent_uuid: parent }, identity, parentIdentity }: Extract<Reading, { ok: true }>,
    known: ReadonlyMap<string, string>,
  ): Promise<string | null> {
    const sourceId = parentIdentity ?? identity
    if (sourceId !== undefined) {
      const inBatch = known.get(`identity ${sourceId}`)
      if (inBatch !== undefined) return inBatch
      for (const accountId of new Set(rules.map((rule) => rule.accountId))) {
        const callUuid = callUuidFor({ accountId, source: name, sourceId })
        if ((await this.#calls.find({ accountId, callUuid })) !== null) return accountId
      }
      return null
    }
    if (typeof parent !== 'string' || !isUuid(parent)) return null
    const callUuid = parent.toLowerCase()
    const inBatch = known.get(callUuid)
    if (inBatch !== undefined) return inBatch
    for (const accountId of new Set(rules.map((rule) => rule.accountId)))
      if ((await this.#calls.find({ accountId, callUuid })) !== null) return accountId
    return null
  }

  #count(results: readonly IngestResult[]): void {
    for (const result of results) this.counts['refused' in result ? 'refused' : result.outcome] += 1
  }
}

/** One record, read: whose it is, where that is known, and its report or why there is none. */
interface Read {
  account: Account | null
  reading: ReportReading
}

function readOne(
  source: Source,
  given: { record: Incoming & { reading: Reading }; account: Account | null; arrivedAtUs: number },
): Read {
  const { record, account, arrivedAtUs } = given
  const { raw, ordinal = 0, reading } = record
  const refuse = (field: string, reason: string): Read => ({
    account,
    reading: { ok: false, fault: { field, reason } },
  })
  if (!reading.ok) return refuse(reading.field ?? 'record', reading.detail)
  if (account === null) return refuse('account', `no rule of the source ${source.name} names the account of this call`)
  const call = identified(reading, { accountId: account.id, source: source.name })
  return { account, reading: readReport(call, { account, source: source.name, arrivedAtUs, raw, ordinal }) }
}

function entryOf(given: {
  source: string
  account: Account | null
  record: Incoming
  field: string
  reason: string
  arrivedAtUs: number
}): Omit<Quarantined, 'id'> {
  const { source, account, record, field, reason, arrivedAtUs } = given
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
