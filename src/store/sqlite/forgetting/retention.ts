import type { Retained, RetentionDays, RetentionOutcome, RetentionRequest } from '../../keeping.ts'
import { openSegment, readingMeta } from '../folder/folder.ts'
import { DAY_US } from '../folder/schema.ts'
import { newestStart } from './found-calls.ts'
import { type ReportsDue, rawEnd } from './found-reports.ts'
import type { KeepingHands } from './keeping-hands.ts'
import { type RetentionRun, readRuns } from './retention-runs.ts'

/** A clock so far ahead of every call and of the last run is a wrong one, until somebody says that it is right. */
const AHEAD_US = 2 * DAY_US
/** So many calls, and such a share of an account's, go at once only where an operator has looked at it. */
const MANY_CALLS = 1000
const LARGE_SHARE = 0.2
/** A segment is written anew when such a share of its pages is free. */
const FREE_SHARE = 0.25

/** What a run works with: epoch microseconds before which calls, reports and links go; 0 keeps all. */
interface Due {
  accountId: string
  days: RetentionDays
  callsBeforeUs: number
  rawBeforeUs: number
  linksBeforeUs: number
  last: RetentionRun | null
}

/** How many calls an account has, and how many of them were over before a time. */
export type CountCalls = (accountId: string, overBeforeUs: number) => Promise<{ all: number; over: number }>

/** Lets go what is older than its account keeps it. */
export async function retainIn(
  hands: KeepingHands,
  { accounts, now, dryRun, confirmed }: RetentionRequest,
  countCalls: CountCalls,
): Promise<RetentionOutcome> {
  const nowUs = now()
  const runs = runsOf(hands.folder)
  const due = accounts.map((account) => dueOf(account, { nowUs, last: runs.get(account.accountId) ?? null }))
  const outcome: RetentionOutcome = {
    accounts: [],
    refused: confirmed ? null : clockProblem(hands.folder, { nowUs, runs: [...runs.values()] }),
    reports: 0,
    segments: 0,
    segmentCalls: 0,
    rawFiles: 0,
  }
  if (outcome.refused !== null && !dryRun) return outcome
  for (const one of due) {
    const { all, over } =
      one.callsBeforeUs === 0 ? { all: 0, over: 0 } : await countCalls(one.accountId, one.callsBeforeUs)
    const refused = confirmed ? null : shareProblem(one, { all, over })
    outcome.accounts.push({ accountId: one.accountId, refused, calls: over, links: 0 })
  }
  const held = new Set(outcome.accounts.filter(({ refused }) => refused !== null).map(({ accountId }) => accountId))
  // What would go is what goes once somebody has looked at it and confirms it.
  const going = dryRun ? due : due.filter(({ accountId }) => !held.has(accountId))
  const run = { hands, going, all: going.length === due.length, outcome, dryRun }
  const until = rawEnd(hands.folder)
  await letReportsGo(run)
  if (!dryRun) await letSegmentsGo(run)
  for (const one of going) {
    const account = outcome.accounts.find(({ accountId }) => accountId === one.accountId) as Retained
    const linksSeq = await hands.store.lastChange(one.accountId)
    account.links = await letLinksGo(one, run)
    if (dryRun) continue
    await letCallsGo(one, run)
    const { accountId, days, linksBeforeUs, rawBeforeUs } = one
    const done = {
      accountId,
      atUs: nowUs,
      callDays: days.callDays,
      linksBeforeUs,
      linksSeq,
      rawBeforeUs,
      rawUntil: until,
    }
    await hands.store.keep({ do: 'run', run: done })
  }
  if (!dryRun) await giveRoomBack(hands)
  return outcome
}

interface Run {
  hands: KeepingHands
  going: readonly Due[]
  /** Whether that is every account. */
  all: boolean
  outcome: RetentionOutcome
  dryRun: boolean
}

function dueOf(
  { accountId, days }: { accountId: string; days: RetentionDays },
  { nowUs, last }: { nowUs: number; last: RetentionRun | null },
): Due {
  const before = (number: number | null) => (number === null ? 0 : Math.max(0, nowUs - number * DAY_US))
  const callsBeforeUs = before(days.callDays)
  // Reports and links are kept no longer than their calls.
  const rawBeforeUs = Math.max(before(days.rawDays), callsBeforeUs)
  return { accountId, days, callsBeforeUs, rawBeforeUs, linksBeforeUs: before(days.recordingDays), last }
}

function runsOf(folder: string): Map<string, RetentionRun> {
  return readingMeta(folder, readRuns)
}

/** The sources' clocks and the last run tell what time it can be. */
function clockProblem(
  folder: string,
  { nowUs, runs }: { nowUs: number; runs: readonly RetentionRun[] },
): string | null {
  const newestUs = Math.max(newestStart(folder), ...runs.map(({ atUs }) => atUs))
  if (newestUs === 0 || nowUs - newestUs <= AHEAD_US) return null
  const days = Math.floor((nowUs - newestUs) / DAY_US)
  return `the clock is ${days} days ahead of the newest call and of the last run: is it right?`
}

/** What goes hour by hour is a little; more of it needs a look where the days are new, or fewer than they were. */
function shareProblem({ days, last }: Due, { all, over }: { all: number; over: number }): string | null {
  const isSteady = last !== null && last.callDays !== null && days.callDays !== null && last.callDays <= days.callDays
  if (isSteady || over <= MANY_CALLS || over <= all * LARGE_SHARE) return null
  return `${over} of ${all} calls would go at once, for the first time or because the days were made fewer`
}

async function letReportsGo({ hands, going, all, outcome, dryRun }: Run): Promise<void> {
  const due: ReportsDue[] = going
    .filter(({ rawBeforeUs }) => rawBeforeUs > 0)
    .map(({ accountId, rawBeforeUs, last }) => ({
      accountId,
      beforeUs: rawBeforeUs,
      doneBeforeUs: last?.rawBeforeUs ?? 0,
      doneUntil: last?.rawUntil ?? { file: 0, offset: 0 },
    }))
  if (due.length === 0) return
  const task = { folder: hands.folder, due, all: all && due.length === going.length }
  if (dryRun) outcome.reports += await reportsGoingWithCalls({ hands, going, task })
  for await (const { raw = [], rawFile } of hands.search({ find: 'reports that are due', ...task })) {
    outcome.reports += dryRun ? raw.length : await hands.blank(raw)
    if (rawFile === undefined) continue
    if (dryRun || (await hands.store.keep({ do: 'drop raw file', file: rawFile }))) outcome.rawFiles += 1
  }
}

/** Of those that do not go before by their own arrival. */
async function reportsGoingWithCalls(given: {
  hands: KeepingHands
  going: readonly Due[]
  task: { folder: string; due: ReportsDue[]; all: boolean }
}): Promise<number> {
  const { hands, going, task } = given
  const calls = going.map(({ accountId, callsBeforeUs }) => ({ accountId, beforeUs: callsBeforeUs }))
  const withCalls = calls.filter(({ beforeUs }) => beforeUs > 0)
  let counted = 0
  for await (const { reports = 0 } of hands.search({ find: 'reports that go with calls', ...task, calls: withCalls }))
    counted += reports
  return counted
}

/** Whole files first: they cost one change of the range map. */
async function letSegmentsGo({ hands, going, outcome }: Run): Promise<void> {
  const overBefore = Object.fromEntries(going.map(({ accountId, callsBeforeUs }) => [accountId, callsBeforeUs]))
  const task = { folder: hands.folder, overBefore }
  for await (const { whole, calls = 0, raw, lastSeq = 0 } of hands.search({
    find: 'segments that are over',
    ...task,
  })) {
    outcome.reports += await hands.blank(raw)
    if (whole == null || !(await hands.store.drop(whole, lastSeq))) continue
    outcome.segments += 1
    outcome.segmentCalls += calls
  }
}

async function letLinksGo({ accountId, linksBeforeUs, last }: Due, { hands, dryRun }: Run): Promise<number> {
  if (linksBeforeUs === 0) return 0
  const done = { doneBeforeUs: last?.linksBeforeUs ?? 0, doneSeq: last?.linksSeq ?? 0 }
  const task = { folder: hands.folder, accountId, beforeUs: linksBeforeUs, ...done }
  let links = 0
  for await (const { callUuids = [] } of hands.search({ find: 'calls with links', ...task }))
    links += dryRun
      ? callUuids.length
      : (await hands.forget({ accountId, forget: 'links', beforeUs: linksBeforeUs }, callUuids)).calls
  return links
}

async function letCallsGo({ accountId, callsBeforeUs }: Due, { hands, outcome }: Run): Promise<void> {
  if (callsBeforeUs === 0) return
  const task = { folder: hands.folder, accountId, beforeUs: callsBeforeUs }
  for await (const { callUuids } of hands.search({ find: 'calls that are over', ...task })) {
    const forgotten = await hands.forget({ accountId, forget: 'calls', beforeUs: callsBeforeUs }, callUuids)
    outcome.reports += await hands.blank(forgotten.raw)
  }
}

/** Where the maintenance thread is busy, or takes a segment away meanwhile, the next run tries again. */
async function giveRoomBack(hands: KeepingHands): Promise<void> {
  for (const { no, path } of hands.segments()) if (isLoose(hands.folder, path)) await hands.store.vacuum(no)
}

function isLoose(folder: string, path: string): boolean {
  return readingMeta(folder, (meta) => {
    const db = openSegment(path, { meta, folder, cacheKib: 1000 })
    if (db === null) return false
    try {
      const pragma = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])
      return pragma('freelist_count') > pragma('page_count') * FREE_SHARE
    } finally {
      db.close()
    }
  })
}
