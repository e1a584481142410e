import type { Facts } from '../../record/facts.ts'
import { isLone, LoneState } from '../../record/merge.ts'
import { canonicalReport, REPORT_KINDS, type Report, type ReportKind, reportHashOf } from '../../record/report.ts'
import type { Derive, SettingsOf } from '../call-store.ts'
import { encodeCall, ROW_COLUMNS, type Row, rowIsCenter, type SqlValue } from './row.ts'
import {
  CENTER_COLUMNS,
  centerColumns,
  type Member,
  membersOf,
  PLAIN_CALL as PLAIN_CALL_COLUMNS,
} from './row-members.ts'

/**
 * Reports on their way to the writer's thread: three values that are copied as they are, where objects would be taken apart
 * and put together again, key by key. A CDR brings the row along that it makes of a call nobody has heard of: most calls
 * are told once, and the thread that read the report has the time to encode it.
 */
export interface PackedReports {
  count: number
  numbers: Float64Array
  texts: (string | null)[]
  /** Documents, one behind the other. */
  octets: Uint8Array
}

/** What a CDR alone makes of a call: all of its row that follows from the report. */
export interface PreparedCall {
  row: Row
  members: readonly Member[]
  center: readonly SqlValue[]
}

const TEXTS: ReadonlySet<string> = new Set(['from_number', 'to_number', 'from_country', 'to_country', 'trunk_id'])
/** What the writer adds. */
const WRITERS: ReadonlySet<string> = new Set(['account', 'id', 'seq', 'uuid', 'source', 'reports', 'doc'])
const TEXT_PLACES = ROW_COLUMNS.flatMap((column, at) => (TEXTS.has(column) ? [at] : []))
const NUMBER_PLACES = ROW_COLUMNS.flatMap((column, at) => (TEXTS.has(column) || WRITERS.has(column) ? [] : [at]))
const DOC = ROW_COLUMNS.indexOf('doc')
/** In place of null, which no number is. */
const NULL = Number.NaN

/** Packs reports, in their order. `derive` gives what a call derives under the settings of its account. */
export function packReports(
  reports: readonly Report[],
  given: { derive: Derive; settingsOf: SettingsOf },
): PackedReports {
  const numbers: number[] = []
  const texts: (string | null)[] = []
  const documents: Uint8Array[] = []
  for (const report of reports) {
    const { accountId, callUuid, source, kind, eventAtUs, arrivedAtUs, startGuessUs, raw } = report
    const canonical = canonicalReport(report)
    texts.push(accountId, callUuid, source, raw, canonical, reportHashOf(canonical))
    numbers.push(REPORT_KINDS.indexOf(kind), eventAtUs ?? NULL, arrivedAtUs, startGuessUs ?? NULL)
    const prepared = prepare(report, given)
    if (prepared === null) {
      numbers.push(NOT_PREPARED)
      continue
    }
    const { row, members, center } = prepared
    const isCenter = rowIsCenter(row)
    numbers.push(isCenter ? CENTER_CALL : PLAIN_CALL, members.length)
    for (const [memberKind, ref] of members) numbers.push(memberKind, ref)
    if (isCenter) for (const value of center) numbers.push((value as number) ?? NULL)
    for (const place of NUMBER_PLACES) numbers.push((row[place] as number) ?? NULL)
    for (const place of TEXT_PLACES) texts.push(row[place] as string | null)
    const document = row[DOC] as Uint8Array | null
    numbers.push(document === null ? NULL : document.length)
    if (document !== null) documents.push(document)
  }
  const octets = new Uint8Array(Buffer.concat(documents))
  return { count: reports.length, numbers: Float64Array.from(numbers), texts, octets }
}

/** Null for what is no CDR, and where something goes wrong: it does so again in the writer, who says whose fault it is. */
function prepare(
  report: Report,
  { derive, settingsOf }: { derive: Derive; settingsOf: SettingsOf },
): PreparedCall | null {
  const { accountId, callUuid, source, facts } = report
  const state = new LoneState(report, '')
  if (!isLone(state)) return null
  try {
    const derived = derive(facts, settingsOf(accountId))
    const row = encodeCall(state, derived)
    const isCenter = rowIsCenter(row)
    const members = membersOf(facts, { accountId, callUuid, source, center: isCenter })
    return { row, members, center: isCenter ? centerColumns(facts, derived) : PLAIN_CALL_COLUMNS }
  } catch {
    return null
  }
}

const NOT_PREPARED = 0
const PLAIN_CALL = 1
const CENTER_CALL = 2

/** The reports again. Facts are taken apart when they are asked for: mostly nobody does. */
export function unpackReports(packed: PackedReports): ArrivedReport[] {
  const reports: ArrivedReport[] = []
  const reading = new Packed(packed)
  while (reading.hasMore) reports.push(new ArrivedReport(reading))
  return reports
}

/** A report that came packed, and what was made ready with it. */
export class ArrivedReport implements Report {
  readonly accountId: string
  readonly callUuid: string
  readonly source: string
  readonly raw: string
  readonly hash: string
  readonly kind: ReportKind
  readonly eventAtUs: number | null
  readonly arrivedAtUs: number
  readonly startGuessUs: number | null
  /** Null where the report says too little of a call, or the call was told of more than once. */
  readonly prepared: PreparedCall | null
  readonly #canonical: string
  #told: { facts: Facts; clear: readonly string[] } | null = null

  constructor(packed: Packed) {
    this.accountId = packed.text()
    this.callUuid = packed.text()
    this.source = packed.text()
    this.raw = packed.text()
    this.#canonical = packed.text()
    this.hash = packed.text()
    this.kind = REPORT_KINDS[packed.number()] as ReportKind
    this.eventAtUs = packed.numberOrNull()
    this.arrivedAtUs = packed.number()
    this.startGuessUs = packed.numberOrNull()
    const kind = packed.number()
    this.prepared = kind === NOT_PREPARED ? null : packed.prepared(kind === CENTER_CALL)
  }

  get facts(): Facts {
    return this.#read().facts
  }

  get clear(): readonly string[] {
    return this.#read().clear
  }

  #read(): { facts: Facts; clear: readonly string[] } {
    if (this.#told === null) {
      const [, , , facts, clear] = JSON.parse(this.#canonical) as [string, string, number, Facts, string[]]
      this.#told = { facts, clear }
    }
    return this.#told
  }
}

const NO_MEMBERS: readonly Member[] = []

/** Reads the three parts of packed reports side by side. */
class Packed {
  readonly #numbers: Float64Array
  readonly #texts: readonly (string | null)[]
  readonly #octets: Uint8Array
  #number = 0
  #text = 0
  #octet = 0

  constructor({ numbers, texts, octets }: PackedReports) {
    this.#numbers = numbers
    this.#texts = texts
    this.#octets = octets
  }

  get hasMore(): boolean {
    return this.#text < this.#texts.length
  }

  text(): string {
    return this.#texts[this.#text++] as string
  }

  number(): number {
    return this.#numbers[this.#number++] as number
  }

  numberOrNull(): number | null {
    const number = this.number()
    return Number.isNaN(number) ? null : number
  }

  prepared(isCenter: boolean): PreparedCall {
    const members = this.#members(this.number())
    const center = isCenter ? CENTER_COLUMNS.map(() => this.numberOrNull()) : PLAIN_CALL_COLUMNS
    const row: Row = new Array(ROW_COLUMNS.length).fill(null)
    for (const place of NUMBER_PLACES) row[place] = this.numberOrNull()
    for (const place of TEXT_PLACES) row[place] = this.#texts[this.#text++] ?? null
    const length = this.numberOrNull()
    if (length !== null) {
      row[DOC] = this.#octets.subarray(this.#octet, this.#octet + length)
      this.#octet += length
    }
    return { row, members, center }
  }

  #members(count: number): readonly Member[] {
    if (count === 0) return NO_MEMBERS
    const members: Member[] = []
    for (let left = count; left > 0; left--) members.push([this.number(), this.number()])
    return members
  }
}
