import type { IngestResult } from '../../ingest/pipeline.ts'

const MOST_REASONS = 100

/** What became of the records of an import. */
export class Tally {
  records = 0
  stored = 0
  updated = 0
  duplicates = 0
  refused = 0
  /** Of the refused: not in the quarantine, because an erased number stands in them. */
  notKept = 0
  readonly #reasons = new Map<string, { field: string; reason: string; count: number }>()

  count(result: IngestResult): void {
    this.records += 1
    if ('refused' in result) this.#refuse(result)
    else if (result.outcome === 'stored') this.stored += 1
    else if (result.outcome === 'updated') this.updated += 1
    else this.duplicates += 1
  }

  /** Why records were refused, most frequent first. */
  reasons(): { field: string; reason: string; count: number }[] {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count)
  }

  #refuse({ refused: { field, reason }, notKept }: Extract<IngestResult, { refused: unknown }>): void {
    this.refused += 1
    if (notKept === true) this.notKept += 1
    const key = `${field} ${reason}`
    const known = this.#reasons.get(key)
    if (known !== undefined) known.count += 1
    else if (this.#reasons.size < MOST_REASONS) this.#reasons.set(key, { field, reason, count: 1 })
    else this.#others().count += 1
  }

  #others(): { count: number } {
    const others = this.#reasons.get('') ?? { field: '', reason: 'other reasons', count: 0 }
    this.#reasons.set('', others)
    return others
  }
}
