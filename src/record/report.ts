import { hash as digest } from 'node:crypto'
import type { Facts } from './facts.ts'

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
  facts: Facts
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

type Told = Pick<Report, 'source' | 'kind' | 'eventAtUs' | 'facts' | 'clear'>

/**
 * 16 hex digits that are equal for two deliveries of one report, whenever they arrive. Facts lie in the order of the
 * schema, so their JSON is canonical.
 */
export function reportHash(report: Told): string {
  return reportHashOf(canonicalReport(report))
}

/** What a report tells, in JSON: what its hash is of. */
export function canonicalReport({ source, kind, eventAtUs, facts, clear }: Told): string {
  return JSON.stringify([source, kind, eventAtUs, facts, clear])
}

/** `reportHash` of what `canonicalReport` gave. */
export function reportHashOf(canonical: string): string {
  return digest('sha256', canonical).slice(0, 16)
}
