import { uuidV5 } from '../../record/identity.ts'
import { formatRfc3339 } from '../../record/time.ts'
import type { Story } from './center-calls.ts'
import { contactOf, LINES, SALES, SUPPORT } from './center-cast.ts'
import type { Random } from './random.ts'

export type Body = Record<string, unknown>

const NAMESPACE = '0d1b1f5e-7c1a-5d0c-8a43-3f2f5f6c9b10'

/** One call to be told. */
export interface Told {
  story: Story
  startedAtUs: number
  /** Names the call among all: its UUID is made of it. */
  id: string
  /** The other party. */
  number: string
  random: Random
}

/** Seconds from the start of the call as a time. */
export type At = (seconds: number) => string

/** What all calls of the contact centre have in common, and the ring group of the line. */
export function head({ startedAtUs, id, number, random }: Told, direction: 'inbound' | 'outbound') {
  const contact = contactOf(number, random)
  const line = random.pick(LINES)
  const uuid = uuidV5(NAMESPACE, id)
  const [caller, callee] = direction === 'inbound' ? [number, `+${line.number}`] : [`+${line.number}`, number]
  const at: At = (seconds) => formatRfc3339(startedAtUs + Math.round(seconds * 1_000_000))
  const body = {
    call_uuid: uuid,
    source: 'demo-center',
    source_id: uuid,
    session_id: uuid,
    direction,
    from: { as_sent: caller, name: direction === 'inbound' ? contact.fullName : null },
    to: { as_sent: callee },
    did: direction === 'inbound' ? callee : null,
    started_at: at(0),
  }
  const center = {
    number: line,
    contact: {
      id: contact.id,
      full_name: contact.fullName,
      number: contact.number,
      country_code: null,
      national_number: null,
      list_ids: contact.listIds,
    },
  }
  return { body, center, at, group: line.id === 1 ? SALES : SUPPORT }
}

/** The recording of an answered call. */
export function recorded({ startedAtUs }: Told): Body {
  const id = Math.floor(startedAtUs / 1_000_000) % 100_000_000
  return { recordings: [{ id, url: `https://recordings.demo.invalid/${id}.mp3` }] }
}
