import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { folderPaths } from '../folder/folder.ts'
import { isRestoreUnfinished, restoreWhole } from '../folder/folder-check.ts'
import { type Finding, problem, restoreOf } from './doctor-finding.ts'

/** Signs of a folder that was copied while it was in use, or of which a restore did not end. */
export function* examineCopied(folder: string): Generator<Finding> {
  if (isRestoreUnfinished(folder))
    yield problem('files', 'a restore into this folder did not end', `run it again: ${restoreWhole(folder)}`)
  const { segments } = folderPaths(folder)
  for (const path of [folder, segments].filter((one) => existsSync(one)))
    for (const name of readdirSync(path)) {
      const database = /^(.*\.db)-wal$/.exec(name)?.[1]
      if (database === undefined || existsSync(join(path, database))) continue
      if ((statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0) === 0) continue
      const what = `${name} is there and ${database} is not: the folder was copied in part, or while it was in use`
      yield problem('files', what, restoreOf({ folder, path: join(path, database) }))
    }
}
