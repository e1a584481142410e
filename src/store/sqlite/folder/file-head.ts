import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

/** The head of a database (sqlite.org/fileformat2.html, 1.3): how it begins, and where its numbers are. */
const MAGIC = 'SQLite format 3\0'
const HEAD_BYTES = 100
const AT = { pageSize: 16, changes: 24, pages: 28, userVersion: 60, pagesOfChange: 92 } as const

/** What the head of a database tells without opening it, which takes a millisecond for each of many. */
export interface FileHead {
  /** Octets of the file. */
  bytes: number
  /** `user_version`; what a log beside the file says may be newer, never older. Null where the file has no head. */
  version: number | null
  /** Octets that it should have; null where the head does not know. */
  wholeBytes: number | null
}

/** Null where there is no file that can be read. */
export function fileHead(path: string): FileHead | null {
  const head = Buffer.alloc(HEAD_BYTES)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    const bytes = fstatSync(file).size
    const isHead = readSync(file, head) === HEAD_BYTES && head.toString('latin1', 0, MAGIC.length) === MAGIC
    if (!isHead) return { bytes, version: null, wholeBytes: null }
    const pageSize = head.readUInt16BE(AT.pageSize)
    const knowsPages = head.readUInt32BE(AT.changes) === head.readUInt32BE(AT.pagesOfChange)
    const wholeBytes = knowsPages ? head.readUInt32BE(AT.pages) * (pageSize === 1 ? 65_536 : pageSize) : null
    return { bytes, version: head.readUInt32BE(AT.userVersion), wholeBytes }
  } finally {
    closeSync(file)
  }
}

/**
 * How a database that has held something was cut off; null where nothing shows that. Pages behind its end may be in a log
 * beside it, so that one with a log is not judged by its length.
 */
export function cutOff(path: string): string | null {
  const head = fileHead(path)
  if (head === null) return null
  if (head.bytes === 0) return 'is empty'
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  if (hasLog || head.wholeBytes === null || head.bytes >= head.wholeBytes) return null
  return `is cut off: it has ${head.bytes} of ${head.wholeBytes} bytes`
}
