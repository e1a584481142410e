import { formatRfc3339, readTime } from '../../record/time.ts'

/**
 * One CDR of Kamailio's acc_json as the demo's records hold it. Its keys after `duration` are whatever an operator's
 * cdr_extra says, so this reads these captured lines only and is no source of its own. Null where it is none of them.
 * rtpengine's figures: MOS, loss in percent, jitter in milliseconds, round trip in microseconds; "" is not measured.
 */
export function readKamailioLine(line: unknown): Record<string, unknown> | null {
  if (typeof line !== 'object' || line === null || !('setup_time' in line)) return null
  const value = (key: string) => {
    const text = (line as Record<string, unknown>)[key]
    return typeof text === 'string' && text !== '' ? text : null
  }
  const [setupUs, startUs, endUs] = ['setup_time', 'start_time', 'end_time'].map((key) =>
    readTime(value(key) ?? '', 'UTC'),
  )
  if (setupUs == null || startUs == null || endUs == null) return null
  const isAnswered = value('sip_code') === '200'
  const end = formatRfc3339(Math.max(endUs, setupUs))
  return {
    source_id: value('call_id'),
    session_id: value('call_id'),
    sip_call_id: value('call_id'),
    kind: 'cdr',
    reported_at: end,
    leg: 'whole',
    from: { as_sent: value('caller') },
    to: { as_sent: value('callee') },
    started_at: formatRfc3339(setupUs),
    answered_at: isAnswered ? formatRfc3339(startUs) : null,
    ended_at: end,
    hangup: { side: value('end_by'), sip_status: figure(value('sip_code')) },
    stir: readStir(value('attest'), value('verstat')),
    quality: readQuality(value),
  }
}

function readStir(attestation: string | null, verstat: string | null): Record<string, unknown> | null {
  if (attestation === null) return null
  // Without verstat the call was signed on its way out, and there was nothing to verify.
  const verification =
    verstat === null ? 'not_applicable' : verstat === 'TN-Validation-Passed' ? 'verified' : 'not_verified'
  return { attestation, verification }
}

function readQuality(value: (key: string) => string | null): Record<string, unknown> | null {
  const mos = figure(value('mos_avg'))
  if (mos === null) return null
  const rttUs = figure(value('mos_rtt'))
  return {
    mos,
    packet_loss_pct: figure(value('mos_loss')),
    jitter_ms: figure(value('mos_jitter')),
    rtt_ms: rttUs === null ? null : rttUs / 1000,
    method: 'rtpengine',
  }
}

function figure(text: string | null): number | null {
  return text !== null && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null
}
