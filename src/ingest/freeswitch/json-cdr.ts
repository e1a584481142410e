import { cleanText } from '../clean-text.ts'

/** One profile of `callflow`: the leg as it stood from one transfer to the next. */
export interface Profile {
  callerNumber: string | null
  callerName: string | null
  dialed: string | null
}

/** The parts of a `mod_json_cdr` body that a reader asks for, decoded. */
export interface JsonCdr {
  /** A channel variable as text; null where it is absent or empty. */
  variable(name: string): string | null
  /** A channel variable that is a number, as mod_json_cdr writes them: in text. */
  figure(name: string): number | null
  /** `inbound` or `outbound`, seen from the switch; null in versions before 1.10 that give neither. */
  direction: string | null
  /** Oldest first; more than one after a transfer. */
  profiles: Profile[]
}

/** A view on a parsed body; null when it is not a FreeSWITCH CDR at all. Never throws. */
export function openJsonCdr(body: unknown): JsonCdr | null {
  const variables = field(body, 'variables')
  if (!isObject(variables)) return null
  const encoded = isEncoded(variables)
  const variable = (name: string) => {
    const value = field(variables, name)
    if (typeof value === 'number') return String(value)
    return cleanText(encoded && typeof value === 'string' ? percentDecode(value) : value, 65_536)
  }
  return {
    variable,
    figure(name) {
      const text = variable(name)
      return text !== null && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null
    },
    direction: cleanText(field(field(body, 'channel_data'), 'direction'), 16) ?? variable('direction'),
    profiles: readProfiles(field(body, 'callflow')),
  }
}

/**
 * `%2B44` -> `+44`; a `+` stays. mod_json_cdr encodes each value inside `variables` this way, and nothing else, while
 * its setting `encode-values` is on (the default). Octets that are no UTF-8 become U+FFFD.
 */
export function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

/**
 * Whether `encode-values` was on. An encoded value never holds any of these characters, and a plain set of variables
 * always does: every channel has an `@` or a `:` in its URIs.
 */
function isEncoded(variables: Record<string, unknown>): boolean {
  return !Object.values(variables).some((value) => typeof value === 'string' && /[ "<>@:;=]/.test(value))
}

function readProfiles(callflow: unknown): Profile[] {
  const latestFirst = Array.isArray(callflow) ? callflow : [callflow]
  return latestFirst
    .slice(0, 1000)
    .reverse()
    .map((entry) => field(entry, 'caller_profile'))
    .filter(isObject)
    .map((profile) => ({
      callerNumber: cleanText(profile.caller_id_number, 256),
      callerName: cleanText(profile.caller_id_name, 256),
      dialed: cleanText(profile.destination_number, 256),
    }))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own property; a record must not reach `constructor` and its like by naming them. */
function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
