import type { Facts } from '../../record/facts.ts'
import { isLone, LoneState } from '../../record/merge.ts'
import { canonicalReport, REPORT_KINDS, type Report, type ReportKind, reportHashOf } from '../../record/report.ts'
import type { Derive, SettingsOf } from '../call-store.ts'
import { EMPTY_ROW, encodeCall, ROW_COLUMNS, type Row, rowIsCenter, type SqlValue } from './row.ts'
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
  /** Of accounts and sources; reports have their places. */
  names: string[]
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

const TEXTS: ReadonlySet<string> = new Set(['from_number', 'to_number', 'trunk_id'])
const COUNTRIES: ReadonlySet<string> = new Set(['from_country', 'to_country'])
/** What the writer adds. */
const WRITERS: ReadonlySet<string> = new Set(['account', 'id', 'seq', 'uuid', 'source', 'reports', 'doc'])
const TEXT_PLACES = ROW_COLUMNS.flatMap((column, at) => (TEXTS.has(column) ? [at] : []))
const COUNTRY_PLACES = ROW_COLUMNS.flatMap((column, at) => (COUNTRIES.has(column) ? [at] : []))
const NUMBER_PLACES = ROW_COLUMNS.flatMap((column, at) =>
  [TEXTS, COUNTRIES, WRITERS].some((others) => others.has(column)) ? [] : [at],
)
const DOC = ROW_COLUMNS.indexOf('doc')
/** In place of null, which no number is. */
const NULL = Number.NaN

/** Packs reports, in their order. `derive` gives what a call derives under the settings of its account. */
export function packReports(
  reports: readonly Report[],
  given: { derive: Derive; settingsOf: SettingsOf },
): PackedReports {
  const packing = new Packing(reports.length)
  for (const report of reports) {
    packing.report(report)
    packing.prepared(prepare(report, given))
  }
  return packing.packed()
}

const NUMBERS_A_REPORT = 64

/** Writes the parts of packed reports side by side. */
class Packing {
  readonly #count: number
  readonly #names = new Map<string, number>()
  readonly #texts: (string | null)[] = []
  readonly #documents: Uint8Array[] = []
  #numbers: Float64Array
  #number = 0
  #octets = 0

  constructor(count: number) {
    this.#count = count
    this.#numbers = new Float64Array(count * NUMBERS_A_REPORT)
  }

  report(report: Report): void {
    const { accountId, callUuid, source, kind, eventAtUs, arrivedAtUs, startGuessUs, raw } = report
    const canonical = canonicalReport(report)
    this.#texts.push(callUuid, raw, canonical, reportHashOf(canonical))
    this.#add(this.#nameOf(accountId))
    this.#add(this.#nameOf(source))
    this.#add(REPORT_KINDS.indexOf(kind))
    this.#add(eventAtUs)
    this.#add(arrivedAtUs)
    this.#add(startGuessUs)
  }

  prepared(prepared: PreparedCall | null): void {
    if (prepared === null) {
      this.#add(NOT_PREPARED)
      return
    }
    const { row, members, center } = prepared
    const isCenter = rowIsCenter(row)
    this.#add(isCenter ? CENTER_CALL : PLAIN_CALL)
    this.#add(members.length)
    for (const [kind, ref] of members) {
      this.#add(kind)
      this.#add(ref)
    }
    if (isCenter) for (const value of center) this.#add(value as number | null)
    for (const place of NUMBER_PLACES) this.#add(row[place] as number | null)
    for (const place of COUNTRY_PLACES) this.#add(countryNumber(row[place] as string | null))
    for (const place of TEXT_PLACES) this.#texts.push(row[place] as string | null)
    const document = row[DOC] as Uint8Array | null
    this.#add(document === null ? null : document.length)
    if (document === null) return
    this.#documents.push(document)
    this.#octets += document.length
  }

  packed(): PackedReports {
    const octets = new Uint8Array(this.#octets)
    let at = 0
    for (const document of this.#documents) {
      octets.set(document, at)
      at += document.length
    }
    const numbers = this.#numbers.slice(0, this.#number)
    return { count: this.#count, names: [...this.#names.keys()], numbers, texts: this.#texts, octets }
  }

  #add(number: number | null): void {
    if (this.#number === this.#numbers.length) {
      const more = new Float64Array(this.#number * 2)
      more.set(this.#numbers)
      this.#numbers = more
    }
    this.#numbers[this.#number++] = number ?? NULL
  }

  #nameOf(name: string): number {
    let place = this.#names.get(name)
    if (place === undefined) {
      place = this.#names.size
      this.#names.set(name, place)
    }
    return place
  }
}

/** A text of at most two UTF-16 units as a number. */
function countryNumber(country: string | null): number | null {
  if (country === null) return null
  return (country.charCodeAt(0) || 0) * 0x1_0000 + (country.charCodeAt(1) || 0)
}

const countries = new Map<number, string>()

function countryOfNumber(number: number | null): string | null {
  if (number === null) return null
  let country = countries.get(number)
  if (country === undefined) {
    const units = [Math.floor(number / 0x1_0000), number % 0x1_0000]
    country = String.fromCharCode(...units.filter((unit) => unit !== 0))
    countries.set(number, country)
  }
  return country
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
    this.accountId = packed.name()
    this.source = packed.name()
    this.callUuid = packed.text()
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
  readonly #names: readonly string[]
  readonly #numbers: Float64Array
  readonly #texts: readonly (string | null)[]
  readonly #octets: Uint8Array
  #number = 0
  #text = 0
  #octet = 0

  constructor({ names, numbers, texts, octets }: PackedReports) {
    this.#names = names
    this.#numbers = numbers
    this.#texts = texts
    this.#octets = octets
  }

  get hasMore(): boolean {
    return this.#text < this.#texts.length
  }

  name(): string {
    return this.#names[this.number()] as string
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
    const row: Row = EMPTY_ROW.slice()
    for (const place of NUMBER_PLACES) row[place] = this.numberOrNull()
    for (const place of COUNTRY_PLACES) row[place] = countryOfNumber(this.numberOrNull())
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
