/**
 * What the phone at the end of a leg measured, from the `X-RTP-Stat` header of its BYE. Packets are counts, jitter and
 * round trip milliseconds; null is "not said".
 */
export interface RtpStat {
  /** What the phone received. */
  received: { packets: number | null; lost: number | null; jitterMs: number | null }
  /** What the phone sent, as the other end told it by RTCP. */
  sent: { packets: number | null; lost: number | null; jitterMs: number | null }
  rttMs: number | null
}

/**
 * Reads `EX=BareSip;CS=0;CD=14;PR=501;PS=501;PL=0,0;PD=0,0;JI=1.0,1.0;DL=..`. The form is AVM's, which baresip sends
 * too; Cisco's `P-RTP-Stat` has single figures and `LA` for the delay. `PL` is received,sent; `JI` is received,sent for
 * baresip but average,maximum for AVM. Null where there is no packet count.
 */
export function readRtpStat(header: string | null): RtpStat | null {
  if (header === null) return null
  const parts = new Map(
    header
      .split(';')
      .slice(0, 40)
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1)]),
  )
  const figures = (key: string) => (parts.get(key) ?? '').split(',').map(figure)
  const [received = null] = figures('PR')
  const [sent = null] = figures('PS')
  if (received === null && sent === null) return null
  const [lostIn = null, lostOut = null] = figures('PL')
  const [jitterIn = null, second = null] = figures('JI')
  const [rttMs = null] = figures('DL')
  const [delayMs = null] = figures('LA')
  return {
    received: { packets: received, lost: lostIn, jitterMs: jitterIn },
    sent: { packets: sent, lost: lostOut, jitterMs: parts.get('EX')?.startsWith('BareSip') ? second : null },
    rttMs: rttMs ?? delayMs,
  }
}

function figure(text: string): number | null {
  return /^\s*\d{1,9}(?:\.\d{1,6})?\s*$/.test(text) ? Number(text) : null
}
