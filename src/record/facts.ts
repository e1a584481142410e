import type { TSchema } from 'typebox'
import { Agent, CallRecord, ExternalNumber, Queue, Recording } from './call-record.ts'
import { type Codec, codecOf, wireName } from './wire.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/**
 * What reports say of a call, flat: `from.number`, `startedAtUs`, `center.ivr`. Entries of the four lists that unite
 * lie under their key: `recordings#12.url`. An absent path is "not carried"; `null` does not occur.
 */
export type Facts = Record<string, Json>

export interface FactSpec {
  path: string
  /** Where it stands on the wire: `['from', 'number']`. */
  wire: readonly [string] | readonly [string, string]
  codec: Codec
  /** Paths of one group are replaced together. */
  group: string
}

/** Fields that only we set: never read from a report. */
const OURS = new Set([
  'id',
  'callUuid',
  'accountId',
  'source',
  'state',
  'callTypes',
  'stated',
  'receivedAtUs',
  'updatedAtUs',
  'changeSeq',
])
const NESTED = new Set(['from', 'to', 'hangup', 'trunk', 'stir', 'cost', 'quality', 'center'])

/** Fields that stand or fall together, by the path that leads the group. */
const LEADERS: Record<string, string> = {
  'from.asSent': 'from.number',
  'to.asSent': 'to.number',
  endInferred: 'endedAtUs',
  'hangup.name': 'hangup.code',
  'stir.attestation': 'stir.verification',
  'stir.origId': 'stir.verification',
  'stir.evidence': 'stir.verification',
}

/** The lists whose entries unite by a key instead of replacing one another. */
export interface UnitedList {
  path: string
  wire: readonly [string] | readonly [string, string]
  item: Codec
  fields: readonly string[]
  /** What tells two entries apart; null when the entry lacks it. */
  keyOf(entry: Record<string, Json>): string | null
  keyFields: string
}

const fieldsOf = (schema: TSchema) => Object.keys((schema as unknown as { properties: object }).properties)
/** The first of these that is there, with its kind before it: agent 5, user 5 and the alias "5" are three agents. */
function firstOf(named: Record<string, Json | undefined>): string | null {
  for (const [kind, value] of Object.entries(named)) if (value != null) return `${kind}${value}`
  return null
}

/** The ring group in the key of a queue: known even where no report gave its name, and so no fact of its own. */
export function ringGroupOfKey(key: string): { id: number; name: null } | null {
  const id = key.slice(key.indexOf('/') + 1)
  return id === '' ? null : { id: Number(id), name: null }
}

export const UNITED_LISTS: readonly UnitedList[] = [
  {
    path: 'center.queues',
    wire: ['center', 'queues'],
    item: codecOf('queue', Queue),
    fields: fieldsOf(Queue),
    keyOf: ({ ringGroup, queuedAtUs }) => {
      const group = (ringGroup as { id: number } | null)?.id
      return group === undefined && queuedAtUs == null ? null : `${queuedAtUs ?? ''}/${group ?? ''}`
    },
    keyFields: 'ring_group or queued_at',
  },
  {
    path: 'center.agents',
    wire: ['center', 'agents'],
    item: codecOf('agent', Agent),
    fields: fieldsOf(Agent),
    keyOf: ({ id, userId, sip, alias, startedAtUs }) => {
      const who = firstOf({ '': id, u: userId, s: sip, a: alias })
      return who === null ? null : `${startedAtUs ?? ''}/${who}`
    },
    keyFields: 'id, user_id, sip or alias',
  },
  {
    path: 'center.externalNumbers',
    wire: ['center', 'external_numbers'],
    item: codecOf('externalNumber', ExternalNumber),
    fields: fieldsOf(ExternalNumber),
    keyOf: ({ number }) => firstOf({ '': number }),
    keyFields: 'number',
  },
  {
    path: 'recordings',
    wire: ['recordings'],
    item: codecOf('recording', Recording),
    fields: fieldsOf(Recording),
    keyOf: ({ id, url }) => firstOf({ '': id, u: url }),
    keyFields: 'id or url',
  },
]

const united = new Set(UNITED_LISTS.map(({ path }) => path))

/** Every path that a report can carry, the united lists apart, in the schema's order. */
export const FACTS: readonly FactSpec[] = [...specs()]

function* specs(): Generator<FactSpec> {
  for (const [name, schema] of Object.entries(CallRecord.properties as Record<string, TSchema>)) {
    if (OURS.has(name) || united.has(name)) continue
    if (!NESTED.has(name)) {
      yield spec(name, [wireName(name)], codecOf(name, schema))
      continue
    }
    const nested = (schema as unknown as { anyOf?: TSchema[] }).anyOf?.[0] ?? schema
    for (const [inner, innerSchema] of Object.entries((nested as unknown as typeof CallRecord).properties)) {
      const path = `${name}.${inner}`
      if (!united.has(path)) yield spec(path, [wireName(name), wireName(inner)], codecOf(inner, innerSchema as TSchema))
    }
  }
}

function spec(path: string, wire: FactSpec['wire'], codec: Codec): FactSpec {
  return { path, wire, codec, group: LEADERS[path] ?? path }
}

const groups = new Map(FACTS.map((fact) => [fact.path, fact.group]))

/** The group of a path; a field of a united list's entry is a group of its own. */
export function groupOf(path: string): string {
  return groups.get(path) ?? path
}

const members = new Map<string, string[]>()
for (const { path, group } of FACTS) members.set(group, [...(members.get(group) ?? []), path])

/** The paths of a group, its leader first. */
export function pathsOf(group: string): readonly string[] {
  return members.get(group) ?? [group]
}

/**
 * Paths that we derive where no source states them. A record's `stated` names, in wire form, those of them that a
 * source stated. Stores keep a path by its place here: append only.
 */
export const DERIVABLE: readonly string[] = [
  'from.country',
  'to.country',
  'durationS',
  'hangup.by',
  'hangup.code',
  'hangup.name',
  'cost.currency',
  'cost.billS',
  'cost.billedS',
  'cost.amountMicros',
  'quality.postDialDelayMs',
  'center.callTypes',
  'direction',
  'leg',
  'center.ringGroup',
]

/** Derivable only in that they have a default; not worth naming in `stated`. */
export const DEFAULTS: Facts = { direction: 'inbound', leg: 'whole' }

const wirePaths = new Map(FACTS.map(({ path, wire }) => [path, wire.join('.')]))

/** `cost.billS` -> `cost.bill_seconds`. */
export function wirePath(path: string): string {
  return wirePaths.get(path) ?? path
}
