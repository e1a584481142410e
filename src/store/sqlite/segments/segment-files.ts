import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs'

/** What may lie beside a segment's file, in place of its `.db`. */
const BESIDE = ['.db', '.db-wal', '.db-shm', '.db-journal', '.filter', '.filter.new', '.draft', '.draft-journal']

/** Where a segment's calls are copied to before its file is made of them. */
export function draftPath(path: string): string {
  return `${path.slice(0, -'.db'.length)}.draft`
}

/** Takes a segment's file away, and what lies beside it. Who has it open reads on. */
export function removeSegment(path: string): void {
  const stem = path.slice(0, -'.db'.length)
  for (const ending of BESIDE) rmSync(`${stem}${ending}`, { force: true })
}

/** Puts a file on the disk. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes what was created, renamed or removed in a folder last through a power failure. */
export function syncFolder(path: string): void {
  syncFile(path)
}
