import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { folderPaths, type SegmentRange } from '../folder/folder.ts'
import { fingerprint, type IdentityFilter } from '../segments/identity-filter.ts'
import { filterPath, isFilterCurrent, loadFilter, loadOverall } from '../segments/identity-filter-file.ts'
import { type ExaminedFile, type Finding, isGone, ok, problem, restoreOf, warning, withFile } from './doctor-finding.ts'
import { rangeFaults } from './doctor-ranges.ts'

interface Examined {
  folder: string
  isStill: boolean
}

/** Whether the range map covers all time, once. */
export function* examineRanges(ranges: readonly SegmentRange[], folder: string): Generator<Finding> {
  const faults = rangeFaults(ranges)
  const todo = `stop the server, move the folder away, and restore a backup: calltrail restore BACKUP --into ${folder}`
  for (const fault of faults) yield problem('ranges', fault, todo)
  if (faults.length === 0) yield ok('ranges', `all time is covered, by ${ranges.length} segments`)
}

/** Whether every file that the map names is there, and what else lies beside them. */
export function* examineSegmentFiles(
  ranges: readonly SegmentRange[],
  { folder, isStill }: Examined,
): Generator<Finding> {
  const { segments } = folderPaths(folder)
  for (const { path } of ranges)
    if (!existsSync(path) && !isGone({ folder, path, isStill }))
      yield problem('files', `${basename(path)} is missing`, restoreOf({ folder, path }))
  const named = new Set([folderPaths(folder).overall, ...ranges.map(({ path }) => path)].map((path) => basename(path)))
  const strangers = existsSync(segments) ? readdirSync(segments).filter((name) => !isOf(name, named)) : []
  if (strangers.length === 0) return
  const what = `in segments/, and not in the range map: ${strangers.join(', ')}`
  if (isStill)
    yield warning(
      'files',
      `${what}; left by a crash, or half written`,
      'start the server: it removes those that are its own',
    )
  else yield ok('files', `${what}; the server is rewriting segments, or removes them when it starts`)
}

/** `000001.db`, what SQLite keeps beside it, and its filter. */
function isOf(name: string, named: ReadonlySet<string>): boolean {
  return named.has(name) || named.has(name.replace(/(-wal|-shm|-journal)$/, '').replace(/\.filter$/, '.db'))
}

/** Calls outside of their segment's range, and calls in a segment that have not ended. */
export function* examineSegment(file: ExaminedFile, { fromUs, beforeUs }: SegmentRange): Generator<Finding> {
  yield* withFile(file, function* (db) {
    const count = (condition: string, ...values: number[]) =>
      Number(db.prepare(`SELECT count(*) AS n FROM calls WHERE ${condition}`).get(...values)?.n)
    const faults = [
      [count('started_at < ? OR started_at >= ?', fromUs, beforeUs), 'began outside of its range of time'],
      [count('ended_at IS NULL'), 'have not ended'],
    ] as const
    for (const [calls, what] of faults)
      if (calls > 0) yield problem('segments', `${calls} calls in ${file.name} ${what}`, 'report it, with this output')
    if (faults.every(([calls]) => calls === 0))
      yield ok('segments', `${file.name}: ${count('1')} calls, each in its place`)
  })
}

/**
 * Whether the saved filter of a segment is whole and, with `full`, knows every call of it: one that it denies would be
 * stored a second time.
 */
export function* examineFilter(file: ExaminedFile, { full }: { full: boolean }): Generator<Finding> {
  const path = filterPath(file.path)
  if (!existsSync(path)) return
  const name = basename(path)
  const filter = loadFilter(file.path)
  if (filter === null) {
    // While calls come, it may be of the segment as it was before, and be taken away.
    if (!file.isStill && !isFilterCurrent(file.path)) return
    const what = `${name} is damaged, or not of its segment as it is now`
    yield warning('filters', what, 'nothing: the server does not use it, and makes it anew')
    return
  }
  if (!full) return
  yield* withFile(file, function* (db) {
    const denied = deniedOf(db, filter)
    if (denied === 0 || !existsSync(path)) return
    const todo = `stop the server and delete ${join('segments', name)}: it is made anew`
    yield problem('filters', `${name} does not know ${denied} calls of its segment, which could be stored twice`, todo)
  })
}

/** The same of the filter over all segments, which is there while no server has the folder. */
export function* examineOverall(
  files: readonly ExaminedFile[],
  { folder, isStill, full }: Examined & { full: boolean },
): Generator<Finding> {
  const path = folderPaths(folder).overall
  if (!isStill || !existsSync(path)) return
  const name = basename(path)
  const filter = loadOverall(
    path,
    files.map((file) => file.path),
  )
  if (filter === null) {
    const what = `${name} is damaged, or not of the segments as they are now`
    yield warning('filters', what, 'nothing: the server does not use it, and makes it anew')
    return
  }
  if (!full) return
  let denied = 0
  for (const file of files)
    yield* withFile(file, (db) => {
      denied += deniedOf(db, filter)
      return []
    })
  if (denied === 0) return
  const todo = `delete ${join('segments', name)}: it is made anew`
  yield problem('filters', `${name} does not know ${denied} calls, which could be stored twice`, todo)
}

/** How many calls of a file the filter does not know. */
function deniedOf(db: DatabaseSync, filter: IdentityFilter): number {
  let denied = 0
  for (const { uuid } of db.prepare('SELECT uuid FROM calls').iterate())
    if (!filter.mayHold(fingerprint(uuid as Uint8Array))) denied += 1
  return denied
}
