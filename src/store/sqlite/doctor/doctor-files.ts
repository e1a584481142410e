import { constants, existsSync, lstatSync, readdirSync, type Stats, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { closedTo, isAllowed, isReadOnly } from '../folder/entrance.ts'
import { folderPaths } from '../folder/folder.ts'
import { asUser, userName } from '../folder/user-name.ts'
import { type Finding, problem } from './doctor-finding.ts'

const GIB = 1024 ** 3
/** Folders that a server writes into, and the files of theirs that it writes. */
const FOLDERS = ['', 'segments', 'raw']
const WRITTEN = /\.(db|db-wal|db-shm|zlog)$/

/** A problem where this user may not read what lies in the folder, and nothing else where it may. */
export function* examineAccess(folder: string): Generator<Finding> {
  const closed = closedTo(folder)
  if (closed !== null) {
    yield problem('access', closed.what, closed.todo)
    return
  }
  const { R_OK, X_OK } = constants
  const shut = partsOf(folder).filter(({ path, stats }) => !isAllowed(path, stats.isDirectory() ? R_OK | X_OK : R_OK))
  if (shut.length === 0) return
  const { uid } = statSync(folder)
  const what = `the user ${userName()} may not read ${namesOf(shut)}`
  const todo =
    uid === process.getuid?.() ? giveBack(folder, uid) : `run the command as the user of the folder: ${asUser(uid)} …`
  yield problem('access', what, todo)
}

/** What to do so that a folder which this user cannot write can be served. */
export function howToServe(folder: string): string {
  if (isReadOnly(folder)) return 'to serve it, mount its file system for writing'
  const { uid } = statSync(folder)
  if (uid !== process.getuid?.()) return `to serve it, do so as the user whose it is: ${asUser(uid)} …`
  const shut = partsOf(folder).filter(({ path }) => !isAllowed(path, constants.W_OK))
  if (shut.some(({ stats }) => stats.uid !== uid)) return `to serve it, ${giveBack(folder, uid)}`
  return `to serve it: chmod -R u+w ${folder}`
}

function giveBack(folder: string, uid: number): string {
  return `as root: chown -R ${uid} ${folder}; then chmod -R u+rwX ${folder}`
}

/** Room on the disk, and who may read and write what lies in the folder. */
export function* examineFiles(folder: string): Generator<Finding> {
  yield* examineRoom(folder)
  yield* examineModes(folder)
  yield* examineOwners(folder)
}

function* examineRoom(folder: string): Generator<Finding> {
  const { bavail, blocks, bsize } = statfsSync(folder)
  const freeGib = Math.round((bavail * bsize * 10) / GIB) / 10
  const what = `${freeGib} GiB of the disk are free (${Math.round((100 * bavail) / blocks)} %)`
  const level =
    bavail * bsize < GIB / 4 ? 'problem' : bavail * bsize < 2 * GIB || bavail / blocks < 0.05 ? 'warning' : 'ok'
  const todo = level === 'ok' ? null : 'make room: a server whose disk is full stores nothing more'
  yield { check: 'disk', level, what, todo }
}

function* examineModes(folder: string): Generator<Finding> {
  const faults: Finding[] = []
  const wrong = (level: 'warning' | 'problem', what: string, todo: string) =>
    faults.push({ check: 'modes', level, what, todo })
  if (statSync(folder).mode & 0o007)
    wrong('warning', `everyone on this machine may enter ${folder}`, `chmod o= ${folder}`)
  const { control } = folderPaths(folder)
  if (existsSync(control) && statSync(control).mode & 0o077)
    wrong('problem', 'others than its owner may use control.sock', `chmod 600 ${control}`)
  const shut = shutToOwner(folder)
  if (shut.length > 0) {
    const todo = `chmod u+w ${shut.map(({ path }) => path).join(' ')}`
    wrong('problem', `its owner may not write: ${namesOf(shut)}; a server stores nothing in them`, todo)
  }
  yield* faults
  if (faults.length === 0) yield { check: 'modes', level: 'ok', what: 'the folder is private', todo: null }
}

/** What the folder's owner, root apart, cannot write of its own; none where the folder as a whole is so. */
function shutToOwner(folder: string): Part[] {
  const { uid, mode } = statSync(folder)
  if (uid === 0 || !(mode & 0o200)) return []
  return partsOf(folder).filter(({ stats }) => stats.uid === uid && !(stats.mode & 0o200))
}

/** A command that root ran leaves files that the server cannot write. */
function* examineOwners(folder: string): Generator<Finding> {
  const { uid } = statSync(folder)
  const foreign = filesIn(folder).filter(({ stats }) => stats.uid !== uid)
  if (foreign.length === 0)
    yield { check: 'owners', level: 'ok', what: 'every file is of the folder’s owner', todo: null }
  else
    yield {
      check: 'owners',
      level: 'warning',
      what: `of another user than the folder: ${foreign.map(({ name }) => name).join(', ')}`,
      todo: `chown -R ${uid} ${folder}, unless that is meant`,
    }
}

interface Part {
  name: string
  path: string
  stats: Stats
}

/** Every file and folder in the folder, but for what is in folders that this user may not enter. */
function filesIn(folder: string): Part[] {
  const all = (name: string): Part[] =>
    inFolder(folder, name).flatMap((part) => [part, ...(part.stats.isDirectory() ? all(part.name) : [])])
  // A file system's own folder, where the data folder is a mount point.
  return all('').filter(({ name }) => name !== 'lost+found')
}

/** What a server writes, as far as this user may look. */
function partsOf(folder: string): Part[] {
  return FOLDERS.flatMap((name) => inFolder(folder, name)).filter(({ name, stats }) =>
    stats.isDirectory() ? FOLDERS.includes(name) : WRITTEN.test(name),
  )
}

function inFolder(folder: string, within: string): Part[] {
  const path = join(folder, within)
  if (!existsSync(path) || !isAllowed(path, constants.R_OK | constants.X_OK)) return []
  return readdirSync(path).flatMap((entry) => {
    const name = join(within, entry)
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false })
    return stats === undefined ? [] : [{ name, path: join(folder, name), stats }]
  })
}

function namesOf(parts: readonly Part[]): string {
  return parts.map(({ name }) => name).join(', ')
}
