import { answerOf, asking, checkAnswers, WrongAnswerError } from './rig/answers.ts'
import { askedInTurns, requestFigures } from './rig/asked-in-turns.ts'
import { type Question, sidesOf } from './rig/bench.ts'
import { callAt } from './rig/calls.ts'
import type { Asking } from './rig/load-jobs.ts'
import type { Plan, Tenant } from './rig/plan.ts'
import { Random } from './rig/random.ts'

const CALLS = 20_000
const CONNECTIONS = 8

/** One call by its UUID, never the same twice in a row: how many a second? */
export const byUuid: Question = {
  name: 'by-uuid',
  asks: 'one call by UUID',
  figures: requestFigures({ perS: [{ timesPostgres: 4 }, { atLeast: 12_000 }] }),
  of: ({ calls, small }) =>
    `${Math.min(CALLS, calls).toLocaleString('en')} calls of ${small.length + 1} tenants, ${CONNECTIONS} connections`,
  async run(bench) {
    const requests = requestsOf(bench.plan)
    const few = requests.slice(0, 20)
    await checkAnswers(
      bench,
      few.map((one) => ({ asking: one })),
    )
    for (const side of sidesOf(bench))
      for (const one of few) {
        const { call_uuid } = await answerOf(side, one)
        if (!one.path.endsWith(String(call_uuid))) throw new WrongAnswerError(`${side.name} gave ${call_uuid}`)
      }
    return askedInTurns(bench, requests, { connections: CONNECTIONS })
  },
}

function requestsOf(plan: Plan): Asking[] {
  const random = new Random(plan.seed, 23)
  const tenants = [plan.big, ...plan.small]
  return Array.from({ length: Math.min(CALLS, plan.calls) }, () => {
    const tenant = random.oneOf(tenants) as Tenant
    const { call_uuid } = callAt(plan, tenant, random.below(tenant.calls))
    return asking(tenant, `/calltrail/v1/calls/${call_uuid}`)
  })
}
