import { assemble } from '../../../record/assemble.ts'
import type { CallRecord } from '../../../record/call-record.ts'
import type { Row } from './row-columns.ts'
import { rowFactsAndLists, rowStated } from './row-facts.ts'
import { rowHead } from './row-head.ts'

/** The names that a row has numbers for. */
export interface RowNames {
  accountId: string
  source: string
}

/** The call of a row. */
export function recordOfRow(row: Row, { accountId, source }: RowNames): CallRecord {
  const { id, callUuid, seq, receivedAtUs, updatedAtUs } = rowHead(row)
  const head = { id, callUuid, accountId, receivedAtUs, updatedAtUs, changeSeq: seq }
  const { facts, lists } = rowFactsAndLists(row, source)
  return assemble(head, facts, rowStated(row), lists)
}
