import type { DatabaseSync } from 'node:sqlite'
import { describeDifference } from '../counts/count-difference.ts'
import { Recount } from '../counts/counts-recount.ts'
import type { FileNames } from '../folder/migrate.ts'
import { type ExaminedFile, type Finding, ok, withFile } from './doctor-finding.ts'

/** Buckets of each file that are recounted where not all are. */
const SAMPLE = 50
/** Wrong counts of each file that are told one by one. */
const MOST_TOLD = 20

export interface ExamineCounts {
  names: FileNames
  full: boolean
  /** From 0 inclusive to 1 exclusive: which buckets a sample is of. */
  random: () => number
}

/** What totals and summaries are read from says what the calls say: every bucket recounted, or a sample of each file. */
export function* examineCounts(files: readonly ExaminedFile[], given: ExamineCounts): Generator<Finding, void> {
  for (const file of files) yield* withFile(file, (db) => examineFile(db, file.name, given))
}

function* examineFile(db: DatabaseSync, file: string, { names, full, random }: ExamineCounts): Generator<Finding> {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'quarters'").get() === undefined) return // of version 2
  const recount = new Recount(db)
  let counts = 0
  let wrong = 0
  for (const { counts: looked, differences } of full ? recount.file() : sampleOf(recount, random)) {
    counts += looked
    for (const difference of differences) {
      wrong += 1
      if (wrong <= MOST_TOLD) yield problem(`${file}: ${describeDifference(difference, names)}`)
    }
  }
  const looked = `${counts} counts${full ? '' : ', a sample,'}`
  if (wrong === 0) yield ok('counts', `${file}: ${looked} say what the calls say`)
  else if (wrong > MOST_TOLD) yield problem(`${file}: ${wrong - MOST_TOLD} more counts are wrong`)
}

const problem = (what: string): Finding => ({ check: 'counts', level: 'problem', what, todo: ADVICE })

const ADVICE = 'the calls are whole; totals and summaries of that time are wrong: report it, with this output'

function* sampleOf(recount: Recount, random: () => number) {
  for (let taken = 0; taken < SAMPLE; taken += 1) {
    const stretch = recount.randomBucket(random)
    if (stretch !== null) yield recount.stretch(stretch)
  }
}
