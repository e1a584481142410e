import { setTimeout as pause } from 'node:timers/promises'
import { answerOf, asking, WrongAnswerError } from './rig/answers.ts'
import { inTurns, type Question } from './rig/bench.ts'
import { nativeList } from './rig/paths.ts'
import type { Tenant } from './rig/plan.ts'
import type { Side } from './rig/side.ts'

const ROUNDS = 3
const FLOOD_MS = 500
const FLOOD = { connections: 4, records: 100, mostRequests: 5000 }

/**
 * Killed while calls stream in, and started again: how long until it answers a list? What it had acknowledged must be
 * there. PostgreSQL is shut down at once, without a checkpoint, which is the same to it.
 */
export const restart: Question = {
  name: 'restart',
  asks: 'start after kill -9 under load, until a list is answered',
  figures: [{ name: 'start s', better: 'less', budgets: [{ atMost: 2 }] }],
  of: ({ calls }) => `${calls.toLocaleString('en')} calls`,
  run(bench) {
    const { plan, load, options } = bench
    const [, crashed] = plan.spare as [Tenant, Tenant]
    return inTurns(
      bench,
      async (side, no) => {
        const before = await storedOf(side, crashed)
        const from = 500_000_000 + no * 1_000_000
        const flooding = load.run('flood', { origin: side.origin, tenant: crashed, from, ...FLOOD })
        await pause(FLOOD_MS)
        await side.crash()
        const { acknowledged } = await flooding
        const startedMs = performance.now()
        await side.start()
        const seconds = (performance.now() - startedMs) / 1000
        const after = await storedOf(side, crashed)
        if (after < before + acknowledged)
          throw new WrongAnswerError(
            `${side.name} acknowledged ${acknowledged} calls and has ${after - before} of them`,
          )
        return { 'start s': seconds }
      },
      Math.min(ROUNDS, options.rounds),
    )
  },
}

async function storedOf(side: Side, tenant: Tenant): Promise<number> {
  return Number((await answerOf(side, asking(tenant, nativeList({ legs: 'all' })))).total)
}
