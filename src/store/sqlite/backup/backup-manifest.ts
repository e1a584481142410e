import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SCHEMA_VERSION } from '../folder/schema.ts'

export const MANIFEST = 'manifest.json'
const FORMAT = 1
/** A manifest is not believed to name a file anywhere else. */
const NAME = /^((meta|live)\.db|segments\/\w+\.db|raw\/\d+\.zlog)$/

/** What a backup consists of; written last, so that a folder with a manifest is a whole backup. */
export interface Manifest {
  format: 1
  /** The Calltrail that made it, and the schema of the files. */
  calltrail: string
  schema: number
  /** The store that was backed up: drawn when it was first backed up, and anew by each restore. */
  store: string
  /** Counts the backups of a store in one place, from 1. */
  no: number
  /** RFC 3339: when the writer stood still. Every call acknowledged before is in the backup. */
  taken_at: string
  /** The last change that the backup has: it has every one up to this. */
  last_change: number
  /** The last ids and places in the change sequence that may have been given out without asking `meta.db` again. */
  reserved: { call_id: number; change: number }
  /** The backup that unchanged files are shared with; null where every file was copied. */
  previous: string | null
  files: BackupFile[]
}

export interface BackupFile {
  /** `segments/000001.db`: where it lies in the backup, and in the data folder. */
  name: string
  bytes: number
  sha256: string
  /** Equal for equal contents of the file of that name of one store; null where it is always copied. */
  state: string | null
  /** Whether it is a hard link to the file of the backup before. */
  shared: boolean
}

/** A folder that is no backup, or not one that can be used. */
export class NoBackupError extends Error {}

/** A backup whose manifest cannot be used: damaged, or of a newer Calltrail. */
export class UnreadableBackupError extends NoBackupError {}

/** The text of a manifest's file: the manifest, and the SHA-256 of its JSON, so that a change of it is seen too. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ manifest, sha256: hash('sha256', JSON.stringify(manifest)) }, null, 1)}\n`
}

/** Throws `NoBackupError` where there is none, `UnreadableBackupError` where it is damaged or of a newer Calltrail. */
export function readManifest(folder: string): Manifest {
  const { manifest, sha256 } = parse(folder)
  if (sha256 !== hash('sha256', JSON.stringify(manifest)))
    throw new UnreadableBackupError(`${join(folder, MANIFEST)} is damaged: its checksum is another`)
  if (manifest.format !== FORMAT || manifest.schema > SCHEMA_VERSION)
    throw new UnreadableBackupError(
      `${folder} is of format ${manifest.format} and schema ${manifest.schema}, and this Calltrail knows only up to ` +
        `${FORMAT} and ${SCHEMA_VERSION}: use the newer one that made it (${manifest.calltrail})`,
    )
  for (const { name } of manifest.files)
    if (!NAME.test(name))
      throw new UnreadableBackupError(`${join(folder, MANIFEST)} names ${name}, which no backup has`)
  return manifest
}

function parse(folder: string): { manifest: Manifest; sha256: string } {
  try {
    const read = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as { manifest: Manifest; sha256: string }
    if (typeof read?.manifest === 'object' && read.manifest !== null) return read
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new NoBackupError(`${folder} is not a backup: it has no ${MANIFEST}`)
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new UnreadableBackupError(`${join(folder, MANIFEST)} is damaged: it cannot be read`)
}
