/** SQLite's codes (sqlite.org/rescode.html) for a disk that is full, and for files or folders that cannot be synced. */
export const FULL = 13
const IOERR_FSYNC = 1034
const IOERR_DIR_FSYNC = 1290

export function isFull(error: unknown): boolean {
  return codeOf(error) === FULL
}

/** Nobody knows what is on the disk then, and trying again finds out nothing: what was not synced may be gone. */
export function isSyncError(error: unknown): boolean {
  const { syscall = '' } = (error ?? {}) as { syscall?: string }
  return [IOERR_FSYNC, IOERR_DIR_FSYNC].includes(codeOf(error) ?? 0) || ['fsync', 'fdatasync'].includes(syscall)
}

/** SQLite's codes for a value that a table does not take. */
const TOO_BIG = 18
const CONSTRAINT = 19
const MISMATCH = 20
const OF_CONTENTS = [TOO_BIG, CONSTRAINT, MISMATCH]

/** Whether an error of SQLite is about what was to be written, and not about the file. */
export function isOfContents(error: unknown): boolean {
  return OF_CONTENTS.includes((codeOf(error) ?? 0) & 0xff)
}

/**
 * Does something to a file: SQLite's errors do not tell which file was at fault, so they get its name. What a table does not
 * take is no matter of the file.
 */
export function namingFile<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw withFile(error, path)
  }
}

/** An error of SQLite with the name of its file; any other as it is. */
export function withFile(error: unknown, path: string): unknown {
  if (codeOf(error) !== undefined && !isOfContents(error) && error instanceof Error)
    error.message = `${path}: ${error.message}`
  return error
}

function codeOf(error: unknown): number | undefined {
  return ((error ?? {}) as { errcode?: number }).errcode
}
