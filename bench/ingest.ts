import { WrongAnswerError } from './rig/answers.ts'
import { inTurns, type Question } from './rig/bench.ts'
import type { Sent } from './rig/load-jobs.ts'
import { type LoadContents, RECORDS_A_REQUEST } from './rig/loads.ts'
import { storedCalls, type TenantKind } from './rig/plan.ts'
import type { Budget } from './rig/row.ts'
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
      let contents: LoadContents | null = null
      let prepared = -1
      const samples = await inTurns(
        bench,
        async (side, no) => {
          if (prepared !== no) contents = await load.run('prepare', null)
          prepared = no
          const sent = await load.run('send', { origin: side.origin, connections: CONNECTIONS })
          checkTally(side.name, sent, contents)
          const perS = sent.stored / sent.seconds
          bench.say(`  ${side.name} stored ${sent.stored} calls at ${Math.round(perS)} a second`)
          return { 'calls/s': perS }
        },
        plan.loads[kind],
      )
      bench.say(flatness(samples.ours['calls/s'] ?? []))
      return samples
    },
  }
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
