import type { JsonCdr } from './json-cdr.ts'
import { type RtpStat, readRtpStat } from './rtp-stat.ts'

/**
 * The native `quality` object of a leg; null when no audio was counted. FreeSWITCH's MOS is an estimate out of the
 * packets it missed: without a jitter buffer it hardly notices loss, so `method` says `freeswitch-estimate`. Its count
 * of skipped packets is no count of lost ones and is left out. Loss, jitter and round trip come from the phone, where
 * its BYE told them and came to this very leg (FreeSWITCH copies the header to the other one).
 */
export function readQuality(cdr: JsonCdr): Record<string, unknown> | null {
  const mos = within(cdr.figure('rtp_audio_in_mos'), 5)
  const packets = { in: count(cdr, 'rtp_audio_in'), out: count(cdr, 'rtp_audio_out') }
  const stat =
    cdr.variable('sip_hangup_disposition') === 'recv_bye' ? readRtpStat(cdr.variable('sip_bye_h_X-RTP-Stat')) : null
  if (mos === null && packets.in === null && stat === null) return null
  // The phone's received stream is the one that we sent.
  return {
    mos,
    ...(stat === null ? {} : measured(stat)),
    streams: [
      { direction: 'in', codec: cdr.variable('read_codec'), packets: packets.in, ...lossOf(stat?.sent), mos },
      { direction: 'out', codec: cdr.variable('write_codec'), packets: packets.out, ...lossOf(stat?.received) },
    ],
    method: stat === null ? 'freeswitch-estimate' : 'freeswitch-estimate+phone-bye',
  }
}

function count(cdr: JsonCdr, prefix: string): number | null {
  const packets = cdr.figure(`${prefix}_media_packet_count`)
  return packets !== null && Number.isSafeInteger(packets) && packets >= 0 ? packets : null
}

function lossOf(stream: RtpStat['received'] | undefined): Record<string, number | null> {
  if (stream === undefined) return {}
  return { lost: stream.lost === null ? null : Math.trunc(stream.lost), jitter_ms: within(stream.jitterMs, 100_000) }
}

/** Of the two directions the worse one counts for the call: that is the one that somebody heard. */
function measured({ received, sent, rttMs }: RtpStat): Record<string, number | null> {
  return {
    packet_loss_pct: worse(lossPct(received, 'received'), lossPct(sent, 'sent')),
    jitter_ms: within(worse(received.jitterMs, sent.jitterMs), 100_000),
    rtt_ms: within(rttMs, 100_000),
  }
}

/** A sender counts the lost packets among those it sent, a receiver beside those it got. */
function lossPct({ packets, lost }: RtpStat['received'], counted: 'received' | 'sent'): number | null {
  if (packets === null || lost === null) return null
  const expected = counted === 'sent' ? packets : packets + lost
  return expected === 0 ? null : Math.min(100, Math.round((lost / expected) * 10_000) / 100)
}

function worse(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.max(a, b)
}

function within(figure: number | null, most: number): number | null {
  return figure !== null && figure >= 0 && figure <= most ? figure : null
}
