import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { examineBrokenOff } from '../folder/broken-off.ts'
import { cutOff } from '../folder/file-head.ts'
import { folderPaths, namesOf, readRanges, type SegmentRange } from '../folder/folder.ts'
import { SCHEMA_VERSION } from '../folder/schema.ts'
import { examineAgainst } from './doctor-against.ts'
import { examineCopied } from './doctor-copied.ts'
import { examineCounts } from './doctor-counts.ts'
import { examineFiles } from './doctor-files.ts'
import {
  type ExaminedFile,
  examinedFile,
  type Finding,
  ok,
  openToExamine,
  problem,
  restoreOf,
  warning,
  withFile,
} from './doctor-finding.ts'
import { examineMembers } from './doctor-members.ts'
import { examineRaw } from './doctor-raw.ts'
import { examineFilter, examineOverall, examineRanges, examineSegment, examineSegmentFiles } from './doctor-segments.ts'
import { examineTwice, JournalledMoves } from './doctor-twice.ts'

export interface Examination {
  /** Reads every call, every report and every page of every file instead of samples. */
  full: boolean
  /** Nobody writes to the folder meanwhile: the caller holds it, or it cannot be written. False unless given. */
  isStill?: boolean
  /** A backup to compare segments with; null unless given. */
  backup?: string | null
}

/** Examines a data folder, served or not, and changes nothing in it. Whatever is wrong comes as a finding, and once. */
export function* examineFolder(folder: string, examination: Examination): Generator<Finding, void> {
  const said = new Set<string>()
  for (const finding of findingsIn(folder, examination)) {
    if (finding.level !== 'ok' && said.has(finding.what)) continue
    said.add(finding.what)
    yield finding
  }
}

function* findingsIn(folder: string, { full, isStill = false, backup = null }: Examination): Generator<Finding, void> {
  const paths = folderPaths(folder)
  const fileAt = (path: string) => examinedFile(path, { folder, isStill })
  yield* examineFiles(folder)
  yield* examineCopied(folder)
  if (!existsSync(paths.meta)) {
    yield problem('files', 'meta.db is missing', restoreOf({ folder, path: paths.meta }))
    return
  }
  const broken = isStill ? [...examineBrokenOff(folder)] : []
  yield* broken
  if (broken.length > 0) return // what lies beside the files belongs to them
  const meta = fileAt(paths.meta)
  const map: { ranges: SegmentRange[] | null } = { ranges: null }
  yield* withFile(meta, function* (db) {
    if (db.prepare('PRAGMA user_version').get()?.user_version === 0)
      yield problem('files', 'meta.db has nothing in it', restoreOf(meta))
    else map.ranges = readRanges(db, folder)
  })
  const { ranges } = map
  if (ranges === null) return // nothing tells which files are of the folder
  yield* examineRanges(ranges, folder)
  yield* examineSegmentFiles(ranges, { folder, isStill })
  if (!existsSync(paths.live)) yield problem('files', 'live.db is missing', restoreOf({ folder, path: paths.live }))
  const segments = ranges.filter(({ path }) => existsSync(path))
  const segmentFiles = segments.map(({ path }) => fileAt(path))
  const callFiles = [...[paths.live].filter((path) => existsSync(path)).map(fileAt), ...segmentFiles]
  for (const file of [meta, ...callFiles]) yield* withFile(file, (db) => examinePages(db, { file, full }))
  yield* withFile(meta, (db) => examineSequences(db, callFiles))
  yield* examineLive(callFiles)
  yield* withFile(meta, (db) => examineJournal(db, isStill))
  for (const file of segmentFiles) yield* examineFilter(file, { full })
  yield* examineOverall(segmentFiles, { folder, isStill, full })
  if (full) {
    for (const [at, range] of segments.entries()) yield* examineSegment(segmentFiles[at] as ExaminedFile, range)
    yield* withFile(meta, (db) => examineTwice(segmentFiles, new JournalledMoves(db)))
    yield* withFile(meta, (db) => examineMembers(namesOf(db), callFiles))
  }
  yield* withFile(meta, (db) => examineCounts(callFiles, { names: namesOf(db), full, random: Math.random }))
  if (backup !== null) yield* examineAgainst(backup, { meta, segments: segmentFiles })
  yield* examineRaw(folder, { files: callFiles, full, isStill })
}

function* examinePages(db: DatabaseSync, { file, full }: { file: ExaminedFile; full: boolean }): Generator<Finding> {
  const { name } = file
  const wrong = cutOff(file.path)
  if (wrong !== null) {
    yield problem('files', `${name} ${wrong}`, restoreOf(file))
    return
  }
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (version > SCHEMA_VERSION)
    yield problem(
      'schema',
      `${name} has schema ${version}, and this Calltrail knows only up to ${SCHEMA_VERSION}`,
      'use the newer Calltrail that wrote it',
    )
  if (version < SCHEMA_VERSION)
    yield warning(
      'schema',
      `${name} has schema ${version}, from before an upgrade`,
      `start the server: it brings the file to schema ${SCHEMA_VERSION}, and older ones cannot read it then`,
    )
  const pragma = full ? 'integrity_check' : 'quick_check'
  const said = db
    .prepare(`PRAGMA ${pragma}(10)`)
    .all()
    .map((row) => String(Object.values(row)[0]))
  if (said.length === 1 && said[0] === 'ok') yield ok('integrity', `${name} passes SQLite's ${pragma}`)
  else yield problem('integrity', `${name}: ${said.join('; ')}`, restoreOf(file))
}

/** Ids and change numbers that were given out lie within what was reserved, so that none is given twice. */
function* examineSequences(meta: DatabaseSync, callFiles: readonly ExaminedFile[]): Generator<Finding> {
  const accounts = meta
    .prepare('SELECT ref FROM account_refs')
    .all()
    .map((row) => Number(row.ref))
  const highest = { 'call id': 0, change: 0 }
  for (const file of callFiles)
    yield* withFile(file, (db) => {
      highest['call id'] = Math.max(highest['call id'], Number(db.prepare('SELECT max(id) AS n FROM calls').get()?.n))
      const newest = db.prepare('SELECT max(seq) AS n FROM calls WHERE account = ?')
      for (const ref of accounts) highest.change = Math.max(highest.change, Number(newest.get(ref)?.n))
      return []
    })
  // After the calls: while they were read, more may have been reserved and given out.
  const reserved = new Map(
    meta
      .prepare('SELECT name, reserved FROM sequences')
      .all()
      .map((row) => [row.name, Number(row.reserved)]),
  )
  const [first] = callFiles
  for (const [name, used] of Object.entries(highest)) {
    const most = reserved.get(name) ?? 0
    if (used <= most) yield ok('sequences', `the highest ${name} is ${used}, of ${most} reserved`)
    else if (first !== undefined) {
      const what = `the highest ${name} is ${used}, and only ${most} are reserved: meta.db is older than the calls, as where a folder was copied in use, and numbers would be given twice`
      yield problem('sequences', what, restoreOf({ folder: first.folder, path: folderPaths(first.folder).meta }))
    }
  }
}

/** Calls that have ended lie in their segment, and no call in two places. */
function* examineLive(callFiles: readonly ExaminedFile[]): Generator<Finding> {
  const [live, ...segments] = callFiles
  if (live?.name !== 'live.db') return
  yield* withFile(live, function* (db) {
    const calls = db.prepare('SELECT account, uuid FROM calls').all() as unknown as CallKey[]
    const ended = Number(db.prepare('SELECT count(*) AS n FROM calls WHERE ended_at IS NOT NULL').get()?.n)
    if (ended > 0) yield problem('live calls', `${ended} calls in live.db have ended`, 'report it, with this output')
    let twice = calls
    // A call that is ending just now is in both for the time between two commits: look a second time.
    for (let look = 0; look < 2 && twice.length > 0; look++) twice = inSegments(twice, segments)
    const still = db.prepare('SELECT 1 FROM calls WHERE uuid = ? AND account = ?')
    twice = twice.filter(({ uuid, account }) => still.get(uuid, account) !== undefined)
    if (twice.length === 0)
      yield ok('live calls', `${calls.length} calls have not ended, and none of them lies in two files`)
    else {
      const what = `${twice.length} calls lie in live.db and in a segment; the segment's are the right ones`
      yield warning('live calls', what, 'restart the server: every start mends this')
    }
  })
}

interface CallKey {
  account: number
  uuid: Uint8Array
}

/** A segment that cannot be read is told of elsewhere. */
function inSegments(calls: readonly CallKey[], segments: readonly ExaminedFile[]): CallKey[] {
  const found = new Set<CallKey>()
  for (const file of segments) {
    let db: DatabaseSync | null = null
    try {
      db = openToExamine(file)
      const find = db.prepare('SELECT 1 FROM calls WHERE uuid = ? AND account = ?')
      for (const call of calls) if (find.get(call.uuid, call.account) !== undefined) found.add(call)
    } catch {
      // withFile has said so of its pages.
    } finally {
      db?.close()
    }
  }
  return [...found]
}

/** Moves that a crash may have left half done. */
function* examineJournal(meta: DatabaseSync, isStill: boolean): Generator<Finding> {
  const { size } = new JournalledMoves(meta)
  if (size === 0 || !isStill) return
  const what = `${size} calls were about to move from one segment to another when the server was killed`
  yield warning('moves', what, 'start the server: it looks at each of them, and keeps the later state')
}
