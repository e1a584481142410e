import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { Recount } from '../../src/store/sqlite/counts/counts-recount.ts'
import { folderPaths, openForReading, readRanges } from '../../src/store/sqlite/folder/folder.ts'

/**
 * Every count of a data folder that is not what the rows say; empty where all are right. The range map must not change
 * meanwhile: close the store first where segments are rewritten.
 */
export function countFaults(folder: string): string[] {
  const { live, meta } = folderPaths(folder)
  const db = openForReading(meta, 1000)
  const ranges = readRanges(db, folder)
  db.close()
  return [live, ...ranges.map(({ path }) => path)].filter((path) => existsSync(path)).flatMap(countFaultsOf)
}

/** Those of one file. */
export function countFaultsOf(path: string): string[] {
  const db = openForReading(path, 1000)
  try {
    const found = [...new Recount(db).file()].flatMap(({ differences }) => differences)
    return found.map((difference) => `${basename(path)}: ${JSON.stringify(difference)}`)
  } finally {
    db.close()
  }
}
