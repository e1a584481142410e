import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoFaults } from '../faults/faults.ts'
import { SEED } from '../support/seed.ts'
import { KEPT_SEEDS } from './kept-seeds.ts'
import { simulate } from './simulation.ts'

/** Crashes in all. */
const ROUNDS = Number(process.env.CALLTRAIL_TEST_ROUNDS ?? 6)
const ROUNDS_OF_A_SEED = 10

const why = whyNoFaults()
const faults = why === null
if (!faults) console.log(`processes are killed at any time, instead of at a call on their files: ${why}`)

const seeds = Array.from({ length: Math.ceil(ROUNDS / ROUNDS_OF_A_SEED) }, (_, at) => ({
  seed: SEED + at,
  crashes: Math.min(ROUNDS_OF_A_SEED, ROUNDS - at * ROUNDS_OF_A_SEED),
}))

describe('a store that crashes', () => {
  for (const { seed, crashes } of [...KEPT_SEEDS, ...seeds])
    it(`of seed ${seed} is what the model is after each of ${crashes} crashes`, {
      timeout: 60_000 * crashes,
    }, async (t) => {
      const ran = await simulate({ seed, crashes, faults })
      assert.ok(ran.calls > 0)
      t.diagnostic(`${ran.calls} calls in ${ran.segments} segments; crashed at ${ran.crashes.join(', ')}`)
    })
})
