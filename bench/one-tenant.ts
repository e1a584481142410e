import { asking, checkAnswers } from './rig/answers.ts'
import { askedInTurns, requestFigures } from './rig/asked-in-turns.ts'
import type { Question } from './rig/bench.ts'
import { countEver, nativeList, plivoEver, plivoList } from './rig/paths.ts'
import type { Plan } from './rig/plan.ts'

const bigCalls = ({ big }: Plan) => `a tenant with ${big.calls.toLocaleString('en')} calls`

/** All calls of the biggest tenant are counted for its first page: how long does that take? */
export const bigTotal: Question = {
  name: 'big-total',
  asks: 'list: one big tenant, no filter, total of everything',
  figures: requestFigures({ p50: [{ atMost: 10 }] }),
  of: bigCalls,
  async run(bench) {
    const { big } = bench.plan
    const total = countEver(bench, big, () => true)
    const requests = [asking(big, nativeList({}))]
    await checkAnswers(
      bench,
      requests.map((one) => ({ asking: one, total })),
    )
    return askedInTurns(bench, requests)
  },
}

/** Two filters that nothing was counted for, over everything that the biggest tenant has. */
export const bigFiltered: Question = {
  name: 'big-filtered',
  asks: 'list: one big tenant, two filters, everything',
  figures: requestFigures({ p50: [{ atMost: 1000 }] }),
  of: bigCalls,
  async run(bench) {
    const { plan } = bench
    const total = countEver(bench, plan.big, ({ hangup, stir }) => hangup.q850 === 19 && stir.attestation === 'C')
    const requests = [asking(plan.big, nativeList({ 'hangup.q850': '19', 'stir.attestation': 'C' }))]
    await checkAnswers(
      bench,
      requests.map((one) => ({ asking: one, total })),
    )
    return askedInTurns(bench, requests)
  },
}

const DEEP_OFFSET = 900_000

/** Where the deep page begins: at 900,000, or as deep for its size where the tenant has fewer calls. */
const offsetIn = ({ big }: Plan) => Math.min(DEEP_OFFSET, Math.floor(big.calls * 0.8))

/** Plivo's clients page by offset: how long does a page far back take? */
export const deepPage: Question = {
  name: 'deep-page',
  asks: 'page of 20 at a far offset (plivo)',
  figures: requestFigures({ p50: [{ atMost: 10 }] }),
  of: (plan) => `offset ${offsetIn(plan).toLocaleString('en')} of ${bigCalls(plan)}`,
  async run(bench) {
    const { plan } = bench
    const offset = String(offsetIn(plan))
    const requests = [asking(plan.big, plivoList(plan.big, { ...plivoEver(bench), offset }))]
    const total = countEver(bench, plan.big, ({ direction }) => direction !== 'internal')
    await checkAnswers(
      bench,
      requests.map((one) => ({ asking: one, total })),
    )
    return askedInTurns(bench, requests)
  },
}
