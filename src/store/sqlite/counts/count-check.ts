import { basename } from 'node:path'
import type { CountCheck } from '../../call-store.ts'
import { folderPaths, namesOf, openForReading, openSegment, readRanges } from '../folder/folder.ts'
import { QUARTER_US } from '../folder/schema.ts'
import { describeDifference } from './count-difference.ts'
import { Recount } from './counts-recount.ts'

const CACHE_KIB = 1024

/**
 * Recounts one bucket of one segment, both chosen by chance, in one snapshot: a quarter of an hour of calls at a time, and
 * yields in between. `random` gives numbers from 0 inclusive to 1 exclusive.
 */
export function* checkCounts({
  folder,
  random,
}: {
  folder: string
  random: () => number
}): Generator<void, CountCheck> {
  const meta = openForReading(folderPaths(folder).meta, CACHE_KIB)
  try {
    const ranges = readRanges(meta, folder)
    const range = ranges[Math.floor(random() * ranges.length)]
    if (range === undefined) return { counts: 0, wrong: [] }
    const db = openSegment(range.path, { meta, folder, cacheKib: CACHE_KIB })
    if (db === null) return { counts: 0, wrong: [] }
    try {
      const recount = new Recount(db)
      const stretch = recount.randomBucket(random)
      if (stretch === null) return { counts: 0, wrong: [] }
      const { counts, differences } = yield* recount.inSteps(stretch, QUARTER_US)
      const names = namesOf(meta)
      return {
        counts,
        wrong: differences.map((difference) => `${basename(range.path)}: ${describeDifference(difference, names)}`),
      }
    } finally {
      db.close()
    }
  } finally {
    meta.close()
  }
}
