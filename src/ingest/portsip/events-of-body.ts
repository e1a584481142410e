import type { IncomingReading } from '../pipeline.ts'
import type { Reading } from '../reading.ts'
import { type PortsipSource, readPortsipEvent } from './read-event.ts'

/** An event with many targets makes many reports, and each keeps the event as it came. */
export const MOST_CHARACTERS = 256 * 1024
/** PortSIP sends one event a request; so many of a list are taken at once. */
export const MOST_EVENTS = 100
/** Calls and legs that the events of one request may make, which is more than one event can. */
export const MOST_READINGS = 1000

interface From {
  /** The address that the body came from: kept as the place, so that a replay finds it there. */
  peer: string | null
}

/**
 * What a request to a webhook holds: one event, or a list of them, whatever its content type says. Each reading stands
 * beside its event as it came. What cannot be read at all, or is more than one request may hold, is one refusal with the
 * whole text, which `readEveryEvent` reads in a replay. Never throws.
 */
export function readEventsOfBody(text: string, source: PortsipSource, { peer }: From): IncomingReading[] {
  const whole = (detail: string) => [{ raw: text, place: peer, reading: unreadable(detail) }]
  const count = eventsIn(text)
  if (count > MOST_EVENTS)
    return whole(`holds ${count} events, and at most ${MOST_EVENTS} are taken at once: replay it`)
  const readings: IncomingReading[] = []
  for (const reading of readEveryEvent(text, source, { peer })) {
    readings.push(reading)
    if (readings.length > MOST_READINGS)
      return whole(`makes more than ${MOST_READINGS} calls and legs, the most that are taken at once: replay it`)
  }
  return readings
}

/** As `readEventsOfBody`, but without a bound, and one event after the other. */
export function* readEveryEvent(text: string, source: PortsipSource, { peer }: From): Iterable<IncomingReading> {
  try {
    const body = parse(text)
    for (const event of Array.isArray(body) ? body : [body]) {
      const raw = Array.isArray(body) ? JSON.stringify(event) : text
      for (const reading of readOne(event, raw, source, peer)) yield { raw, place: peer, reading }
    }
  } catch (error) {
    yield { raw: text, place: peer, reading: unreadable(`is not JSON: ${(error as Error).message}`) }
  }
}

/** Events of a list; 1 for whatever is none. */
function eventsIn(text: string): number {
  try {
    const body: unknown = JSON.parse(text.replace(BYTE_ORDER_MARK, ''))
    return Array.isArray(body) ? body.length : 1
  } catch {
    return 1
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

/** A number that can be too long for a double; in a text it may be found too. To read exactly takes ten times as long. */
const LONG_NUMBER = /(?:^|[:,[\s-])\d{16}/

function parse(text: string): unknown {
  const json = text.replace(BYTE_ORDER_MARK, '')
  return LONG_NUMBER.test(json) ? JSON.parse(json, exactly as Reviver) : JSON.parse(json)
}

/** The third argument is of ECMAScript 2026; TypeScript's library does not have it yet. */
type Reviver = Parameters<typeof JSON.parse>[1]

/** An id of 18 digits that came as a number is read digit by digit: as a double it would be another one. */
function exactly(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value
}
