/** What a switch's record says about whose call it is; a source's rules look at these. All as the switch wrote them. */
export interface AccountHints {
  accountcode?: string | null
  domain?: string | null
  tenant?: string | null
  trunk?: string | null
  did?: string | null
  peer?: string | null
}

/**
 * What an adapter made of one switch record: the call in the native wire form (snake_case, RFC 3339), which the one
 * pipeline checks and normalises, or a refusal, which is counted by its reason and kept for replay.
 */
export type Reading =
  | {
      ok: true
      call: Record<string, unknown>
      hints: AccountHints
      /** Hints that may be another's: the account of a call that is known goes before a rule that looks at them. */
      guesses?: readonly (keyof AccountHints)[]
      /** `source_id` of the call that this is a leg of, where the switch gives no UUID that could be `parent_uuid`. */
      parentSourceId?: string
      /**
       * What tells this call from every other of its source, where that is not `source_id`: its UUID is made of it, as
       * that of a `source_id` would be.
       */
      identity?: string
      /** The `identity` of the call that this is a leg of. */
      parentIdentity?: string
    }
  | { ok: false; reason: RefusalReason; field: string | null; detail: string }

export type RefusalReason = 'not_a_call' | 'unreadable' | 'missing_field' | 'bad_field' | 'bad_time' | 'no_account'
