import { closedTo } from '../store/sqlite/folder/entrance.ts'
import { CommandError, EXIT } from './exit.ts'

/** Throws `CommandError` where this user may not look into a folder, which is not to be taken for an empty one. */
export function requireEntrance(folder: string): void {
  const closed = closedTo(folder)
  if (closed !== null) throw new CommandError(EXIT.failed, `${closed.what}: ${closed.todo}`)
}
