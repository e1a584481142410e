/** A group could not be written, and nothing of it was: the store goes on. Any other error of `append` is final. */
export class StagingError extends Error {
  /** Whether it was the reports, so that trying again is vain, and not the disk. */
  readonly reportsAtFault: boolean

  constructor(cause: unknown) {
    super(`cannot be stored: ${cause instanceof Error ? cause.message : cause}`, { cause })
    this.reportsAtFault = areReportsAtFault(cause)
  }
}

/** SQLite's codes (sqlite.org/rescode.html) for a value that a table does not take. */
const TOO_BIG = 18
const CONSTRAINT = 19
const MISMATCH = 20

function areReportsAtFault(cause: unknown): boolean {
  const { errcode, syscall } = (cause ?? {}) as { errcode?: number; syscall?: string }
  if (syscall !== undefined) return false
  return errcode === undefined || [TOO_BIG, CONSTRAINT, MISMATCH].includes(errcode & 0xff)
}
