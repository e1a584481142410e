import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import { blocksOf } from '../../src/store/sqlite/forgetting/found-reports.ts'
import { textsOf } from '../../src/store/sqlite/raw/raw-block.ts'

/** Where in a data folder a text stands: in the octets of any file, or in a report of the raw log, unpacked. */
export function placesOf(folder: string, text: string): string[] {
  const places = filesIn(folder)
    .filter((path) => readFileSync(path).includes(text))
    .map((path) => relative(folder, path))
  for (const { file, offset, block } of blocksOf(folderPaths(folder).raw))
    textsOf(block).texts.forEach((report, index) => {
      if (report?.includes(text)) places.push(`raw ${file}/${offset}/${index}`)
    })
  return places
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    const kind = statSync(path, { throwIfNoEntry: false })
    if (kind?.isDirectory()) return filesIn(path)
    return kind?.isFile() ? [path] : []
  })
}
