import type { Direction } from '../../record/call-record.ts'
import { displayName } from '../clean-text.ts'
import type { Reading } from '../reading.ts'
import { type Address, readAddress } from './address.ts'
import type { EventKeys } from './event-keys.ts'
import { readDirection } from './words.ts'

/** What any event can say of its session, in the native wire form; null where it does not. */
export interface SessionFacts {
  session_id: string
  source_id: string | null
  sip_call_id: string | null
  leg: 'a'
  direction: Direction | null
  from: { number: string | null; name: string | null; domain: string | null }
  to: { number: string | null; name: string | null; domain: string | null }
  did: string | null
  outbound_caller_id: string | null
  user_data: string | null
  trunk: { name: string | null }
}

/** Whose a reading is: what a source's rules look at. */
export type Whose = Pick<Extract<Reading, { ok: true }>, 'hints' | 'guesses'>

const DID = ['did', 'did_cid'] as const

export function readSession(keys: EventKeys, sessionId: string): SessionFacts {
  return {
    session_id: sessionId,
    source_id: keys.text('cdr_id'),
    sip_call_id: keys.text('call_id', { most: 512 }),
    leg: 'a',
    direction: readDirection(keys.text('direction')),
    from: readParty(keys, 'caller'),
    to: readParty(keys, 'callee'),
    did: readNumber(keys, DID),
    outbound_caller_id: readNumber(keys, ['outbound_caller_id']),
    user_data: keys.text('user_data', { most: 8192, zero: true }),
    trunk: { name: keys.text('trunk_name') },
  }
}

/** The wire names of what the event has a key for and says is not there. */
export function saidToBeAbsent(keys: EventKeys, facts: SessionFacts): string[] {
  const said: [name: string, value: string | null, keys: readonly string[]][] = [
    ['from.number', facts.from.number, ['caller']],
    ['from.name', facts.from.name, ['caller_display_name']],
    ['from.domain', facts.from.domain, ['caller_domain']],
    ['to.number', facts.to.number, ['callee']],
    ['to.name', facts.to.name, ['callee_display_name']],
    ['to.domain', facts.to.domain, ['callee_domain']],
    ['did', facts.did, DID],
    ['outbound_caller_id', facts.outbound_caller_id, ['outbound_caller_id']],
    ['user_data', facts.user_data, ['user_data']],
    ['trunk.name', facts.trunk.name, ['trunk_name']],
  ]
  return said.flatMap(([name, value, names]) => (value === null && keys.has(...names) ? [name] : []))
}

function readParty(keys: EventKeys, side: 'caller' | 'callee') {
  const address = readSide(keys, side)
  const number = address === null || address.number === '' ? null : address.number
  const name = displayName(keys.text(`${side}_display_name`, { zero: true }), number)
  return { number, name, domain: keys.text(`${side}_domain`)?.toLowerCase().slice(0, 255) ?? address?.domain ?? null }
}

function readSide(keys: EventKeys, side: 'caller' | 'callee'): Address | null {
  return readAddress(keys.text(side, { zero: true, most: 512 }))
}

/** A number that stands alone; at most what a record keeps of one. */
export function readNumber(keys: EventKeys, names: readonly string[]): string | null {
  const number = readAddress(keys.text(names))?.number ?? ''
  return number === '' ? null : number
}

/**
 * What a source's rules look at, for a reading. The tenant's own domain is that of its side of the call: the called one
 * of a call from outside, else the caller's; which of them it is, is a guess where no direction can be read.
 */
export function readHints(keys: EventKeys, facts: SessionFacts, peer: string | null): Whose {
  const own = facts.direction === 'inbound' ? facts.to : facts.from
  const hints = {
    tenant: keys.text('tenant_id'),
    domain: own.domain,
    did: facts.did,
    trunk: facts.trunk.name,
    peer,
  }
  return facts.direction === null ? { hints, guesses: ['domain'] } : { hints }
}
