/** A piece of a file that may be one record: a line, or a JSON object over several lines. */
export interface TextItem {
  /** Line of its first byte, from 1. */
  line: number
  /** Bytes of the unpacked file up to its end, line end included: where to go on after it. */
  end: number
  /** Line of what follows it. */
  nextLine: number
  /** As far as it could be read; bytes that are no UTF-8 are U+FFFD. */
  text: string
  /** Why it cannot be a record, whatever it holds; null where it may be one. */
  problem: string | null
}

/** A record of more bytes than this is refused; none that a switch sends comes near it. */
export const MAX_RECORD_BYTES = 1024 * 1024

export const TOO_LONG = `is longer than ${MAX_RECORD_BYTES} bytes`
export const NOT_UTF8 = 'is not UTF-8'
