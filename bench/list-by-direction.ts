import { checkAnswers } from './rig/answers.ts'
import { askedInTurns, requestFigures } from './rig/asked-in-turns.ts'
import type { Question } from './rig/bench.ts'
import { centerWindowCalls, directionRequests, eachInWindow } from './rig/center-lists.ts'
import type { Asking } from './rig/load-jobs.ts'
import type { Tenant } from './rig/plan.ts'

/** The newest 20 inbound calls of a contact centre and how many there are, in the native API: what others are held to. */
export const listByDirection: Question = {
  name: 'list-by-direction',
  asks: "list: a contact centre's calls by direction, newest 20, exact total (native)",
  figures: requestFigures({}),
  of: centerWindowCalls,
  async run(bench) {
    const { plan } = bench
    const requests = directionRequests(plan)
    let total = 0
    eachInWindow(plan, plan.centers[0] as Tenant, ({ direction }) => {
      if (direction === 'inbound') total += 1
    })
    await checkAnswers(bench, [{ asking: requests[0] as Asking, total }])
    return askedInTurns(bench, requests)
  },
}
