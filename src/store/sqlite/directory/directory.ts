import type { Directory } from '../../directory.ts'
import { accountTable } from './directory-accounts.ts'
import { openDirectoryFile } from './directory-file.ts'
import { keyTable } from './directory-keys.ts'
import { quarantineTable } from './directory-quarantine.ts'
import { sourceTable } from './directory-sources.ts'

/**
 * Accounts, keys, sources and the quarantine in one SQLite file, which may hold tables of others. Accounts, keys and
 * sources are read from memory, so at most one directory is open on a file at a time. `now` is epoch microseconds. A
 * change that cannot be made throws `DirectoryRefusal`, and `DiskRefusedError` where the disk is full; a file of a newer
 * version throws `NewerDirectoryError`. `onFailure` is called when the disk fails, and nothing can be relied on any more.
 */
export function openSqliteDirectory({
  path,
  now,
  onFailure,
}: {
  path: string
  now: () => number
  onFailure?: (error: Error) => void
}): Directory {
  const file = openDirectoryFile(path, onFailure)
  const accounts = accountTable(file, now)
  const isAccount = (id: string) => accounts.account(id) !== null
  const keys = keyTable(file, { now, isAccount })
  return {
    ...accounts,
    createKey: keys.createKey,
    keys: keys.keys,
    revokeKey: keys.revokeKey,
    authenticate: keys.authenticate,
    createToken: keys.createToken,
    authenticateToken: keys.authenticateToken,
    ...sourceTable(file, { now, isAccount }),
    ...quarantineTable(file, (id) => accounts.account(id)?.settings ?? null),
    close() {
      if (!file.db.isOpen) return
      try {
        keys.writeUses()
      } finally {
        file.db.close()
      }
    },
  }
}
