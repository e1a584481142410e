import { type Bench, inTurns, sidesOf } from './bench.ts'
import type { Asking } from './load-jobs.ts'
import type { BothSamples, Budget, Figure } from './row.ts'

/** Connections that ask at once for the figure of requests a second, unless a question says otherwise. */
export const CONNECTIONS = 4

/** The three figures of a request, with the budgets of those that have one. */
export function requestFigures(budgets: { perS?: Budget[]; p50?: Budget[]; p99?: Budget[] }): Figure[] {
  return [
    { name: 'requests/s', better: 'more', budgets: budgets.perS ?? [] },
    { name: 'p50 ms', better: 'less', budgets: budgets.p50 ?? [] },
    { name: 'p99 ms', better: 'less', budgets: budgets.p99 ?? [] },
  ]
}

/**
 * Asks each side the same requests, round robin: first on one connection, for the times of a request on a server at
 * rest, then on several, for the requests a second. A short round before the first one is thrown away.
 */
export async function askedInTurns(
  bench: Bench,
  requests: Asking[],
  { connections = CONNECTIONS } = {},
): Promise<BothSamples> {
  const { seconds } = bench.options
  const ask = (origin: string, many: number, forS: number) =>
    bench.load.run('ask', { origin, asking: requests, connections: many, seconds: forS })
  for (const { origin } of sidesOf(bench)) await ask(origin, connections, seconds / 3)
  return inTurns(bench, async ({ origin }) => {
    const alone = await ask(origin, 1, seconds)
    const together = await ask(origin, connections, seconds)
    return { 'requests/s': together.answers / together.seconds, 'p50 ms': alone.p50Ms, 'p99 ms': alone.p99Ms }
  })
}
