import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { folderPaths, openMeta, reading, readRanges, type SegmentRange } from '../../src/store/sqlite/folder/folder.ts'
import { LIFE } from '../../src/store/sqlite/folder/segment-sizes.ts'
import { SegmentTable } from '../../src/store/sqlite/segments/segment-table.ts'
import { Program } from './server-process.ts'

const COPY = fileURLToPath(new URL('./history-process.ts', import.meta.url))
const DAY_US = 86_400_000_000
/** Copies that are made at once, each in a process. */
const AT_ONCE = 2

/** What lies behind the calls of a plan: how often the calls that start before a time (epoch us) are there again. */
export interface History {
  copies: number
  beforeUs: number
  calls: number
}

/** One copy of a segment: how much earlier its calls are, and how far their numbers are from those of the first. */
export interface SegmentCopy {
  no: number
  from: string
  to: string
  earlierUs: number
  ids: number
  seqs: number
}

/**
 * Lays about so many calls of earlier times into a folder that nobody serves, each with a UUID and numbers of its own: its
 * first full segment is copied again and again, into files as the store writes them.
 */
export async function layHistory({ folder, calls }: { folder: string; calls: number }): Promise<History> {
  const meta = openMeta(folderPaths(folder).meta)
  try {
    const ranges = readRanges(meta, folder)
    const base = ranges.find(({ life }) => life === LIFE.full) ?? (ranges[0] as SegmentRange)
    const found = baseOf(base)
    const copies = Math.max(1, Math.round(calls / found.calls))
    const spanUs = Math.ceil((found.lastUs - found.firstUs + 1) / DAY_US) * DAY_US
    const table = new SegmentTable(meta, folder)
    const [ids, seqs] = [reserve('call id', copies), reserve('change', copies)]
    const laid = Array.from({ length: copies }, (_, at) => {
      const [age, no] = [copies - at, table.nextNo()]
      const fromUs = age === copies ? base.fromUs : found.firstUs - age * spanUs
      const range = {
        no,
        fromUs,
        beforeUs: found.firstUs - (age - 1) * spanUs,
        path: table.pathOf(no),
        life: LIFE.full,
      }
      return { range, age }
    })
    await copyAll(
      laid.map(({ range, age }) => ({
        no: age,
        from: base.path,
        to: range.path,
        earlierUs: age * spanUs,
        ids: age * ids,
        seqs: age * seqs,
      })),
    )
    table.replace([base.no], [...laid.map(({ range }) => range), { ...base, fromUs: found.firstUs }])
    return { copies, beforeUs: found.lastUs + 1, calls: copies * found.calls }
  } finally {
    meta.close()
  }

  /** Takes as many numbers again for each copy as were given by now; how many those are. */
  function reserve(name: string, copies: number): number {
    const { reserved } = meta.prepare('SELECT reserved FROM sequences WHERE name = ?').get(name) as { reserved: number }
    meta.prepare('UPDATE sequences SET reserved = ? WHERE name = ?').run(reserved * (copies + 1), name)
    return reserved
  }
}

function baseOf({ path }: SegmentRange): { calls: number; firstUs: number; lastUs: number } {
  const sql = 'SELECT count(*) AS calls, min(started_at) AS firstUs, max(started_at) AS lastUs FROM calls'
  return reading(path, 16_384, (db) => ({ ...(db.prepare(sql).get() as ReturnType<typeof baseOf>) }))
}

async function copyAll(copies: readonly SegmentCopy[]): Promise<void> {
  const left = copies[Symbol.iterator]()
  const work = async () => {
    for (const copy of left)
      await new Program({ file: execPath, args: [COPY, JSON.stringify(copy)], env: process.env }).done()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
