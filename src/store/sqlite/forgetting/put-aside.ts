import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ASIDE } from '../folder/folder-check.ts'

/** The folder with files that a restore has put aside, which forgetting does not change; null where there are none. */
export function putAside(folder: string): string | null {
  const aside = join(folder, ASIDE)
  if (!existsSync(aside)) return null
  return readdirSync(aside, { recursive: true, withFileTypes: true }).some((one) => one.isFile()) ? ASIDE : null
}
