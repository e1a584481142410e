import { isLone, LoneState } from '../../../record/merge.ts'
import { canonicalReport, REPORT_KINDS, type Report, reportHashOf } from '../../../record/report.ts'
import type { Derive, SettingsOf } from '../../call-store.ts'
import { encodeCall } from '../row/encode-row.ts'
import { ROW_COLUMNS, type Row, type SqlValue } from '../row/row-columns.ts'
import { rowIsCenter } from '../row/row-head.ts'
import { centerColumns, type Member, membersOf, PLAIN_CALL } from '../row/row-members.ts'

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

/** The places of a row that travel as texts, as countries and as numbers, in this order; its document comes apart. */
export const PACKED_PLACES = {
  texts: ROW_COLUMNS.flatMap((column, at) => (TEXTS.has(column) ? [at] : [])),
  countries: ROW_COLUMNS.flatMap((column, at) => (COUNTRIES.has(column) ? [at] : [])),
  numbers: ROW_COLUMNS.flatMap((column, at) =>
    [TEXTS, COUNTRIES, WRITERS].some((others) => others.has(column)) ? [] : [at],
  ),
  doc: ROW_COLUMNS.indexOf('doc'),
} as const

/** Whether a row comes with a report, and of what kind of call. */
export const PREPARED = { not: 0, plainCall: 1, centerCall: 2 } as const

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
      this.#add(PREPARED.not)
      return
    }
    const { row, members, center } = prepared
    const isCenter = rowIsCenter(row)
    this.#add(isCenter ? PREPARED.centerCall : PREPARED.plainCall)
    this.#add(members.length)
    for (const [kind, ref] of members) {
      this.#add(kind)
      this.#add(ref)
    }
    if (isCenter) for (const value of center) this.#add(value as number | null)
    for (const place of PACKED_PLACES.numbers) this.#add(row[place] as number | null)
    for (const place of PACKED_PLACES.countries) this.#add(countryNumber(row[place] as string | null))
    for (const place of PACKED_PLACES.texts) this.#texts.push(row[place] as string | null)
    const document = row[PACKED_PLACES.doc] as Uint8Array | null
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

/** Null for what is no CDR, and where something goes wrong: it does so again in the writer, who says whose fault it is. */
function prepare(
  report: Report,
  { derive, settingsOf }: { derive: Derive; settingsOf: SettingsOf },
): PreparedCall | null {
  const { accountId, callUuid, source, facts, lists } = report
  const state = new LoneState(report, '')
  if (!isLone(state)) return null
  try {
    const derived = derive(facts, settingsOf(accountId), lists)
    const row = encodeCall(state, derived)
    const isCenter = rowIsCenter(row)
    const members = membersOf(facts, { accountId, callUuid, source, center: isCenter, lists })
    return { row, members, center: isCenter ? centerColumns(facts, derived, lists) : PLAIN_CALL }
  } catch {
    return null
  }
}
