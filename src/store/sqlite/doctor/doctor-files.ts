import { existsSync, lstatSync, readdirSync, type Stats, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { folderPaths } from '../folder/folder.ts'
import type { Finding } from './doctor-finding.ts'

const GIB = 1024 ** 3

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
  yield* faults
  if (faults.length === 0) yield { check: 'modes', level: 'ok', what: 'the folder is private', todo: null }
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

function filesIn(folder: string): { name: string; stats: Stats }[] {
  const names = readdirSync(folder, { recursive: true }) as string[]
  return names.flatMap((name) => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false })
    return stats === undefined ? [] : [{ name, stats }]
  })
}
