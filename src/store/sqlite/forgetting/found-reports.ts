import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { type NumberSearch, replaceNumbers, traceOf } from '../../../record/numbers-in-text.ts'
import type { NumberingPlan } from '../../../record/phone.ts'
import { folderPaths, namesOf, readingMeta } from '../folder/folder.ts'
import { type RawBlock, rawHeads, readBlock, textsOf } from '../raw/raw-block.ts'
import { type RawAddress, rawPath } from '../raw/raw-files.ts'
import { rawFileNumbers } from '../raw/raw-log.ts'

/** Some reports that were looked for, and how many were looked at since the last. */
export interface FoundReports {
  raw: RawAddress[]
  /** A file that can go as a whole. */
  rawFile?: number
  lookedAt: number
}

/** What is due of an account's reports: those that arrived before a time, and were not looked at by the last run. */
export interface ReportsDue {
  accountId: string
  beforeUs: number
  /** The last run's time, and where the log ended then. */
  doneBeforeUs: number
  doneUntil: { file: number; offset: number }
}

/**
 * The reports of an account, as they came, in which a number stands: those of no call as well, which a crash left behind.
 * Those that arrive meanwhile are not looked at, nor blocks from before there was an account in them.
 */
export function* reportsWithNumber(
  folder: string,
  given: { accountId: string; digits: string; plan: NumberingPlan },
): Generator<FoundReports> {
  const [account = null] = accountRefs(folder, [given.accountId])
  const search: NumberSearch = { plan: given.plan, tokenOf: (row) => (row === given.digits ? '' : null) }
  const trace = traceOf(given.digits)
  for (const { file, offset, block } of blocksOf(folderPaths(folder).raw)) {
    const { accounts, texts } = textsOf(block)
    const raw: RawAddress[] = []
    for (const [index, bytes] of texts.entries()) {
      if (bytes === null || accounts?.[index] !== account) continue
      const text = bytes.toString()
      if (trace.test(text) && replaceNumbers(text, search) !== text) raw.push({ file, offset, index })
    }
    yield { raw, lookedAt: texts.length }
  }
}

/**
 * The reports that arrived before their account's time. A file of which nothing is to be kept by any account comes as a
 * whole, but for the last, which is written to; `all` tells whether every account of the folder is among these.
 */
export function* reportsDue(
  folder: string,
  { due, all }: { due: readonly ReportsDue[]; all: boolean },
): Generator<FoundReports> {
  const { raw } = folderPaths(folder)
  const ids = due.map(({ accountId }) => accountId)
  const byRef = new Map(accountRefs(folder, ids).map((ref, at) => [ref, due[at] as ReportsDue]))
  const latestUs = Math.max(...due.map(({ beforeUs }) => beforeUs))
  const goneUs = all ? Math.min(...due.map(({ beforeUs }) => beforeUs)) : 0
  const files = rawFileNumbers(raw)
  for (const file of files) {
    const heads = headsOf(raw, file)
    if (heads.length === 0) continue
    if (file !== files.at(-1) && heads.every(({ newestUs }) => newestUs !== null && newestUs < goneUs)) {
      yield { raw: [], rawFile: file, lookedAt: 0 }
      continue
    }
    const fd = openSync(rawPath(raw, file), 'r')
    try {
      for (const { offset, newestUs } of heads) {
        if (newestUs === null || newestUs >= latestUs) continue
        const isDue = (one: ReportsDue) => newestUs < one.beforeUs && !isDone(one, { file, offset, newestUs })
        if (due.some(isDue)) yield dueIn(fd, { file, offset }, (ref) => isDue(byRef.get(ref) ?? NOTHING_DUE))
      }
    } finally {
      closeSync(fd)
    }
  }
}

const NOTHING_DUE: ReportsDue = { accountId: '', beforeUs: 0, doneBeforeUs: 0, doneUntil: { file: 0, offset: 0 } }

function isDone(one: ReportsDue, at: { file: number; offset: number; newestUs: number }): boolean {
  const { file, offset } = one.doneUntil
  return at.newestUs < one.doneBeforeUs && (at.file < file || (at.file === file && at.offset < offset))
}

function dueIn(
  fd: number,
  { file, offset }: { file: number; offset: number },
  isDue: (account: number) => boolean,
): FoundReports {
  const block = readBlock(fd, offset) ?? readBlock(fd, offset)
  if (block === null || block.movedTo !== null) return { raw: [], lookedAt: 0 }
  const { accounts, texts } = textsOf(block)
  const raw = texts.flatMap((text, index) =>
    text !== null && isDue(accounts?.[index] ?? 0) ? [{ file, offset, index }] : [],
  )
  return { raw, lookedAt: texts.length }
}

function headsOf(raw: string, file: number) {
  const fd = openSync(rawPath(raw, file), 'r')
  try {
    return [...rawHeads(fd)]
  } finally {
    closeSync(fd)
  }
}

/** Where the log ends. */
export function rawEnd(folder: string): { file: number; offset: number } {
  const { raw } = folderPaths(folder)
  const file = rawFileNumbers(raw).at(-1) ?? 0
  return { file, offset: file === 0 ? 0 : statSync(rawPath(raw, file)).size }
}

/** The numbers that stand for accounts in the folder; null for one that has no calls. */
function accountRefs(folder: string, accountIds: readonly string[]): (number | null)[] {
  return readingMeta(folder, (meta) => {
    const { accounts } = namesOf(meta)
    return accountIds.map((accountId) => accounts.refOf(accountId))
  })
}

/** Every whole block that is there when it begins. */
export function* blocksOf(raw: string): Generator<{ file: number; offset: number; block: RawBlock }> {
  const sizes = rawFileNumbers(raw).map((file) => ({ file, bytes: statSync(rawPath(raw, file)).size }))
  for (const { file, bytes } of sizes) {
    if (!existsSync(rawPath(raw, file))) continue
    const fd = openSync(rawPath(raw, file), 'r')
    try {
      for (let offset = 0; offset < bytes; ) {
        // Once more: it may be taking its old place just now.
        const block = readBlock(fd, offset) ?? readBlock(fd, offset)
        if (block === null) break
        if (block.movedTo === null) yield { file, offset, block } // else it comes where it lies
        offset += block.bytes
      }
    } finally {
      closeSync(fd)
    }
  }
}
