import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { byUuid } from './by-uuid.ts'
import { disk } from './disk.ts'
import { exportCsv } from './export.ts'
import { ingest, ingestCenter, layHistory } from './ingest.ts'
import { listByAgent } from './list-by-agent.ts'
import { listByCallType } from './list-by-call-type.ts'
import { listByContactList } from './list-by-contact-list.ts'
import { listByDirection } from './list-by-direction.ts'
import { listBySurvey } from './list-by-survey.ts'
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
import { planFor, storedCalls, TENANT_KINDS, type TenantKind } from './rig/plan.ts'
import { type BenchResult, resultMarkdown, resultText, tenantCalls } from './rig/result.ts'
import { type Row, rowsOf } from './rig/row.ts'
import { visible } from './visible.ts'
import { visibleStream } from './visible-stream.ts'

/** What stores the calls, each kind before it is asked for: asked first, where it is asked at all. */
const STORING: Record<TenantKind, Question> = { plain: ingest, center: ingestCenter }

/** In the order of asking: what only reads comes first, what stores more or kills comes last. */
export const QUESTIONS: readonly Question[] = [
  disk,
  listFiltered,
  listFilteredPlivo,
  listUnfiltered,
  listByDirection,
  listByAgent,
  listByCallType,
  listByContactList,
  listBySurvey,
  bigTotal,
  bigFiltered,
  deepPage,
  number,
  byUuid,
  exportCsv,
  visible,
  visibleStream,
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
  const asked = QUESTIONS.filter(({ name }) => isAsked(name, options))
  const overHttp = asksIngest(options)
  sayNeeds(options, { postgres: postgres !== null, questions: asked.length, overHttp, say })
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
    const rows = await unlessAborted(
      signal,
      askAll({ plan, options, ours, theirs, load, history: null, stored: { plain: [], center: [] }, say }, asked),
    )
    const tookS = (Date.now() - startedAt.getTime()) / 1000
    return {
      startedAt: startedAt.toISOString(),
      tookS,
      machine,
      options,
      tenants: tenantCalls(plan),
      filled: !overHttp,
      rows,
    }
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
  given: { postgres: boolean; questions: number; overHttp: boolean; say: (line: string) => void },
): void {
  const { say, ...run } = given
  const { calls, rounds, seconds, folder } = options
  const needs = needsOf({ calls, history: options.history, rounds, seconds, ...run })
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
  const overHttp = asksIngest(bench.options)
  for (const kind of TENANT_KINDS) {
    await bench.load.run('plan', { plan: bench.plan, kind })
    if (overHttp) await ask(STORING[kind])
    else await fill(bench, kind)
    if (!overHttp && kind === 'plain' && bench.options.history > 0) {
      for (const side of sidesOf(bench)) await side.start()
      await layHistory(bench)
    }
    for (const side of sidesOf(bench)) {
      if (overHttp) await side.settle()
      bench.stored[kind].push(await side.diskBytes())
    }
  }
  if (!overHttp) for (const side of sidesOf(bench)) await side.start()
  for (const question of asked) await ask(question)
  return rows
}

/**
 * What is not asked unless by its name where calls were laid behind ours: they have no raw reports, they fill no disk as ours
 * do, and to look through all of them takes longer than a server gives a list.
 */
const NOT_OF_HISTORY: readonly Question[] = [disk, bigFiltered]

function isAsked(name: string, { only, history }: BenchOptions): boolean {
  return only.length > 0 ? only.includes(name) : history === 0 || !NOT_OF_HISTORY.some((other) => other.name === name)
}

/** Whether the calls are stored over HTTP and that is measured; else they are filled in, which is faster. */
function asksIngest({ only }: Pick<BenchOptions, 'only'>): boolean {
  return only.length === 0 || Object.values(STORING).some(({ name }) => only.includes(name))
}

/** Both sides at once: each has cores to spare while it waits. */
async function fill(bench: Bench, kind: TenantKind): Promise<void> {
  const calls = storedCalls(bench.plan, kind)
  bench.say(`filling both sides with ${calls.toLocaleString('en')} ${kind} calls`)
  const startedMs = performance.now()
  await Promise.all(
    sidesOf(bench).map(async (side) => {
      const stretch = { kind, fromLoad: 0, untilLoad: bench.plan.loads[kind] }
      await side.fill(stretch, { raw: bench.options.only.includes(disk.name) })
      const seconds = (performance.now() - startedMs) / 1000
      bench.say(`  ${side.name} has them after ${Math.round(seconds)} s, ${Math.round(calls / seconds)} a second`)
    }),
  )
}

/** Runs the benchmark as a command and returns its exit code: 2 for wrong arguments, 1 for anything else. */
export async function benchCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const names = [...Object.values(STORING), ...QUESTIONS].map(({ name }) => name)
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
    if (options.writeDocs) writePerformanceDoc(result, { asks: asksOf(result) })
    console.log(options.markdown ? resultMarkdown(result) : resultText(result))
    return 0
  } catch (error) {
    console.error(error instanceof OptionError || signal.aborted ? (error as Error).message : error)
    return error instanceof OptionError ? 2 : 1
  }
}

function asksOf({ options, rows }: BenchResult): readonly string[] | 'everything' {
  return options.only.length === 0 ? 'everything' : [...new Set(rows.map(({ question }) => question))]
}

if (import.meta.main) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`ended by ${name}`)))
  process.exitCode = await benchCommand(process.argv.slice(2), stop.signal)
}
