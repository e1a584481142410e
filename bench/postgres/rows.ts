import type { CustomTypesConfig } from 'pg'
import { types } from 'pg'
import { assemble } from '../../src/record/assemble.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { Facts } from '../../src/record/facts.ts'
import { bytesToUuid, uuidToBytes } from '../../src/record/identity.ts'
import type { CallState } from '../../src/record/merge.ts'
import { OTHER_CURRENCY } from '../../src/store/sqlite/row/currency-code.ts'
import { isColumn } from '../../src/store/sqlite/row/fact-places.ts'
import { ROW_COLUMNS, type Row } from '../../src/store/sqlite/row/row-columns.ts'
import { writeDocument } from '../../src/store/sqlite/row/row-document.ts'
import { rowFacts, rowStated } from '../../src/store/sqlite/row/row-facts.ts'
import { rowHead, rowSource } from '../../src/store/sqlite/row/row-head.ts'
import { CENTER_COLUMNS, centerColumns, type Member, membersOf } from './center.ts'

/** Both sides hold a call in the same columns, so that the same code writes and reads the rows. */
export const COLUMNS = ROW_COLUMNS.join(', ')

/** Columns that are written: those of a contact centre's call are for searching and never read. */
export const WRITTEN_COLUMNS = [...ROW_COLUMNS, ...CENTER_COLUMNS]

const FLAGS = ROW_COLUMNS.indexOf('flags')
const DOC = ROW_COLUMNS.indexOf('doc')
const CURRENCY = ROW_COLUMNS.indexOf('currency')
const ID = ROW_COLUMNS.indexOf('id')
const ACCOUNT = ROW_COLUMNS.indexOf('account')
const UUID = ROW_COLUMNS.indexOf('uuid')
const INT8 = 20
const JSONB = 3802

/** 64-bit integers as numbers (none here is above 2^53); documents as text, which the row reader takes apart itself. */
export const ROW_TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') => {
    if (oid === INT8) return Number
    if (oid === JSONB) return (text: string) => text
    return types.getTypeParser(oid, format)
  }) as CustomTypesConfig['getTypeParser'],
}

/** A row as it came from PostgreSQL, in the form that `row-facts.ts` reads. */
export function rowOf(columns: unknown[]): Row {
  columns[UUID] = uuidToBytes(columns[UUID] as string)
  return columns as Row
}

/** A call as it is written: its row, in the order of `WRITTEN_COLUMNS`, and its members. */
export function writtenOf(
  row: Row,
  { state, derived }: { state: CallState; derived: Facts },
): { columns: Row; members: Member[] } {
  const { facts } = state
  const columns = [...row, ...centerColumns(row[FLAGS] as number, { facts, derived })]
  // Ours is in octets of our own; PostgreSQL's is in the form that it can look into.
  const isOther = row[CURRENCY] === OTHER_CURRENCY
  const isHeld = (path: string) => isColumn(path) && !(isOther && path === 'cost.currency')
  columns[DOC] = writeDocument({ ...facts, ...derived }, state, isHeld)
  columns[UUID] = bytesToUuid(row[UUID] as Uint8Array)
  return { columns, members: writtenMembers(row, facts) }
}

/** The rows of `call_members` that are written with a row. */
export function writtenMembers(row: Row, facts: Facts): Member[] {
  const [account, id, flags] = [row[ACCOUNT] as number, row[ID] as number, row[FLAGS] as number]
  return membersOf(facts, { account, id, flags })
}

export function recordOf(accountId: string, row: Row, sourceName: (ref: number) => string): CallRecord {
  const { id, callUuid, seq, receivedAtUs, updatedAtUs } = rowHead(row)
  const head = { id, callUuid, accountId, receivedAtUs, updatedAtUs, changeSeq: seq }
  return assemble(head, rowFacts(row, sourceName(rowSource(row))), rowStated(row))
}
