import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { folderPaths } from '../folder/folder.ts'
import type { RawAddress } from '../raw/raw-files.ts'
import { hasRaw, rawBlocks, rawFileNumbers, readRaw } from '../raw/raw-log.ts'
import { rawAddresses } from '../row/raw-addresses.ts'
import { type ExaminedFile, type Finding, ok, problem, restoreOf, warning, withFile } from './doctor-finding.ts'

/** Calls of each file whose reports are read where not all are. */
const SAMPLE = 500
/** Reports at the end of the log that may be of no call: those of a group that was not committed. */
const GROUP_REPORTS = 4000

/** Whether the reports that calls point to are there and whole: all of them, or those of a sample of the calls. */
export function* examineRaw(
  folder: string,
  { files, full, isStill }: { files: readonly ExaminedFile[]; full: boolean; isStill: boolean },
): Generator<Finding> {
  const { raw } = folderPaths(folder)
  const numbers = rawFileNumbers(raw)
  const [oldest = 1] = numbers
  const dropped = new Set(numbers.slice(0, -1).filter((no) => statSync(rawPath(folder, no)).size === 0))
  yield* examineGaps(folder, numbers)
  const index = full ? new BlockIndex(raw, numbers) : null
  if (index !== null) yield* examineBlocks(index, { folder, isStill })
  const isThere = index === null ? (address: RawAddress) => hasRaw(raw, address) : index.has
  const count = { calls: 0, reports: 0, expired: 0, missing: 0 }
  let last: RawAddress = { file: 0, offset: 0, index: 0 }
  let example = ''
  for (const file of files)
    yield* withFile(file, (db) => {
      for (const { uuid, reports } of full ? everyCall(db) : sampleOf(db)) {
        count.calls += 1
        for (const address of rawAddresses(reports).values()) {
          count.reports += 1
          if (isBehind(address, last)) last = address
          // File 0: the report came without its record. Lower than the oldest, or an empty file: its retention is over.
          if (address.file < oldest || dropped.has(address.file)) count.expired += 1
          else if (!isThere(address)) {
            count.missing += 1
            example ||= `${Buffer.from(uuid).toString('hex')} at ${address.file}/${address.offset}/${address.index}`
          }
        }
      }
      return []
    })
  const looked = `${count.reports} reports of ${count.calls} calls${full ? '' : ', a sample,'}`
  if (count.missing > 0)
    yield problem(
      'raw log',
      `${count.missing} of ${looked} cannot be read in the raw log, such as that of call ${example}`,
      'the calls themselves are whole; put the files of raw/ that are missing or damaged back from a backup: ' +
        `calltrail restore BACKUP --file raw/NNNNNN.zlog --into ${folder}`,
    )
  else
    yield ok('raw log', `${looked} are there${count.expired > 0 ? `, but for ${count.expired} that have expired` : ''}`)
  if (index !== null && count.calls > 0) yield* examineEnd(index.reportsBehind(last), folder)
}

/** Retention takes the oldest files away, so that none is missing between two. */
function* examineGaps(folder: string, numbers: readonly number[]): Generator<Finding> {
  for (const [at, no] of numbers.entries())
    for (let missing = (numbers[at - 1] ?? no - 1) + 1; missing < no; missing += 1) {
      const path = rawPath(folder, missing)
      yield problem('raw log', `raw/${String(missing).padStart(6, '0')}.zlog is missing`, restoreOf({ folder, path }))
    }
}

function* examineBlocks(
  index: BlockIndex,
  { folder, isStill }: { folder: string; isStill: boolean },
): Generator<Finding> {
  for (const { no, wholeBytes, isLast } of index.files) {
    const path = rawPath(folder, no)
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? wholeBytes
    if (wholeBytes >= bytes || (isLast && !isStill)) continue // its end may be being written
    const what = `raw/${String(no).padStart(6, '0')}.zlog has no whole block at ${wholeBytes} of its ${bytes} bytes`
    if (isLast) yield warning('raw log', `${what}: damaged, or half written by a crash`, TORN)
    else yield problem('raw log', `${what}: it is damaged`, restoreOf({ folder, path }))
  }
}

const TORN = 'start the server: it cuts half a block off, and leaves a damaged file as it is and begins a new one'

/** The log is written before the calls: what it has beyond one group was once in them. */
function* examineEnd(reports: number, folder: string): Generator<Finding> {
  if (reports <= GROUP_REPORTS) return
  yield warning(
    'raw log',
    `the last ${reports} reports of the raw log are of no call: the calls were stored and are in no file any more, as in a ` +
      'folder that was copied in use without its -wal files',
    `copy the folder again, with the server stopped or by calltrail backup; or restore a backup into ${folder}`,
  )
}

interface RawOfCall {
  uuid: Uint8Array
  reports: Uint8Array
}

function everyCall(db: DatabaseSync): Iterable<RawOfCall> {
  return db.prepare('SELECT uuid, reports FROM calls').iterate() as Iterable<unknown> as Iterable<RawOfCall>
}

/** Calls evenly spread over the ids. */
function* sampleOf(db: DatabaseSync): Generator<RawOfCall> {
  const { least, most } = db.prepare('SELECT min(id) AS least, max(id) AS most FROM calls').get() as {
    least: number | null
    most: number | null
  }
  if (least === null || most === null) return
  const next = db.prepare('SELECT id, uuid, reports FROM calls WHERE id >= ? ORDER BY id LIMIT 1')
  const step = Math.max(1, (most - least) / SAMPLE)
  for (let from = least; from <= most; ) {
    const call = next.get(Math.ceil(from)) as unknown as (RawOfCall & { id: number }) | undefined
    if (call === undefined) return
    yield call
    from = Math.max(from + step, call.id + 1)
  }
}

/** Every whole block of the log, read once. */
class BlockIndex {
  readonly files: { no: number; wholeBytes: number; isLast: boolean }[] = []
  readonly #raw: string
  readonly #reports = new Map<number, Map<number, number>>()

  constructor(raw: string, numbers: readonly number[]) {
    this.#raw = raw
    for (const no of numbers) {
      const blocks = new Map<number, number>()
      let wholeBytes = 0
      for (const { offset, bytes, reports, isMoved } of rawBlocks(raw, no)) {
        if (!isMoved) blocks.set(offset, reports) // calls point to where it was
        wholeBytes = offset + bytes
      }
      this.#reports.set(no, blocks)
      this.files.push({ no, wholeBytes, isLast: no === numbers.at(-1) })
    }
  }

  /** Whether a report lies in a whole block; those behind a damaged one are not in the index, and are looked for. */
  readonly has = (address: RawAddress): boolean => {
    const reports = this.#reports.get(address.file)?.get(address.offset)
    return reports === undefined ? hasRaw(this.#raw, address) : address.index < reports
  }

  /** How many reports that were not forgotten lie in blocks behind that of an address. */
  reportsBehind({ file, offset }: RawAddress): number {
    let behind = 0
    for (const [no, blocks] of this.#reports)
      for (const [at, reports] of blocks)
        if (no > file || (no === file && at > offset))
          for (let index = 0; index < reports; index += 1)
            if (readRaw(this.#raw, { file: no, offset: at, index }) !== null) behind += 1
    return behind
  }
}

function isBehind(a: RawAddress, b: RawAddress): boolean {
  return a.file > b.file || (a.file === b.file && a.offset > b.offset)
}

function rawPath(folder: string, no: number): string {
  return join(folderPaths(folder).raw, `${String(no).padStart(6, '0')}.zlog`)
}
