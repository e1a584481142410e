import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Recount } from '../../src/store/sqlite/counts-recount.ts'
import { folderPaths } from '../../src/store/sqlite/folder.ts'

/** Every count of a data folder's files that is not what the rows say; empty where all are right. */
export function countFaults(folder: string): string[] {
  const { live, segments } = folderPaths(folder)
  const files = readdirSync(segments)
    .filter((name) => name.endsWith('.db'))
    .map((name) => join(segments, name))
  return [live, ...files].filter((path) => existsSync(path)).flatMap(countFaultsOf)
}

/** Those of one file. */
export function countFaultsOf(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const found = [...new Recount(db).file()].flatMap(({ differences }) => differences)
    return found.map((difference) => `${basename(path)}: ${JSON.stringify(difference)}`)
  } finally {
    db.close()
  }
}
