import type { History } from './history.ts'
import type { Load } from './load.ts'
import type { BenchOptions } from './options.ts'
import type { Plan, TenantKind } from './plan.ts'
import type { BothSamples, Figure, Samples } from './row.ts'
import type { Side } from './side.ts'

/** Everything a question works with. */
export interface Bench {
  plan: Plan
  options: BenchOptions
  ours: Side
  /** Null without PostgreSQL. */
  theirs: Side | null
  load: Load
  /** What was laid behind our calls; null while nothing was. */
  history: History | null
  /** What each side took on the disk once its calls of a kind were stored and settled, plain calls before the others. */
  stored: Record<TenantKind, StoredBytes[]>
  /** Tells how far it has got. */
  say(line: string): void
}

/** Bytes of the calls with their indexes, and of their raw reports, of every kind stored so far. */
export interface StoredBytes {
  calls: number
  raw: number
}

/** One question asked of speed: a file of its own in this folder's parent. */
export interface Question {
  /** For `--only`. */
  name: string
  /** As the table shows it. */
  asks: string
  figures: readonly Figure[]
  /** What it is asked of, such as `33,000 calls in the window`. */
  of(plan: Plan): string
  /** Checks that both sides answer right, then measures. Throws `WrongAnswerError`. */
  run(bench: Bench): Promise<BothSamples>
}

/** The sides that take part, ours first. */
export function sidesOf({ ours, theirs }: Pick<Bench, 'ours' | 'theirs'>): Side[] {
  return theirs === null ? [ours] : [ours, theirs]
}

/** What one round on one side came to: a value for each figure. */
export type Round = Record<string, number>

/**
 * Has each side do rounds in turn, who begins changing from round to round, so that whatever else the machine does
 * falls on both.
 */
export async function inTurns(
  bench: Bench,
  round: (side: Side, no: number) => Promise<Round>,
  rounds = bench.options.rounds,
): Promise<BothSamples> {
  const samples = new Map<Side, Samples>(sidesOf(bench).map((side) => [side, {}]))
  for (let no = 0; no < rounds; no += 1) {
    const sides = sidesOf(bench)
    if (no % 2 === 1) sides.reverse()
    for (const side of sides) keep(samples.get(side) as Samples, await round(side, no))
  }
  return { ours: samples.get(bench.ours) as Samples, theirs: bench.theirs && (samples.get(bench.theirs) ?? null) }
}

function keep(samples: Samples, round: Round): void {
  for (const [figure, value] of Object.entries(round)) {
    samples[figure] ??= []
    samples[figure].push(value)
  }
}
