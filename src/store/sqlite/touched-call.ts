import type { Facts } from '../../record/facts.ts'
import { canonicalJson } from '../../record/merge.ts'
import type { CallFile, Placed } from './call-file.ts'
import { type Row, rowFacts, type StoredCall } from './row.ts'

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
function derivedNow({ state, was }: Touched): Facts {
  if (was === null) return {}
  const facts = rowFacts(was.row, state.facts.source as string)
  return Object.fromEntries(Object.entries(facts).filter(([path]) => state.facts[path] === undefined))
}
