import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { examineFiles } from './doctor-files.ts'
import { type Finding, ok, RESTORE, withFile } from './doctor-finding.ts'
import { examineMembers } from './doctor-members.ts'
import { examineRaw } from './doctor-raw.ts'
import { folderPaths, namesOf, openForReading, readRanges, type SegmentRange } from './folder.ts'
import { SCHEMA_VERSION } from './schema.ts'

/**
 * Examines a data folder, served or not, and changes nothing in it; `full` reads every call, every report and every page
 * of every file instead of samples. Whatever is wrong comes as a finding.
 */
export function* examineFolder(folder: string, { full }: { full: boolean }): Generator<Finding, void> {
  const paths = folderPaths(folder)
  yield* examineFiles(folder)
  if (!existsSync(paths.meta)) {
    yield { check: 'files', level: 'problem', what: 'meta.db is missing', todo: RESTORE }
    return
  }
  let ranges: SegmentRange[] = []
  yield* withFile(paths.meta, function* (meta) {
    ranges = readRanges(meta, folder)
    yield* examineRanges(ranges)
  })
  const files = [paths.meta, paths.live, ...ranges.map(({ path }) => path)]
  for (const path of files) {
    if (existsSync(path)) yield* withFile(path, (db) => examinePages(db, { name: basename(path), full }))
    else yield { check: 'files', level: 'problem', what: `${basename(path)} is missing`, todo: RESTORE }
  }
  const callFiles = files.slice(1).filter((path) => existsSync(path))
  yield* withFile(paths.meta, (meta) => examineSequences(meta, callFiles))
  yield* examineLive(paths.live, ranges)
  if (full) for (const range of ranges) yield* withFile(range.path, (db) => examineSegment(db, range))
  if (full) yield* withFile(paths.meta, (meta) => examineMembers(namesOf(meta), callFiles))
  yield* examineRaw(paths.raw, { files: callFiles, full })
}

function* examineRanges(ranges: readonly SegmentRange[]): Generator<Finding> {
  const whole =
    ranges[0]?.fromUs === 0 &&
    ranges.at(-1)?.beforeUs === Number.MAX_SAFE_INTEGER &&
    ranges.every(({ fromUs }, index) => index === 0 || fromUs === ranges[index - 1]?.beforeUs)
  if (whole) yield ok('ranges', `all time is covered, by ${ranges.length} segments`)
  else yield { check: 'ranges', level: 'problem', what: 'the segments leave a gap in time, or overlap', todo: RESTORE }
}

function* examinePages(db: DatabaseSync, { name, full }: { name: string; full: boolean }): Generator<Finding> {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (version > SCHEMA_VERSION)
    yield {
      check: 'schema',
      level: 'problem',
      what: `${name} has schema ${version}, and this Calltrail knows only up to ${SCHEMA_VERSION}`,
      todo: 'use the newer Calltrail that wrote it',
    }
  if (version < SCHEMA_VERSION)
    yield {
      check: 'schema',
      level: 'warning',
      what: `${name} has schema ${version}, from before an upgrade`,
      todo: `start the server: it brings the file to schema ${SCHEMA_VERSION}, and older ones cannot read it then`,
    }
  const pragma = full ? 'integrity_check' : 'quick_check'
  const said = db
    .prepare(`PRAGMA ${pragma}(10)`)
    .all()
    .map((row) => String(Object.values(row)[0]))
  if (said.length === 1 && said[0] === 'ok') yield ok('integrity', `${name} passes SQLite's ${pragma}`)
  else yield { check: 'integrity', level: 'problem', what: `${name}: ${said.join('; ')}`, todo: RESTORE }
}

/** Ids and change numbers that were given out lie within what was reserved, so that none is given twice. */
function* examineSequences(meta: DatabaseSync, callFiles: readonly string[]): Generator<Finding> {
  const reserved = new Map(
    meta
      .prepare('SELECT name, reserved FROM sequences')
      .all()
      .map((row) => [row.name, Number(row.reserved)]),
  )
  const accounts = meta
    .prepare('SELECT ref FROM account_refs')
    .all()
    .map((row) => Number(row.ref))
  const highest = { 'call id': 0, change: 0 }
  for (const path of callFiles)
    yield* withFile(path, (db) => {
      highest['call id'] = Math.max(highest['call id'], Number(db.prepare('SELECT max(id) AS n FROM calls').get()?.n))
      const newest = db.prepare('SELECT max(seq) AS n FROM calls WHERE account = ?')
      for (const ref of accounts) highest.change = Math.max(highest.change, Number(newest.get(ref)?.n))
      return []
    })
  for (const [name, used] of Object.entries(highest)) {
    const most = reserved.get(name) ?? 0
    if (used <= most) yield ok('sequences', `the highest ${name} is ${used}, of ${most} reserved`)
    else {
      const what = `the highest ${name} is ${used}, and only ${most} are reserved: numbers would be given twice`
      yield { check: 'sequences', level: 'problem', what, todo: RESTORE }
    }
  }
}

/** Calls that have ended lie in their segment, and no call in two places. */
function* examineLive(live: string, ranges: readonly SegmentRange[]): Generator<Finding> {
  if (!existsSync(live)) return
  yield* withFile(live, function* (db) {
    const calls = db.prepare('SELECT account, uuid FROM calls').all() as { account: number; uuid: Uint8Array }[]
    const ended = Number(db.prepare('SELECT count(*) AS n FROM calls WHERE ended_at IS NOT NULL').get()?.n)
    if (ended > 0) {
      const what = `${ended} calls in live.db have ended`
      yield { check: 'live calls', level: 'problem', what, todo: 'report it, with this output' }
    }
    let twice = calls
    // A call that is ending just now is in both for the time between two commits: look a second time.
    for (let look = 0; look < 2 && twice.length > 0; look++) twice = inSegments(twice, ranges)
    const still = db.prepare('SELECT 1 FROM calls WHERE uuid = ? AND account = ?')
    twice = twice.filter(({ uuid, account }) => still.get(uuid, account) !== undefined)
    if (twice.length === 0)
      yield ok('live calls', `${calls.length} calls have not ended, and none of them lies in two files`)
    else {
      const what = `${twice.length} calls lie in live.db and in a segment; the segment's are the right ones`
      yield { check: 'live calls', level: 'warning', what, todo: 'restart the server: every start mends this' }
    }
  })
}

function inSegments(
  calls: readonly { account: number; uuid: Uint8Array }[],
  ranges: readonly SegmentRange[],
): { account: number; uuid: Uint8Array }[] {
  const found = new Set<(typeof calls)[number]>()
  for (const { path } of ranges) {
    if (!existsSync(path)) continue
    const db = openForReading(path, 16_384)
    const find = db.prepare('SELECT 1 FROM calls WHERE uuid = ? AND account = ?')
    for (const call of calls) if (find.get(call.uuid, call.account) !== undefined) found.add(call)
    db.close()
  }
  return [...found]
}

function* examineSegment(db: DatabaseSync, { fromUs, beforeUs, path }: SegmentRange): Generator<Finding> {
  const name = basename(path)
  const count = (condition: string, ...values: number[]) =>
    Number(db.prepare(`SELECT count(*) AS n FROM calls WHERE ${condition}`).get(...values)?.n)
  const faults = [
    [count('started_at < ? OR started_at >= ?', fromUs, beforeUs), 'began outside of its range of time'],
    [count('ended_at IS NULL'), 'have not ended'],
    [
      Number(
        db.prepare('SELECT count(*) AS n FROM (SELECT 1 FROM calls GROUP BY uuid, account HAVING count(*) > 1)').get()
          ?.n,
      ),
      'are there twice',
    ],
  ] as const
  for (const [calls, what] of faults)
    if (calls > 0)
      yield {
        check: 'segments',
        level: 'problem',
        what: `${calls} calls in ${name} ${what}`,
        todo: 'report it, with this output',
      }
  if (faults.every(([calls]) => calls === 0)) yield ok('segments', `${name}: ${count('1')} calls, each in its place`)
}
