import type { Sql } from '../folder/sql.ts'
import type { Row } from '../row/row-columns.ts'
import type { ReadFile } from './read-files.ts'
import type { Span } from './search.ts'
import { type TimeRange, widened } from './time-range.ts'

type Read = Pick<ReadFile, 'no' | 'fromUs' | 'beforeUs' | 'rows' | 'span'>

/** A file of calls as one query sees it, within its snapshot. */
export class QueriedFile {
  readonly isLive: boolean
  /** The starts that its calls can have. */
  readonly starts: TimeRange
  readonly #file: Read
  /** Null where no call has ended. */
  readonly span: Span | null

  constructor(file: Read) {
    this.#file = file
    this.isLive = file.no === 0
    this.starts = { fromUs: file.fromUs, beforeUs: file.beforeUs }
    this.span = file.span
  }

  read({ text, values }: Sql): Row[] {
    return this.#file.rows(text, values)
  }

  /** The first value of the first row, a number; 0 where there is none. */
  number(asked: Sql): number {
    return Number(this.read(asked)[0]?.[0] ?? 0)
  }

  /** The ends that calls with such starts can have here; null where none has ended. */
  endsOf(starts: TimeRange): TimeRange | null {
    return this.span === null ? null : endsOf(starts, this.span)
  }

  /** The starts that calls with such ends can have here; null where none has ended. */
  startsOf(ends: TimeRange): TimeRange | null {
    if (this.span === null) return null
    return widened(ends, { fromUs: -this.span.longest, beforeUs: -this.span.shortest })
  }

  hasNumberIndexes(): boolean {
    return this.#file.rows("SELECT 1 FROM sqlite_master WHERE name = 'calls_to'", []).length > 0
  }
}

/** The ends that calls with such starts can have, by the lengths that calls of a file have. */
export function endsOf(starts: TimeRange, { shortest, longest }: Span): TimeRange {
  return widened(starts, { fromUs: shortest, beforeUs: longest })
}
