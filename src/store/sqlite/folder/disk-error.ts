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

function codeOf(error: unknown): number | undefined {
  return ((error ?? {}) as { errcode?: number }).errcode
}
