import type { Direction, HangupSide } from '../../record/call-record.ts'

const DIRECTIONS = new Map<string, Direction>([
  ['in', 'inbound'],
  ['inbound', 'inbound'],
  ['out', 'outbound'],
  ['outbound', 'outbound'],
  ['ext', 'internal'],
  ['internal', 'internal'],
  ['extension', 'internal'],
  ['in2out', 'transit'],
  ['inbound_outbound', 'transit'],
])

/** Both spellings that PortSIP's pages use, and those of its REST API; null for any other word. */
export function readDirection(word: string | null): Direction | null {
  return DIRECTIONS.get(plain(word ?? '').replace(/_call$/, '')) ?? null
}

/** PortSIP's REST words by what its webhooks write; both forms of a word stand in its pages. */
const END_REASONS = new Map<string, string>([
  ['caller_disconnect', 'CALLER_DISCONNECTED'],
  ['caller_disconnected', 'CALLER_DISCONNECTED'],
  ['callee_disconnect', 'CALLEE_DISCONNECTED'],
  ['callee_disconnected', 'CALLEE_DISCONNECTED'],
  ['blind_transfer_complete', 'BLIND_TRANSFER_COMPLETED'],
  ['blind_transfer_completed', 'BLIND_TRANSFER_COMPLETED'],
  ['attended_transfer_complete', 'CONSULT_TRANSFER_COMPLETED'],
  ['attended_transfer_completed', 'CONSULT_TRANSFER_COMPLETED'],
  ['consult_transfer_complete', 'CONSULT_TRANSFER_COMPLETED'],
  ['consult_transfer_completed', 'CONSULT_TRANSFER_COMPLETED'],
  ['canceled', 'CANCELLED'],
])

/** The end reason in the words of PortSIP's REST API; a word that it does not have is kept in capitals. */
export function readEndReason(word: string | null): string | null {
  const written = plain(word ?? '')
  return written === '' ? null : (END_REASONS.get(written) ?? written.toUpperCase().slice(0, 64))
}

const SIDES = new Map<string, HangupSide>([
  ['CALLER_DISCONNECTED', 'caller'],
  ['CALLEE_DISCONNECTED', 'callee'],
  ['CANCELLED', 'caller'],
])
/** Only the called end itself sends these. */
const REFUSALS = new Set([486, 600, 603])

/** Who ended it: as the reason says, else as the SIP status does; null where neither tells. */
export function sideOf({ endReason, sipStatus }: { endReason: string | null; sipStatus: number | null }) {
  const stated = SIDES.get(endReason ?? '') ?? null
  if (stated !== null || sipStatus === null) return stated
  return REFUSALS.has(sipStatus) ? ('callee' as const) : null
}

function plain(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}
