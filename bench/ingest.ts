import { WrongAnswerError } from './rig/answers.ts'
import { type Bench, inTurns, type Question } from './rig/bench.ts'
import type { Sent } from './rig/load-jobs.ts'
import { type LoadContents, RECORDS_A_REQUEST } from './rig/loads.ts'
import { storedCalls, type TenantKind } from './rig/plan.ts'
import type { Budget } from './rig/row.ts'
import type { Side, Stretch } from './rig/side.ts'
import { spreadOf } from './rig/spread.ts'

const CONNECTIONS = 8

/**
 * How many calls a second are durably stored over HTTP, as NDJSON, with the late reports merged and the repeats
 * recognised? A call counts once, its late reports and repeats not at all. This is also what fills both sides for the
 * other questions, so it is always asked, unless `--only` names others alone.
 */
export const ingest = ingestOf('plain', {
  name: 'ingest',
  asks: 'durable ingest, NDJSON over HTTP, 5 % late merges, 1 % repeats',
  budgets: [{ timesPostgres: 2 }, { atLeast: 30_000 }],
})

/** The same of contact centres' calls, which say half as much again and are found by more. */
export const ingestCenter = ingestOf('center', {
  name: 'ingest-center',
  asks: "durable ingest of contact centres' calls, likewise",
  budgets: [],
})

function ingestOf(kind: TenantKind, given: { name: string; asks: string; budgets: readonly Budget[] }): Question {
  const { name, asks, budgets } = given
  return {
    name,
    asks,
    figures: [{ name: 'calls/s', better: 'more', budgets }],
    of: (plan) =>
      `${storedCalls(plan, kind).toLocaleString('en')} calls, ${CONNECTIONS} connections, ${RECORDS_A_REQUEST} a request`,
    async run(bench) {
      const { plan, load } = bench
      const loads = sentLoads(plan.loads[kind], bench.options.sentLoads)
      let contents: LoadContents | null = null
      let prepared = -1
      const samples = await inTurns(
        bench,
        async (side, no) => {
          const sending = loads[no] as number
          if (kind === 'plain' && no === historyAt(loads)) await layHistory(bench)
          await fillUntil(bench, { side, kind, fromLoad: (loads[no - 1] ?? -1) + 1, untilLoad: sending })
          if (prepared !== no) contents = await load.run('prepare', { load: sending })
          prepared = no
          const sent = await load.run('send', { origin: side.origin, connections: CONNECTIONS })
          checkTally(side.name, sent, contents)
          const perS = sent.stored / sent.seconds
          bench.say(`  ${side.name} stored ${sent.stored} calls at ${Math.round(perS)} a second`)
          return { 'calls/s': perS }
        },
        loads.length,
      )
      bench.say(flatness(samples.ours['calls/s'] ?? []))
      const aLoad = storedCalls(plan, kind) / plan.loads[kind]
      const laid = (no: number) => (kind === 'center' || no >= historyAt(loads) ? (bench.history?.calls ?? 0) : 0)
      return { ...samples, stored: loads.map((at, no) => Math.round((at + 1) * aLoad) + laid(no)) }
    },
  }
}

/** Plain loads that are stored before calls of earlier times are laid behind them: as much as makes a full segment. */
const LOADS_BEFORE_HISTORY = 5

/** Which of the sent loads comes first after that. */
function historyAt(loads: readonly number[]): number {
  const at = loads.findIndex((load) => load >= LOADS_BEFORE_HISTORY)
  return at < 0 ? loads.length - 1 : at
}

/** Lays calls of earlier times behind ours, where the options ask for it. */
export async function layHistory(bench: Bench): Promise<void> {
  const { history: calls } = bench.options
  if (calls === 0 || bench.ours.layHistory === undefined) return
  const startedMs = performance.now()
  bench.history = await bench.ours.layHistory(calls)
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  bench.say(`  ${bench.history.calls.toLocaleString('en')} calls of earlier times are behind them after ${seconds} s`)
}

/** Which of the loads are sent, counted from 0: all, or some evenly spread, the last among them. */
export function sentLoads(loads: number, some: number | null): number[] {
  const count = Math.min(loads, some ?? loads)
  return Array.from({ length: count }, (_, at) => Math.floor(((at + 1) * loads) / count) - 1)
}

/** Fills in what lies between two loads that are sent. */
async function fillUntil({ say }: Bench, { side, ...stretch }: Stretch & { side: Side }): Promise<void> {
  if (stretch.fromLoad >= stretch.untilLoad) return
  const startedMs = performance.now()
  await side.fill(stretch, { raw: true })
  await side.start()
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  say(`  ${side.name} was filled up to load ${stretch.untilLoad} in ${seconds} s`)
}

/**
 * Every call new once, every late report an update, every repeat recognised. A late report may overtake its call on
 * another connection; then the call is the update, and the numbers are the same.
 */
function checkTally(name: string, sent: Sent, contents: LoadContents | null): void {
  const { calls, late, repeats } = contents ?? { calls: 0, late: 0, repeats: 0 }
  if (sent.stored !== calls || sent.updated !== late || sent.duplicates !== repeats)
    throw new WrongAnswerError(`${name} says ${JSON.stringify(sent)} of ${JSON.stringify(contents)}`)
}

function flatness(perS: number[]): string {
  const third = Math.max(1, Math.floor(perS.length / 3))
  const first = spreadOf(perS.slice(0, third))?.median ?? 0
  const last = spreadOf(perS.slice(-third))?.median ?? 0
  return `  the last third of the loads went ${(last / first).toFixed(2)} times as fast as the first`
}
