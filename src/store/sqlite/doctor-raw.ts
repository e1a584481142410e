import type { DatabaseSync } from 'node:sqlite'
import { type Finding, ok, withFile } from './doctor-finding.ts'
import { rawAddresses } from './raw-addresses.ts'
import { type RawAddress, rawBlocks, rawFileNumbers, readRaw } from './raw-log.ts'

/** Calls of each file whose reports are read where not all are. */
const SAMPLE = 500

/** Whether the reports that calls point to are there and whole: all of them, or those of a sample of the calls. */
export function* examineRaw(
  raw: string,
  { files, full }: { files: readonly string[]; full: boolean },
): Generator<Finding> {
  const [oldest = 1] = rawFileNumbers(raw)
  const isThere = full ? blockIndex(raw) : (address: RawAddress) => readRaw(raw, address) !== null
  const count = { calls: 0, reports: 0, expired: 0, missing: 0 }
  let example = ''
  for (const path of files)
    yield* withFile(path, (db) => {
      for (const { uuid, reports } of full ? everyCall(db) : sampleOf(db)) {
        count.calls += 1
        for (const address of rawAddresses(reports).values()) {
          count.reports += 1
          // File 0: the report came without its record. Lower than the oldest: its retention is over.
          if (address.file < oldest) count.expired += 1
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
    yield {
      check: 'raw log',
      level: 'problem',
      what: `${count.missing} of ${looked} cannot be read in the raw log, such as that of call ${example}`,
      todo: 'the calls themselves are whole; restore the folder raw/ from a backup, next to what is there',
    }
  else
    yield ok('raw log', `${looked} are there${count.expired > 0 ? `, but for ${count.expired} that have expired` : ''}`)
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

/** Reads every block once; answers whether an address lies in a whole one. */
function blockIndex(raw: string): (address: RawAddress) => boolean {
  const reportsOf = new Map<number, Map<number, number>>()
  for (const file of rawFileNumbers(raw)) {
    const blocks = new Map<number, number>()
    for (const { offset, reports } of rawBlocks(raw, file)) blocks.set(offset, reports)
    reportsOf.set(file, blocks)
  }
  return ({ file, offset, index }) => index < (reportsOf.get(file)?.get(offset) ?? 0)
}
