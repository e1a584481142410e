import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { asUser, userName } from './user-name.ts'

/** What keeps this user out of a folder, and what to do: what an operator is told where nothing can be looked at. */
export interface Closed {
  what: string
  todo: string
}

/** Why this user may not look into a folder; null where it may, and where there is none, or something else. */
export function closedTo(folder: string): Closed | null {
  const path = resolve(folder)
  const found = nearest(path)
  if (found === null || !found.stats.isDirectory()) return null
  const { R_OK, X_OK } = constants
  const isItself = found.path === path
  if (isAllowed(found.path, isItself ? R_OK | X_OK : X_OK)) return null
  const { uid } = found.stats
  const what = `the user ${userName()} may not enter ${found.path}, which belongs to the user ${userName(uid)}`
  if (isItself) return { what, todo: `run the command as that user: ${asUser(uid)} …` }
  return { what: `${what}, and so not ${path}`, todo: 'run the command as the user whose that folder is' }
}

/** Whether this user may do that to what lies there; true where nothing does. */
export function isAllowed(path: string, mode: number): boolean {
  return !['EACCES', 'EROFS'].includes(refusalOf(path, mode) ?? '')
}

/** Whether a file system is mounted so that nobody can write to it. */
export function isReadOnly(path: string): boolean {
  return refusalOf(path, constants.W_OK) === 'EROFS'
}

function refusalOf(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

/** The path itself, or the first above it of which anything can be known; null where nothing lies there. */
function nearest(path: string): { path: string; stats: Stats } | null {
  try {
    return { path, stats: statSync(path) }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? nearest(dirname(path)) : null
  }
}
