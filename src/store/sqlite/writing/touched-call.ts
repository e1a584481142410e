import type { Facts } from '../../../record/facts.ts'
import { canonicalJson, LoneState } from '../../../record/merge.ts'
import { type Lists, listsOf } from '../../../record/united-lists.ts'
import { encodeRow, type StoredCall, withHead } from '../row/encode-row.ts'
import type { Row, SqlValue } from '../row/row-columns.ts'
import { rowFacts } from '../row/row-facts.ts'
import { rowIsCenter } from '../row/row-head.ts'
import { centerColumns, PLAIN_CALL } from '../row/row-members.ts'
import { type CallFile, type Placed, placedAt, placedOf } from '../segments/call-file.ts'
import { ArrivedReport } from './arrived-report.ts'
import type { PreparedCall } from './packed-reports.ts'

/** A call touched by the group being written. */
export interface Touched extends StoredCall {
  accountId: string
  /** What it derives where a rederivation has settled that; null where all is derived anew. */
  derived: Facts | null
  /** Where it was when the group began; null for a new call. */
  was: { file: CallFile; row: Row; placed: Placed } | null
}

/** What a call derives once these paths are as `fresh` has them, or has not; null where that is what it derives now. */
export function rederived(call: Touched, fresh: Facts, paths: readonly string[]): Facts | null {
  const held = call.derived ?? derivedNow(call)
  const next = { ...held }
  for (const path of paths) {
    if (call.state.facts[path] !== undefined) continue
    delete next[path]
    if (fresh[path] !== undefined) next[path] = fresh[path]
  }
  return canonicalJson(next) === canonicalJson(held) ? null : next
}

/** What the row of a call derives, as it lies there. */
export function derivedNow({ state, was }: Touched): Facts {
  if (was === null) return {}
  const facts = rowFacts(was.row, state.facts.source as string)
  return Object.fromEntries(Object.entries(facts).filter(([path]) => state.facts[path] === undefined))
}

/** The source that a call is of. */
export function sourceOf({ state }: Touched): string {
  return state instanceof LoneState ? state.report.source : (state.facts.source as string)
}

/** What is written of a call: its row, where that lies, and its `CENTER_COLUMNS`. `derive` says what it derives now. */
export function encoded(
  call: Touched,
  derive: (facts: Facts, lists: Lists) => Facts,
): { row: Row; now: Placed; center: readonly SqlValue[] } {
  const ready = call.derived === null ? preparedOf(call) : null
  if (ready !== null) {
    const row = withHead(ready.row, call)
    return { row, now: placedAt(row, ready.members), center: ready.center }
  }
  const { facts } = call.state
  const lists = listsOf(facts)
  const derived = call.derived ?? derive(facts, lists)
  const row = encodeRow(call, derived, lists)
  const now = placedOf(row, facts, { accountId: call.accountId, callUuid: call.head.callUuid, lists })
  return { row, now, center: rowIsCenter(row) ? centerColumns(facts, derived, lists) : PLAIN_CALL }
}

/** What came ready for a call that one CDR has told of; null for any other. */
function preparedOf({ state }: Touched): PreparedCall | null {
  return state instanceof LoneState && state.report instanceof ArrivedReport ? state.report.prepared : null
}
