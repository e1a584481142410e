import { hash } from 'node:crypto'
import type { FileRecord } from '../../ingest/file/read-call-file.ts'

/** Equal records stand near each other: they say the same time. This many are remembered, and as many before them. */
const REMEMBERED = 500_000

/** Counts equal records of one file that have no id of their own, so that two equal calls stay two. */
export class Ordinals {
  #recent = new Map<string, number>()
  #earlier = new Map<string, number>()

  /** Which of its equals a record is, from 0; null for a record with an id, which needs none. */
  of(reading: FileRecord['reading']): number | null {
    const said = 'native' in reading ? reading.native : reading.ok ? reading.call : null
    if (typeof said !== 'object' || said === null) return null
    const { call_uuid, source_id } = said as Record<string, unknown>
    if (call_uuid != null || source_id != null) return null
    const key = hash('sha256', JSON.stringify(said), 'base64').slice(0, 20)
    const ordinal = this.#recent.get(key) ?? this.#earlier.get(key) ?? 0
    this.#recent.set(key, ordinal + 1)
    if (this.#recent.size >= REMEMBERED) {
      this.#earlier = this.#recent
      this.#recent = new Map()
    }
    return ordinal
  }
}
