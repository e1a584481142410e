import { readTime } from '../src/record/time.ts'
import { windowCalls } from './list-filtered.ts'
import { asking, checkAnswers } from './rig/answers.ts'
import { askedInTurns, requestFigures } from './rig/asked-in-turns.ts'
import type { Question } from './rig/bench.ts'
import { countCalls, nativeList, nativeWindow } from './rig/paths.ts'
import { type Tenant, windowFromUs } from './rig/plan.ts'

/** The newest 20 of the window and how many there are, without a filter: how many such requests a second? */
export const listUnfiltered: Question = {
  name: 'list-unfiltered',
  asks: 'list: no filter, newest 20, exact total',
  figures: requestFigures({ perS: [{ atLeast: 2500 }] }),
  of: windowCalls,
  async run(bench) {
    const { plan } = bench
    const [first] = plan.small as [Tenant]
    const path = nativeList(nativeWindow(plan))
    const fromUs = windowFromUs(plan)
    const total = countCalls(plan, first, ({ started_at }) => (readTime(started_at, 'UTC') as number) >= fromUs)
    await checkAnswers(bench, [{ asking: asking(first, path), total }])
    return askedInTurns(
      bench,
      plan.small.map((tenant) => asking(tenant, path)),
    )
  },
}
