import type { MasterRow } from './master-row.ts'

/** Whether a row's parties were connected. Asterisk fills `answer` only then; a row that lost it counts by `end`. */
export function isAnswered(row: Pick<MasterRow, 'disposition'>): boolean {
  return row.disposition === 'ANSWERED'
}

/** What Asterisk's CDR tells of the end of a call; most of it is null, for a CDR has no hangup cause. */
export interface Hangup {
  side: 'caller' | 'callee' | 'platform' | null
  sip_status: number | null
  q850: number | null
}

/**
 * Only what is certain. ANSWERED is SIP's 200 on a SIP channel; BUSY is what a 486 or 600 becomes, and the callee said
 * it. NO ANSWER is also a 603, a 480 and a caller who gave up; FAILED and CONGESTION are any of a dozen causes: all
 * unknown. Where the dialplan ended a call that it had sent to nobody, the platform did, with the cause it gave to
 * Hangup.
 */
export function readHangup({
  deciding,
  last,
  dialed,
}: {
  deciding: MasterRow
  last: MasterRow
  dialed: boolean
}): Hangup {
  const ownCause = !dialed && last.lastapp === 'Hangup' ? causeOf(last.lastdata) : null
  const side = !dialed && last.lastapp === 'Hangup' ? 'platform' : null
  if (isAnswered(deciding)) return { side, sip_status: isSip(deciding.channel) ? 200 : null, q850: ownCause }
  if (deciding.disposition === 'BUSY' && dialed) return { side: 'callee', sip_status: 486, q850: 17 }
  return { side, sip_status: null, q850: ownCause }
}

function isSip(channel: string | null): boolean {
  return /^(?:PJ)?SIP\//.test(channel ?? '')
}

/** `Hangup(1)`: the argument is a Q.850 cause. Names such as `USER_BUSY` and a bare Hangup() are not read. */
function causeOf(lastdata: string): number | null {
  const cause = /^\d{1,3}$/.test(lastdata) ? Number(lastdata) : 0
  return cause >= 1 && cause <= 127 ? cause : null
}
