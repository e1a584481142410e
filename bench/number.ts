import { asking, checkAnswers } from './rig/answers.ts'
import { askedInTurns, requestFigures } from './rig/asked-in-turns.ts'
import type { Question } from './rig/bench.ts'
import { callAt } from './rig/calls.ts'
import { nativeList } from './rig/paths.ts'
import type { Plan } from './rig/plan.ts'
import { Random } from './rig/random.ts'

const NUMBERS = 200

/** Every call from or to one number, whenever it was, of the biggest tenant: how long? */
export const number: Question = {
  name: 'number',
  asks: 'exact number, any date, newest 20, exact total',
  figures: requestFigures({ p50: [{ atMost: 20 }] }),
  of: ({ big }) => `a tenant with ${big.calls.toLocaleString('en')} calls, ${NUMBERS} numbers in turn`,
  async run(bench) {
    const requests = numbersOf(bench.plan).map((called) => asking(bench.plan.big, nativeList({ number: called })))
    await checkAnswers(
      bench,
      requests.slice(0, 5).map((one) => ({ asking: one })),
    )
    return askedInTurns(bench, requests)
  },
}

/** Numbers of the other party, each of a call picked at random. */
function numbersOf(plan: Plan): string[] {
  const random = new Random(plan.seed, 17)
  return Array.from({ length: NUMBERS }, () => {
    const { direction, from, to } = callAt(plan, plan.big, random.below(plan.big.calls))
    return direction === 'inbound' ? from.number : to.number
  })
}
