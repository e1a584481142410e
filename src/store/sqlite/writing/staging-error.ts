import { TooManySourcesError } from '../folder/account-sources.ts'
import { isOfContents } from '../folder/disk-error.ts'

/**
 * What a group could not be written for: what its reports say, so that trying again is vain; the disk, or what lies on it;
 * or a mistake of ours, for which no report may be refused.
 */
export type Cause = 'reports' | 'disk' | 'us'

/** A group could not be written, and nothing of it was: the store goes on. Any other error of `append` is final. */
export class StagingError extends Error {
  readonly fault: Cause

  constructor(cause: unknown) {
    super(`cannot be stored: ${cause instanceof Error ? cause.message : cause}`, { cause })
    this.fault = faultOf(cause)
  }
}

/** What one report says cannot be stored, today or tomorrow. */
class ContentsError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/**
 * Works out what follows from a report and from nothing else: what goes wrong does so whenever it is tried, and is the
 * report's fault. What has a code is no matter of contents, but of node, of SQLite or of the system.
 */
export function fromContents<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { errcode, syscall, code = 'ERR_ASSERTION' } = codesOf(error)
    const isContents = errcode === undefined && syscall === undefined && code === 'ERR_ASSERTION'
    throw isContents ? new ContentsError(error) : error
  }
}

/** Writes the row of one call: what its tables do not take is the report's fault. */
export function intoTables(write: () => void): void {
  try {
    write()
  } catch (error) {
    throw isOfContents(error) ? new ContentsError(error) : error
  }
}

/** SQLite's codes for what is no matter of the disk: our own statements, the way we use it, memory. */
const OURS = [1, 2, 7, 21, 25] // ERROR, INTERNAL, NOMEM, MISUSE, RANGE

function faultOf(cause: unknown): Cause {
  if (cause instanceof ContentsError || cause instanceof TooManySourcesError) return 'reports'
  const { errcode, syscall } = codesOf(cause)
  if (syscall !== undefined) return 'disk'
  return errcode === undefined || OURS.includes(errcode & 0xff) || isOfContents(cause) ? 'us' : 'disk'
}

function codesOf(error: unknown): { errcode?: number; syscall?: string; code?: string } {
  return (error ?? {}) as { errcode?: number; syscall?: string; code?: string }
}
