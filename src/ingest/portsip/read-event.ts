import type { Source } from '../../store/directory.ts'
import type { Reading } from '../reading.ts'
import { EventKeys } from './event-keys.ts'
import { readCallCdr } from './read-call-cdr.ts'
import { isLiveEvent, readLiveEvent } from './read-live-event.ts'

/** What a webhook of PortSIP is read with. */
export type PortsipSource = Pick<Source, 'services'>

/**
 * Reads one event of PortSIP's webhooks (PortSIP's documentation, "Webhook notifications", CDR events). It tells of the
 * session, which is the conversation (leg `a`), and of its targets (legs `b`): a reading for each. An event that cannot
 * be read gives one refusal. Never throws. `peer` is the address that sent it, for the rules.
 */
export function readPortsipEvent(
  body: unknown,
  source: PortsipSource,
  { peer = null }: { peer?: string | null } = {},
): Reading[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return [refusal('not_a_call', null, 'must be a JSON object, as every event is')]
  const keys = new EventKeys(body as Record<string, unknown>)
  const type = keys.text('event_type')?.toLowerCase() ?? null
  if (type === null) return [refusal('not_a_call', 'event_type', 'is needed: this is no event of PortSIP')]
  const isCdr = type === 'call_cdr'
  if (!isCdr && !isLiveEvent(type))
    return [
      refusal(
        'not_a_call',
        'event_type',
        `${type.slice(0, 80)} is no CDR event: they are call_start, call_update_info, cdr_target_… and call_cdr`,
      ),
    ]
  const sessionId = keys.text('session_id')
  if (sessionId === null && keys.faults.length === 0)
    return [refusal('missing_field', 'session_id', 'is needed: it tells which call this is about')]
  const readings = isCdr
    ? readCallCdr(keys, { sessionId: sessionId ?? '', source, peer })
    : readLiveEvent(keys, { type, sessionId: sessionId ?? '', source, peer })
  const [fault] = keys.faults
  return fault === undefined ? readings : [refusal('bad_field', fault.field, fault.detail)]
}

function refusal(reason: 'not_a_call' | 'missing_field' | 'bad_field', field: string | null, detail: string): Reading {
  return { ok: false, reason, field, detail }
}
