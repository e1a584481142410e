import type { CallTarget } from './call-target.ts'

const REASONS: Record<number, string> = {
  404: 'UNALLOCATED_NUMBER',
  408: 'NO_ANSWER',
  480: 'NO_ANSWER',
  486: 'USER_BUSY',
  487: 'ORIGINATOR_CANCEL',
  600: 'USER_BUSY',
  603: 'CALL_REJECTED',
}

/** Why an agent's part ended, in the cause names that NectarDesk shows; null where nothing tells. */
export function hangupReasonOf({ answeredAtUs, endReason, keys }: CallTarget): string | null {
  if (answeredAtUs !== null) return 'NORMAL_CLEARING'
  if (endReason === 'CANCELLED') return 'ORIGINATOR_CANCEL'
  const known = REASONS[keys.count('status_code') ?? 0]
  if (known !== undefined) return known
  return keys.text('status')?.toLowerCase() === 'noanswer' ? 'NO_ANSWER' : null
}
