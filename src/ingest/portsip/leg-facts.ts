import type { Reading } from '../reading.ts'
import type { SessionFacts, Whose } from './session-facts.ts'

export type Wire = Record<string, unknown>

/** The reading of a session: its UUID follows from its id, so that every event about it meets the same call. */
export function sessionReading(call: Wire & { session_id: string }, whose: Whose): Reading {
  return { ok: true, call, ...whose, identity: call.session_id }
}

/**
 * The reading of a leg: its UUID follows from the session, where the target was called, and which time that was, which
 * only `call_cdr` tells.
 */
export function legReading(
  call: Wire,
  { session, endpoint, ordinal, whose }: { session: SessionFacts; endpoint: string; ordinal: number; whose: Whose },
): Reading {
  const { session_id, direction } = session
  return {
    ok: true,
    call: { session_id, leg: 'b', direction, ...call },
    ...whose,
    identity: JSON.stringify([session_id, endpoint, ordinal]),
    parentIdentity: session_id,
  }
}
