import { backupAt } from '../store/sqlite/backup/backup-target.ts'
import { userName } from '../store/sqlite/folder/user-name.ts'
import { CommandError, EXIT } from './exit.ts'
import { requireEntrance } from './require-entrance.ts'

/** The backup that a path names. Throws `NoBackupError`, and `CommandError` where this user may not read it. */
export function chosenBackup(path: string): string {
  requireEntrance(path)
  try {
    return backupAt(path)
  } catch (error) {
    throw mayNotRead(error)
  }
}

/** The error where this user may not read a file as a `CommandError`, any other as it is. */
export function mayNotRead(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException
  if (code !== 'EACCES' || path === undefined) return error
  const todo = 'run the command as the user who made the backup'
  return new CommandError(EXIT.failed, `the user ${userName()} may not read ${path}: ${todo}`)
}
