import { asking } from './rig/answers.ts'
import { inTurns, type Question } from './rig/bench.ts'
import { privateBytes } from './rig/private-memory.ts'

const MOST_SECONDS = 10
const ROUNDS = 3

/** All calls of the biggest tenant as CSV: how many a second, and how much memory does the server need for it? */
export const exportCsv: Question = {
  name: 'export',
  asks: `export as CSV, read for at most ${MOST_SECONDS} s`,
  figures: [
    { name: 'calls/s', better: 'more', budgets: [{ atLeast: 200_000 }] },
    { name: 'server private MB', better: 'less', budgets: [{ atMost: 200 }] },
  ],
  of: ({ big }) => `a tenant with ${big.calls.toLocaleString('en')} calls`,
  async run(bench) {
    const { plan, load, options } = bench
    const one = asking(plan.big, '/calltrail/v1/calls/export?format=csv')
    const rounds = Math.min(ROUNDS, options.rounds)
    return inTurns(
      bench,
      async ({ origin, serverPid }) => {
        let most = privateBytes(serverPid)
        const sampling = setInterval(() => {
          most = Math.max(most ?? 0, privateBytes(serverPid) ?? 0)
        }, 100)
        try {
          const { lines, seconds } = await load.run('download', { origin, asking: one, mostSeconds: MOST_SECONDS })
          return { 'calls/s': lines / seconds, ...(most === null ? {} : { 'server private MB': most / 1e6 }) }
        } finally {
          clearInterval(sampling)
        }
      },
      rounds,
    )
  },
}
