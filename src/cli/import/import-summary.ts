import { grouped, list, table } from '../table.ts'
import type { ImportRun } from './import-run.ts'

/** What became of an import, for programs and for people. */
export function importSummary(given: { run: ImportRun; files: number; seconds: number; interrupted: boolean }): {
  json: unknown
  text: string
} {
  const { run, files, seconds, interrupted } = given
  const { tally, incomplete, resumedFiles, resumedRecords } = run
  const reasons = tally.reasons()
  const json = {
    files,
    records: tally.records,
    stored: tally.stored,
    updated: tally.updated,
    duplicates: tally.duplicates,
    refused: tally.refused,
    refused_not_kept: tally.notKept,
    refused_by_reason: reasons,
    incomplete,
    resumed: { files: resumedFiles, records: resumedRecords },
    interrupted,
    seconds,
  }
  const perS = seconds > 0 ? ` (${grouped(Math.round(tally.records / seconds))}/s)` : ''
  const parts = [
    list([
      ['files', grouped(files)],
      ['records', `${grouped(tally.records)} in ${seconds} s${perS}`],
      ['stored', grouped(tally.stored)],
      ['updated', grouped(tally.updated)],
      ['duplicates', grouped(tally.duplicates)],
      ['refused', grouped(tally.refused)],
      ...(resumedFiles > 0
        ? [
            [
              'resumed',
              `${grouped(resumedRecords)} records of ${grouped(resumedFiles)} files were imported before`,
            ] as const,
          ]
        : []),
    ]),
  ]
  if (reasons.length > 0) {
    const rows = reasons.map(({ field, reason, count }) => [count, field, reason])
    const but = tally.notKept > 0 ? `, but for ${grouped(tally.notKept)} with a number that was erased` : ''
    parts.push(
      `\nRefused, and kept in the quarantine (calltrail quarantine list)${but}:\n`,
      table(['COUNT', 'FIELD', 'WHY'], rows),
    )
  }
  if (incomplete.length > 0) {
    parts.push('\nNot read to the end:\n')
    for (const { file, reason, records, line } of incomplete) {
      const reached = records === null ? '' : `; the ${grouped(records)} whole records up to line ${line} were imported`
      parts.push(`  ${file}: ${reason}${reached}\n`)
    }
  }
  if (interrupted) parts.push('\nInterrupted: the same command goes on from here.\n')
  return { json, text: parts.join('') }
}
