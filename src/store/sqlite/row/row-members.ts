import { hash } from 'node:crypto'
import { ringGroupOf } from '../../../record/assemble.ts'
import type { Facts } from '../../../record/facts.ts'
import { callUuidFor, isUuid } from '../../../record/identity.ts'
import { type Lists, listsOf } from '../../../record/united-lists.ts'
import type { ListField } from '../../query.ts'
import type { SqlValue } from './row-columns.ts'

/**
 * What `member` has entries of, as its column `kind` writes it: on the disk, append only. `ref` is the id of an agent,
 * contact list or survey; of a text that a call is found by it is `textRef`, and the row tells whether it is that text.
 */
export const KIND = { agent: 1, contactList: 2, survey: 3, session: 4, sourceId: 5 } as const

/** The lists that `member` has entries of. */
export const KIND_OF_LIST: Partial<Record<ListField, number>> = {
  'center.agents.id': KIND.agent,
  'center.contact.listIds': KIND.contactList,
  'center.surveyIds': KIND.survey,
}

/** The texts that calls are found by, and the facts that they are. */
export const KIND_OF_TEXT = { sessionId: KIND.session, sourceId: KIND.sourceId } as const
export type FoundBy = keyof typeof KIND_OF_TEXT

/** One entry of a call: `[kind, ref]`. */
export type Member = readonly [kind: number, ref: number]

/** 53 bits that stand for a text. */
export function textRef(text: string): number {
  const bytes = hash('sha1', text, 'buffer')
  return bytes.readUIntBE(0, 6) * 32 + ((bytes[6] as number) >> 3)
}

/** The UUIDs that a call may have of which this is the session or the source's id, given the names of the account's sources. */
export function uuidsOf(text: string, given: { accountId: string; sources: Iterable<string> }): string[] {
  const uuids = isUuid(text) ? [text.toLowerCase()] : []
  if (text !== '')
    for (const source of given.sources) uuids.push(callUuidFor({ accountId: given.accountId, source, sourceId: text }))
  return uuids
}

const NONE: readonly Member[] = []

/**
 * The entries of a call, each once. A text has none where `uuidsOf` leads to the call. `lists` are those of the facts, or
 * beside them.
 */
export function membersOf(
  facts: Facts,
  call: { accountId: string; callUuid: string; center: boolean; source?: string; lists?: Lists },
): readonly Member[] {
  const { sessionId, sourceId } = facts
  if (sessionId === undefined && sourceId === undefined && !call.center) return NONE
  const members: Member[] = call.center ? listMembers(facts, call.lists ?? listsOf(facts)) : []
  for (const path of ['sessionId', 'sourceId'] as const) {
    const text = facts[path]
    if (typeof text !== 'string' || isFoundByUuid(text, call.source ?? (facts.source as string), call)) continue
    members.push([KIND_OF_TEXT[path], textRef(text)])
  }
  return members
}

/** Whether `uuidsOf` leads from the text to the call. Only a UUID of version 5 can be made of an id. */
function isFoundByUuid(text: string, source: string, call: { accountId: string; callUuid: string }): boolean {
  const { accountId, callUuid } = call
  if (text.length === callUuid.length && text.toLowerCase() === callUuid) return true
  if (text === '' || callUuid[14] !== '5') return false
  return callUuidFor({ accountId, source, sourceId: text }) === callUuid
}

function listMembers(facts: Facts, lists: Lists): Member[] {
  const members: Member[] = []
  const contact = facts['center.contact'] as { listIds?: number[] } | undefined
  for (const { path, entries } of lists)
    if (path === 'center.agents')
      for (const { entry } of entries) addOnce(members, KIND.agent, entry.id as number | null)
  for (const id of contact?.listIds ?? []) addOnce(members, KIND.contactList, id)
  for (const id of (facts['center.surveyIds'] as number[]) ?? []) addOnce(members, KIND.survey, id)
  return members
}

function addOnce(members: Member[], kind: number, ref: number | null): void {
  if (ref !== null && !members.some((one) => one[0] === kind && one[1] === ref)) members.push([kind, ref])
}

/** Columns that are there to be searched, and never read: what they hold is in the document. */
export const CENTER_COLUMNS = ['number_id', 'ring_group_id', 'ivr_id', 'disposition_id'] as const

/** The values of `CENTER_COLUMNS` of a plain call. */
export const PLAIN_CALL: readonly SqlValue[] = CENTER_COLUMNS.map(() => null)

/** The values of `CENTER_COLUMNS`; what no fact states may be derived. */
export function centerColumns(facts: Facts, derived: Facts = {}, lists?: Lists): readonly SqlValue[] {
  const id = (path: string) => idOf(facts[path])
  const ringGroup = derived['center.ringGroup'] ?? ringGroupOf(facts, lists)
  return [id('center.number'), idOf(ringGroup), id('center.ivr'), id('center.disposition')]
}

function idOf(named: unknown): number | null {
  return (named as { id?: number | null } | null | undefined)?.id ?? null
}
