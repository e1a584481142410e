import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Fingerprint, IdentityFilter } from './identity-filter.ts'
import { loadOverall, saveOverall } from './identity-filter-file.ts'
import { syncFolder } from './segment-files.ts'

/** Of what an identity filter is made for: so much less room is enough where the segments' own filters are asked next. */
const ROOM = 0.75
/** With so many times the keys that it was made for it lets too many pass, and is made anew. */
const MOST_KEYS = 2.5

/** What maintenance decides by: how many keys there are, and with how many it is to be made anew. */
export interface OverallNews {
  keys: number
  most: number
}

/**
 * One identity filter over all segments, asked before theirs: of many segments each costs a look into memory that no
 * cache holds, and now and then one of them lets a call pass that it does not have, which costs a look at the disk. This
 * one lets between one in a hundred and one in ten pass, for an octet of memory a call. Saved when the folder is closed
 * and taken away when it is opened: after a crash it is filled anew, and until then everything passes.
 */
export class OverallFilter {
  readonly #path: string
  #filter: IdentityFilter | null
  /** One that the maintenance thread is filling. */
  #filling: IdentityFilter | null = null

  /** With what was saved of these segments' files as they are now. */
  constructor(path: string, segmentPaths: readonly string[]) {
    this.#path = path
    this.#filter = loadOverall(path, segmentPaths)
    rmSync(`${path}.new`, { force: true })
    if (!existsSync(path)) return
    rmSync(path)
    syncFolder(dirname(path)) // before the first call is written that it lacks
  }

  /** Where each new call of a segment goes. */
  get filters(): readonly (IdentityFilter | null)[] {
    return [this.#filter, this.#filling]
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.filters.reduce((sum, filter) => sum + (filter?.shared.byteLength ?? 0), 0)
  }

  /** Null where there is none yet. */
  look(): OverallNews | null {
    if (this.#filter === null) return null
    const { keys, capacity } = this.#filter
    return { keys, most: capacity * (MOST_KEYS / ROOM) }
  }

  /** False only where no segment has a call with this UUID. */
  mayHold(print: Fingerprint): boolean {
    return this.#filter?.mayHold(print) ?? true
  }

  /** One for so many calls, to be filled with what is in all files; new calls go into it from now on. */
  beginFilling(calls: number): SharedArrayBuffer {
    this.#filling = IdentityFilter.make(Math.ceil(calls * ROOM))
    return this.#filling.shared
  }

  /** It is filled, and takes the place of the one before. */
  endFilling(): void {
    this.#filling?.markWhole()
    this.#filter = this.#filling
    this.#filling = null
  }

  /** Saves it for these segments' files, which are not written any more. */
  save(segmentPaths: readonly string[]): void {
    if (this.#filter !== null) saveOverall(this.#path, segmentPaths, this.#filter)
  }
}
