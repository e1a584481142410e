import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { callFilesIn } from '../../ingest/file/open-file.ts'
import { wrongUsage } from '../exit.ts'

/** A file to import. */
export interface InputFile {
  /** Absolute. */
  path: string
  bytes: number
  /** Epoch microseconds of the last change. */
  changedAtUs: number
}

/** The named files, and of named folders the files of calls in them, by name. Rejects as node:fs does. */
export async function inputFiles(names: readonly string[], cwd: string): Promise<InputFile[]> {
  const files: InputFile[] = []
  for (const name of names) {
    const path = resolve(cwd, name)
    const found = await stat(path)
    const paths = found.isDirectory() ? (await callFilesIn(path)).map((file) => file.path) : [path]
    if (paths.length === 0)
      throw wrongUsage(`${path} has no file of calls: .json, .ndjson, .jsonl or .csv, packed or not`)
    for (const each of paths) {
      const { size, mtimeMs } = each === path ? found : await stat(each)
      files.push({ path: each, bytes: size, changedAtUs: Math.round(mtimeMs * 1000) })
    }
  }
  return files
}
