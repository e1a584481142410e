import type { Bench, Question } from './rig/bench.ts'
import { storedCalls, TENANT_KINDS, type TenantKind } from './rig/plan.ts'
import type { Samples } from './rig/row.ts'

const NAMES: Record<TenantKind, { call: string; raw: string }> = {
  plain: { call: 'a plain call with indexes, B', raw: 'its raw reports, B' },
  center: { call: "a contact centre's call, B", raw: 'raw reports of that, B' },
}

/**
 * Bytes that a call takes with all indexes, and its raw reports apart, once both sides are settled. Plain calls are
 * stored first and weighed; what the contact centres' then add is theirs.
 */
export const disk: Question = {
  name: 'disk',
  asks: 'bytes on disk, with late reports',
  figures: [
    { name: NAMES.plain.call, better: 'less', budgets: [{ atMost: 250 }] },
    { name: NAMES.plain.raw, better: 'less', budgets: [{ atMost: 120 }] },
    { name: NAMES.center.call, better: 'less', budgets: [{ atMost: 400 }] },
    { name: NAMES.center.raw, better: 'less', budgets: [] },
  ],
  of: (plan) =>
    TENANT_KINDS.map((kind) => `${storedCalls(plan, kind).toLocaleString('en')} ${kind} calls`).join(', then '),
  async run(bench) {
    return { ours: samplesOf(bench, 0), theirs: bench.theirs && samplesOf(bench, 1) }
  },
}

function samplesOf({ plan, stored }: Bench, side: number): Samples {
  const samples: Samples = {}
  let before = { calls: 0, raw: 0 }
  for (const kind of TENANT_KINDS) {
    const now = stored[kind][side] ?? before
    const count = storedCalls(plan, kind)
    samples[NAMES[kind].call] = [(now.calls - before.calls) / count]
    samples[NAMES[kind].raw] = [(now.raw - before.raw) / count]
    before = now
  }
  return samples
}
