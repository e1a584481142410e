import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { folderPaths } from './folder.ts'

/**
 * What the write-ahead logs of a folder have together at most: 64 MiB each of `meta.db`, `live.db` and the segment that
 * takes new calls, 8 MiB each of the others that the writer keeps open. More is there while a group is large, and where
 * checkpoints fail or a reader keeps them from emptying the logs.
 */
export const MOST_LOG_BYTES = 400 * 1024 * 1024

/** Bytes of all write-ahead logs of a folder. */
export async function logBytes(folder: string): Promise<number> {
  const { segments } = folderPaths(folder)
  const sizes = [folder, segments].map(async (within) => {
    const logs = (await readdir(within)).filter((name) => name.endsWith('.db-wal'))
    return Promise.all(logs.map((name) => sizeOf(join(within, name))))
  })
  return (await Promise.all(sizes)).flat().reduce((sum, bytes) => sum + bytes, 0)
}

/** 0 for a file that has gone meanwhile. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
