import { ATTESTATIONS, DIRECTIONS, HANGUP_BY, HANGUP_SIDES, LEGS, VERIFICATIONS } from '../../../record/call-record.ts'

export type SqlValue = string | number | null | Uint8Array

/** A row of `calls`, in the order of `ROW_COLUMNS`. */
export type Row = SqlValue[]

/** The columns that a call is read from. `CENTER_COLUMNS` are written with them. */
export const ROW_COLUMNS = [
  'account',
  'started_at',
  'id',
  'ended_at',
  'seq',
  'uuid',
  'direction',
  'leg',
  'state',
  'flags',
  'answered_after',
  'rang_after',
  'from_number',
  'to_number',
  'from_country',
  'to_country',
  'duration',
  'bill_s',
  'billed_s',
  'amount',
  'currency',
  'hangup_code',
  'hangup_by',
  'hangup_side',
  'sip_status',
  'q850',
  'verification',
  'attestation',
  'trunk_id',
  'source',
  'call_types',
  'stated',
  'received_after',
  'updated_after',
  'reports',
  'doc',
] as const

/** A row without a value. */
export const EMPTY_ROW: readonly SqlValue[] = ROW_COLUMNS.map(() => null)

/** The place of each column in a row. */
export const AT = Object.fromEntries(ROW_COLUMNS.map((name, index) => [name, index])) as Record<
  (typeof ROW_COLUMNS)[number],
  number
>

/** Bits of the column `flags`. `srtp` and `secure` take two bits each: 0 unknown, 1 no, 2 yes. */
export const FLAG = { endInferred: 1, srtpShift: 1, secureShift: 3, primary: 32, onTrunk: 64, center: 128 } as const
/** The bits that entries of `member` have too; those of all its `MEMBER_FIELDS`. */
export const MEMBER_FLAGS = 127

/** Facts that are a column of their own, as they are. */
export const PLAIN: Record<string, (typeof ROW_COLUMNS)[number]> = {
  'from.number': 'from_number',
  'to.number': 'to_number',
  'from.country': 'from_country',
  'to.country': 'to_country',
  durationS: 'duration',
  'cost.billS': 'bill_s',
  'cost.billedS': 'billed_s',
  'cost.amountMicros': 'amount',
  'hangup.code': 'hangup_code',
  'hangup.sipStatus': 'sip_status',
  'hangup.q850': 'q850',
  'trunk.id': 'trunk_id',
}

/** Facts that are a column holding the place of the value in a list. */
export const CODED: Record<string, { column: (typeof ROW_COLUMNS)[number]; values: readonly string[] }> = {
  direction: { column: 'direction', values: DIRECTIONS },
  leg: { column: 'leg', values: LEGS },
  'hangup.by': { column: 'hangup_by', values: HANGUP_BY },
  'hangup.side': { column: 'hangup_side', values: HANGUP_SIDES },
  'stir.verification': { column: 'verification', values: VERIFICATIONS },
  'stir.attestation': { column: 'attestation', values: ATTESTATIONS },
}

/** Facts that are a column holding the microseconds since the start. */
export const AFTER_START = { answeredAtUs: 'answered_after', rangAtUs: 'rang_after' } as const
