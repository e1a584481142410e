import { folderPaths } from '../folder/folder.ts'
import { textsOf } from '../raw/raw-block.ts'
import { type RawAddress, wholeBlockAt } from '../raw/raw-files.ts'
import { reportsOfCallsOver } from './found-calls.ts'
import { type DueReports, dueReports, type ReportsDue, wholeFilesDue } from './found-reports.ts'

/** How many reports there are of some calls, and of how many calls. */
export interface CountedReports {
  reports: number
  lookedAt: number
}

/**
 * Counts the reports that go with their calls, of accounts' calls that were over before a time: those that are there
 * still and do not go before by their own arrival, as `reportsDue` has it for the same `due` and `all`.
 */
export function* reportsGoingWithCalls(
  folder: string,
  {
    due,
    all,
    calls,
  }: { due: readonly ReportsDue[]; all: boolean; calls: readonly { accountId: string; beforeUs: number }[] },
): Generator<CountedReports> {
  const { raw } = folderPaths(folder)
  const byArrival = dueReports(folder, due)
  const whole = new Set(wholeFilesDue(raw, { due, all }))
  for (const one of calls)
    for (const { addresses, lookedAt } of reportsOfCallsOver(folder, one)) {
      const left = addresses.filter(({ file }) => file > 0 && !whole.has(file))
      yield { reports: countIn(raw, { addresses: left, whole, byArrival }), lookedAt }
    }
}

function countIn(
  raw: string,
  given: { addresses: readonly RawAddress[]; whole: ReadonlySet<number>; byArrival: DueReports },
): number {
  const { addresses, whole, byArrival } = given
  let reports = 0
  for (const block of Map.groupBy(addresses, ({ file, offset }) => `${file} ${offset}`).values()) {
    const found = wholeBlockAt(raw, block[0] as RawAddress)
    if (found === null || whole.has(found.file)) continue
    const { accounts, texts } = textsOf(found.block)
    const isDue = byArrival({ ...found, newestUs: found.block.newestUs })
    for (const index of new Set(block.map((one) => one.index)))
      if (texts[index] != null && !isDue(accounts?.[index] ?? 0)) reports += 1
  }
  return reports
}
