import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { asUser, userName } from '../store/sqlite/folder/user-name.ts'

/**
 * What root is told before it works in the folder of somebody else, whose server would find files that it may not write;
 * null for any other user, and where the folder is root's own or is yet to be made.
 */
export function foreignFolderWarning(folder: string): string | null {
  if (process.getuid?.() !== 0) return null
  const uid = statSync(folder, { throwIfNoEntry: false })?.uid ?? 0
  if (uid === 0) return null
  return (
    `warning: ${resolve(folder)} belongs to the user ${userName(uid)}, whose server cannot write the files that root makes ` +
    `in it: run this as that user (${asUser(uid)} …), or give the files back: chown -R ${uid} ${resolve(folder)}`
  )
}
