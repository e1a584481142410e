import type { Facts } from '../../src/record/facts.ts'
import type { Field, ListField } from '../../src/store/query.ts'
import { docKey } from '../../src/store/sqlite/row/doc-keys.ts'
import { FLAG, type SqlValue } from '../../src/store/sqlite/row/row-columns.ts'
import {
  centerColumns as columnsOf,
  KIND_OF_LIST,
  CENTER_COLUMNS as NAMES,
} from '../../src/store/sqlite/row/row-members.ts'

/** Columns that only a contact centre's call has values in: the ids that NectarDesk's clients filter by. */
export const CENTER_COLUMNS: readonly string[] = NAMES

/** How the fields of a contact centre's call read in SQL; those that no face filters by are in the document. */
export const CENTER_FIELDS: Partial<Record<Field, string>> = {
  'center.number.id': 'number_id',
  'center.ringGroup.id': 'ring_group_id',
  'center.ivr.id': 'ivr_id',
  'center.disposition.id': 'disposition_id',
  'center.campaign.id': idIn('center.campaign'),
  'center.contact.id': idIn('center.contact'),
  'center.requestedCallback': centerFlag('center.requestedCallback'),
  'center.automatedCallback': centerFlag('center.automatedCallback'),
}

function idIn(path: string): string {
  return `(doc->'${docKey(path)}'->>'id')::bigint`
}

/** False where a contact centre's call does not say, null for a plain call. */
function centerFlag(path: string): string {
  return `(CASE WHEN flags & ${FLAG.center} <> 0 THEN coalesce((doc->>'${docKey(path)}')::boolean, false) END)`
}

const PLAIN: readonly SqlValue[] = CENTER_COLUMNS.map(() => null)

/** The values of `CENTER_COLUMNS`; `flags` are the row's. */
export function centerColumns(
  flags: number,
  { facts, derived }: { facts: Facts; derived: Facts },
): readonly SqlValue[] {
  return (flags & FLAG.center) === 0 ? PLAIN : columnsOf(facts, derived)
}

/** What a call has several of, as `call_members.kind` writes it. */
export const MEMBER_KINDS: Partial<Record<ListField, number>> = KIND_OF_LIST

/** Columns of `call_members`, in the order of a `Member`. */
export const MEMBER_COLUMNS = ['account', 'kind', 'ref', 'started_at', 'id', 'flags'] as const
export type Member = readonly number[]

/** The call's agents, contact lists and surveys, each once: rows of `call_members`. */
export function membersOf(facts: Facts, head: { account: number; id: number; flags: number }): Member[] {
  if ((head.flags & FLAG.center) === 0) return []
  const startedAtUs = facts.startedAtUs as number
  return (Object.entries(MEMBER_KINDS) as [ListField, number][]).flatMap(([field, kind]) =>
    [...new Set(refsOf(facts, field))].map((ref) => [head.account, kind, ref, startedAtUs, head.id, head.flags]),
  )
}

function refsOf(facts: Facts, field: ListField): readonly number[] {
  if (field === 'center.surveyIds') return (facts[field] as number[] | undefined) ?? []
  if (field === 'center.contact.listIds')
    return (facts['center.contact'] as { listIds?: number[] } | undefined)?.listIds ?? []
  const agents: number[] = []
  for (const path in facts)
    if (path.startsWith('center.agents#') && path.endsWith('.id')) agents.push(facts[path] as number)
  return agents
}
