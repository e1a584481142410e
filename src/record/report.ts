import { hash as digest } from 'node:crypto'
import type { Facts, Json } from './facts.ts'
import type { Lists } from './united-lists.ts'

export const REPORT_KINDS = ['start', 'update', 'end', 'cdr', 'quality', 'correction'] as const
export type ReportKind = (typeof REPORT_KINDS)[number]

/** What one source sent about one call, read and normalised. A call is a pure function of the set of its reports. */
export interface Report {
  accountId: string
  /** Lower case; with `accountId` the identity of the call. */
  callUuid: string
  /** The source instance, e.g. `fs-london`. */
  source: string
  kind: ReportKind
  /** Epoch us of what the report tells, by the source's clock; null where the source gives none: arrival counts. */
  eventAtUs: number | null
  /** Epoch us at which it reached us. */
  arrivedAtUs: number
  /** What it says; of united lists it says in `lists`. */
  facts: Facts
  lists: Lists
  /** Behind how many of the facts the lists stand in `canonicalReport`: what a reader adds to the facts follows them. */
  listsBehind: number
  /** Epoch us at which the call began at the latest, where the report does not say: the earliest time it tells. */
  startGuessUs: number | null
  /** Groups that the report empties. */
  clear: readonly string[]
  /** The record as it came, for the raw log. */
  raw: string
}

/**
 * How far a report is to be believed about the start of the call: a correction, then a start, then a CDR, then a guess
 * from the report's own time.
 */
export function startTrust({ kind, facts }: Pick<Report, 'kind' | 'facts'>): number {
  if (facts.startedAtUs === undefined) return 1
  if (kind === 'correction') return 4
  return kind === 'start' ? 3 : 2
}

type Told = Pick<Report, 'source' | 'kind' | 'eventAtUs' | 'facts' | 'lists' | 'listsBehind' | 'clear'>

/**
 * 16 hex digits that are equal for two deliveries of one report, whenever they arrive. Facts lie in the order of the
 * schema, so their JSON is canonical.
 */
export function reportHash(report: Told): string {
  return reportHashOf(canonicalReport(report))
}

/** What a report tells, in JSON, lists flat among the facts: what its hash is of. */
export function canonicalReport(report: Told): string {
  const { source, kind, eventAtUs, facts, lists, clear } = report
  if (lists.length === 0) return JSON.stringify([source, kind, eventAtUs, facts, clear])
  const head = JSON.stringify([source, kind, eventAtUs])
  return `${head.slice(0, -1)},${flatJson(report)},${JSON.stringify(clear)}]`
}

/** The JSON of an object of all facts, those of lists as well, without making one: each of its keys would be a new text. */
function flatJson({ facts, lists, listsBehind }: Told): string {
  const plain = JSON.stringify(facts)
  let behind = ''
  for (const path of Object.keys(facts).slice(listsBehind)) behind += `,"${path}":${JSON.stringify(facts[path])}`
  let json = listsBehind === 0 ? '{' : plain.slice(0, -1 - behind.length)
  let between = listsBehind === 0 ? '' : ','
  for (const { path, entries } of lists)
    for (const { key, entry } of entries) {
      const before = JSON.stringify(`${path}#${key}.`).slice(0, -1)
      for (const name in entry) {
        const value = entry[name] as Json
        if (value === null) continue
        json += `${between}${before}${name}":${typeof value === 'number' ? value : JSON.stringify(value)}`
        between = ','
      }
    }
  return `${json}${behind}}`
}

/** `reportHash` of what `canonicalReport` gave. */
export function reportHashOf(canonical: string): string {
  return digest('sha256', canonical).slice(0, 16)
}
