import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MANIFEST, type Manifest, NoBackupError, readManifest, UnreadableBackupError } from './backup-manifest.ts'

/** A whole backup in the place that backups are made in. */
export interface MadeBackup {
  /** The name of its folder. */
  name: string
  manifest: Manifest
}

/** The backups in a folder; one that cannot be used is given to `onUnreadable` and left out. */
export function backupsIn(target: string, onUnreadable: (error: UnreadableBackupError) => void): MadeBackup[] {
  if (!existsSync(target)) return []
  return readdirSync(target, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name.endsWith(PARTIAL)) return []
    try {
      return [{ name: entry.name, manifest: readManifest(join(target, entry.name)) }]
    } catch (error) {
      if (!(error instanceof NoBackupError)) throw error
      if (error instanceof UnreadableBackupError) onUnreadable(error)
      return []
    }
  })
}

/** The last backup of a store, by its number, because clocks are set; null where there is none. */
export function lastBackup(backups: readonly MadeBackup[], store: string): MadeBackup | null {
  const own = backups.filter(({ manifest }) => manifest.store === store)
  return own.sort((a, b) => b.manifest.no - a.manifest.no)[0] ?? null
}

/**
 * The folder of a backup: itself, or the last of those in it. Throws `NoBackupError` where there is none, and where one
 * has to be named: those of several stores lie there, or one is unreadable, so that the last may be another than seems.
 */
export function backupAt(path: string): string {
  if (existsSync(join(path, MANIFEST))) return path
  const backups = backupsIn(path, ({ message }) => {
    throw new NoBackupError(`${message}; name the backup that is meant`)
  })
  const stores = new Set(backups.map(({ manifest }) => manifest.store))
  if (stores.size > 1) {
    const last = [...stores].map((store) => lastBackup(backups, store)?.name).sort()
    throw new NoBackupError(`backups of ${stores.size} stores lie in ${path}: name one, such as ${last.join(' or ')}`)
  }
  const [store = ''] = stores
  const last = lastBackup(backups, store)
  if (last === null) throw new NoBackupError(`${path} is not a backup, and there is none in it`)
  return join(path, last.name)
}

/** What the name of a backup ends in while it is being made. */
export const PARTIAL = '.partial'

/** A name for a backup that is not taken yet: `2026-01-31T12-00-00Z`. */
export function freeName(target: string, takenAt: string): string {
  const name = takenAt.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-')
  for (let no = 1; ; no += 1) {
    const free = no === 1 ? name : `${name}-${no}`
    if (!existsSync(join(target, free))) return free
  }
}
