import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { type NumberSearch, replaceNumbers, traceOf } from '../../../record/numbers-in-text.ts'
import type { NumberingPlan } from '../../../record/phone.ts'
import { folderPaths, namesOf, readingMeta } from '../folder/folder.ts'
import { type RawBlock, type RawHead, rawHeads, readBlock, textsOf } from '../raw/raw-block.ts'
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
  const dueAt = dueReports(folder, due)
  const files = rawFileNumbers(raw)
  for (const file of files) {
    const heads = headsOf(raw, file)
    if (heads.length === 0) continue
    if (goesWhole({ file, heads }, { files, goneUs: goneUs({ due, all }) })) {
      yield { raw: [], rawFile: file, lookedAt: 0 }
      continue
    }
    const fd = openSync(rawPath(raw, file), 'r')
    try {
      for (const { offset, newestUs } of heads) {
        const at = { file, offset, newestUs }
        if (due.some((one) => isDue(one, at))) yield dueIn(fd, at, dueAt(at))
      }
    } finally {
      closeSync(fd)
    }
  }
}

/** Whether what a block at a place has of an account, by its number in the folder, goes by its arrival. */
export type DueReports = (at: BlockAt) => (account: number) => boolean

interface BlockAt {
  file: number
  offset: number
  newestUs: number | null
}

export function dueReports(folder: string, due: readonly ReportsDue[]): DueReports {
  const ids = due.map(({ accountId }) => accountId)
  const byRef = new Map(accountRefs(folder, ids).map((ref, at) => [ref, due[at] as ReportsDue]))
  return (at) => (account) => isDue(byRef.get(account) ?? NOTHING_DUE, at)
}

/** The files of which nothing is to be kept by any account, as `reportsDue` finds them. */
export function wholeFilesDue(raw: string, given: { due: readonly ReportsDue[]; all: boolean }): number[] {
  const files = rawFileNumbers(raw)
  const isWhole = (file: number) => goesWhole({ file, heads: headsOf(raw, file) }, { files, goneUs: goneUs(given) })
  return goneUs(given) === 0 ? [] : files.filter(isWhole)
}

function goneUs({ due, all }: { due: readonly ReportsDue[]; all: boolean }): number {
  return all ? Math.min(...due.map(({ beforeUs }) => beforeUs)) : 0
}

function goesWhole(
  { file, heads }: { file: number; heads: readonly RawHead[] },
  { files, goneUs }: { files: readonly number[]; goneUs: number },
): boolean {
  if (file === files.at(-1) || heads.length === 0) return false
  return heads.every(({ newestUs }) => newestUs !== null && newestUs < goneUs)
}

const NOTHING_DUE: ReportsDue = { accountId: '', beforeUs: 0, doneBeforeUs: 0, doneUntil: { file: 0, offset: 0 } }

function isDue(one: ReportsDue, { file, offset, newestUs }: BlockAt): boolean {
  if (newestUs === null || newestUs >= one.beforeUs) return false
  const { doneBeforeUs, doneUntil } = one
  const liesBefore = file < doneUntil.file || (file === doneUntil.file && offset < doneUntil.offset)
  return !(newestUs < doneBeforeUs && liesBefore)
}

function dueIn(
  fd: number,
  { file, offset }: Pick<BlockAt, 'file' | 'offset'>,
  goes: (account: number) => boolean,
): FoundReports {
  const block = readBlock(fd, offset) ?? readBlock(fd, offset)
  if (block === null || block.movedTo !== null) return { raw: [], lookedAt: 0 }
  const { accounts, texts } = textsOf(block)
  const raw = texts.flatMap((text, index) =>
    text !== null && goes(accounts?.[index] ?? 0) ? [{ file, offset, index }] : [],
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
