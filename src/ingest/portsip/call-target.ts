import type { Direction } from '../../record/call-record.ts'
import { type Address, readAddress } from './address.ts'
import { EventKeys, type KeyFault } from './event-keys.ts'
import { readEndReason } from './words.ts'

/** One entry of `call_targets`: an endpoint that was called, an IVR, or a queue. Times are epoch us. */
export interface CallTarget {
  keys: EventKeys
  /** Where it was called, else who: never null, so that it can be told from the others. */
  address: Address
  /** The number of who was called: `102`, `8000`. */
  number: string
  /** `sip:102@192.0.2.7:5060`, as sent. */
  destination: string | null
  startedAtUs: number
  rangAtUs: number | null
  answeredAtUs: number | null
  /** That of the call, where the target has none of its own. */
  endedAtUs: number
  endReason: string | null
  /** As sent, in small letters. */
  callType: string
  /** Which of the targets with this address it is, by time, from 1. */
  ordinal: number
}

/** What all targets of a session have in common. */
export interface Session {
  direction: Direction | null
  startedAtUs: number
  endedAtUs: number
  endReason: string | null
  /** The number that was called at first. */
  callee: string | null
}

/** A session has at most so many: what one event can make is bounded. */
export const MAX_TARGETS = 200

/** The targets of a `call_cdr` by time, but for those that name nobody; what cannot be read is in `faults`. */
export function readTargets(value: unknown, session: Pick<Session, 'startedAtUs' | 'endedAtUs'>, faults: KeyFault[]) {
  const entries = value ?? []
  if (!Array.isArray(entries) || entries.length > MAX_TARGETS) {
    faults.push({ field: 'call_targets', detail: `must be a list of at most ${MAX_TARGETS} targets` })
    return []
  }
  const targets: CallTarget[] = []
  for (const [index, entry] of entries.entries()) {
    const at = `call_targets[${index}]`
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      faults.push({ field: at, detail: 'must be an object' })
    else {
      const target = readTarget(new EventKeys(entry as Record<string, unknown>, { at: `${at}.`, faults }), session)
      if (target !== null) targets.push(target)
    }
  }
  return numbered(targets)
}

function readTarget(keys: EventKeys, session: Pick<Session, 'startedAtUs' | 'endedAtUs'>): CallTarget | null {
  const destination = keys.text(['destination', 'destiantion'], { zero: true })
  const called = readAddress(destination)
  const callee = readAddress(keys.text('callee', { zero: true }))
  const address = called ?? callee
  if (address === null) return null
  const [rangAtUs, answeredAtUs] = [keys.timeUs('ring_time'), keys.timeUs('answered_time')]
  const endedAtUs = keys.timeUs('ended_time')
  const startedAtUs = keys.timeUs('start_time') ?? rangAtUs ?? answeredAtUs ?? endedAtUs ?? session.startedAtUs
  return {
    keys,
    address,
    number: callee?.number ?? called?.number ?? '',
    destination,
    startedAtUs,
    rangAtUs,
    answeredAtUs,
    endedAtUs: endedAtUs ?? Math.max(session.endedAtUs, answeredAtUs ?? startedAtUs),
    endReason: readEndReason(keys.text(['end_reason', 'ended_reason'])),
    callType: (keys.text('call_type') ?? '').toLowerCase(),
    ordinal: 1,
  }
}

/** In the order of their times, whatever order they came in, and counted by address. */
function numbered(targets: CallTarget[]): CallTarget[] {
  const times = (target: CallTarget) => [target.startedAtUs, target.answeredAtUs ?? Infinity, target.endedAtUs]
  targets.sort((one, other) => {
    const [a, b] = [times(one), times(other)]
    const differing = a.findIndex((time, index) => time !== b[index])
    if (differing >= 0) return (a[differing] as number) < (b[differing] as number) ? -1 : 1
    return one.address.endpoint < other.address.endpoint ? -1 : Number(one.address.endpoint > other.address.endpoint)
  })
  const seen = new Map<string, number>()
  for (const target of targets) {
    target.ordinal = (seen.get(target.address.endpoint) ?? 0) + 1
    seen.set(target.address.endpoint, target.ordinal)
  }
  return targets
}
