import type { Migration } from '../store/sqlite/folder/migration-progress.ts'
import { grouped } from './table.ts'

/** What people are told while a folder of an older version is brought up to this one. */
export function migrationLine({ files, calls, done }: Migration): string {
  if (done === 0)
    return `The folder is of an older version: ${grouped(calls)} calls in ${grouped(files)} files are written anew, some 60 us each. Stopping is harmless: the next start goes on with the file it was at.`
  if (done === calls) return `${grouped(calls)} calls are written anew; the folder is of this version.`
  return `${grouped(done)} of ${grouped(calls)} calls are written anew`
}
