import type { FaultyCall, Rule, Verdict } from '../faults/faults.ts'
import type { Seeded } from '../support/seeded.ts'

const KILLS: readonly Verdict[] = ['kill-before', 'kill-half', 'kill-after']
/** As by a loss of power: what was written and not synced is lost with the process. */
const LOSSES: readonly Verdict[] = ['lose-before', 'lose-half', 'lose-after']
const CHANGES: readonly FaultyCall[] = ['write', 'sync', 'truncate', 'rename', 'unlink']
/** Calls on files, and up to how many of them are let pass: some come seldom, and some by the hundred. */
const CALLS: readonly { calls: readonly FaultyCall[]; files: string; most: number }[] = [
  { calls: CHANGES, files: '*', most: 500 },
  { calls: CHANGES, files: 'segments/*', most: 300 },
  { calls: CHANGES, files: 'meta.db*', most: 30 },
  { calls: CHANGES, files: 'live.db*', most: 100 },
  { calls: ['write', 'sync'], files: 'raw/*', most: 40 },
  { calls: ['sync'], files: '*', most: 100 },
  { calls: ['rename', 'unlink'], files: '*', most: 20 },
  { calls: ['open'], files: 'segments/*', most: 40 },
  { calls: ['open', 'write', 'sync', 'rename'], files: '*.filter*', most: 10 },
]

/** A crash at some call on some of the files: the one or other comes soon, after a while, or never. */
export function crashPlan(random: Seeded, { losses }: { losses: boolean }): Rule {
  const { calls, files, most } = random.oneOf(CALLS) as (typeof CALLS)[number]
  const verdict = random.oneOf(losses ? LOSSES : KILLS) as Verdict
  return { verdict, calls, files, after: random.integer(0, most), times: 1 }
}
