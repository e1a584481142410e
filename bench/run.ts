import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { byUuid } from './by-uuid.ts'
import { disk } from './disk.ts'
import { exportCsv } from './export.ts'
import { ingest } from './ingest.ts'
import { listFiltered, listFilteredPlivo } from './list-filtered.ts'
import { listUnfiltered } from './list-unfiltered.ts'
import { number } from './number.ts'
import { bigFiltered, bigTotal, deepPage } from './one-tenant.ts'
import { findPostgres } from './postgres/cluster.ts'
import { startPostgres } from './postgres/postgres.ts'
import { restart } from './restart.ts'
import type { Bench, Question } from './rig/bench.ts'
import { sidesOf } from './rig/bench.ts'
import { startCalltrail } from './rig/calltrail.ts'
import { freeBytes, makeFolder, needsOf, removeFolder } from './rig/folder.ts'
import { Load } from './rig/load.ts'
import { busyWarning, machineOf } from './rig/machine.ts'
import { type BenchOptions, HELP, OptionError, readOptions } from './rig/options.ts'
import { writePerformanceDoc } from './rig/performance-doc.ts'
import { planFor } from './rig/plan.ts'
import { type BenchResult, resultMarkdown, resultText, tenantCalls } from './rig/result.ts'
import { type Row, rowsOf } from './rig/row.ts'
import { visible } from './visible.ts'

/** In the order of asking: what only reads comes first, what stores more or kills comes last. */
export const QUESTIONS: readonly Question[] = [
  disk,
  listFiltered,
  listFilteredPlivo,
  listUnfiltered,
  bigTotal,
  bigFiltered,
  deepPage,
  number,
  byUuid,
  exportCsv,
  visible,
  restart,
]

/**
 * Runs the benchmark and returns what it measured. `say` is told how far it has got. Rejects with `WrongAnswerError`
 * when a side answers wrong, with `OptionError` when the disk is too small, and with the signal's reason once it is
 * aborted. Nothing is left behind unless `options.keep` asks for it.
 */
export async function runBench(
  options: BenchOptions,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<BenchResult> {
  const startedAt = new Date()
  const postgres = options.postgres ? findPostgres() : null
  if (options.postgres && postgres === null)
    say('PostgreSQL is not installed here (Debian: postgresql-15), so Calltrail is measured alone.')
  const asked = QUESTIONS.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  sayNeeds(options, { postgres: postgres !== null, questions: asked.length, say })
  const machine = machineOf(options.folder, postgres?.version ?? null)
  const warning = busyWarning(machine)
  if (warning !== null) say(warning)
  const plan = planFor({ calls: options.calls, seed: options.seed, nowUs: startedAt.getTime() * 1000 })
  const folder = makeFolder(options.folder)
  const load = new Load()
  const started: Bench['ours'][] = []
  try {
    const ours = await startCalltrail({ folder: join(folder, 'calltrail'), plan, profile: options.profile })
    started.push(ours)
    const theirs = postgres && (await startPostgres({ bin: postgres.bin, folder: join(folder, 'postgres'), plan }))
    if (theirs !== null) started.push(theirs)
    const rows = await unlessAborted(signal, askAll({ plan, options, ours, theirs, load, say }, asked))
    const tookS = (Date.now() - startedAt.getTime()) / 1000
    return { startedAt: startedAt.toISOString(), tookS, machine, options, tenants: tenantCalls(plan), rows }
  } finally {
    load.stop()
    for (const side of started) await side.stop()
    if (options.keep) say(`kept ${folder}`)
    else removeFolder(folder)
  }
}

/** Gives up waiting when the signal says so; what is still under way then ends with the servers. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    work.then(resolve, reject)
  })
}

function sayNeeds(
  options: BenchOptions,
  { postgres, questions, say }: { postgres: boolean; questions: number; say: (line: string) => void },
): void {
  const { calls, rounds, seconds, folder } = options
  const needs = needsOf({ calls, postgres, questions, rounds, seconds })
  const free = freeBytes(folder)
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  const minutes = Math.ceil(needs.seconds / 60)
  say(`Needs up to ${gb(needs.bytes)} in ${folder} (${gb(free)} are free) and about ${minutes} min.`)
  if (free < needs.bytes)
    throw new OptionError(`${folder} has only ${gb(free)} free; name another with --folder, or fewer --calls`)
}

async function askAll(bench: Bench, asked: readonly Question[]): Promise<Row[]> {
  const rows: Row[] = []
  const ask = async (question: Question) => {
    bench.say(`${question.name}: ${question.asks}`)
    const { asks, figures } = question
    rows.push(...rowsOf({ question: asks, of: question.of(bench.plan), figures }, await question.run(bench)))
  }
  await ask(ingest)
  for (const side of sidesOf(bench)) await side.settle()
  for (const question of asked) await ask(question)
  return rows
}

/** Runs the benchmark as a command and returns its exit code: 2 for wrong arguments, 1 for anything else. */
export async function benchCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const names = [ingest, ...QUESTIONS].map(({ name }) => name)
  try {
    const options = readOptions(args, names)
    if (options === null) {
      console.log(HELP + names.join(', '))
      return 0
    }
    const result = await runBench(options, { say: (line) => console.error(line), signal })
    if (options.json !== null) {
      mkdirSync(dirname(options.json), { recursive: true })
      writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
    }
    if (options.writeDocs) writePerformanceDoc(resultMarkdown(result))
    console.log(options.markdown ? resultMarkdown(result) : resultText(result))
    return 0
  } catch (error) {
    console.error(error instanceof OptionError || signal.aborted ? (error as Error).message : error)
    return error instanceof OptionError ? 2 : 1
  }
}

if (import.meta.main) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`ended by ${name}`)))
  process.exitCode = await benchCommand(process.argv.slice(2), stop.signal)
}
