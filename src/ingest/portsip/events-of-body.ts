import type { Incoming } from '../pipeline.ts'
import type { Reading } from '../reading.ts'
import { type PortsipSource, readPortsipEvent } from './read-event.ts'

/** An event with many targets makes many reports, and each keeps the event as it came. */
export const MOST_CHARACTERS = 256 * 1024

/**
 * What a request to a webhook holds: one event, or a list of them, whatever its content type says. Each reading stands
 * beside its event as it came; what cannot be read at all is one refusal with the whole text. Never throws. `peer` is
 * the address it came from: kept as the place, so that a replay finds it there.
 */
export function readEventsOfBody(
  text: string,
  source: PortsipSource,
  { peer }: { peer: string | null },
): (Incoming & { reading: Reading })[] {
  const all = (raw: string, readings: readonly Reading[]) => readings.map((reading) => ({ raw, place: peer, reading }))
  let body: unknown
  try {
    body = JSON.parse(text.replace(BYTE_ORDER_MARK, ''), exactly as Reviver)
    if (!Array.isArray(body)) return all(text, readOne(body, text, source, peer))
    return body.flatMap((event: unknown) => {
      const raw = JSON.stringify(event)
      return all(raw, readOne(event, raw, source, peer))
    })
  } catch (error) {
    return all(text, [unreadable(`is not JSON: ${(error as Error).message}`)])
  }
}

function readOne(event: unknown, raw: string, source: PortsipSource, peer: string | null): Reading[] {
  if (raw.length > MOST_CHARACTERS) return [unreadable(`has more than ${MOST_CHARACTERS} characters`)]
  return readPortsipEvent(event, source, { peer })
}

function unreadable(detail: string): Reading {
  return { ok: false, reason: 'unreadable', field: 'body', detail }
}

const BYTE_ORDER_MARK = /^\ufeff/

/** The third argument is of ECMAScript 2026; TypeScript's library does not have it yet. */
type Reviver = Parameters<typeof JSON.parse>[1]

/** An id of 18 digits that came as a number is read digit by digit: as a double it would be another one. */
function exactly(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value
}
