import { isUuid } from '../../record/identity.ts'
import { cleanText, displayName } from '../clean-text.ts'
import type { Reading, RefusalReason } from '../reading.ts'
import { readHangup } from './hangup.ts'
import { type JsonCdr, openJsonCdr, percentDecode } from './json-cdr.ts'
import { readLegTimes } from './leg-times.ts'
import { readQuality } from './quality.ts'
import { readTrunk } from './trunk.ts'

/** `readJsonCdr` of a body that is still text. */
export function readJsonCdrText(text: string): Reading {
  try {
    return readJsonCdr(JSON.parse(text))
  } catch {
    return refuse('unreadable', null, 'is not JSON')
  }
}

/**
 * One leg out of a body of FreeSWITCH's mod_json_cdr, 1.6 to 1.10, as docs/sources/freeswitch.md lists it field by
 * field. Times are microseconds. Never throws, whatever the body.
 */
export function readJsonCdr(body: unknown): Reading {
  const cdr = openJsonCdr(body)
  if (cdr === null) return refuse('not_a_call', 'variables', 'a FreeSWITCH CDR has an object `variables`')
  const uuid = cdr.variable('uuid')
  if (uuid === null) return refuse('missing_field', 'variables.uuid', 'the leg has no uuid')
  const times = readLegTimes(cdr)
  if ('bad' in times) {
    const { bad, missing } = times
    if (missing) return refuse('missing_field', bad, 'a CDR has the time of its start and of its end')
    return refuse('bad_time', bad, 'must be microseconds of the years 1970 to 2199')
  }
  const channel = { inbound: cdr.direction !== 'outbound', answered: times.answered_at !== null }
  const place = placeOf(cdr, uuid)
  return {
    ok: true,
    call: {
      ...identityOf(uuid, place),
      kind: 'cdr',
      reported_at: times.ended_at,
      sip_call_id: cleanText(cdr.variable('sip_call_id'), 512),
      leg: place.leg,
      direction: directionOf(cdr, { leg: place.leg, inbound: channel.inbound }),
      ...readParties(cdr, channel.inbound),
      ...times,
      hangup: readHangup(cdr, channel),
      trunk: readTrunk(cdr),
      quality: readQuality(cdr),
      cost: { account: cleanText(cdr.variable('accountcode'), 128) },
    },
    hints: readHints(cdr, channel.inbound),
    ...(place.parent !== null && !isUuid(place.parent) ? { parentSourceId: place.parent.slice(0, 256) } : {}),
  }
}

interface Place {
  leg: 'a' | 'b'
  /** uuid of the A leg, on a B leg. */
  parent: string | null
}

/**
 * A leg that another leg called into being is a B leg; every other is an A leg, one that reached only an announcement
 * included. `call_uuid` is no sign: on a leg that won a fork or carried early media it is the leg's own uuid.
 */
function placeOf(cdr: JsonCdr, uuid: string): Place {
  const loopbackOf = cdr.variable('loopback_leg') === 'B' ? cdr.variable('other_loopback_leg_uuid') : null
  const parent = cdr.variable('originating_leg_uuid') ?? cdr.variable('originator') ?? loopbackOf
  return parent === null || parent === uuid ? { leg: 'a', parent: null } : { leg: 'b', parent }
}

function identityOf(uuid: string, { parent }: Place): Record<string, unknown> {
  const session = (parent ?? uuid).slice(0, 256)
  return {
    ...(isUuid(uuid) ? { call_uuid: uuid.toLowerCase() } : {}),
    source_id: uuid.slice(0, 256),
    session_id: session,
    ...(parent !== null && isUuid(parent) ? { parent_uuid: parent.toLowerCase() } : {}),
  }
}

/**
 * FreeSWITCH knows the direction of a channel, not of a call: what comes in from a customer's phone is inbound to it.
 * `call_direction`, which many dialplans set (FusionPBX among them), is about the call and goes first on an A leg.
 */
function directionOf(cdr: JsonCdr, { leg, inbound }: { leg: 'a' | 'b'; inbound: boolean }): string {
  const stated = leg === 'a' ? cdr.variable('call_direction') : null
  if (stated === 'local') return 'internal'
  if (stated === 'inbound' || stated === 'outbound' || stated === 'internal') return stated
  return inbound ? 'inbound' : 'outbound'
}

function readParties(cdr: JsonCdr, inbound: boolean): Record<string, unknown> {
  const [first] = cdr.profiles
  const last = cdr.profiles.at(-1)
  // The profile of an outbound leg holds what FreeSWITCH has put into its own URL: encoded, whatever encode-values says.
  const dialed = (text: string | null | undefined) => (text == null ? null : inbound ? text : percentDecode(text))
  const caller =
    first?.callerNumber ??
    cdr.variable('sip_P-Asserted-Identity') ??
    cdr.variable('caller_id_number') ??
    cdr.variable('sip_from_user')
  const callee = dialed(first?.dialed) ?? cdr.variable('sip_req_user') ?? cdr.variable('sip_to_user')
  return {
    from: {
      as_sent: cleanText(caller, 256),
      name: displayName(first?.callerName ?? null, caller),
      domain: hostOf(cdr.variable('sip_from_host')),
    },
    to: {
      as_sent: cleanText(callee, 256),
      domain: hostOf(cdr.variable('sip_req_host') ?? cdr.variable('sip_to_host')),
    },
    destination: cdr.profiles.length > 1 ? dialed(last?.dialed) : null,
    outbound_caller_id: cleanText(cdr.variable('effective_caller_id_number'), 128),
  }
}

/** `lab.invalid:15101` -> `lab.invalid`. */
function hostOf(host: string | null): string | null {
  return cleanText(host?.replace(/(?<=[\w.\]]):\d+$/, ''), 255)
}

function readHints(cdr: JsonCdr, inbound: boolean): Record<string, string | null> {
  return {
    accountcode: cdr.variable('accountcode'),
    domain: hostOf(inbound ? cdr.variable('sip_req_host') : cdr.variable('sip_from_host')),
    tenant: cdr.variable('domain_name'),
    trunk: cdr.variable('sip_gateway_name') ?? cdr.variable('sip_gateway'),
    did: inbound ? (cdr.profiles[0]?.dialed ?? cdr.variable('sip_req_user')) : null,
    peer: cdr.variable('sip_network_ip'),
  }
}

function refuse(reason: RefusalReason, field: string | null, detail: string): Reading {
  return { ok: false, reason, field, detail }
}
