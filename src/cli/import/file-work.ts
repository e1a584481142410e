import type { FileRecord, Position } from '../../ingest/file/read-call-file.ts'
import type { FileProgress } from './import-journal.ts'

export const BEGINNING: Position = { offset: 0, line: 1 }

/** How far one file has come, between the records given out and those that are settled, which is in the same order. */
export class FileWork {
  readonly #progress: FileProgress | null
  #given = 0
  #settled = 0
  #hasEnded = false
  #canResume = true

  /** `progress` is kept up to date; null for an input that cannot be resumed. */
  constructor(progress: FileProgress | null) {
    this.#progress = progress
    this.#given = progress?.records ?? 0
    this.#settled = this.#given
  }

  /** Records given out, those of the resumed import included. */
  get records(): number {
    return this.#given
  }

  /**
   * Counts a record; the place to go on from once it is settled. Which of its equals a record without an id is shows
   * only when the file is read from its beginning, so from the first of those on there is no other place.
   */
  give({ next }: FileRecord, hasId: boolean): Position {
    this.#given += 1
    if (!hasId) this.#canResume = false
    return this.#canResume ? next : BEGINNING
  }

  settle(next: Position): FileProgress | null {
    this.#settled += 1
    if (this.#progress === null) return null
    this.#progress.next = next
    return this.#update(this.#progress)
  }

  /** The file has no more records to give. */
  end(): FileProgress | null {
    this.#hasEnded = true
    return this.#progress === null ? null : this.#update(this.#progress)
  }

  #update(progress: FileProgress): FileProgress {
    progress.records = this.#settled
    progress.done = this.#hasEnded && this.#settled === this.#given
    return progress
  }
}
