import { centerOf } from '../../../record/assemble.ts'
import { type CallRecord, STATES } from '../../../record/call-record.ts'
import { postDialDelayMs } from '../../../record/derive.ts'
import { DEFAULTS, wirePath } from '../../../record/facts.ts'
import { hangupName } from '../../../record/hangup-codes.ts'
import { bytesToUuid } from '../../../record/identity.ts'
import { fieldsReader } from '../../../record/record-fields.ts'
import { unitedEntries } from '../../../record/united-lists.ts'
import { rowCallTypes } from './call-type-mask.ts'
import { currencyOf, OTHER_CURRENCY } from './currency-code.ts'
import { DocumentFields, type Gathered } from './document-fields.ts'
import { AFTER_START, AT, CODED, FLAG, PLAIN, ROW_COLUMNS, type Row } from './row-columns.ts'
import { rowStated, rowTexts } from './row-facts.ts'
import { rowIsCenter } from './row-head.ts'
import { type RowNames, recordOfRow } from './row-record.ts'

/**
 * The columns that fields are read from, with nothing in the places of the others. The UUID stands before the document, in
 * its column: SQLite hands a blob over in the time of five numbers.
 */
export const FIELD_COLUMNS = ROW_COLUMNS.map(fieldColumn).join(', ')

function fieldColumn(name: (typeof ROW_COLUMNS)[number]): string {
  if (name === 'doc') return 'CAST(concat(uuid, doc) AS BLOB)'
  return name === 'account' || name === 'reports' || name === 'uuid' ? 'NULL' : name
}

const UUID_BYTES = 16

/** A row that was read by `FIELD_COLUMNS` as others are: only what no field is made of is missing. */
export function wholeRow(row: Row): Row {
  if (row[AT.uuid] !== null) return row
  const whole = row.slice()
  const bytes = row[AT.doc] as Uint8Array
  whole[AT.uuid] = bytes.subarray(0, UUID_BYTES)
  whole[AT.doc] = bytes.length === UUID_BYTES ? null : bytes.subarray(UUID_BYTES)
  return whole
}

const NONE: readonly unknown[] = Object.freeze([])

/** Fields that a call has which says nothing of them. */
const ABSENT: Record<string, unknown> = { 'quality.streams': NONE, tags: NONE, recordings: NONE, callTypes: NONE }

/** Fields that are not in a row's document alone, how each is read from its columns; null where it is not there. */
const IN_COLUMNS: Readonly<Record<string, (row: Row, names: RowNames) => unknown>> = {
  id: (row) => row[AT.id],
  callUuid: (row) => bytesToUuid((row[AT.uuid] ?? row[AT.doc]) as Uint8Array),
  accountId: (_row, { accountId }) => accountId,
  source: (_row, { source }) => source,
  state: (row) => STATES[row[AT.state] as number],
  startedAtUs: (row) => row[AT.started_at],
  endedAtUs: (row) => row[AT.ended_at],
  endInferred: (row) => ((row[AT.flags] as number) & FLAG.endInferred) !== 0,
  'from.asSent': (row) => row[AT.from_number],
  'to.asSent': (row) => row[AT.to_number],
  'trunk.srtp': (row) => yesOrNo(row, FLAG.srtpShift),
  'trunk.secure': (row) => yesOrNo(row, FLAG.secureShift),
  'cost.currency': (row) => {
    const code = row[AT.currency] as number | null
    return code === null || code >= OTHER_CURRENCY ? null : currencyOf(code)
  },
  'hangup.name': (row) => {
    const code = row[AT.hangup_code] as number | null
    return code === null || row[AT.ended_at] === null ? null : hangupName(code)
  },
  'quality.postDialDelayMs': (row) => {
    const [startedAtUs, rangAfterUs] = [row[AT.started_at] as number, row[AT.rang_after] as number | null]
    return rangAfterUs === null ? null : postDialDelayMs({ startedAtUs, rangAtUs: startedAtUs + rangAfterUs })
  },
  callTypes: (row) => rowCallTypes(row) ?? NONE,
  stated: (row) => statedOf(row[AT.stated] as number, row),
  receivedAtUs: (row) => (row[AT.started_at] as number) + (row[AT.received_after] as number),
  updatedAtUs: (row) =>
    (row[AT.started_at] as number) + (row[AT.received_after] as number) + (row[AT.updated_after] as number),
  changeSeq: (row) => row[AT.seq],
}

/**
 * Reads fields of a row without making a record of it, which takes several times as long: the values are those that
 * `recordOfRow` shows.
 */
export class RowFields {
  readonly #ofRecord: (call: CallRecord) => unknown[]
  readonly #absent: readonly unknown[]
  readonly #plain: readonly { to: number; at: number }[]
  readonly #coded: readonly { to: number; at: number; values: readonly string[] }[]
  readonly #afterStart: readonly { to: number; at: number }[]
  readonly #computed: readonly { to: number; of: (row: Row, names: RowNames) => unknown }[]
  readonly #document: DocumentFields
  /** Fields that are made of what a document says of a contact centre, and of its lists. */
  readonly #ofCenter: readonly { to: number; of: CenterField }[]
  readonly #recordings: number

  constructor(fields: readonly string[]) {
    const asked = fields.map((field, to) => ({ field, to }))
    const columnOf = (field: string): number | undefined => AT[PLAIN[field] as 'id']
    this.#ofRecord = fieldsReader(fields)
    this.#absent = fields.map((field) => ABSENT[field] ?? null)
    this.#plain = asked.flatMap(({ field, to }) => {
      const at = columnOf(field)
      return at === undefined ? [] : [{ to, at }]
    })
    this.#coded = asked.flatMap(({ field, to }) => {
      const coded = CODED[field]
      return coded === undefined ? [] : [{ to, at: AT[coded.column], values: coded.values }]
    })
    this.#afterStart = asked.flatMap(({ field, to }) => {
      const column = (AFTER_START as Record<string, 'answered_after' | 'rang_after'>)[field]
      return column === undefined ? [] : [{ to, at: AT[column] }]
    })
    this.#computed = asked.flatMap(({ field, to }) => {
      const of = IN_COLUMNS[field]
      return of === undefined ? [] : [{ to, of }]
    })
    this.#document = new DocumentFields(fields)
    this.#ofCenter = asked.flatMap(({ field, to }) => {
      const of = centerField(field)
      return of === null ? [] : [{ to, of }]
    })
    this.#recordings = fields.indexOf('recordings')
  }

  /** In the order of the fields; null for what the call has not. */
  read(row: Row, names: RowNames): readonly unknown[] {
    const document = row[AT.doc] as Uint8Array | string | null
    if (typeof document === 'string') return this.#ofRecord(recordOfRow(wholeRow(row), names))
    const values = this.#absent.slice()
    const startedAtUs = row[AT.started_at] as number
    for (const { to, at } of this.#plain) values[to] = row[at]
    for (const { to, at, values: words } of this.#coded) values[to] = words[row[at] as number] ?? null
    for (const { to, at } of this.#afterStart) values[to] = row[at] === null ? null : startedAtUs + (row[at] as number)
    for (const { to, of } of this.#computed) values[to] = of(row, names)
    if (document === null) return values
    const given = { from: row[AT.uuid] === null ? UUID_BYTES : 0, texts: rowTexts(row), startedAtUs }
    const gathered = this.#document.read(document, given, values)
    if (gathered !== null) this.#fill(values, row, gathered)
    return values
  }

  #fill(values: unknown[], row: Row, { facts, lists }: Gathered): void {
    const united = unitedEntries(lists)
    const recordings = united.get('recordings')
    if (recordings !== undefined && this.#recordings >= 0) values[this.#recordings] = recordings
    if (!rowIsCenter(row) || this.#ofCenter.length === 0) return
    const types = rowCallTypes(row)
    if (types !== null) facts['center.callTypes'] = types
    const center = centerOf(facts, united)
    for (const { to, of } of this.#ofCenter) values[to] = of(center)
  }
}

type CenterField = (center: CallRecord['center']) => unknown

/** Reads `center` or a field of it; null for any other field. */
function centerField(field: string): CenterField | null {
  if (field === 'center') return (center) => center
  if (!field.startsWith('center.')) return null
  const name = field.slice('center.'.length) as keyof NonNullable<CallRecord['center']>
  return (center) => center?.[name] ?? null
}

function yesOrNo(row: Row, shift: number): boolean | null {
  const answer = ((row[AT.flags] as number) >> shift) & 3
  return answer === 0 ? null : answer === 2
}

const statedByMask = new Map<number, readonly string[]>()

function statedOf(mask: number, row: Row): readonly string[] {
  let stated = statedByMask.get(mask)
  if (stated === undefined) {
    stated = rowStated(row)
      .filter((path) => !(path in DEFAULTS))
      .map(wirePath)
    Object.freeze(stated)
    statedByMask.set(mask, stated)
  }
  return stated
}
