import { chmodSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { folderPaths } from '../../store/sqlite/folder/folder.ts'

/** What fits into `sun_path` of a socket address, without the zero at its end: unix(7), and XNU's sys/un.h. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103
const PREFIX = 'calltrail-'

/** Where the socket of a folder lies, and how its place is taken back. */
export interface SocketPlace {
  path: string
  remove(): void
}

/**
 * A place for the socket of a folder that this process holds; what a killed server left there is removed. Where the
 * folder's path is too long for a socket's address, it lies in the temporary folder, and `control.path` names it.
 * Throws when the temporary folder's path is too long as well.
 */
export function placeSocket(folder: string): SocketPlace {
  const path = resolve(folderPaths(folder).control)
  const pointer = pointerOf(folder)
  removeElsewhere(folder)
  rmSync(path, { force: true })
  if (Buffer.byteLength(path) <= LONGEST_PATH) return { path, remove: () => rmSync(path, { force: true }) }
  const elsewhere = join(mkdtempSync(join(tmpdir(), PREFIX)), 'control.sock')
  if (Buffer.byteLength(elsewhere) > LONGEST_PATH) {
    rmdirSync(dirname(elsewhere))
    throw new Error(`neither ${path} nor ${elsewhere} is short enough for a socket`)
  }
  writeFileSync(pointer, elsewhere, { mode: 0o600 })
  chmodSync(pointer, 0o600)
  return { path: elsewhere, remove: () => removeElsewhere(folder) }
}

/** Where the server of a folder listens, if one does. */
export function findSocket(folder: string): string {
  return readPointer(folder) ?? resolve(folderPaths(folder).control)
}

function pointerOf(folder: string): string {
  return join(folder, 'control.path')
}

function readPointer(folder: string): string | null {
  try {
    return readFileSync(pointerOf(folder), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function removeElsewhere(folder: string): void {
  const path = readPointer(folder)
  rmSync(pointerOf(folder), { force: true })
  if (path === null || !basename(dirname(path)).startsWith(PREFIX)) return
  rmSync(path, { force: true })
  try {
    rmdirSync(dirname(path))
  } catch {
    // Somebody has cleaned up the temporary folder, or put something of their own there.
  }
}
