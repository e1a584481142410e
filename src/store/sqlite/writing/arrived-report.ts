import type { Facts } from '../../../record/facts.ts'
import { REPORT_KINDS, type Report, type ReportKind } from '../../../record/report.ts'
import { type Lists, withListsApart } from '../../../record/united-lists.ts'
import { EMPTY_ROW, type Row } from '../row/row-columns.ts'
import { CENTER_COLUMNS, type Member, PLAIN_CALL } from '../row/row-members.ts'
import { PACKED_PLACES, type PackedReports, PREPARED, type PreparedCall } from './packed-reports.ts'

/** The reports again. Facts are taken apart when they are asked for: mostly nobody does. */
export function unpackReports(packed: PackedReports): ArrivedReport[] {
  const reports: ArrivedReport[] = []
  const reading = new Packed(packed)
  while (reading.hasMore) reports.push(new ArrivedReport(reading))
  return reports
}

type Told = Pick<Report, 'facts' | 'lists' | 'listsBehind' | 'clear'>

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
  #told: Told | null = null

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
    this.prepared = kind === PREPARED.not ? null : packed.prepared(kind === PREPARED.centerCall)
  }

  get facts(): Facts {
    return this.#read().facts
  }

  get lists(): Lists {
    return this.#read().lists
  }

  get listsBehind(): number {
    return this.#read().listsBehind
  }

  get clear(): readonly string[] {
    return this.#read().clear
  }

  #read(): Told {
    if (this.#told === null) {
      const [, , , flat, clear] = JSON.parse(this.#canonical) as [string, string, number, Facts, string[]]
      this.#told = { ...withListsApart(flat), clear }
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
    const center = isCenter ? CENTER_COLUMNS.map(() => this.numberOrNull()) : PLAIN_CALL
    const row: Row = EMPTY_ROW.slice()
    for (const place of PACKED_PLACES.numbers) row[place] = this.numberOrNull()
    for (const place of PACKED_PLACES.countries) row[place] = countryOfNumber(this.numberOrNull())
    for (const place of PACKED_PLACES.texts) row[place] = this.#texts[this.#text++] ?? null
    const length = this.numberOrNull()
    if (length !== null) {
      row[PACKED_PLACES.doc] = this.#octets.subarray(this.#octet, this.#octet + length)
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
