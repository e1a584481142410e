import type { JsonCdr } from './json-cdr.ts'

/** How a leg reached the switch or left it: the native `trunk` object. `name` is the gateway's, null without one. */
export function readTrunk(cdr: JsonCdr): Record<string, unknown> {
  const transport = transportOf(cdr)
  const srtp = usesSrtp(cdr)
  return {
    name: cdr.variable('sip_gateway_name') ?? cdr.variable('sip_gateway'),
    transport,
    srtp,
    secure: srtp === null || transport === null ? null : srtp && (transport === 'tls' || transport === 'wss'),
  }
}

function transportOf(cdr: JsonCdr): string | null {
  const via = /^SIP\/2\.0\/([A-Za-z]{2,8})\s/.exec(cdr.variable('sip_full_via') ?? '')?.[1]
  return (cdr.variable('sip_via_protocol') ?? via ?? null)?.toLowerCase().slice(0, 16) ?? null
}

/** FreeSWITCH says when SRTP is in use and nothing when it is not; then our own SDP shows that plain RTP was. */
function usesSrtp(cdr: JsonCdr): boolean | null {
  const confirmed = [
    'rtp_secure_media_confirmed',
    'rtp_secure_media_confirmed_audio',
    'zrtp_secure_media_confirmed_audio',
  ]
  if (confirmed.some((name) => cdr.variable(name) === 'true')) return true
  const profile = /m=audio \d+ (\S+)/.exec(cdr.variable('rtp_local_sdp_str') ?? '')?.[1]
  return profile === undefined ? null : profile.includes('SAVP')
}
