import type { CallQuery } from '../../query.ts'
import type { Moves } from '../segments/moves.ts'
import { endsOf } from './queried-file.ts'
import type { ReadFile, ReadFiles } from './read-files.ts'
import type { Span } from './search.ts'
import { impliedRange, intersection, isEmpty, type TimeRange } from './time-range.ts'

/**
 * Chooses the files that a query has to look into, without a look into any: by the ranges of starts that the map tells,
 * and by the spans that it remembers from snapshots, for as long as none has grown.
 */
export class FileChoice {
  readonly #files: Pick<ReadFiles, 'live' | 'inRange'>
  readonly #moves: Pick<Moves, 'spans'>
  readonly #spans = new Map<number, Span | null>()
  #version = -1

  constructor(files: Pick<ReadFiles, 'live' | 'inRange'>, moves: Pick<Moves, 'spans'>) {
    this.#files = files
    this.#moves = moves
  }

  filesOf(query: CallQuery): readonly ReadFile[] {
    const version = this.#moves.spans()
    if (version !== this.#version) this.#spans.clear()
    this.#version = version
    const live = this.#files.live()
    if (query.live) return [live]
    const starts = askedRange(query, 'startedAtUs')
    const ends = askedRange(query, 'endedAtUs')
    const mayEndThen = (file: ReadFile) => {
      const span = this.#spans.get(file.no)
      if (span === undefined) return true
      return span !== null && !isEmpty(intersection(ends, endsOf(intersection(starts, file), span)))
    }
    return [live, ...this.#files.inRange(starts.fromUs, starts.beforeUs).filter(mayEndThen)]
  }

  /** Remembers what a snapshot of files that were chosen has told. */
  learn(no: number, span: Span | null): void {
    this.#spans.set(no, span)
  }
}

/** The times that calls on the page, and all that are to be counted, can have. */
function askedRange({ where, order, after, total }: CallQuery, field: 'startedAtUs' | 'endedAtUs'): TimeRange {
  const implied = impliedRange(where, field)
  if (!after || total || order.by !== field) return implied
  const value = Number(after.value)
  return intersection(implied, {
    fromUs: order.descending ? 0 : value,
    beforeUs: order.descending ? value + 1 : Number.MAX_SAFE_INTEGER,
  })
}
