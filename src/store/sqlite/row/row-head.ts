import { bytesToUuid } from '../../../record/identity.ts'
import { AT, FLAG, MEMBER_FLAGS, type Row } from './row-columns.ts'

/** Where a call lies and what it has beside its facts. */
export interface RowHead {
  account: number
  source: number
  id: number
  seq: number
  callUuid: string
}

export function rowHead(row: Row): Omit<RowHead, 'source'> & { receivedAtUs: number; updatedAtUs: number } {
  const receivedAtUs = (row[AT.started_at] as number) + (row[AT.received_after] as number)
  return {
    account: row[AT.account] as number,
    id: row[AT.id] as number,
    seq: row[AT.seq] as number,
    callUuid: bytesToUuid(row[AT.uuid] as Uint8Array),
    receivedAtUs,
    updatedAtUs: receivedAtUs + (row[AT.updated_after] as number),
  }
}

/** Whether it is a contact centre's call. */
export const rowIsCenter = (row: Row): boolean => ((row[AT.flags] as number) & FLAG.center) !== 0
/** The flags of the entries of a row in `member`. */
export const rowMemberFlags = (row: Row): number => (row[AT.flags] as number) & MEMBER_FLAGS
/** The end of a row's call, epoch us; null where it has not ended. */
export const rowEnd = (row: Row): number | null => row[AT.ended_at] as number | null
export const rowSource = (row: Row): number => row[AT.source] as number
export const rowReports = (row: Row): Uint8Array => row[AT.reports] as Uint8Array
