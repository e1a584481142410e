import type { CallState } from '../../../record/merge.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import { derivedNow, type Touched } from '../writing/touched-call.ts'

/** Calls of an account of which the writer is to forget something. What they were chosen by, it looks at again. */
export interface Forgetting {
  accountId: string
  callUuids: readonly string[]
  /** The numbers erased in the account, the links of recordings, or the whole of calls. */
  forget: 'numbers' | 'links' | 'calls'
  /** Links, and calls, are forgotten of calls that were over before this, epoch us. */
  beforeUs: number
}

/** What became of it: calls that changed or went, and where their reports lie as they came. */
export interface Forgotten {
  calls: number
  raw: RawAddress[]
}

/** Whether a call was over before a time: by its end, or by its start where it never ended. */
export function isOverBefore({ facts }: CallState, beforeUs: number): boolean {
  return Number(facts.endedAtUs ?? facts.startedAtUs) < beforeUs
}

/**
 * The call with its state changed, and what it derives as it was: erasing shall change no bill and no counter. Null where
 * the state stays. `isFresh`: a report of the same group has changed the call, and it derives all anew.
 */
export function changedCall(
  call: Touched,
  { change, isFresh }: { change: (state: CallState) => CallState; isFresh: boolean },
): Touched | null {
  const state = change(call.state)
  if (state === call.state) return null
  if (isFresh) return { ...call, state }
  const derived = { ...(call.derived ?? derivedNow(call)) }
  for (const path in derived) if (state.facts[path] !== undefined) delete derived[path]
  return { ...call, state, derived }
}
