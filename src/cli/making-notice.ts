import { existsSync } from 'node:fs'

/**
 * What is said before a folder is made for files that fill a disk; null where it is there. A place that was mistyped, or is
 * not mounted, shows so.
 */
export function makingNotice(path: string): string | null {
  return existsSync(path) ? null : `makes the folder ${path}`
}
