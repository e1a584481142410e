import { q850Of, refusalStatus } from './causes.ts'
import type { JsonCdr } from './json-cdr.ts'

type Side = 'caller' | 'callee' | 'platform'

/** The native `hangup` object of a leg; what the record does not tell is null. */
export interface Hangup {
  side: Side | null
  sip_status: number | null
  q850: number | null
  end_reason: string | null
}

/** Why a leg ended. `inbound` is the channel's direction: the far end of an inbound leg is the caller. */
export function readHangup(cdr: JsonCdr, { inbound, answered }: { inbound: boolean; answered: boolean }): Hangup {
  const cause = effectiveCause(cdr, answered)
  const side = sideOf(cdr, { inbound, cause })
  return {
    side,
    sip_status: statusOf(cdr, { answered, cause }),
    q850: cause === cdr.variable('hangup_cause') ? statedQ850(cdr, cause) : q850Of(cause),
    end_reason: endReason({ side, answered, cause }),
  }
}

/**
 * An A leg whose callee did not pick up in time ends with NORMAL_CLEARING, as if it had been talked on; what happened
 * stands in `originate_failed_cause`.
 */
function effectiveCause(cdr: JsonCdr, answered: boolean): string {
  const cause = cdr.variable('hangup_cause') ?? ''
  return (!answered && cause === 'NORMAL_CLEARING' && cdr.variable('originate_failed_cause')) || cause
}

function statedQ850(cdr: JsonCdr, cause: string): number | null {
  const stated = cdr.figure('hangup_cause_q850')
  return stated !== null && Number.isInteger(stated) && stated > 0 && stated <= 127 ? stated : q850Of(cause)
}

/** The first of these that is there. `proto_specific_hangup_cause` and its kin read `sip:486`. */
const STATUS_VARIABLES = [
  'sip_term_status',
  'proto_specific_hangup_cause',
  'sip_invite_failure_status',
  'last_bridge_proto_specific_hangup_cause',
]

function statusOf(cdr: JsonCdr, { answered, cause }: { answered: boolean; cause: string }): number | null {
  const stated = STATUS_VARIABLES.map((name) => sipStatus(cdr.variable(name))).find((status) => status !== null)
  if (answered) return stated !== undefined || cdr.variable('sip_call_id') !== null ? 200 : null
  if (stated !== undefined) return stated
  return cdr.variable('sip_hangup_disposition') === 'send_refuse' ? refusalStatus(cause) : null
}

function sipStatus(text: string | null): number | null {
  const digits = /^(?:sips?:)?([1-6]\d\d)$/.exec(text ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}

/** Causes that only the switch itself gives, whoever is on the line. */
const OWN_CAUSES = new Set(['ALLOTTED_TIMEOUT', 'MANAGER_REQUEST', 'MEDIA_TIMEOUT', 'SYSTEM_SHUTDOWN'])

function sideOf(cdr: JsonCdr, { inbound, cause }: { inbound: boolean; cause: string }): Side | null {
  const [far, near]: [Side, Side] = inbound ? ['caller', 'callee'] : ['callee', 'caller']
  // The status of the other leg: it is there when that leg ended first and so ended this one.
  const others = sipStatus(cdr.variable('last_bridge_proto_specific_hangup_cause'))
  switch (cdr.variable('sip_hangup_disposition')) {
    case 'recv_bye':
    case 'recv_cancel':
    case 'recv_refuse':
      return far
    case 'send_bye':
      if (OWN_CAUSES.has(cause)) return 'platform'
      if (others === 200) return near
      return cdr.variable('bridge_uuid') === null ? 'platform' : null
    case 'send_cancel':
      return cause === 'ORIGINATOR_CANCEL' ? near : 'platform'
    case 'send_refuse':
      return others === null ? 'platform' : near
    default:
      return null
  }
}

/** In PortSIP's words; null where it has none, as for a busy callee. */
function endReason({ side, answered, cause }: { side: Side | null; answered: boolean; cause: string }): string | null {
  if (cause === 'BLIND_TRANSFER') return 'BLIND_TRANSFER_COMPLETED'
  if (cause === 'ATTENDED_TRANSFER') return 'CONSULT_TRANSFER_COMPLETED'
  if (!answered) return cause === 'ORIGINATOR_CANCEL' ? 'CANCELLED' : null
  if (side === 'caller') return 'CALLER_DISCONNECTED'
  return side === 'callee' ? 'CALLEE_DISCONNECTED' : null
}
